"""`filrouge serve ingestion` as a process, and senders that keep at it as producers should."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import orjson
import requests

from filrouge.kafka.reading import TopicReader
from filrouge.settings import load_settings
from filrouge.stack.ports import HOST, Port
from tests.commands import command, environment
from tests.faults.driving import await_until
from tests.records.samples import schema1

PATIENCE_S: Final = 120.0


class Serving:
    """The service under way.

    Attributes:
        url: where it answers.
    """

    def __init__(self, process: subprocess.Popen[bytes], offset: int, log: Path) -> None:
        self.url = f"http://{HOST}:{Port.INGESTION.at(offset)}"
        self.process = process
        self._log = log

    def logged(self) -> list[dict[str, Any]]:
        """What it has said on standard error; it is all JSON."""
        return [orjson.loads(line) for line in self._log.read_bytes().splitlines()]

    def status(self, path: str) -> int:
        """The status of a probe; 0 when nothing answers."""
        with suppress(requests.RequestException):
            return requests.get(f"{self.url}{path}", timeout=10).status_code
        return 0

    def await_status(self, path: str, status: int) -> None:
        """Returns as soon as a probe has that status."""
        await_until(lambda: self.status(path) == status, f"{path} is {status}")

    def post(self, records: bytes, **more: Any) -> requests.Response:
        """The answer to a body of NDJSON, or what the headers say."""
        return post(self.url, records, **more)


@contextmanager
def serving(offset: int, folder: Path, more: Mapping[str, str] | None = None) -> Iterator[Serving]:
    """The service, which answers; it does not outlive the block.

    Args:
        offset: of the stack that it belongs to.
        folder: for its log.
        more: variables of its environment.
    """
    log = folder / f"{uuid4()}.log"
    settings = {"FILROUGE_STACK_PORT_OFFSET": str(offset), **(more or {})}
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            command("serve", "ingestion"),
            cwd=folder,
            env=environment(settings),
            stdin=subprocess.DEVNULL,
            stderr=stderr,
        )
    service = Serving(process, offset, log)
    try:
        await_until(
            lambda: process.poll() is not None or service.status("/healthz") == 200, "it answers"
        )
        assert process.poll() is None, log.read_text()
        yield service
    finally:
        process.kill()
        process.wait()


def post(url: str, records: bytes, **more: Any) -> requests.Response:
    """The answer to a body of NDJSON, or what the headers say."""
    headers = {"content-type": "application/x-ndjson", **more.pop("headers", {})}
    return requests.post(
        f"{url}/v1/records", data=records, headers=headers, timeout=PATIENCE_S, **more
    )


class Senders:
    """Threads that send batches of records of one company, again when they must, until told.

    Attributes:
        company: of all the records.
        acknowledged: numbers of the records that were answered with 202.
        refusals: other answers, and None for no answer.
    """

    def __init__(self, url: str, senders: int = 4, batch: int = 20) -> None:
        self.company = f"company {uuid4()}"
        self.acknowledged: set[int] = set()
        self.refusals: list[int | None] = []
        self._url = url
        self._batch = batch
        self._numbers = count()
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._send) for _ in range(senders)]

    def __enter__(self) -> Senders:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def await_acknowledged(self, more: int) -> None:
        """Returns when so many more records were acknowledged."""
        wanted = len(self.acknowledged) + more
        await_until(lambda: len(self.acknowledged) >= wanted, f"{wanted} acknowledged")

    def _send(self) -> None:
        while not self._ended.is_set():
            with self._lock:
                numbers = [next(self._numbers) for _ in range(self._batch)]
            body = b"\n".join(
                schema1({"Entreprise": self.company, "No_Sequence": f"{n % 7}", "Objet_Id": n})
                for n in numbers
            )
            while not self._taken(numbers, body) and not self._ended.is_set():
                time.sleep(0.2)

    def _taken(self, numbers: list[int], body: bytes) -> bool:
        try:
            status: int | None = post(self._url, body).status_code
        except requests.RequestException:
            status = None
        with self._lock:
            if status == 202:
                self.acknowledged.update(numbers)
            else:
                self.refusals.append(status)
        return status == 202


def numbers_on_topic(offset: int, company: str) -> list[int]:
    """The numbers of a company's records on the topic of a stack."""
    lines = TopicReader(load_settings(stack_port_offset=offset)).lines()
    records = (orjson.loads(line.data) for line in lines if company.encode() in line.data)
    return [record["Objet_Id"] for record in records]
