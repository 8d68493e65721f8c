"""Whether the clock can be trusted: not for a while after it jumped."""

from __future__ import annotations

from typing import Final

from filrouge.records.utctime import NS_PER_S

_JUMP_NS: Final = 30 * NS_PER_S
_WAIT_NS: Final = 300 * NS_PER_S
"""Time to set the clock right again, or, after a sleep of the machine, to read what came."""


class Steadiness:
    """Holds the wall clock against one that only grows."""

    def __init__(self) -> None:
        self._offset_ns: int | None = None
        self._trusted_from_ns = 0

    def holds(self, wall_ns: int, steady_ns: int) -> bool:
        """Whether the wall clock has gone on as the other one did, for some minutes at least.

        Args:
            wall_ns: nanoseconds since 1970 UTC.
            steady_ns: nanoseconds by a clock that is never set.
        """
        offset_ns = wall_ns - steady_ns
        if self._offset_ns is not None and abs(offset_ns - self._offset_ns) > _JUMP_NS:
            self._trusted_from_ns = steady_ns + _WAIT_NS
        self._offset_ns = offset_ns
        return steady_ns >= self._trusted_from_ns
