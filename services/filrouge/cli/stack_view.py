"""How `filrouge stack` shows what goes on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Final

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from filrouge.stack.ports import Port
from filrouge.stack.stack import Stack
from filrouge.stack.starting import Watcher
from filrouge.stack.status import PartStatus

_NAME_WIDTH: Final = 14
_BYTES_PER_MB: Final = 1_000_000
_UP: Final = frozenset({"running", "starting"})


@contextmanager
def watching() -> Iterator[Watcher]:
    """A line for each part that becomes ready or stops; on a terminal also what is waited for."""
    console = Console()
    if not console.is_terminal:
        yield _Lines(console)
        return
    with Live(console=console, transient=True) as live:
        yield _LiveLines(live)


class _Lines:
    """Says what has happened."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def waiting(self, reasons: Mapping[str, str]) -> None:
        pass

    def ready(self, part: str, seconds: float | None) -> None:
        word = "ready, ran already" if seconds is None else f"ready after {seconds:.1f} s"
        self._console.print(f"{part:<{_NAME_WIDTH}}{word}", highlight=False)

    def stopped(self, part: str, seconds: float) -> None:
        self._console.print(f"{part:<{_NAME_WIDTH}}stopped after {seconds:.1f} s", highlight=False)


class _LiveLines(_Lines):
    """Says below that what is still waited for, and why."""

    def __init__(self, live: Live) -> None:
        super().__init__(live.console)
        self._live = live

    def waiting(self, reasons: Mapping[str, str]) -> None:
        table = Table.grid(padding=(0, 2))
        for part, reason in reasons.items():
            table.add_row(Text(part, style="yellow"), Text(reason, style="dim"))
        self._live.update(table)


def show_addresses(stack: Stack) -> None:
    """What to give to clients."""
    rows = {
        "Records, HTTP": f"{stack.url(Port.INGESTION)}/v1/records",
        "OTLP, HTTP": stack.url(Port.OTLP_HTTP),
        "OTLP, gRPC": f"grpc://{stack.address(Port.OTLP_GRPC)}",
        "Kafka": stack.address(Port.KAFKA),
        "Tempo": stack.url(Port.TEMPO_HTTP),
        "Loki": stack.url(Port.LOKI_HTTP),
        "Prometheus": stack.url(Port.PROMETHEUS),
        "Alertmanager": stack.url(Port.ALERTMANAGER),
    }
    console = Console(soft_wrap=True, highlight=False)
    console.print()
    for name, address in rows.items():
        console.print(f"{name:<{_NAME_WIDTH}}{address}")
    if offset := stack.place.offset:
        console.print(f"\nOther commands find it with FILROUGE_STACK_PORT_OFFSET={offset}")


def show_status(parts: Sequence[PartStatus]) -> None:
    """A table with a line for each part."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("part", "state", "pid", "for", "ports"):
        table.add_column(heading)
    for heading in ("CPU", "memory"):
        table.add_column(heading, justify="right")
    for part in parts:
        table.add_row(*_cells(part))
    Console().print(table)


def _cells(part: PartStatus) -> list[str | Text]:
    usage = part.usage
    return [
        part.part,
        _state(part),
        str(part.pid or ""),
        _age(datetime.now(UTC) - part.since) if part.since else "",
        " ".join(map(str, part.ports.values())),
        f"{usage.cpu_percent:.0f} %" if usage else "",
        f"{usage.memory_bytes / _BYTES_PER_MB:.0f} MB" if usage else "",
    ]


def _age(age: timedelta) -> str:
    """The largest unit alone: `40 s`, `3 min`, `5 h`, `2 d`."""
    seconds = int(age.total_seconds())
    units = ((86_400, "d"), (3_600, "h"), (60, "min"))
    return next((f"{seconds // n} {unit}" for n, unit in units if seconds >= n), f"{seconds} s")


def _state(part: PartStatus) -> Text:
    if part.ready:
        return Text("ready", style="green")
    if part.state in _UP:
        return Text(f"not ready: {part.reason}", style="yellow")
    return Text(part.state if part.reason == part.state else f"{part.state}: {part.reason}", "red")
