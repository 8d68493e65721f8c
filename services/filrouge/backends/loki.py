"""Log lines, as Loki has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from filrouge.backends.http import BackendError, HttpApi, Query

_PAGE: Final = 5000
"""Entries for one question; Loki refuses more by default (`max_entries_limit_per_query`)."""


class LineSeen(NamedTuple):
    """One entry.

    Attributes:
        time_ns: nanoseconds since 1970 UTC.
        labels: index labels and structured metadata.
    """

    time_ns: int
    labels: Mapping[str, str]
    line: str


class Loki:
    """Loki at an address."""

    def __init__(self, url: str) -> None:
        self._api = HttpApi("Loki", url)

    def lines(self, query: str, start_ns: int, end_ns: int) -> Iterator[LineSeen]:
        """All entries of a LogQL query from `start_ns` up to and without `end_ns`, oldest first.

        Raises:
            BackendError: Loki is away, or refuses.
        """
        while True:
            page = self._page(query, start_ns, end_ns)
            if len(page) < _PAGE:
                yield from page
                return
            # The last instant of a full page may go on behind it, so it is asked for again.
            last_ns = page[-1].time_ns
            if page[0].time_ns == last_ns:
                raise BackendError(f"Loki has {_PAGE} entries or more at one instant: {query}")
            yield from (each for each in page if each.time_ns < last_ns)
            start_ns = last_ns

    def _page(self, query: str, start_ns: int, end_ns: int) -> list[LineSeen]:
        asked: Query = {
            "query": query,
            "start": start_ns,
            "end": end_ns,
            "limit": _PAGE,
            "direction": "forward",
        }
        answer = self._api.get("/loki/api/v1/query_range", asked)
        seen = [line for stream in answer["data"]["result"] for line in _lines(stream)]
        return sorted(seen, key=lambda line: line.time_ns)


def _lines(stream: Any) -> Iterator[LineSeen]:
    labels = stream["stream"]
    for time_ns, line, *_ in stream["values"]:
        yield LineSeen(int(time_ns), labels, line)
