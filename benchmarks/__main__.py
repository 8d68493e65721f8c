"""`python -m benchmarks`, also `make bench`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final

import typer
from rich.console import Console

from benchmarks.growth import growth
from benchmarks.race import race
from benchmarks.results import Table, draw, machine, tables
from benchmarks.steps import measure_steps
from benchmarks.workload import TASKS_PER_RUN, write_records

_RESULTS: Final = Path(__file__).with_name("RESULTS.md")


def main(
    quick: Annotated[bool, typer.Option("--quick", help="Without the million records.")] = False,
    records: Annotated[int, typer.Option(min=100, help="Records for each way, or some more.")] = (
        5_000
    ),
    rounds: Annotated[int, typer.Option(min=1, help="How often each way has its turn.")] = 9,
    write: Annotated[bool, typer.Option("--write", help=f"Also write {_RESULTS.name}.")] = False,
) -> None:
    """Measure what a record costs, in about five minutes; `--quick` in half of that."""
    console = Console()
    with console.status("") as status, TemporaryDirectory() as folder:
        file = Path(folder) / "records.ndjson"
        written = write_records(file, records)
        measured = race(file, written, rounds, status.update)
        status.update("step by step")
        steps_s = measure_steps(file)
        commands = growth(not quick, status.update)
    about = (
        f"{written:,} records of runs with {TASKS_PER_RUN} tasks, {rounds} rounds, each way in "
        f"turn in a process of its own. {machine()}."
    )
    found = tables(measured, steps_s, commands)
    draw(console, found)
    console.print(about)
    if write:
        _RESULTS.write_text(_markdown(found, about), encoding="utf-8")


def _markdown(found: Sequence[Table], about: str) -> str:
    arguments = " ".join(["python -m benchmarks", *sys.argv[1:]])
    head = [
        "# What a record costs",
        f"Written by `{arguments}` on {datetime.now(UTC):%Y-%m-%d}. {about}",
        _EXPLANATION,
    ]
    return "\n\n".join([*head, *map(_section, found)]) + "\n"


_EXPLANATION: Final = """\
- **Plain way**: standard library and OpenTelemetry SDK as their documentation shows, encoded by
  the exporters' own encoders (`plain.py`). Nothing was dropped: its spans and log records were
  counted in the sink in every round, and are as many as Filrouge's.
- **Filrouge**: the same records in one pass over the file, with all runs closed at its end, as the
  plain way does; the same telemetry (`embedded.py`, `tests/benchmarks/`).
- **Filrouge, counting first**: what the command `filrouge replay` really does before it writes
  files: a pass more, for which it can close each run with its last record and keep memory flat.
- **Floor**: reading and validating each record, and nothing else (`floor.py`).

In each round each way is measured for 1.5 s of CPU time or one pass over the file, whichever is
longer, without its start. Ratios are those of figures from the same round, and then the median of
the rounds: noise of the machine meets all ways of a round alike, more or less. The steps take turns
in one process; the quietest turns are compared. The whole command includes its start, the report
and what it prints; of several runs the one with the least CPU time is shown."""


def _section(table: Table) -> str:
    alignment = ["---", *["---:"] * (len(table.columns) - 1)]
    lines = [table.columns, alignment, *table.rows]
    return "\n".join([f"## {table.title}", "", *(f"| {' | '.join(line)} |" for line in lines)])


if __name__ == "__main__":
    typer.run(main)
