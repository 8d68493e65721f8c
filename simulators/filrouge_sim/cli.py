"""The command `filrouge-sim`, also `python -m filrouge_sim`.

Without a scenario it writes a file of records; with one it is their producers, on Kafka.
"""

import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Annotated, Final, NoReturn
from zoneinfo import ZoneInfo

import typer

from filrouge.errors import DeliveryError, FilrougeError
from filrouge.settings import Settings, load_settings
from filrouge_sim.catalogue import ZONES
from filrouge_sim.config import Config
from filrouge_sim.helptext import HELP
from filrouge_sim.options import (
    FILE,
    KAFKA,
    Anchor,
    Companies,
    Company,
    Every,
    Runs,
    ScenarioName,
    Schema,
    Seed,
    Session,
    Speed,
    Tasks,
    TimezoneName,
)
from filrouge_sim.parsing import parse_faults, parse_interval, parse_start, parse_timezone
from filrouge_sim.scenarios.catalogue import QUIET
from filrouge_sim.scenarios.order import Order
from filrouge_sim.simulation import simulate

__all__ = ["app", "main"]

_WRONG_USE: Final = 2
_UNDONE: Final = 3
_MAIN_SESSION: Final = "main"

app = typer.Typer(
    add_completion=False,
    rich_markup_mode="rich",
    invoke_without_command=True,
    pretty_exceptions_enable=False,
)


