"""Collectors to be measured: the stack's own, and others beside it with other configurations."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import requests

from filrouge.stack import parts, ports
from filrouge.stack.built import built
from filrouge.stack.logs import log_tail
from filrouge.stack.place import Place
from filrouge.stack.ports import HOST, Port
from filrouge.stack.processes import ROOT_MARK
from filrouge.stack.readiness import NotReady, http_ok
from filrouge.stack.stack import Stack
from filrouge.telemetry.otlp_json import Signal

_CONFIGS: Final = Path(__file__).with_name("configs")
_PORTS_APART: Final = 7  # no two ports of a block are a small multiple of it apart
_PATIENCE_S: Final = 60.0
_POLL_S: Final = 0.1
_ITEMS: Final = {
    Signal.TRACES: "spans",
    Signal.LOGS: "log_records",
    Signal.METRICS: "metric_points",
}


@dataclass(frozen=True, slots=True)
class Collector:
    """A collector that runs.

    Attributes:
        name: for people.
        place: where it listens.
    """

    name: str
    place: Place
    pid: int

    def accepted(self, signal: Signal, receiver: str = "otlp") -> int:
        """How many spans, log records or points it has taken since its start."""
        return self._count(f"otelcol_receiver_accepted_{_ITEMS[signal]}", f'receiver="{receiver}"')

    def sent(self, signal: Signal) -> int:
        """How many a backend has acknowledged since the start, or were dropped in the end."""
        return self._count(f"otelcol_exporter_sent_{_ITEMS[signal]}", "")

    def wait_sent(self, signal: Signal, items: int, patience_s: float = _PATIENCE_S) -> None:
        """Returns when so many are acknowledged; looks every 100 ms, for that costs CPU too.

        Raises:
            TimeoutError: they are not in time.
        """
        deadline_s = time.monotonic() + patience_s
        while (sent := self.sent(signal)) < items:
            if time.monotonic() > deadline_s:
                raise TimeoutError(f"{self.name} sent {sent} {_ITEMS[signal]}, not {items}")
            time.sleep(_POLL_S)

    def _count(self, counter: str, label: str) -> int:
        answer = requests.get(f"{self.place.url(Port.COLLECTOR_METRICS)}/metrics", timeout=10)
        lines = (line for line in answer.text.splitlines() if line.startswith(f"{counter}{{"))
        return int(sum(float(line.rpartition(" ")[2]) for line in lines if label in line))


def own(stack: Stack) -> Collector:
    """The stack's own collector."""
    return Collector("all layers", stack.place, stack.pid("collector"))


def layers(stack: Stack) -> dict[str, Path]:
    """The files of the stack's own configuration in their order, by name without ending."""
    folder = stack.place.checkout / "otel-config"
    names = (folder / "layers.txt").read_text(encoding="utf-8").split()
    return {name.removesuffix(".yaml"): folder / name for name in names}


def config(name: str) -> Path:
    """A configuration of ours."""
    return _CONFIGS / f"{name}.yaml"


@contextmanager
def running(name: str, stack: Stack, number: int, configs: Sequence[Path]) -> Iterator[Collector]:
    """A collector beside the stack's, with the same backends, while the block lasts.

    Args:
        name: for people.
        stack: whose backends it sends to.
        number: from 1; gives it ports, a folder and a group of Kafka's of its own.
        configs: merged in this order.

    Raises:
        TimeoutError: it does not become ready.
    """
    offset = stack.place.offset + number * _PORTS_APART
    place = Place(stack.place.checkout, stack.place.root / f"collector-{number}", offset)
    place.root.mkdir()
    binary = built(place.checkout).executable("otelcol-filrouge")
    with place.root.joinpath("log").open("wb") as log:
        process = subprocess.Popen(
            [binary, *(f"--config={each}" for each in configs)],
            env=_environment(stack, place),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_ready(place, process)
        yield Collector(name, place, process.pid)
    finally:
        process.terminate()
        process.wait(_PATIENCE_S)


def _environment(stack: Stack, place: Place) -> dict[str, str]:
    return {
        **ports.environment(place.offset),
        **parts.environment(stack.place),
        "FILROUGE_LISTEN": HOST,
        "FILROUGE_DATA": str(place.root),
        "FILROUGE_KAFKA_GROUP": place.root.name,
        ROOT_MARK: str(stack.place.root),  # so that it ends with the stack, whatever happens to us
    }


def _wait_ready(place: Place, process: subprocess.Popen[bytes]) -> None:
    check = http_ok(Port.COLLECTOR_HEALTH, "/")
    deadline_s = time.monotonic() + _PATIENCE_S
    while True:
        try:
            check(place)
        except NotReady as reason:
            if process.poll() is not None or time.monotonic() > deadline_s:
                raise TimeoutError(f"{reason}\n{log_tail(place.root / 'log', 5)}") from None
            time.sleep(_POLL_S)
        else:
            return
