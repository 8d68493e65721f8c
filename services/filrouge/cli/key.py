"""`filrouge key`: a new API key for the ingestion service."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from filrouge.ingestion.keys import ANY_COMPANY, new_key


def key(
    company: Annotated[
        str, typer.Argument(help=f"Whose records it may write; '{ANY_COMPANY}' for every company.")
    ],
    name: Annotated[
        str | None, typer.Option("--id", metavar="NAME", help="What it is called in logs.")
    ] = None,
) -> None:
    """Make an API key for the ingestion service.

    The key goes to standard error, once: hand it to whoever sends the records. Its entry, which
    holds only its hash, goes to standard output, to be added to the file that the setting
    ingestion_keys names: filrouge key akonovia >> keys.toml. The service takes it within a second.
    """
    plain, entry = new_key(company, name or f"{company}, {datetime.now(UTC):%Y-%m-%d}")
    typer.echo(f"The key, which cannot be shown again: {plain}", err=True)
    fields = "\n".join(
        f"{each} = {json.dumps(value, ensure_ascii=False)}"
        for each, value in entry.model_dump().items()
    )
    typer.echo(f"[[key]]\n{fields}\n")