@app.callback(help=HELP)
def root(  # noqa: PLR0913 - one parameter for each option
    context: typer.Context,
    *,
    scenario: ScenarioName = None,
    speed: Speed = 1.0,
    anchor: Anchor = None,
    runs: Runs = None,
    companies: Companies = 1,
    company: Company = None,
    tasks: Tasks = 72,
    schema: Schema = None,
    every: Every = "15m",
    timezone: TimezoneName = None,
    seed: Seed = Config.seed,
    zones: Annotated[
        str,
        typer.Option(
            help=f"Zones of a run, in order, from {','.join(ZONES)}.", rich_help_panel=FILE
        ),
    ] = "1-Raw",
    task_started: Annotated[
        bool,
        typer.Option(
            "--task-started",
            help="With schema 2: tell of tasks as they start too.",
            rich_help_panel=FILE,
        ),
    ] = False,
    failure_rate: Annotated[
        float,
        typer.Option(help="Chance of a task to fail, from 0 to 1.", rich_help_panel=FILE),
    ] = Config.failure_rate,
    faults: Annotated[
        str,
        typer.Option(
            metavar="MIX",
            help="Faults on the way, each with its chance for a record (0.01 unless given), "
            "like duplicate=0.02,late.",
            rich_help_panel=FILE,
        ),
    ] = "",
    start: Annotated[
        str,
        typer.Option(
            metavar="TIME",
            help="When the first run is due, local or with offset.",
            rich_help_panel=FILE,
        ),
    ] = "2025-09-05T16:45",
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Where to write; standard output unless given.",
            rich_help_panel=FILE,
        ),
    ] = None,
) -> None:
    if context.invoked_subcommand:
        if given := _given(context, lambda _: True):
            _refuse(f"{given[0]} belongs behind {context.invoked_subcommand}")
        return
    if scenario is None:
        if given := _given(context, lambda panel: panel == KAFKA):
            _refuse(f"{given[0]} is for a scenario: expected --scenario NAME, too")
    elif given := _given(context, lambda panel: panel == FILE):
        _refuse(f"{given[0]} is for a file of records: expected it without --scenario")
    try:
        interval = parse_interval(every)
        if scenario is not None:
            settings = load_settings()
            order = Order(
                scenario=scenario,
                runs=runs,
                companies=companies,
                company=company,
                tasks=tasks,
                schema=Order.schema if schema is None else schema,
                seed=seed,
                speed=speed,
                every=interval,
                timezone=_zone(timezone, settings),
                anchor=None if anchor is None else _instant(anchor, _zone(timezone, settings)),
            )
            raise typer.Exit(_produce(order))
        config = Config(
            seed=seed,
            runs=Config.runs if runs is None else runs,
            companies=companies,
            zones=tuple(zones.split(",")),
            schema=Config.schema if schema is None else schema,
            tasks=tasks,
            failure_rate=failure_rate,
            faults=parse_faults(faults),
            start=parse_start(start),
            every=interval,
            timezone=Config.timezone if timezone is None else parse_timezone(timezone),
            task_started=task_started,
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    _write(config, out)


@app.command()
def ingestion(  # noqa: PLR0913 - one parameter for each option
    *,
    scenario: ScenarioName = QUIET,
    speed: Speed = Order.speed,
    anchor: Anchor = None,
    runs: Runs = None,
    companies: Companies = Order.companies,
    company: Company = Order.company,
    tasks: Tasks = Order.tasks,
    schema: Schema = None,
    every: Every = "15m",
    timezone: TimezoneName = None,
    seed: Seed = Order.seed,
    session: Session = _MAIN_SESSION,
    ends_runs: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    """Begin runs, pull their sources, and hand each over to standardization."""
    from filrouge_sim.producers.microservice import run_first  # noqa: PLC0415 - brings the SDK

    settings = load_settings()
    try:
        order = Order(
            scenario=scenario or QUIET,
            runs=runs,
            companies=companies,
            company=company,
            tasks=tasks,
            schema=Order.schema if schema is None else schema,
            seed=seed,
            speed=speed,
            every=parse_interval(every),
            timezone=_zone(timezone, settings),
            anchor=None if anchor is None else _instant(anchor, _zone(timezone, settings)),
        )
        run_first(order, settings, session, ends_runs=ends_runs)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


FollowingRuns = Annotated[
    int | None,
    typer.Option(min=1, help="End when so many are through; for ever unless given."),
]


@app.command()
def standardization(*, session: Session = _MAIN_SESSION, runs: FollowingRuns = None) -> None:
    """Reshape each source that ingestion hands over, and hand it over to application."""
    _follow("standardization", session, runs)


@app.command()
def application(*, session: Session = _MAIN_SESSION, runs: FollowingRuns = None) -> None:
    """Publish each source that standardization hands over; say when a run is over."""
    _follow("application", session, runs)


def main() -> None:
    """Run the command with the arguments of this process; a fault it foresees is a sentence."""
    try:
        app(prog_name="filrouge-sim")
    except FilrougeError as error:
        sys.stderr.write(f"filrouge-sim: {error}\n")
        sys.exit(_UNDONE if isinstance(error, DeliveryError) else _WRONG_USE)


def _follow(service: str, session: str, runs: int | None) -> None:
    from filrouge_sim.producers.microservice import run_following  # noqa: PLC0415 - brings the SDK

    run_following(service, load_settings(), session, runs)


def _produce(order: Order) -> int:
    """All microservices of a session of their own; the exit status."""
    from filrouge_sim.producers.together import run_together  # noqa: PLC0415 - brings the SDK

    session = uuid.uuid4().hex
    first = [
        *("ingestion", "--session", session, "--ends-runs"),
        *("--scenario", order.scenario, "--speed", str(order.speed), "--seed", str(order.seed)),
        *("--companies", str(order.companies), "--tasks", str(order.tasks)),
        *("--schema", str(order.schema), "--timezone", order.timezone),
        *("--every", f"{int(order.every.total_seconds())}s"),
        *(("--company", order.company) if order.company is not None else ()),
        *(("--runs", str(order.runs)) if order.runs is not None else ()),
        *(("--anchor", order.anchor.isoformat()) if order.anchor else ()),
    ]
    hand_overs = order.hand_overs()
    until = ("--runs", str(hand_overs)) if hand_overs else ()
    following = [
        [service, "--session", session, *until] for service in ("standardization", "application")
    ]
    if hand_overs == 0:  # such as one run that never ends
        following = []
    return run_together([first, *following])


def _zone(name: str | None, settings: Settings) -> str:
    return settings.timezone if name is None else parse_timezone(name).key


def _instant(text: str, zone: str) -> datetime:
    at = parse_start(text)
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))


def _given(context: typer.Context, wanted: Callable[[str | None], bool]) -> list[str]:
    """The options on the command line that stand in a panel which is wanted."""
    return [
        parameter.opts[0]
        for parameter in context.command.params
        if (source := context.get_parameter_source(parameter.name or ""))
        and source.name == "COMMANDLINE"
        and parameter.name != "scenario"
        and wanted(getattr(parameter, "rich_help_panel", None))
    ]


def _refuse(message: str) -> NoReturn:
    raise typer.BadParameter(message)


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
