"""`filrouge dlq`: what processing could not read, for the operators who put it right."""

from __future__ import annotations

import sys
from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import orjson
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from filrouge.cli.options import Format, OutputFormat
from filrouge.errors import UsageError
from filrouge.kafka.dead_letter_topic import Replayer, read_letters
from filrouge.kafka.dead_letters import DeadLetter, Position
from filrouge.kafka.topics import DEAD_LETTERS
from filrouge.report.terminal.inert import inert
from filrouge.settings import load_settings

_MS_PER_S: Final = 1000
_NOT_PUT_BACK: Final = 1

app = typer.Typer(
    help="List, show and replay dead letters: messages that are no records.",
    no_args_is_help=True,
)

_Reason = Annotated[
    str | None,
    typer.Option(metavar="REASON", help="Only those with this reason, such as invalid_json."),
]
_Id = Annotated[
    str,
    typer.Argument(
        metavar="ID", help="As list shows it: partition and offset, such as 0@12, or the offset."
    ),
]


@app.command("list")
def list_letters(
    reason: _Reason = None,
    last: Annotated[
        int, typer.Option(min=1, metavar="N", help="Only so many, the last ones.")
    ] = 100,
    format: Format = OutputFormat.TEXT,  # noqa: A002 - it is the option's name
) -> None:
    """List dead letters: where they came from and what is wrong with them."""
    found = [each for each in read_letters(load_settings()) if _has_reason(each[1], reason)]
    if format is OutputFormat.JSON:
        for position, letter in found[-last:]:
            typer.echo(orjson.dumps(_as_json(position, letter)).decode())
        return
    if not found:
        typer.echo(f"no dead letters on {DEAD_LETTERS}" + (f" with {reason}" if reason else ""))
        return
    Console(highlight=False).print(_table(found[-last:]))
    if len(found) > last:
        typer.echo(f"the last {last} of {len(found)}; --last shows more")


@app.command()
def show(
    letter_id: _Id,
    raw: Annotated[
        bool, typer.Option("--raw", help="Only the value, byte for byte, as for a file.")
    ] = False,
    format: Format = OutputFormat.TEXT,  # noqa: A002 - it is the option's name
) -> None:
    """Show one dead letter whole."""
    wanted = _Wanted.of([letter_id])
    for position, letter in read_letters(load_settings()):
        if position in wanted:
            _show(position, letter, raw, format)
            return
    raise UsageError(f"{DEAD_LETTERS} has no letter {letter_id}; filrouge dlq list shows all")


@app.command()
def replay(
    letter_ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]…", help="Which, as list shows them.")
    ] = None,
    reason: _Reason = None,
    everything: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
) -> None:
    """Put messages back on the topic that they came from, as they were.

    Do it when what refused them has been put right, such as a service that is newer than they are.
    The letters stay where they are. What is refused again becomes another letter, which says how
    often it was tried; what was delivered before counts once.

    Exit status: 0; 1 when a letter could not be put back, for its value is not whole; 2 for wrong
    use; 3 when the broker did not take everything.
    """
    if not (letter_ids or reason or everything):
        raise UsageError("say which: ids as filrouge dlq list shows them, --reason, or --all")
    settings = load_settings()
    wanted = _Wanted.of(letter_ids or [])
    replayer, cut = Replayer(settings), 0
    for position, letter in read_letters(settings):
        if (letter_ids and position not in wanted) or not _has_reason(letter, reason):
            continue
        wanted.seen(position)
        if letter.size is None:
            replayer.put_back(letter)
        else:
            cut += 1
    replayer.close()
    typer.echo(f"{replayer.acknowledged} messages put back")
    wanted.must_be_found()
    if cut:
        typer.echo(
            f"{cut} letters hold only a part of their message, which was too large; "
            "take it from its own topic",
            err=True,
        )
        raise typer.Exit(_NOT_PUT_BACK)


