"""A clock that the services of a stack share, and that a test sets while they work."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_CODE: Final = Path(__file__).with_name("clock")
_NS_PER_S: Final = 1_000_000_000


class JumpingClock:
    """The clock of all services that are started with its variables; right at first.

    Args:
        file: where it is kept.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        file.write_bytes(bytes(8))
        self.variables: dict[str, str] = {
            "PYTHONPATH": str(_CODE),
            "TESTS_CLOCK_FILE": str(file),
        }

    def set(self, ahead_s: int) -> None:
        """From now on it is ahead by so much; behind, if it is negative."""
        with self._file.open("r+b") as opened:
            opened.write((ahead_s * _NS_PER_S).to_bytes(8, "little", signed=True))
