"""The floor: what it takes to read a record and check it, with nothing made of it."""

from __future__ import annotations

from pathlib import Path

import orjson

from benchmarks.sink import Sink
from filrouge.records.schema1 import Schema1


def floor(file: Path, _: Sink) -> None:
    """Reads each line as JSON and validates what it holds."""
    with file.open("rb") as lines:
        for line in lines:
            Schema1.model_validate(orjson.loads(line))


def read_json(file: Path, _: Sink) -> None:
    """Reads each line as JSON, no more."""
    with file.open("rb") as lines:
        for line in lines:
            orjson.loads(line)


def validate_json(file: Path, _: Sink) -> None:
    """Reads and validates each line in one step, which is how Filrouge does it."""
    with file.open("rb") as lines:
        for line in lines:
            Schema1.model_validate_json(line)
