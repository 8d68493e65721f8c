"""Export requests of a size that every receiver takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from filrouge.telemetry import otlp_json
from filrouge.telemetry.names import Metric
from filrouge.telemetry.otlp_json import Fragment, Signal

MAX_REQUEST_BYTES: Final = 1 << 20
"""Only a request with a single item is larger. The collector's otlp_json_file receiver tears longer
lines apart, and its gRPC receiver takes 4 MiB; much smaller ones would cost more in overhead."""

_AROUND_BYTES: Final = 256  # of a request with one group: all that is neither resource nor item


def grouped(
    signal: Signal, resource_attributes: Fragment, items: Iterable[Fragment]
) -> Iterator[Fragment]:
    """The items under their resource, in as many groups as requests need."""
    room_bytes = MAX_REQUEST_BYTES - _AROUND_BYTES - len(resource_attributes)
    for chunk in _packed(items, room_bytes):
        yield otlp_json.group(signal, resource_attributes, chunk)


def metrics(metric: Metric, points: Iterable[Fragment]) -> Iterator[Fragment]:
    """The points under their metric, in as many metrics of the same name as requests need."""
    for chunk in _packed(points, MAX_REQUEST_BYTES // 4):
        yield otlp_json.metric(metric, chunk)


class Batch:
    """Groups of one signal that wait to become a request."""

    def __init__(self, signal: Signal) -> None:
        self.signal = signal
        self._groups: list[Fragment] = []
        self._size = self._around = len(otlp_json.request(signal, ()))

    def add(self, groups: Iterable[Fragment]) -> Iterator[bytes]:
        """Takes groups; yields a request each time there is no room for another."""
        for group in groups:
            if self._size + len(group) > MAX_REQUEST_BYTES:
                yield from self.flush()
            self._groups.append(group)
            self._size += len(group) + 1

    def flush(self) -> Iterator[bytes]:
        """Yields what is left as a request, if anything is."""
        if self._groups:
            yield otlp_json.request(self.signal, self._groups)
            self._groups, self._size = [], self._around


def _packed(items: Iterable[Fragment], room_bytes: int) -> Iterator[list[Fragment]]:
    """The items in lists that fit the room when joined by commas, or hold a single one."""
    chunk: list[Fragment] = []
    size = 0
    for item in items:
        size += len(item) + 1
        if size > room_bytes and chunk:
            yield chunk
            chunk, size = [], len(item) + 1
        chunk.append(item)
    if chunk:
        yield chunk
