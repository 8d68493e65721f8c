"""How far a partition of hand-overs is done with."""

from __future__ import annotations

__all__ = ["Progress"]


class Progress:
    """Which offset may be committed while several messages are worked on side by side.

    What is not done is read again after a stop or a kill, and then done again from its beginning.
    That does no harm: it gives the same records, and a record that comes twice counts once.
    """

    def __init__(self) -> None:
        self._next = -1
        self._under_way: set[int] = set()

    def begin(self, offset: int) -> None:
        """A message was read, and is not done."""
        self._next = max(self._next, offset + 1)
        self._under_way.add(offset)

    def end(self, offset: int) -> None:
        """It is done with."""
        self._under_way.discard(offset)

    @property
    def committable(self) -> int:
        """The first offset that is not done; -1 when nothing was read."""
        return min(self._under_way, default=self._next)
