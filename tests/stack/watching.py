"""A watcher that remembers."""

from __future__ import annotations

from collections.abc import Callable

from filrouge.stack.starting import Silent


class Recorder(Silent):
    """Remembers what became ready and what stopped.

    Args:
        on_ready: called each time a part has become ready.
    """

    def __init__(self, on_ready: Callable[[], None] = lambda: None) -> None:
        self.became_ready: list[str] = []
        self.have_stopped: list[str] = []
        self._on_ready = on_ready

    def ready(self, part: str, _: float | None) -> None:
        """Remembers the part."""
        self.became_ready.append(part)
        self._on_ready()

    def stopped(self, part: str, _: float) -> None:
        """Remembers the part."""
        self.have_stopped.append(part)
