"""`filrouge verify`: whether every record of a run is in every place exactly once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from filrouge.cli.options import Format, OutputFormat, Timezone
from filrouge.errors import UsageError
from filrouge.kafka.reading import TopicReader
from filrouge.kafka.topics import TOPIC
from filrouge.records.parse import RecordParser
from filrouge.records.reading.reader import read
from filrouge.records.reading.sources import STANDARD_INPUT, replayable
from filrouge.settings import Settings, load_settings
from filrouge.verify.expected import Place
from filrouge.verify.look import looks
from filrouge.verify.reference import Lines, Reference, Wanted, reference
from filrouge.verify.table import render_verdicts
from filrouge.verify.verify import Verdict
from filrouge.verify.verify import verify as compare

_DIFFERS: Final = 1
_BACKENDS: Final = (Place.TEMPO, Place.LOKI, Place.PROMETHEUS)


def verify(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FILE|RUN]…",
            help="Files of records; or runs on the topic, as RUN_ID or COMPANY/RUN_ID. "
            "None: every run on the topic.",
            show_default=False,
        ),
    ] = None,
    places: Annotated[
        list[Place] | None,
        typer.Option(
            "--in",
            help="Where to look; may be given several times. Else: tempo, loki, prometheus.",
            show_default=False,
        ),
    ] = None,
    wait: Annotated[
        float, typer.Option(metavar="SECONDS", min=0, help="How long to wait for what is missing.")
    ] = 30.0,
    timezone: Timezone = None,
    output: Format = OutputFormat.TEXT,
) -> None:
    """Verify that every record of a run is in every place exactly once.

    Works out from the records which spans, log lines and event-time gauges there must be, asks
    Tempo, Loki and Prometheus for what they hold, and names what is missing, double or unexpected.
    Records that were published and not replayed have no spans yet: verify them with --in loki.

    Exit status: 0; 1 when anything differs; 2 for wrong use, or when a place cannot be asked.
    """
    settings = load_settings(timezone=timezone)
    parser = RecordParser(ZoneInfo(settings.timezone), frozenset(settings.services))
    where = tuple(dict.fromkeys(places or _BACKENDS))
    with _reference(names or [], settings) as wanted:
        topic = TopicReader(settings).lines() if Place.TOPIC in where else ()
        verdicts = compare(wanted.runs(parser), looks(settings, where, topic), wait)
        is_right = _SHOW[output](_watched(verdicts, len(wanted.counts)))
    if not is_right:
        raise typer.Exit(_DIFFERS)


@contextmanager
def _reference(names: Sequence[str], settings: Settings) -> Iterator[Reference]:
    """The records that the names stand for.

    Raises:
        UsageError: files and runs are mixed, or a run is not on the topic.
    """
    files = [name for name in names if name == STANDARD_INPUT or Path(name).exists()]
    if not files:
        yield _on_topic(names, TopicReader(settings).lines)
        return
    if others := [name for name in names if name not in files]:
        raise UsageError(f"{', '.join(others)} is no file; name either files, or runs on the topic")
    with replayable(files) as sources:
        found = reference(lambda: chain.from_iterable(map(read, sources)), Wanted(()))
        if not found.counts:
            raise UsageError(f"{', '.join(files)} has no record; there is nothing to verify")
        yield found


def _on_topic(names: Sequence[str], lines: Lines) -> Reference:
    found = reference(lines, Wanted(names))
    for name in names:
        if not any(run in Wanted([name]) for run in found.counts):
            raise UsageError(
                f"{name} is neither a file nor a run on the topic {TOPIC}; "
                "name a run as RUN_ID or COMPANY/RUN_ID, or a file that holds its records"
            )
    if not found.counts:
        raise UsageError(f"the topic {TOPIC} has no record; publish some, or name a file")
    return found


def _show_table(verdicts: Iterable[Verdict]) -> bool:
    shown = render_verdicts(verdicts)
    Console().print(shown.table, crop=False)
    return shown.is_right


def _show_objects(verdicts: Iterable[Verdict]) -> bool:
    """One JSON object a run, the account last."""
    runs: Counter[bool] = Counter()
    for verdict in verdicts:
        runs[verdict.is_right] += 1
        typer.echo(orjson.dumps(_as_object(verdict)).decode())
    account = {"kind": "totals", "runs": runs.total(), "right": runs[True], "differ": runs[False]}
    typer.echo(orjson.dumps(account).decode())
    return not runs[False]


_SHOW: Final = {OutputFormat.TEXT: _show_table, OutputFormat.JSON: _show_objects}


def _as_object(verdict: Verdict) -> dict[str, Any]:
    run = verdict.run
    return {
        "kind": "run",
        "company": run.key.company,
        "run_id": run.key.run_id,
        "attempt": run.key.attempt,
        "trace_id": run.trace_id,
        "right": verdict.is_right,
        "places": {
            str(place): {
                "expected": difference.expected,
                "found": difference.found,
                "missing": [item.words for item in difference.missing],
                "double": [item.words for item in difference.double],
                "unexpected": [item.words for item in difference.unexpected],
            }
            for place, difference in verdict.differences.items()
        },
    }


def _watched(verdicts: Iterable[Verdict], runs: int) -> Iterator[Verdict]:
    """The verdicts, counted on standard error where that is a terminal."""
    console = Console(stderr=True)
    columns = TextColumn("Verifying"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(
        *columns, console=console, disable=not console.is_terminal, transient=True
    ) as bar:
        yield from bar.track(verdicts, total=runs)
