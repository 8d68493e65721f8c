"""`filrouge stack`: the real backends as processes of this machine, without containers."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import orjson
import typer

from filrouge.cli.options import OutputFormat
from filrouge.errors import UsageError
from filrouge.settings import CONFIG_VARIABLE, config_file, load_settings
from filrouge.stack.ports import MAX_OFFSET

if TYPE_CHECKING:
    from filrouge.stack.stack import Stack

_NOT_READY: Final = 1

app = typer.Typer(
    help="Run the real backends here: Kafka, collector, Tempo, Loki, Prometheus, Alertmanager.",
    no_args_is_help=True,
)

_Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="DIR",
        help="The folder that holds all of the stack; else the setting stack_data.",
        show_default=False,
    ),
]
_Name = Annotated[str, typer.Argument(metavar="PART", help="A part, as status names it.")]


@app.command()
def up(
    parts: Annotated[
        list[str] | None, typer.Argument(metavar="[PART]…", help="Only these; by default all.")
    ] = None,
    data: _Data = None,
    port_offset: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=MAX_OFFSET,
            metavar="N",
            help="Added to every port; else the setting stack_port_offset.",
            show_default=False,
        ),
    ] = None,
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", min=1, help="Each part's time to become ready.")
    ] = 180.0,
) -> None:
    """Start what does not run yet, and wait until all of it is ready.

    The stack lives on when the terminal closes. A second call only looks, and starts what died or
    would now be started in another way.

    Exit status: 0; 2 for wrong use, a taken port or something not built; 3 when a part is not
    ready.
    """
    from filrouge.cli.stack_view import show_addresses, watching  # noqa: PLC0415 - not on Windows

    stack = _stack_to_be(data, port_offset)
    with watching() as watcher:
        stack.up(parts or None, timeout_s=timeout, watcher=watcher)
    if not parts:
        show_addresses(stack)


@app.command()
def down(
    data: _Data = None,
    delete_data: Annotated[
        bool, typer.Option("--delete-data", "--purge", help="Delete the stack's folder as well.")
    ] = False,
) -> None:
    """Stop all parts. Data stays, unless it is to be deleted; a second call does nothing."""
    from filrouge.cli.stack_view import watching  # noqa: PLC0415 - not on Windows

    with watching() as watcher:
        _stack(data).down(delete_data, watcher)


@app.command()
def status(
    data: _Data = None,
    output: Annotated[
        OutputFormat, typer.Option("--format", help="For people, or one JSON array.")
    ] = OutputFormat.TEXT,
) -> None:
    """Show each part: its state, process, ports, CPU and memory.

    Exit status: 0 when all are ready; 1 when one is not.
    """
    from filrouge.cli.stack_view import show_status  # noqa: PLC0415 - not on Windows

    found = _stack(data).status()
    if output is OutputFormat.JSON:
        typer.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode())
    else:
        show_status(found)
    if not all(part.ready for part in found):
        raise typer.Exit(_NOT_READY)


@app.command()
def logs(
    part: _Name,
    data: _Data = None,
    lines: Annotated[
        int, typer.Option("--lines", "-n", min=0, help="How many, from the end.")
    ] = 20,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on with what is written from now on.")
    ] = False,
) -> None:
    """Show the last lines that a part wrote."""
    log = _stack(data).log(part)
    if not log.is_file():
        raise UsageError(f"{part} has written nothing to {log}; was it ever started?")
    if not follow:
        from filrouge.stack.logs import log_tail  # noqa: PLC0415 - with the others

        typer.echo(log_tail(log, lines))
        return
    # -F finds the file again when supervisord has rotated it.
    os.execvp("tail", ["tail", "-n", str(lines), "-F", str(log)])  # noqa: S606, S607 - tail of PATH


@app.command()
def restart(part: _Name, data: _Data = None) -> None:
    """Stop a part, start it again, and wait until it is ready."""
    from filrouge.cli.stack_view import watching  # noqa: PLC0415 - not on Windows

    with watching() as watcher:
        _stack(data).restart(part, watcher=watcher)


def _stack(data: Path | None) -> Stack:
    """The stack that lives in a folder, with the ports it was started with.

    Raises:
        UsageError: this is Windows, or no checkout.
    """
    stack = _stack_to_be(data, None)
    offset = stack.remembered_offset()
    return stack if offset is None else _stack_to_be(data, offset)


def _stack_to_be(data: Path | None, port_offset: int | None) -> Stack:
    if sys.platform == "win32":
        raise UsageError(
            "the native stack needs Linux or macOS, for supervisord does not run on Windows; "
            "use it in WSL, or use docker compose"
        )
    # Imported here: supervisor is not there on Windows, and the other commands need not wait.
    from filrouge.stack.checkout import find_checkout  # noqa: PLC0415
    from filrouge.stack.scripts import site_variables  # noqa: PLC0415
    from filrouge.stack.stack import Stack  # noqa: PLC0415

    settings = load_settings(stack_data=data and data.absolute(), stack_port_offset=port_offset)
    checkout = find_checkout()
    return Stack(
        checkout,
        checkout / settings.stack_data,
        settings.stack_port_offset,
        {
            **site_variables(os.environ),
            "FILROUGE_TIMEZONE": settings.timezone,
            # Absolute, for parts do not run where this command does.
            **(
                {CONFIG_VARIABLE: str(file.absolute())} if (file := config_file()).is_file() else {}
            ),
        },
    )
