"""One sender for every server: `python -m benchmarks.services.client PORT FORM FILE SECONDS`.

Several connections, on each of which the next request goes out when the last is answered. Requests
are made beforehand, so that little of the machine goes into sending them. Prints what it saw.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from pathlib import Path
from statistics import quantiles
from typing import Final

import orjson

CONNECTIONS: Final = 8
FORMS: Final = {
    "single": ("application/json", 1),
    "array": ("application/json", 100),
    "NDJSON": ("application/x-ndjson", 100),
}
"""Content type, and records in a request."""
_REQUESTS: Final = 500
_WARM_UP_S: Final = 0.5
_TAKEN: Final = b"202"


@dataclass(frozen=True, slots=True)
class Seen:
    """What the sender saw, once warm.

    Attributes:
        all_records: those sent before as well.
        p50_ms: of a request, from its first byte out to the last of its answer in.
    """

    requests: int
    records: int
    all_records: int
    wall_s: float
    p50_ms: float
    p99_ms: float


def requests(form: str, lines: Sequence[bytes]) -> Iterator[bytes]:
    """Requests, with records in turn."""
    kind, size = FORMS[form]
    source = cycle(lines)
    while True:
        some = list(islice(source, size))
        body = {"single": some[0], "array": b"[%b]" % b",".join(some), "NDJSON": b"\n".join(some)}
        yield (
            b"POST /v1/records HTTP/1.1\r\nHost: localhost\r\nContent-Type: %b\r\n"
            b"Content-Length: %d\r\n\r\n%b"
        ) % (kind.encode(), len(body[form]), body[form])


async def measure(port: int, form: str, lines: Sequence[bytes], seconds: float) -> Seen:
    """Sends for so long.

    Raises:
        ValueError: a request was not taken.
    """
    prepared = cycle(list(islice(requests(form, lines), _REQUESTS)))
    begun_s = time.perf_counter() + _WARM_UP_S
    taken_s: list[float] = []
    sent = [0]
    senders = [
        _send(port, prepared, begun_s, begun_s + seconds, taken_s, sent) for _ in range(CONNECTIONS)
    ]
    await asyncio.gather(*senders)
    hundredths = quantiles(taken_s, n=100, method="inclusive")
    return Seen(
        requests=len(taken_s),
        records=len(taken_s) * FORMS[form][1],
        all_records=sent[0] * FORMS[form][1],
        wall_s=time.perf_counter() - begun_s,
        p50_ms=hundredths[49] * 1000,
        p99_ms=hundredths[98] * 1000,
    )


async def _send(
    port: int,
    prepared: Iterator[bytes],
    begun_s: float,
    until_s: float,
    taken_s: list[float],
    sent: list[int],
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while (now_s := time.perf_counter()) < until_s:
        writer.write(next(prepared))
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(_length(head))
        if head.split(b" ", 2)[1] != _TAKEN:
            raise ValueError(f"not taken: {head.decode()}")
        sent[0] += 1
        if now_s >= begun_s:
            taken_s.append(time.perf_counter() - now_s)
    writer.close()


def _length(head: bytes) -> int:
    return int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])


if __name__ == "__main__":
    with Path(sys.argv[3]).open("rb") as file:
        some = [line.rstrip(b"\n") for line in islice(file, 10_000)]
    seen = asyncio.run(measure(int(sys.argv[1]), sys.argv[2], some, float(sys.argv[4])))
    print(orjson.dumps(asdict(seen)).decode())
