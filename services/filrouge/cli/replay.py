"""`filrouge replay`: records in, telemetry out, and the runs shown to people or programs."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from filrouge.cli.options import Files, Format, OutputFormat, Timezone, grafana
from filrouge.replay.replay import Replay
from filrouge.replay.replay import replay as run_replay
from filrouge.report.grafana import Grafana, trace_link
from filrouge.report.terminal import render_run, render_run_line, render_totals
from filrouge.report.totals import Totals
from filrouge.report.view import run_summary, run_view
from filrouge.runs.model import Run
from filrouge.settings import load_settings

_SOMETHING_REJECTED: Final = 1
_RUNS_IN_FULL: Final = 10
"""Of a file with more runs, the first ones are shown in full and the others in a line each."""
_ACCOUNT: Final = (
    "files",
    "accepted",
    "duplicates",
    "rejected",
    "runs_by_outcome",
    "remarks",
    "outputs",
)
"""What `--format json` tells of the whole, besides the first rejections."""
_LONG_INPUT: Final = 20_000  # records; about half a second, less needs no progress bar
_PROGRESS_STEP: Final = 1_000


class RebaseTo(StrEnum):
    """Where the last run's end is moved."""

    NOW = "now"


class Detail(StrEnum):
    """How much of each run is shown."""

    AUTO = "auto"
    FULL = "full"
    BRIEF = "brief"


def replay(  # noqa: PLR0913 - an argument each for what the command line takes
    files: Files,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Where telemetry and report are written.")
    ] = Path("out"),
    otlp: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Also send to a collector: http://127.0.0.1:4318 or grpc://127.0.0.1:4317.",
        ),
    ] = None,
    no_files: Annotated[
        bool, typer.Option("--no-files", help="Write no files; for use with --otlp.")
    ] = False,
    rebase: Annotated[
        RebaseTo | None,
        typer.Option(help="Shift whole runs so that the last one ends now; they get new ids."),
    ] = None,
    timezone: Timezone = None,
    output: Format = OutputFormat.TEXT,
    detail: Annotated[
        Detail,
        typer.Option(help=f"How runs are shown; auto: {_RUNS_IN_FULL} in full, then a line each."),
    ] = Detail.AUTO,
) -> None:
    """Turn files of records into traces, logs and metrics.

    Each run becomes one trace. The folder holds traces.jsonl, logs.jsonl, metrics.jsonl (OTLP/JSON,
    one request a line), rejected.jsonl and report.html.

    Exit status: 0; 1 when a line was rejected (all else is done); 2 for wrong use; 3 when a
    collector did not take everything.
    """
    settings = load_settings(timezone=timezone)
    task = Replay(
        files=files,
        out=None if no_files else out,
        otlp=otlp,
        rebase=rebase is not None,
        settings=settings,
        grafana=grafana(settings),
    )
    shown: _Shown = (
        _Objects(task.grafana) if output is OutputFormat.JSON else _Pictures(task.grafana, detail)
    )
    with _Bar(shown) as watcher:
        totals = run_replay(task, watcher)
    shown.finish(totals)
    if totals.rejected:
        raise typer.Exit(_SOMETHING_REJECTED)


class _Pictures:
    """Runs for people."""

    def __init__(self, grafana: Grafana | None, detail: Detail) -> None:
        self._console = Console()
        self._grafana = grafana
        self._detail = detail
        self._runs = 0

    def show(self, run: Run) -> None:
        self._runs += 1
        link = trace_link(self._grafana, run)
        if self._in_full():
            full = self._detail is Detail.FULL
            self._console.print(render_run(run_view(run, link), show_all=full), crop=False)
            self._console.print()
        else:
            self._console.print(render_run_line(run_summary(run, link)), crop=False)

    def finish(self, totals: Totals) -> None:
        self._console.print(render_totals(totals), crop=False)

    def _in_full(self) -> bool:
        if self._detail is Detail.AUTO:
            return self._runs <= _RUNS_IN_FULL
        return self._detail is Detail.FULL


class _Objects:
    """Runs for programs: one JSON object a line, the account last."""

    def __init__(self, grafana: Grafana | None) -> None:
        self._grafana = grafana

    def show(self, run: Run) -> None:
        view = run_view(run, trace_link(self._grafana, run))
        _print_object({"kind": "run", **view})

    def finish(self, totals: Totals) -> None:
        account = {name: getattr(totals, name) for name in _ACCOUNT}
        rejections = [orjson.loads(rejection.to_json()) for rejection in totals.rejections]
        _print_object({"kind": "totals", **account, "rejections": rejections})


_Shown = _Pictures | _Objects


class _Bar:
    """Progress on long input, on standard error and only where that is a terminal."""

    def __init__(self, shown: _Shown) -> None:
        self._shown = shown
        self._lines = 0
        console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("Replaying"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        )

    def __enter__(self) -> _Bar:
        return self

    def __exit__(self, *raised: object) -> None:
        self._progress.stop()

    def planned(self, records: int) -> None:
        """Shows the bar when there is much to do."""
        self._task = self._progress.add_task("records", total=records)
        if records >= _LONG_INPUT:
            self._progress.start()

    def read(self) -> None:
        """Moves the bar, now and then: each move takes longer than reading a record."""
        self._lines += 1
        if self._lines % _PROGRESS_STEP == 0:
            self._progress.update(self._task, completed=self._lines)

    def closed(self, run: Run) -> None:
        """Shows the run."""
        self._shown.show(run)


def _print_object(value: dict[str, object]) -> None:
    typer.echo(orjson.dumps(value).decode())
