"""The way of a request: sender, rate, room, body, records, Kafka, receipt."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from anyio.to_thread import run_sync
from starlette.requests import Request

from filrouge.ingestion.admission import Rates, Room
from filrouge.ingestion.answers import Receipt
from filrouge.ingestion.bodies import FOREIGN_COMPANY, Batch, Form, Message, find_form, read_batch
from filrouge.ingestion.decoding import decode
from filrouge.ingestion.keys import Key, Keys
from filrouge.ingestion.metrics import Metrics
from filrouge.ingestion.problems import Kind, ProblemError, unavailable
from filrouge.ingestion.sink import NotTakenError
from filrouge.kafka.topics import TOPIC
from filrouge.observability.messaging import Messaging, headers_with_trace, links_to_traceparents
from filrouge.records.parse import RecordParser
from filrouge.settings import Settings

_SMALL_BYTES: Final = 1 << 15
"""A larger body is read in a thread; 32 KiB are some 60 records, or half a millisecond."""


class Kafka(Protocol):
    """Where messages go."""

    @property
    def trouble(self) -> str | None:
        """Why nothing can be sent just now; None if it can."""

    @property
    def waiting(self) -> int:
        """Messages that are not acknowledged yet."""

    async def send(
        self, messages: Sequence[Message], headers: list[tuple[str, str | bytes | None]], /
    ) -> None:
        """Returns when all are acknowledged; raises NotTakenError when they are not."""


class Gateway:
    """Takes requests of records.

    Args:
        settings: the settings in force.
        parser: of records.
        kafka: where they go.
        keys: whose records a request may write; None for anybody's.
        messaging: tells of the hop.
    """

    def __init__(
        self,
        settings: Settings,
        parser: RecordParser,
        kafka: Kafka,
        keys: Keys | None,
        messaging: Messaging,
    ) -> None:
        self.kafka = kafka
        self.room = Room(settings.ingestion_memory_bytes)
        self.metrics: Metrics | None = None
        self._settings = settings
        self._parser = parser
        self._keys = keys
        self._messaging = messaging
        self._rates = Rates(settings.ingestion_request_rate, settings.ingestion_record_rate)

    @property
    def is_open(self) -> bool:
        """Whether no key is needed."""
        return self._keys is None

    def identify(self, presented: str | None) -> Key | None:
        """The key that was presented; None where none is needed.

        Raises:
            ProblemError: there is none, or it is not known.
        """
        if self._keys is None:
            return None
        key = self._keys.find(presented) if presented else None
        if key is None:
            seen = "the API key is not known" if presented else "an API key is missing"
            raise ProblemError(
                Kind.UNAUTHORIZED,
                f"{seen}; send the header Authorization: Bearer KEY",
                {"WWW-Authenticate": "Bearer"},
            )
        return key

    async def take(self, request: Request, key: Key | None) -> Receipt:
        """What became of the request's records, once Kafka has acknowledged the good ones.

        Raises:
            ProblemError: none was taken, or it is not known which.
            ClientDisconnect: the sender went away before all was read.
        """
        sender = _sender(request, key)
        self._rates.count_request(sender)
        headers = {name.lower(): value for name, value in request.headers.items()}
        form = find_form(headers)
        with self.room.take(self._room_for(headers)):
            body = await self._read(request)
            batch = await self._understand(form, headers, body, key)
            self._rates.count_records(sender, batch.size)
            if batch.refusals and not batch.messages:
                self._count(batch, delivered=False)
                raise _nothing_taken(batch)
            await self._send(batch)
        return Receipt(
            accepted=len(batch.messages), refused=len(batch.refusals), refusals=batch.refusals
        )

    def _room_for(self, headers: Mapping[str, str]) -> int:
        """Bytes to keep for a request: what it says, or the most it may have."""
        limit = self._settings.ingestion_body_bytes
        length = headers.get("content-length", "")
        if not length.isdecimal():
            return limit
        if int(length) > limit:
            raise _too_large(limit)
        return limit if headers.get("content-encoding") else int(length)

    async def _read(self, request: Request) -> bytes:
        limit, pieces, size = self._settings.ingestion_body_bytes, [], 0
        try:
            async with asyncio.timeout(self._settings.ingestion_read_s):
                async for piece in request.stream():
                    size += len(piece)
                    if size > limit:
                        raise _too_large(limit)
                    pieces.append(piece)
        except TimeoutError:
            raise ProblemError(
                Kind.BODY_TIMEOUT,
                f"{size} bytes came within {self._settings.ingestion_read_s:g} s, and no end; "
                "send less at a time",
                {"Connection": "close"},
            ) from None
        return b"".join(pieces)

    async def _understand(
        self, form: Form, headers: Mapping[str, str], body: bytes, key: Key | None
    ) -> Batch:
        encoding = headers.get("content-encoding", "").strip().lower()

        def read() -> Batch:
            plain = decode(body, encoding, self._settings.ingestion_body_bytes)
            company = key.only_company if key else None
            limit = self._settings.ingestion_request_records
            return read_batch(self._parser, form, headers, plain, company, limit)

        small = len(body) <= _SMALL_BYTES and not encoding
        return read() if small else await run_sync(read)

    async def _send(self, batch: Batch) -> None:
        links = links_to_traceparents(batch.traceparents)
        delivered = False
        try:
            with self._messaging.send(TOPIC, len(batch.messages), links):
                await self.kafka.send(batch.messages, [*headers_with_trace()])
            delivered = True
        except NotTakenError as error:
            raise unavailable(str(error), error.retry_after_s) from None
        finally:
            self._count(batch, delivered)

    def _count(self, batch: Batch, delivered: bool) -> None:
        if self.metrics:
            self.metrics.count(batch, delivered)


def _sender(request: Request, key: Key | None) -> str:
    """Whom the rates are for: a company; a key for all of them; or, without keys, an address."""
    if key is None:
        return f"address {request.client.host if request.client else '?'}"
    return f"company {key.company}" if key.only_company else f"key {key.id}"


def _nothing_taken(batch: Batch) -> ProblemError:
    foreign = all(refusal.reason == FOREIGN_COMPANY for refusal in batch.refusals)
    first = batch.refusals[0].detail
    count = len(batch.refusals)
    return ProblemError(
        Kind.FOREIGN_COMPANY if foreign else Kind.NO_RECORD,
        first if count == 1 else f"none of {count} records was taken; the first: {first}",
        more={
            "accepted": 0,
            "refused": count,
            "refusals": [refusal.model_dump() for refusal in batch.refusals],
        },
    )


def _too_large(limit: int) -> ProblemError:
    return ProblemError(
        Kind.BODY_TOO_LARGE,
        f"the body has over {limit} bytes; send the records in several requests",
        {"Connection": "close"},
    )
