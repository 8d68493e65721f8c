"""What is missing, double or unexpected: two multisets compared."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from filrouge.verify.items import Item


@dataclass(frozen=True, slots=True)
class Difference:
    """A place compared with what it must hold.

    Attributes:
        expected: how many items it must hold.
        found: how many it holds.
        missing: items that it lacks.
        double: items that it holds more often than it must.
        unexpected: items that it must not hold at all.
    """

    expected: int
    found: int
    missing: tuple[Item, ...]
    double: tuple[Item, ...]
    unexpected: tuple[Item, ...]

    @property
    def is_none(self) -> bool:
        """Whether everything is there exactly once."""
        return not (self.missing or self.double or self.unexpected)


def difference(expected: Counter[Item], found: Counter[Item]) -> Difference:
    """How a place differs from what it must hold."""
    more = found - expected
    return Difference(
        expected=expected.total(),
        found=found.total(),
        missing=tuple((expected - found).elements()),
        double=tuple(item for item in more.elements() if item in expected),
        unexpected=tuple(item for item in more.elements() if item not in expected),
    )
