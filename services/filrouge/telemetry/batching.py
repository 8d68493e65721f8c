"""Export requests of a size that every receiver takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from filrouge.telemetry import otlp_json
from filrouge.telemetry.otlp_json import Fragment, Signal

MAX_REQUEST_BYTES: Final = 1 << 20
"""A request is closed when it has grown past this. The collector's gRPC receiver takes 4 MiB, and
one record may add 1 MiB more; much smaller requests would cost more in overhead."""


def grouped(
    signal: Signal, resource_attributes: Fragment, items: Iterable[Fragment]
) -> Iterator[Fragment]:
    """The items under their resource, in as many groups as their size needs."""
    chunk: list[Fragment] = []
    size = 0
    for item in items:
        chunk.append(item)
        size += len(item)
        if size >= MAX_REQUEST_BYTES:
            yield otlp_json.group(signal, resource_attributes, chunk)
            chunk, size = [], 0
    if chunk:
        yield otlp_json.group(signal, resource_attributes, chunk)


class Batch:
    """Groups of one signal that wait to become a request."""

    def __init__(self, signal: Signal) -> None:
        self.signal = signal
        self._groups: list[Fragment] = []
        self._size = 0

    def add(self, groups: Iterable[Fragment]) -> Iterator[bytes]:
        """Takes groups; yields a request each time there is enough for one."""
        for group in groups:
            self._groups.append(group)
            self._size += len(group)
            if self._size >= MAX_REQUEST_BYTES:
                yield from self.flush()

    def flush(self) -> Iterator[bytes]:
        """Yields what is left as a request, if anything is."""
        if self._groups:
            yield otlp_json.request(self.signal, self._groups)
            self._groups, self._size = [], 0
