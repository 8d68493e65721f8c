"""A run made again from its kept records: by the same core as a replay, so with the same result."""

from __future__ import annotations

from collections.abc import Iterable

from filrouge.records.parse import RecordParser
from filrouge.records.record import RunKey
from filrouge.runs.model import Run
from filrouge.runs.open_run import OpenRun


def rebuild(parser: RecordParser, key: RunKey, lines: Iterable[bytes]) -> Run:
    """The run of these lines, of which there must be one; their order does not matter."""
    run = OpenRun(key)
    for line in lines:
        run.add(parser.parse(line))
    return run.close()


def rebuild_waves(
    parser: RecordParser, key: RunKey, lines: Iterable[tuple[int, bytes]]
) -> list[Run]:
    """The run as it stood at each of its closings, the newest last.

    Args:
        parser: reads a line.
        key: what names the run.
        lines: each with the number of the closing that it was there for first.
    """
    run = OpenRun(key)
    closed: list[Run] = []
    wave = 0
    for number, line in sorted(lines):
        if wave and number != wave:
            closed.append(run.close())
        wave = number
        run.add(parser.parse(line))
    return [*closed, run.close()]
