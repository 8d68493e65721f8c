"""The gateway in this process, in front of a Kafka that does as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Self
from zoneinfo import ZoneInfo

import httpx
import orjson
from fastapi import FastAPI

from filrouge.ingestion.app import create_app
from filrouge.ingestion.bodies import Message
from filrouge.ingestion.gateway import Gateway
from filrouge.ingestion.keys import Key, Keys
from filrouge.ingestion.sink import NotTakenError
from filrouge.observability import Observed, observe
from filrouge.observability.messaging import Messaging
from filrouge.records.parse import RecordParser
from filrouge.settings import Settings, load_settings
from tests.observability.told import Told
from tests.telemetry.receivers import HttpReceiver

NDJSON = {"content-type": "application/x-ndjson"}
JSON = {"content-type": "application/json"}


@dataclass
class FakeKafka:
    """Keeps what it is sent.

    Attributes:
        sent: messages that were acknowledged, in order.
        headers: of the last ones.
        refusal: raised instead, once set.
        trouble: why it takes nothing.
    """

    sent: list[Message] = field(default_factory=list)
    headers: list[tuple[str, str | bytes | None]] = field(default_factory=list)
    refusal: NotTakenError | None = None
    trouble: str | None = None
    waiting: int = 0

    async def send(
        self, messages: Sequence[Message], headers: list[tuple[str, str | bytes | None]], /
    ) -> None:
        await asyncio.sleep(0)
        if self.refusal:
            raise self.refusal
        self.sent += messages
        self.headers = headers


class RunningGateway:
    """The application with what surrounds it; telemetry goes to a receiver of its own.

    Args:
        keys: as the file would have them; None for none needed.
        settings: other than the defaults.
    """

    def __init__(self, keys: Sequence[Key] | None = None, **settings: Any) -> None:
        self.kafka = FakeKafka()
        self._keys = keys
        self._settings = settings
        self._opened = ExitStack()

    def __enter__(self) -> Self:
        self.receiver = self._opened.enter_context(HttpReceiver())
        self.settings: Settings = load_settings(otlp_url=self.receiver.url, **self._settings)
        self.observed: Observed = self._opened.enter_context(observe("ingestion", self.settings))
        zones = frozenset(self.settings.services)
        gateway = Gateway(
            self.settings,
            RecordParser(ZoneInfo("UTC"), zones),
            self.kafka,
            FixedKeys(self._keys) if self._keys is not None else None,
            Messaging(self.observed, "127.0.0.1:9092"),
        )
        self.app: FastAPI = create_app(gateway, self.observed)
        return self

    def __exit__(self, *raised: object) -> None:
        self._opened.close()

    def post(self, body: Any, headers: dict[str, str] | None = None) -> httpx.Response:
        """The answer to a request of records."""
        return self.ask("POST", "/v1/records", content=body, headers=JSON | (headers or {}))

    def ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        """The answer to any request."""

        async def answer() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                return await client.request(method, path, **request)

        return asyncio.run(answer())

    def told(self) -> Told:
        """What it has told of itself so far."""
        self.observed.tracer_provider.force_flush()
        self.observed.meter_provider.force_flush()
        return Told(self.receiver)

    @property
    def values(self) -> list[bytes]:
        """The records that Kafka has."""
        return [message.value for message in self.kafka.sent]


class FixedKeys(Keys):
    """Keys that no file has."""

    def __init__(self, keys: Sequence[Key]) -> None:
        self._keys = {key.sha256: key for key in keys}

    def _look(self) -> None:
        """There is nothing to look at."""


def lines(*records: bytes) -> bytes:
    """A body of NDJSON."""
    return b"".join(record + b"\n" for record in records)


def array(*records: bytes) -> bytes:
    """A body of one array."""
    return b"[" + b",".join(records) + b"]"


def receipt(answer: httpx.Response) -> tuple[int, int, int]:
    """Status, accepted, refused."""
    body = orjson.loads(answer.content)
    return answer.status_code, body["accepted"], body["refused"]
