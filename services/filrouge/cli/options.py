"""What several commands share."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from filrouge.report.grafana import Grafana
from filrouge.settings import Settings

Files = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE", help="NDJSON or a JSON array, also .gz and .zst; - is standard input."
    ),
]
Timezone = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="The zone of schema 1's local times; else the setting."),
]


class OutputFormat(StrEnum):
    """How a command answers."""

    TEXT = "text"
    JSON = "json"


Format = Annotated[
    OutputFormat, typer.Option("--format", help="For people, or one JSON object a line.")
]


def grafana(settings: Settings) -> Grafana | None:
    """The configured Grafana; None when there is none."""
    return Grafana.of(settings)
