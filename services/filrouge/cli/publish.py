"""`filrouge publish`: records onto Kafka, as their producers would put them there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from filrouge.cli.options import Files, Timezone
from filrouge.kafka.publisher import Publisher
from filrouge.kafka.topics import TOPIC, message_key
from filrouge.records.parse import RecordParser
from filrouge.records.reading.line import Line
from filrouge.records.reading.reader import Rejection, parse_line, read
from filrouge.records.reading.sources import find_source
from filrouge.settings import load_settings
from filrouge.telemetry.files import writing_to

_SOMETHING_REJECTED: Final = 1
_PROGRESS_STEP: Final = 500


def publish(
    files: Files,
    rejected: Annotated[
        Path, typer.Option(metavar="PATH", help="Where what is no record is written.")
    ] = Path("out/rejected.jsonl"),
    timezone: Timezone = None,
) -> None:
    """Publish files of records on Kafka.

    Each record becomes one message, byte for byte; its key is company and run, so that a run stays
    in order. The command ends when the broker has acknowledged all of them. Publishing twice is
    harmless: a record that comes twice counts once.

    Exit status: 0; 1 when a line was rejected (all else is published); 2 for wrong use; 3 when the
    broker did not take everything.
    """
    settings = load_settings(timezone=timezone)
    sources = [find_source(name) for name in files]
    parser = RecordParser(ZoneInfo(settings.timezone), frozenset(settings.services))
    publisher = Publisher(settings)
    rejections = _Rejections(rejected)
    for line in _shown(line for source in sources for line in read(source)):
        record = parse_line(parser, line)
        if isinstance(record, Rejection):
            rejections.add(record)
        else:
            publisher.send(message_key(record.run), line.data)
    publisher.close()
    typer.echo(f"{publisher.acknowledged} records published on {TOPIC} at {settings.brokers}")
    if rejections.count:
        typer.echo(f"{rejections.count} lines rejected; they are in {rejected}", err=True)
        raise typer.Exit(_SOMETHING_REJECTED)


class _Rejections:
    """The file of refused lines, made when there is one; an older one is removed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.count = 0
        with writing_to(path.parent):
            path.unlink(missing_ok=True)

    def add(self, rejection: Rejection) -> None:
        """Keeps a refused line."""
        self.count += 1
        with writing_to(self._path.parent):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("ab") as file:
                file.write(rejection.to_json())


def _shown(lines: Iterator[Line]) -> Iterator[Line]:
    """The lines, counted on standard error where that is a terminal."""
    console = Console(stderr=True)
    columns = TextColumn("Publishing {task.completed} records"), TimeElapsedColumn()
    with Progress(
        *columns, console=console, disable=not console.is_terminal, transient=True
    ) as bar:
        task = bar.add_task("records", total=None)
        for number, line in enumerate(lines, start=1):
            if number % _PROGRESS_STEP == 0:
                bar.update(task, completed=number)
            yield line
