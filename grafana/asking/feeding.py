"""Runs to ask about: some hours of two companies, sent to a stack as producers send them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import requests
from confluent_kafka import Producer

from filrouge.kafka.topics import TOPIC
from filrouge.stack.ports import Port
from filrouge.stack.stack import Stack
from filrouge_sim import Config, simulate
from grafana.asking.answers import Backends

RUNS: Final = 15
"""Of each company."""
COMPANIES: Final = 2
_EVERY: Final = timedelta(minutes=15)
_PAST: Final = timedelta(minutes=1)
"""How long ago all of it is over, at least; a run may take longer than it is until the next."""
_US_PER_S: Final = 1_000_000
_POISON: Final = (b"no record", b"{}", b'{"No_Sequence": 7}')
_PATIENCE_S: Final = 240.0
_TIMEOUT_S: Final = 60
_TOLD_S: Final = 20
"""Until a scrape and an export of every service have told of what was sent."""

ENVIRONMENT: Final = {
    "FILROUGE_EXPECTATIONS": str(Path(__file__).parent / "expectations.toml"),
    "FILROUGE_RUN_GRACE_S": "2",
    "FILROUGE_RUN_SILENCE_S": "5",
    "FILROUGE_SPAN_METRICS_INTERVAL": "1s",
    "FILROUGE_TIMEZONE": "UTC",
}
"""Of a stack that is fed at once: no run waits long to be closed."""


def records(now: datetime) -> list[bytes]:
    """The lines of all runs, schema 1, the last of which ended some minutes before `now`."""
    start = now - RUNS * _EVERY
    while True:
        start -= timedelta(minutes=5)
        deliveries = list(simulate(_config(start)))
        if deliveries[-1].at_us < (now - _PAST).timestamp() * _US_PER_S:
            return [each.line for each in deliveries]


def _config(start: datetime) -> Config:
    return Config(
        runs=RUNS * COMPANIES,
        companies=COMPANIES,
        zones=("1-Raw", "2-Standard"),
        tasks=24,
        failure_rate=0.02,
        start=start.astimezone(UTC).replace(second=0, microsecond=0),
        every=_EVERY,
        timezone=ZoneInfo("UTC"),
    )


def feed(stack: Stack, lines: Sequence[bytes]) -> None:
    """Sends them, and some messages that are no records; returns when all runs are closed.

    In two halves of whole runs, and the second once the first is told of: counters of spans have
    to be seen before they grow.

    Raises:
        TimeoutError: they are not closed in time.
    """
    runs = sorted({_run(line) for line in lines})
    early = set(runs[: len(runs) // 2])
    for half in (True, False):
        _post(stack, [line for line in lines if (_run(line) in early) is half])
        _poison(stack)
        wanted = COMPANIES * (len(early) if half else len(runs))
        _await(partial(_are_closed, stack, wanted), f"{wanted} runs are closed")
        time.sleep(_TOLD_S)


def _are_closed(stack: Stack, runs: int) -> bool:
    return len(closed_runs(stack)) == runs


def _run(line: bytes) -> str:
    return str(json.loads(line)["No_Sequence"])


def backends(stack: Stack) -> Backends:
    """Whom to ask."""
    return Backends(
        prometheus=stack.url(Port.PROMETHEUS),
        loki=stack.url(Port.LOKI_HTTP),
        tempo=stack.url(Port.TEMPO_HTTP),
    )


def closed_runs(stack: Stack) -> list[dict[str, Any]]:
    """The runs that are closed and sent, as monitoring tells."""
    url = f"{stack.url(Port.MONITORING)}/v1/runs"
    answer = requests.get(url, params={"limit": 200}, timeout=_TIMEOUT_S)
    answer.raise_for_status()
    return [run for run in answer.json()["runs"] if run["state"] == "closed" and run["sent_at"]]


def _post(stack: Stack, lines: Sequence[bytes]) -> None:
    for at in range(0, len(lines), 300):
        answer = requests.post(
            f"{stack.url(Port.INGESTION)}/v1/records",
            data=b"".join([*lines[at : at + 300], b"{}\n"]),  # one that is refused
            headers={"content-type": "application/x-ndjson"},
            timeout=_TIMEOUT_S,
        )
        answer.raise_for_status()


def _poison(stack: Stack) -> None:
    """Messages past the gateway, which would refuse them."""
    producer = Producer({"bootstrap.servers": stack.address(Port.KAFKA)})
    for message in _POISON:
        producer.produce(TOPIC, message)
    if producer.flush(_TIMEOUT_S):
        raise TimeoutError("Kafka did not take the messages; is the stack up?")


def _await(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {_PATIENCE_S:.0f} s in vain: {what}")
        time.sleep(0.5)
