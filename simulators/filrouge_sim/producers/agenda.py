"""What is to be done when."""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable
from itertools import count

__all__ = ["Agenda", "wall_us"]

Action = Callable[[], None]


def wall_us() -> int:
    """Now, in microseconds since 1970."""
    return time.time_ns() // 1000


class Agenda:
    """Actions in the order of their times; those of one time in the order they were put down.

    Args:
        clock: now, in microseconds.
    """

    def __init__(self, clock: Callable[[], int] = wall_us) -> None:
        self._clock = clock
        self._entries: list[tuple[int, int, Action]] = []
        self._number = count()

    def __len__(self) -> int:
        return len(self._entries)

    def at(self, when_us: int, action: Action) -> None:
        """Puts an action down; one whose time is past is due at once."""
        heapq.heappush(self._entries, (when_us, next(self._number), action))

    def wait_s(self, most_s: float) -> float:
        """Until the next action is due, but no longer than that."""
        if not self._entries:
            return most_s
        return min(most_s, max(0.0, (self._entries[0][0] - self._clock()) / 1e6))

    def run_due(self) -> None:
        """Does what is due, and what comes to be due by that."""
        while self._entries and self._entries[0][0] <= self._clock():
            heapq.heappop(self._entries)[2]()
