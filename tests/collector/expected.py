"""The log record that Filrouge itself makes of one line, for the collector to be held against."""

from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfo

from filrouge.errors import RejectedRecord
from filrouge.records.parse import RecordParser
from filrouge.settings import Settings
from filrouge.telemetry.context import Context
from filrouge.telemetry.exporter import Exporter
from tests.collector.decoded import Plain
from tests.factories import run_of
from tests.telemetry.captured import Captured

SERVICES: Final = Settings().services


def log_of(line: bytes, timezone: ZoneInfo) -> Plain | None:
    """The record as a replay would send it, but for the mark of a replay; None if it is refused."""
    try:
        record = RecordParser(timezone, frozenset(SERVICES)).parse(line)
    except RejectedRecord:
        return None
    captured = Captured()
    exporter = Exporter(Context(SERVICES), [captured])
    exporter.export_run(run_of(record))
    exporter.flush()
    [log] = captured.logs()
    return {**log, "observed_ns": 0, "scope": ("filrouge", "1")}
