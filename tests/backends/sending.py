"""Sends records to a stack, as people do."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from filrouge.stack.ports import Port
from filrouge.stack.stack import Stack
from tests.backends.records import SAMPLE, TIMEZONE

_MIDNIGHT: Final = datetime(2025, 11, 4, tzinfo=UTC)
NOON: Final = f"{_MIDNIGHT:%Y-%m-%d}T12:00Z"
"""Of a day long ago that no query of the page looks at: it is after the sample's."""
DAY: Final = (int(_MIDNIGHT.timestamp()), int(_MIDNIGHT.timestamp()) + 86_400)
"""That day in Unix seconds."""


def _local(time: datetime) -> str:
    return f"{time.astimezone(ZoneInfo(TIMEZONE)):%d-%m-%Y %H:%M:%S.%f}"


AT_NOON: Final = {
    "Debut": _local(_MIDNIGHT + timedelta(hours=12)),
    "Fin": _local(_MIDNIGHT + timedelta(hours=12, seconds=2, microseconds=932_153)),
    "Duree secondes": 2.932153,
}
"""The times of a record at that noon."""


def replay(stack: Stack, file: Path, *options: str) -> None:
    """`filrouge replay` of a file into the stack; returns when the collector has it all."""
    command = [sys.executable, "-m", "filrouge", "replay", str(file), "--timezone", TIMEZONE]
    to = ["--no-files", "--otlp", stack.url(Port.OTLP_HTTP), "--detail", "brief"]
    subprocess.run([*command, *to, *options], check=True, capture_output=True)


def simulated(file: Path, *options: str) -> Path:
    """The file, with records of the project's own simulator in it."""
    command = [sys.executable, "-m", "filrouge_sim", "--out", str(file)]
    subprocess.run([*command, *options], check=True, capture_output=True)
    return file


def record(**fields: object) -> dict[str, Any]:
    """The sample's first record with other fields."""
    first: dict[str, Any] = json.loads(SAMPLE.read_text().splitlines()[0])
    return first | fields


def written(file: Path, records: Iterable[Mapping[str, Any]]) -> Path:
    """The file, with the records in it."""
    lines = (json.dumps(each, ensure_ascii=False, separators=(",", ":")) for each in records)
    file.write_text("".join(f"{line}\n" for line in lines))
    return file
