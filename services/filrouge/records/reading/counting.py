"""How many records each run has, found without reading them in full."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import orjson
from pydantic_core import from_json

from filrouge.records.parse import EVENT_MARK
from filrouge.records.reading.line import Line
from filrouge.records.record import RunKey
from filrouge.records.schema1 import FIRST_ATTEMPT


def count_records_by_run(lines: Iterable[Line]) -> Counter[RunKey]:
    """For each run, as many records as the parser will find in these lines, or more.

    A line that names a run but is no record counts as well, for that is not seen here.
    """
    counts = Counter(_names_of(line.data) for line in lines)
    del counts[None]
    return Counter({RunKey(*names): count for names, count in counts.items() if names})


def run_of(line: bytes) -> RunKey | None:
    """The run that the line names; None if it names none."""
    names = _names_of(line)
    return RunKey(*names) if names else None


def _names_of(line: bytes) -> tuple[str, str, int] | None:
    record = _load(line)
    if type(record) is not dict:
        return None
    if "specversion" in record and EVENT_MARK in line:  # as the parser decides
        return _names_of_event(record.get("data"))
    company, run_id = record.get("Entreprise"), record.get("No_Sequence")
    if type(company) is str and type(run_id) is str:
        return company, run_id, FIRST_ATTEMPT
    return None


def _names_of_event(data: Any) -> tuple[str, str, int] | None:
    match data:
        case {"company": str(company), "run_id": str(run_id)}:
            attempt = data.get("attempt", FIRST_ATTEMPT)
            return (company, run_id, attempt) if type(attempt) is int else None
        case _:
            return None


def _load(line: bytes) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        pass
    try:
        return from_json(line)  # the parser's own, which takes some lines that orjson does not
    except ValueError:
        return None
