"""`python -m benchmarks.services`, also `make bench-services`."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from benchmarks.services.bench import opened
from benchmarks.services.found import Found
from benchmarks.services.ingestion import requests
from benchmarks.services.keeping import keep, process_all
from benchmarks.services.page import markdown
from benchmarks.services.plan import FULL, QUICK
from benchmarks.services.processing import alone, require_peers, together
from benchmarks.services.tables import tables
from benchmarks.services.visible import visible
from benchmarks.services.words import sentences
from benchmarks.stack.page import about, show

_PAGE: Final = Path(__file__).parents[1] / "SERVICES.md"


def main(
    quick: Annotated[bool, typer.Option("--quick", help="Little of each, in two minutes.")] = False,
    port_offset: Annotated[
        int, typer.Option(min=0, help="Added to all ports of the stack that is measured.")
    ] = 1_600,
    write: Annotated[bool, typer.Option("--write", help=f"Also write {_PAGE.name}.")] = False,
) -> None:
    """Measure the services, in about ten minutes; the stack must be built."""
    require_peers()
    console = Console()
    plan = QUICK if quick else FULL
    load_before, begun_s = os.getloadavg()[0], time.monotonic()
    with console.status("") as status:

        def watch(doing: str) -> None:
            status.update(doing)
            if not console.is_terminal:
                console.print(f"{time.monotonic() - begun_s:5.0f} s  {doing}")

        with opened(port_offset, plan.backlog, watch) as bench:
            watch("filling the topic")
            bench.broker.create(1)
            bench.broker.fill(bench.records, plan.backlog, 1)
            processed = process_all(bench, plan)
            race = alone(bench, plan)
            kept = keep(bench, plan)
            requested = requests(bench, plan)
            races = [race, *together(bench, plan)]
        seen = visible(port_offset, plan, watch)
    found = Found(races, requested, processed, kept, seen)
    drawn, told = tables(found), sentences(found)
    facts = f"{about(load_before)} It took {(time.monotonic() - begun_s) / 60:.0f} minutes."
    show(console, drawn, facts, told)
    if write:
        command = " ".join(["python -m benchmarks.services", *sys.argv[1:]])
        _PAGE.write_text(markdown(drawn, facts, told, command), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
