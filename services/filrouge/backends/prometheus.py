"""Samples, as Prometheus has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from filrouge.backends.http import HttpApi

_MS_PER_S: Final = 1000


class SampleSeen(NamedTuple):
    """One sample as it was stored; `labels` without the metric's name."""

    metric: str
    labels: Mapping[str, str]
    time_ms: int
    value: float


class Prometheus:
    """Prometheus at an address."""

    def __init__(self, url: str) -> None:
        self._api = HttpApi("Prometheus", url)

    def samples(self, selector: str, time_ms: int) -> Iterator[SampleSeen]:
        """The samples of a selector that bear just this time, in milliseconds since 1970 UTC.

        Raises:
            BackendError: Prometheus is away, or refuses.
        """
        asked = {"query": f"{selector}[1ms]", "time": f"{time_ms / _MS_PER_S:.3f}"}
        answer = self._api.get("/api/v1/query", asked)
        for series in answer["data"]["result"]:
            labels = dict(series["metric"])
            metric = labels.pop("__name__")
            for time_s, value in series["values"]:
                yield SampleSeen(metric, labels, round(time_s * _MS_PER_S), float(value))
