"""`python -m benchmarks.stack`, also `make bench-stack`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from benchmarks.stack.bench import opened
from benchmarks.stack.latency import latencies
from benchmarks.stack.page import about, markdown, show
from benchmarks.stack.pipelines import costs
from benchmarks.stack.plan import FULL, QUICK
from benchmarks.stack.tables import CORES, tables
from benchmarks.stack.throughput import passages
from benchmarks.stack.words import sentences

_PAGE: Final = Path(__file__).parents[1] / "STACK.md"


def main(
    quick: Annotated[bool, typer.Option("--quick", help="Little of each, in two minutes.")] = False,
    port_offset: Annotated[
        int, typer.Option(min=0, help="Added to all ports of the stack that is measured.")
    ] = 1_500,
    write: Annotated[bool, typer.Option("--write", help=f"Also write {_PAGE.name}.")] = False,
) -> None:
    """Measure the real stack, in about a quarter of an hour; it must be built."""
    console = Console()
    plan = QUICK if quick else FULL
    load_before = os.getloadavg()[0]
    with console.status("") as status, opened(port_offset, status.update) as bench:
        seen = latencies(bench, plan)
        in_pipelines = costs(bench, plan)
        passed = passages(bench, plan)
    found = tables(seen, in_pipelines, passed)
    facts = about(load_before)
    told = sentences(passed, in_pipelines, CORES)
    show(console, found, facts, told)
    if write:
        command = " ".join(["python -m benchmarks.stack", *sys.argv[1:]])
        _PAGE.write_text(markdown(found, facts, told, command), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
