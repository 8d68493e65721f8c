"""The figures as tables, the same for the terminal and for RESULTS.md."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from rich.console import Console
from rich.table import Table as RichTable

from benchmarks.growth import CommandRun
from benchmarks.race import COMPARED, Race

_MEGABYTE: Final = 1e6
_TITLES: Final = {
    "plain": "plain way (SDK)",
    "filrouge": "Filrouge",
    "replay": "Filrouge, counting first as `replay` does",
    "floor": "floor: JSON and validation",
    "read_json": "orjson.loads alone",
    "validate_json": "pydantic from JSON alone",
}
_STEP_TITLES: Final = {
    "parse": "read and parse",
    "assemble": "put runs together",
    "filrouge": "encode spans, logs and metrics",
    "replay": "read once more before, and count each run's records",
}


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under a title; the first column is words, all others are figures."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


def draw(console: Console, found: Iterable[Table]) -> None:
    """Draws tables for people."""
    for table in found:
        picture = RichTable(title=table.title, title_justify="left")
        for number, column in enumerate(table.columns):
            picture.add_column(column, justify="right" if number else "left")
        for row in table.rows:
            picture.add_row(*row)
        console.print(picture)


def tables(
    measured: Race, steps_s: Mapping[str, float], commands: Sequence[CommandRun]
) -> list[Table]:
    """All figures.

    Args:
        measured: the ways against each other.
        steps_s: what each of Filrouge's steps takes for the same file.
        commands: the whole command by size of input.
    """
    return [_ways(measured), _steps(steps_s, measured.records), _commands(commands)]


def machine() -> str:
    """Processor and Python, in a line."""
    return f"{_processor()}, {platform.python_implementation()} {platform.python_version()}"


def _ways(measured: Race) -> Table:
    rows = [
        [
            title,
            _us(min(measured.costs_us(way))),
            _us(median(measured.costs_us(way))),
            f"{measured.ratio(way, 'floor'):.2f}",
            f"{measured.ratio('plain', way):.1f}",
            _bytes_per_record(measured, way) if way in COMPARED else "",
        ]
        for way, title in _TITLES.items()
    ]
    columns = (
        "CPU time per record", "min µs", "median µs", "× floor", "faster than plain", "bytes out",
    )  # fmt: skip
    return Table("Three ways", columns, rows)


def _steps(steps_s: Mapping[str, float], records: int) -> Table:
    rows = [[_STEP_TITLES[step], _us(cpu_s / records * 1e6)] for step, cpu_s in steps_s.items()]
    return Table("Filrouge, step by step", ("CPU time per record", "µs at best"), rows)


def _commands(commands: Sequence[CommandRun]) -> Table:
    rows = [
        [
            f"{run.records:,}",
            f"{run.wall_s:.1f}",
            f"{run.cpu_s:.1f}",
            _us(run.cpu_s / run.records * 1e6),
            f"{run.peak_bytes / _MEGABYTE:.0f}",
        ]
        for run in commands
    ]
    columns = ("records", "s", "CPU s", "CPU µs per record", "peak MB")
    return Table("The whole command: filrouge replay FILE --out DIR", columns, rows)


def _bytes_per_record(measured: Race, way: str) -> str:
    made = measured.rounds[0][way].sink_bytes
    return f"{made / measured.records:,.0f}" if made else ""


def _us(value: float) -> str:
    return f"{value:.1f}"


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
