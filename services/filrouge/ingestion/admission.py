"""Who may send how much: rates for each sender, and memory for all of them together."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from filrouge.ingestion.problems import Kind, ProblemError, unavailable

_RETRY_FULL_S = 1


class Rates:
    """How much each sender may send in a while. Each process of the service counts for itself.

    Args:
        requests: such as `6000/minute`.
        records: likewise.
    """

    def __init__(self, requests: str, records: str) -> None:
        self._requests = parse(requests)
        self._records = parse(records)
        # A counter for this window and one for the last: two numbers, however much is sent.
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def count_request(self, sender: str) -> None:
        """Counts one request.

        Raises:
            ProblemError: it is one too many.
        """
        self._count(self._requests, "requests", sender, 1)

    def count_records(self, sender: str, count: int) -> None:
        """Counts records.

        Raises:
            ProblemError: they are too many.
        """
        if count:
            self._count(self._records, "records", sender, count)

    def _count(self, limit: RateLimitItem, what: str, sender: str, cost: int) -> None:
        if self._limiter.hit(limit, what, sender, cost=cost):
            return
        reset_s = self._limiter.get_window_stats(limit, what, sender).reset_time - time.time()
        wait_s = min(max(1, math.ceil(reset_s)), limit.get_expiry())
        raise ProblemError(
            Kind.RATE_LIMITED,
            f"over {limit} {what}; nothing was taken of this request, send it again in {wait_s} s",
            {"Retry-After": str(wait_s)},
        )


class Room:
    """The bytes of all requests in hand, bounded.

    Args:
        limit: bytes.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.taken = 0

    @contextmanager
    def take(self, size: int) -> Iterator[None]:
        """Keeps so many bytes for the block.

        Raises:
            ProblemError: there are not so many.
        """
        if self.taken + size > self._limit:
            raise unavailable(
                f"{self.taken} bytes of requests are waiting, of {self._limit} that may; "
                "send it again",
                _RETRY_FULL_S,
            )
        self.taken += size
        try:
            yield
        finally:
            self.taken -= size
