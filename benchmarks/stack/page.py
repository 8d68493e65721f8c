"""STACK.md, and the same tables in the terminal."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import psutil
from rich.console import Console

from benchmarks.results import Table, draw, machine
from benchmarks.stack.latency import POLL_S, TASKS
from benchmarks.stack.tables import CORES

_GIBIBYTE: Final = 2**30


def show(console: Console, found: Sequence[Table], facts: str, told: Sequence[str]) -> None:
    """Prints all of it."""
    draw(console, found)
    for each in (*told, facts):
        console.print(each)


def about(load_before: float) -> str:
    """The machine, and how much others did on it, in a sentence or two."""
    memory = psutil.virtual_memory().total / _GIBIBYTE
    return (
        f"{machine()}, {CORES} cores, {memory:.0f} GiB; commit {_commit()}. "
        f"Load average before the start: {load_before:.2f}."
    )


def markdown(found: Sequence[Table], facts: str, told: Sequence[str], command: str) -> str:
    """The page."""
    head = [
        "# What the stack takes and gives",
        f"Written by `{command}` on {datetime.now(UTC):%Y-%m-%d}. {facts}",
        "\n".join(f"- {each}" for each in told),
        "## How it is measured",
        _EXPLANATION,
    ]
    return "\n\n".join([*head, *map(section, found)]) + "\n"


def section(table: Table) -> str:
    """A table in Markdown, under its title."""
    alignment = ["---", *["---:"] * (len(table.columns) - 1)]
    lines = [table.columns, alignment, *table.rows]
    return "\n".join([f"## {table.title}", "", *(f"| {' | '.join(line)} |" for line in lines)])


def _commit() -> str:
    """The checkout's, with a word when files differ from it."""
    git = shutil.which("git")
    if git is None:
        return "unknown"
    command = [git, "describe", "--always", "--abbrev=8", "--dirty=, with changes"]
    answer = subprocess.run(
        command, cwd=Path(__file__).parent, capture_output=True, text=True, check=False
    )
    return answer.stdout.strip() or "unknown"


_EXPLANATION: Final = f"""\
All of it is measured on one fresh native stack, whose six parts share the machine with the sender
and with whoever asks. **Bare** is the same collector binary with OTLP in and nothing out
(`benchmarks/stack/configs/bare.yaml`), fed the same in the same run, just before.

- **Visible**: runs of {TASKS} tasks, one at a time, that ended lately. The clock runs from the
  call that replays (over HTTP) or publishes the run until the backend gives all of it: each span,
  line or sample by `filrouge verify`'s own look, or a TraceQL search that matches all its spans.
  Each backend is asked again {POLL_S * 1000:.0f} ms after its answer. *Acknowledged* is the end of
  that call.
- **Whole files**: `filrouge replay` or `filrouge publish` as a command of its own, start included.
  *Handed over*: the command has ended. *Stored*: Tempo and Loki have acknowledged every span and
  line to the collector; CPU time counts until then. *Visible*: Loki counts every line, a search in
  Tempo finds every run, Prometheus counts every run's gauge. Afterwards `filrouge verify` compared
  every run; *runs that differ* should be none. What is published is compared with its replay
  into the bare collector over HTTP.
- **By pipeline**: the same requests to collectors in turn, round after round; medians of the
  rounds, of CPU time until the backend has acknowledged everything. The whole one is a collector
  beside the stack's with all layers but Kafka; logs from Kafka are read by the stack's own, and at
  the same time by others that do less with them.
- **What would cost less**: the same collector but for one thing."""