@dataclass(slots=True)
class _Wanted:
    """Letters named by people; a bare offset is one of partition 0, the only one by default."""

    positions: dict[Position, bool]

    @classmethod
    def of(cls, names: Iterable[str]) -> _Wanted:
        return cls({_position(name): False for name in names})

    def __contains__(self, position: Position) -> bool:
        return position in self.positions

    def seen(self, position: Position) -> None:
        if position in self.positions:
            self.positions[position] = True

    def must_be_found(self) -> None:
        missing = [_name(each) for each, seen in self.positions.items() if not seen]
        if missing:
            raise UsageError(
                f"{DEAD_LETTERS} has no letter {', '.join(missing)}; filrouge dlq list shows all"
            )


def _position(name: str) -> Position:
    partition, _, offset = name.rpartition("@")
    if not all(each.isascii() and each.isdigit() for each in (partition or "0", offset)):
        raise UsageError(f"{name!r} is no id of a letter; expected one such as 0@12")
    return int(partition or 0), int(offset)


def _name(position: Position) -> str:
    return f"{position[0]}@{position[1]}"


def _has_reason(letter: DeadLetter, reason: str | None) -> bool:
    return reason is None or letter.reason == reason


def _table(letters: Iterable[tuple[Position, DeadLetter]]) -> Table:
    table = Table("id", "when", "reason", "from", "try", "what is wrong")
    for position, letter in letters:
        cells = (
            _name(position),
            _time(letter) or "",
            letter.reason,
            _origin(letter),
            str(letter.attempt),
            letter.message,
        )
        table.add_row(*(Text(inert(cell)) for cell in cells))
    return table


def _show(position: Position, letter: DeadLetter, raw: bool, output: OutputFormat) -> None:
    if raw:
        sys.stdout.buffer.write(letter.value or b"")
        return
    if output is OutputFormat.JSON:
        typer.echo(orjson.dumps(_as_json(position, letter) | _content(letter)).decode())
        return
    for name, value in _facts(position, letter):
        typer.echo(f"{name:9} {inert(value)}")
    typer.echo("")
    typer.echo(inert((letter.value or b"").decode(errors="backslashreplace")))


def _facts(position: Position, letter: DeadLetter) -> Iterator[tuple[str, str]]:
    yield "letter", _name(position)
    yield "reason", letter.reason
    yield "problem", letter.message
    if letter.field:
        yield "field", letter.field
    yield "from", _origin(letter)
    if when := _time(letter):
        yield "when", when
    yield "try", str(letter.attempt)
    if letter.traceparent:
        yield "trace", letter.traceparent
    if letter.key is not None:
        yield "key", letter.key.decode(errors="backslashreplace")
    for name, value in letter.headers:
        yield "header", f"{name}: {(value or b'').decode(errors='backslashreplace')}"
    yield "bytes", str(len(letter.value or b"")) + (f" of {letter.size}" if letter.size else "")


def _as_json(position: Position, letter: DeadLetter) -> dict[str, Any]:
    return {
        "id": _name(position),
        "reason": letter.reason,
        "message": letter.message,
        "field": letter.field,
        "topic": letter.topic,
        "partition": letter.partition,
        "offset": letter.offset,
        "time": _time(letter),
        "attempt": letter.attempt,
        "traceparent": letter.traceparent,
        "size": letter.size,
    }


def _content(letter: DeadLetter) -> dict[str, Any]:
    """What the message holds; bytes that are no text stand in Base64."""
    headers = [{"name": name, **_text("value", value)} for name, value in letter.headers]
    return {**_text("key", letter.key), **_text("value", letter.value), "headers": headers}


def _text(name: str, value: bytes | None) -> dict[str, str | None]:
    try:
        return {name: None if value is None else value.decode()}
    except UnicodeDecodeError:
        return {f"{name}_base64": b64encode(value or b"").decode()}


def _origin(letter: DeadLetter) -> str:
    return f"{letter.topic}[{letter.partition}]@{letter.offset}"


def _time(letter: DeadLetter) -> str | None:
    if letter.time_ms is None:
        return None
    return datetime.fromtimestamp(letter.time_ms / _MS_PER_S, UTC).isoformat(
        timespec="milliseconds"
    )
