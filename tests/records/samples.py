"""Records for tests: right in every field, so that a test shows only what it changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from filrouge.records.parse import RecordParser
from filrouge.records.reading.line import Line
from filrouge.records.reading.reader import Rejection, parse_line, read
from filrouge.records.reading.sources import find_source
from filrouge.records.record import Record

TORONTO: Final = ZoneInfo("America/Toronto")
ZONES: Final = frozenset({"1-Raw", "2-Standard", "3-Application"})
LEFT_OUT: Final = object()
"""As a field's value: the record goes without the field."""

_SCHEMA1: Final = {
    "No_Sequence": "2025-09-05-16-45",
    "Date_Sequence": "2025-09-05",
    "Heure_Sequence": "16",
    "Minute_Sequence": "45",
    "Entreprise": "akonovia",
    "Zone": "1-Raw",
    "Source": "Efficy",
    "Objet_Id": 12,
    "Objet": "Contacts",
    "Transformation": "efficy_API_get_data",
    "Etat": "SUCCESS",
    "Debut": "05-09-2025 16:45:26.191702",
    "Fin": "05-09-2025 16:45:28.441702",
    "Duree secondes": 2.25,
    "Description": "Tout roule, pas de stress!",
    "cpu_time (sec)": "0.09",
    "memory_used (bytes)": -4096,
}
_EVENT: Final = {
    "specversion": "1.0",
    "id": "e-1",
    "source": "/akonovia/ingestion",
    "time": "2025-09-05T20:45:28.5Z",
    "datacontenttype": "application/json",
}
_RUN: Final = {
    "company": "akonovia",
    "run_id": "2025-09-05-16-45",
    "attempt": 2,
    "started_at": "2025-09-05T20:45:26.191702Z",
}
_ENDED: Final = {"ended_at": "2025-09-05T20:45:28.441702Z"}
_TASK: Final = {
    **_RUN,
    "zone": "1-Raw",
    "source": "Efficy",
    "object_id": 12,
    "object_name": "Contacts",
}
_DATA: Final[dict[str, dict[str, Any]]] = {
    "task.started": _TASK,
    "task.completed": _TASK | _ENDED,
    "task.failed": _TASK | _ENDED | {"error": {"message": "'id'"}},
    "run.started": _RUN,
    "run.completed": _RUN | _ENDED,
}


def schema1(changes: dict[str, Any] | None = None) -> bytes:
    """A record of schema 1."""
    return encode(_SCHEMA1 | (changes or {}))


def event(
    kind: str = "task.completed",
    data: dict[str, Any] | None = None,
    envelope: dict[str, Any] | None = None,
) -> bytes:
    """A record of schema 2; `kind` is its type without `io.filrouge.`."""
    whole = {**_EVENT, "type": f"io.filrouge.{kind}", "data": _present(_DATA[kind] | (data or {}))}
    return encode(whole | (envelope or {}))


def encode(fields: dict[str, Any]) -> bytes:
    return json.dumps(_present(fields), ensure_ascii=False).encode()


def parser(timezone: ZoneInfo = TORONTO) -> RecordParser:
    return RecordParser(timezone, ZONES)


def read_lines(path: Path) -> list[Line]:
    return list(read(find_source(str(path))))


def read_records(path: Path) -> list[Record | Rejection]:
    """What the real reader and parser make of a file."""
    reads = parser()
    return [parse_line(reads, line) for line in read_lines(path)]


def _present(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not LEFT_OUT}
