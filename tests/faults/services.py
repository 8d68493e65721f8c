"""Producers that go on until all is acknowledged, further instances, and what monitoring has."""

from __future__ import annotations

import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import requests

from filrouge.stack.ports import HOST, Port
from filrouge.stack.stack import Stack
from tests.commands import command, environment
from tests.faults.driving import PATIENCE_S, await_until

HURRY_S: Final = 0.02
LEISURE_S: Final = 1.0
_BATCH: Final = 50
_ACCEPTED: Final = 202


class Producer:
    """Sends records to the ingestion service batch by batch, each until it is acknowledged.

    Attributes:
        acknowledged: how many records were.
        unanswered: how often there was no answer, or that it should come again.
        pause_s: seconds between batches; may be set while it sends.
    """

    def __init__(
        self, urls: Sequence[str], lines: Sequence[bytes], pause_s: float = HURRY_S
    ) -> None:
        self.pause_s = pause_s
        self.acknowledged = 0
        self.unanswered = 0
        self._urls = urls
        self._batches = [lines[at : at + _BATCH] for at in range(0, len(lines), _BATCH)]
        self._given_up = threading.Event()
        self._thread = threading.Thread(target=self._send_all)

    def __enter__(self) -> Producer:
        self._thread.start()
        return self

    def __exit__(self, raised: type[BaseException] | None, *_: object) -> None:
        if raised:
            self._given_up.set()
        self._thread.join()

    def await_acknowledged(self, wanted: int) -> None:
        """Returns when so many records are acknowledged."""
        await_until(lambda: self.acknowledged >= wanted, f"{wanted} records acknowledged")

    def _send_all(self) -> None:
        tries = 0
        for batch in self._batches:
            while not self._is_taken(self._urls[tries % len(self._urls)], batch):
                self.unanswered += 1
                tries += 1  # another instance, if there is one
                if self._given_up.wait(0.2):
                    return
            tries += 1
            self.acknowledged += len(batch)
            time.sleep(self.pause_s)

    def _is_taken(self, url: str, batch: Sequence[bytes]) -> bool:
        try:
            answer = requests.post(
                f"{url}/v1/records",
                data=b"".join(batch),
                headers={"content-type": "application/x-ndjson"},
                timeout=PATIENCE_S,
            )
        except requests.RequestException:
            return False
        return answer.status_code == _ACCEPTED and answer.json()["accepted"] == len(batch)


@contextmanager
def second_instances(
    stack: Stack, offset: int, folder: Path, more: Mapping[str, str]
) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Another instance of each service on ports of their own, all ready.

    Args:
        stack: whose Kafka and collector they use.
        offset: of their ports.
        folder: for their logs.
        more: variables of their environment.
    """
    variables = {
        "FILROUGE_STACK_PORT_OFFSET": str(offset),
        "FILROUGE_KAFKA_BROKERS": stack.address(Port.KAFKA),
        "FILROUGE_OTLP_URL": stack.url(Port.OTLP_HTTP),
        **more,
    }
    processes = []
    try:
        for name in ("ingestion", "processing", "monitoring"):
            with (folder / f"{name}.log").open("wb") as log:
                process = subprocess.Popen(
                    command("serve", name), cwd=folder, env=environment(variables), stderr=log
                )
            processes.append(process)
        for port in (Port.INGESTION, Port.PROCESSING, Port.MONITORING):
            url = f"http://{HOST}:{port.at(offset)}"
            await_until(lambda url=url: _is_ready(url), f"the {port.name} at {url} is ready")  # type: ignore[misc]
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.wait()


def is_ready(stack: Stack, port: Port) -> bool:
    """Whether a service of the stack says that it can work."""
    return _is_ready(stack.url(port))


def _is_ready(url: str) -> bool:
    try:
        return requests.get(f"{url}/readyz", timeout=10).ok
    except requests.RequestException:
        return False


def registered(stack: Stack) -> Counter[str]:
    """What monitoring has in all, and under `wrong` in how many ways that does not agree."""
    url = f"{stack.url(Port.MONITORING)}/v1/reconciliation"
    try:
        answer = requests.get(url, timeout=30)
    except requests.RequestException:
        return Counter(away=1)
    if not answer.ok:
        return Counter(away=1)
    told: dict[str, Any] = answer.json()
    states = told["runs_by_state"]
    return Counter(
        {
            "wrong": len(told["differences"]),
            "records": told["records"],
            "closed": states["closed"],
            "not closed": states["open"] + states["stalled"],
        }
    )
