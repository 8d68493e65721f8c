"""Trace and span ids as a function of names, so that whoever has the names has the ids.

The rule, in words that any language can follow (the collector's OTTL does):

    hex(x)   = the hexadecimal SHA-256 digest of x in UTF-8: 64 characters, whatever x holds
    trace id = the first 16 bytes of SHA-256 of
               hex("filrouge/1") hex(company) hex(run id) hex(attempt)
    span id  = the first 8 bytes of SHA-256 of the same, followed by
               hex("run")                                                          for the run
               hex("stage") hex(zone)                                              for a stage
               hex("source") hex(zone) hex(source)                                 for a source lane
               hex("task") hex(zone) hex(source) hex(object id) hex(name) start    for a task

A run too large for one trace has parts, in traces of their own: the first 16 bytes of SHA-256 of
the run's parts and hex("part") hex(zone) hex(source) hex(number) are the part's trace id, the 8
after them the id of its topmost span.

What stands side by side is joined as text, with nothing between. Attempt is decimal. The start is
the text of the record as it stands, so that no time-zone data is needed; it comes last and all
before it has one length, so two different paths never give the same input, whatever characters
their names hold.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from filrouge.records.record import RunKey

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

VERSION: Final = "filrouge/1"
"""Part of every id: another rule needs another version, or old and new spans would mix."""

_TRACE_ID_HEX: Final = 32
_SPAN_ID_HEX: Final = 16
_NAMES_KEPT: Final = 65_536  # catalogues of objects are far smaller


class RunIds:
    """The ids of one run's trace and spans, as lower-case hexadecimal text.

    Args:
        key: the company, the run's id and the attempt.
    """

    def __init__(self, key: RunKey) -> None:
        parts = (VERSION, key.company, key.run_id, str(key.attempt))
        self._run = sha256(_hashed(*parts))

    @property
    def trace_id(self) -> str:
        """The run's trace."""
        return self._run.hexdigest()[:_TRACE_ID_HEX]

    def run(self) -> str:
        """The span of the run itself."""
        return self._digest("run")[:_SPAN_ID_HEX]

    def stage(self, zone: str) -> str:
        """The span of a zone."""
        return self._digest("stage", zone)[:_SPAN_ID_HEX]

    def source(self, zone: str, source: str) -> str:
        """The span of a source within a zone."""
        return self._digest("source", zone, source)[:_SPAN_ID_HEX]

    def part(self, zone: str, source: str, number: int) -> tuple[str, str]:
        """Trace and root span of one part of a lane, for a run too large for a single trace."""
        digest = self._digest("part", zone, source, str(number))
        return digest[:_TRACE_ID_HEX], digest[_TRACE_ID_HEX:][:_SPAN_ID_HEX]

    def tasks(self, zone: str, source: str) -> TaskIds:
        """The ids of the tasks of one source within a zone."""
        lane = self._run.copy()
        lane.update(_hashed("task", zone, source))
        return TaskIds(lane)

    def _digest(self, *path: str) -> str:
        hashed = self._run.copy()
        hashed.update(_hashed(*path))
        return hashed.hexdigest()


class TaskIds:
    """The span ids of a lane's tasks; what they share is hashed once.

    Args:
        lane: the hash over all parts before the object.
    """

    def __init__(self, lane: Hash) -> None:
        self._lane = lane

    def task(self, object_id: str, object_name: str, started: str) -> str:
        """The span of one try of one object; `started` as the record writes it."""
        hashed = self._lane.copy()
        hashed.update(_hashed(object_id, object_name))
        hashed.update(started.encode())
        return hashed.hexdigest()[:_SPAN_ID_HEX]


@lru_cache(maxsize=_NAMES_KEPT)
def _hashed(*parts: str) -> bytes:
    """The parts' digests, one after another: of one length for every part."""
    return b"".join(sha256(part.encode()).hexdigest().encode() for part in parts)
