"""`filrouge`: all commands, and what an error looks like."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.console import Console

from filrouge import __version__
from filrouge.cli.dlq import app as dlq
from filrouge.cli.inspect import inspect
from filrouge.cli.key import key
from filrouge.cli.publish import publish
from filrouge.cli.replay import replay
from filrouge.cli.schema import schema
from filrouge.cli.serve import serve
from filrouge.cli.stack import app as stack
from filrouge.cli.stack_build import build, lock
from filrouge.cli.topics import topics
from filrouge.cli.verify import verify
from filrouge.errors import DeliveryError, FilrougeError
from filrouge.stack.errors import StackError

_WRONG_USE = 2
_UNDONE = 3  # rightly asked for, and begun
_INTERRUPTED = 130  # 128 + SIGINT, as shells have it

_EXAMPLES = """
Examples:

    # one run shown here, its telemetry and report.html in out/
    filrouge replay logs.json

    # the same, and to a collector too
    filrouge replay logs.json --otlp http://127.0.0.1:4318

    # each run as a JSON object, from standard input
    zstdcat big.zst | filrouge replay - --format json

    # whether every record is in Tempo, Loki and Prometheus exactly once
    filrouge verify logs.json

    # trace and span ids from names
    filrouge inspect 2025-09-05-16-45 --company akonovia --zone 1-Raw
"""

app = typer.Typer(
    name="filrouge",
    help="Follow every data-ingestion run end to end, as one OpenTelemetry trace.",
    epilog=_EXAMPLES,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(replay)
app.command()(publish)
app.command()(verify)
app.command()(inspect)
app.command("ids", hidden=True, help="The same as inspect.")(inspect)
app.command()(schema)
app.command()(serve)
app.command()(key)
app.command()(topics)
stack.command()(build)
stack.command()(lock)
app.add_typer(stack, name="stack")
app.add_typer(dlq, name="dlq")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"filrouge {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", callback=_print_version),
    ] = False,
) -> None:
    pass


def main() -> None:
    """Runs a command; a fault that it foresees is told in a sentence, without a traceback."""
    try:
        app(prog_name="filrouge")
    except FilrougeError as error:
        Console(stderr=True, soft_wrap=True, highlight=False).print(
            f"filrouge: {error}", markup=False, style="red"
        )
        sys.exit(_UNDONE if isinstance(error, DeliveryError | StackError) else _WRONG_USE)
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    except BrokenPipeError:
        # The reader, such as `head`, has seen enough. Nothing is wrong, and nobody is left to tell.
        sys.stderr.close()
        sys.exit(0)
