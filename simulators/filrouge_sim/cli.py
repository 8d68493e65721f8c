"""The command `filrouge-sim`, also `python -m filrouge_sim`."""

import sys
from collections.abc import Iterator
from contextlib import nullcontext
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from filrouge_sim.catalogue import ZONES
from filrouge_sim.config import Config
from filrouge_sim.faults import FAULTS
from filrouge_sim.parsing import parse_faults, parse_interval, parse_start, parse_timezone
from filrouge_sim.simulation import simulate

__all__ = ["app", "main"]

FAULT_LINES = "\n".join(f"  [cyan]{name:14}[/cyan] {act.__doc__}" for name, act in FAULTS.items())

# Lines and columns of the two lists are kept as they stand.
HELP = f"""
Write the records of simulated ingestion runs, one JSON object a line, in the order in which
producers would have written them. The same options always give the same bytes; without options
it is the project's sample, logs.json.

[bold]Examples[/bold]
  filrouge-sim > logs.json                             [dim]one run, 72 records[/dim]
  filrouge-sim --runs 1000 --out runs.ndjson           [dim]ten days of a company[/dim]
  filrouge-sim --runs 30 --companies 3 --schema 2      [dim]CloudEvents, ten each[/dim]
  filrouge-sim --zones 1-Raw,2-Standard,3-Application  [dim]through all zones[/dim]
  filrouge-sim --runs 50 --faults duplicate=0.02,late  [dim]trouble on the way[/dim]

[bold]Faults[/bold]
{FAULT_LINES}
"""

app = typer.Typer(add_completion=False, rich_markup_mode="rich")


@app.command(help=HELP)
def generate(  # noqa: PLR0913 - one parameter for each option
    *,
    runs: Annotated[int, typer.Option(help="Runs in all, dealt to the companies in turn.")] = 1,
    companies: Annotated[int, typer.Option(help="Companies side by side.")] = 1,
    zones: Annotated[
        str, typer.Option(help=f"Zones of a run, in order, from {','.join(ZONES)}.")
    ] = "1-Raw",
    tasks: Annotated[int, typer.Option(help="Objects in each zone of a run.")] = 72,
    schema: Annotated[int, typer.Option(help="1: flat records. 2: CloudEvents.")] = 1,
    task_started: Annotated[
        bool, typer.Option("--task-started", help="With schema 2: tell of tasks as they start too.")
    ] = False,
    failure_rate: Annotated[
        float, typer.Option(help="Chance of a task to fail, from 0 to 1.")
    ] = Config.failure_rate,
    faults: Annotated[
        str,
        typer.Option(
            metavar="MIX",
            help="Faults on the way, each with its chance for a record (0.01 unless given), "
            "like duplicate=0.02,late.",
        ),
    ] = "",
    start: Annotated[
        str, typer.Option(metavar="TIME", help="When the first run is due, local or with offset.")
    ] = "2025-09-05T16:45",
    every: Annotated[
        str, typer.Option(metavar="INTERVAL", help="From one run of a company to the next.")
    ] = "15m",
    timezone: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="Where the local times of schema 1 and of sequences are."
        ),
    ] = "America/Toronto",
    seed: Annotated[int, typer.Option(help="Another seed, other runs.")] = Config.seed,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where to write; standard output unless given."),
    ] = None,
) -> None:
    try:
        config = Config(
            seed=seed,
            runs=runs,
            companies=companies,
            zones=tuple(zones.split(",")),
            schema=schema,
            tasks=tasks,
            failure_rate=failure_rate,
            faults=parse_faults(faults),
            start=parse_start(start),
            every=parse_interval(every),
            timezone=parse_timezone(timezone),
            task_started=task_started,
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    _write(config, out)


def main() -> None:
    """Run the command with the arguments of this process."""
    app(prog_name="filrouge-sim")


def _write(config: Config, out: Path | None) -> None:
    try:
        with out.open("wb") if out else nullcontext(sys.stdout.buffer) as file:
            file.writelines(_chunks(delivery.line for delivery in simulate(config)))
    except BrokenPipeError:
        raise  # whoever reads has enough (`| head`); typer ends quietly
    except OSError as error:
        where = out or "standard output"
        raise typer.BadParameter(f"cannot write {where}: {error.strerror}") from None


def _chunks(lines: Iterator[bytes]) -> Iterator[bytes]:
    """The lines, many at a time: a write for every few costs a tenth more."""
    while chunk := b"".join(islice(lines, 1000)):
        yield chunk
