"""`filrouge schema`: what records must look like, as JSON Schema."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import orjson
import typer

from filrouge.records.json_schema import json_schema


class SchemaNumber(StrEnum):
    """Which dialect."""

    ONE = "1"
    TWO = "2"


def schema(
    number: Annotated[SchemaNumber, typer.Argument(help="1: French, one line; 2: CloudEvents.")],
) -> None:
    """Print the JSON Schema of records."""
    text = orjson.dumps(json_schema(int(number)), option=orjson.OPT_INDENT_2)
    typer.echo(text.decode())
