"""From started to ready: parts in the order of their needs, otherwise all at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from filrouge.stack.errors import StackError
from filrouge.stack.logs import end_of_log
from filrouge.stack.parts import Part
from filrouge.stack.place import Place
from filrouge.stack.readiness import NotReady
from filrouge.stack.supervisord import Process, Supervisord

_POLL_S: Final = 0.2


class Watcher(Protocol):
    """Is told how starting and stopping goes on."""

    def waiting(self, reasons: Mapping[str, str]) -> None:
        """These parts are not ready yet, and why; several times a second."""

    def ready(self, part: str, seconds: float | None) -> None:
        """A part is ready, so long after it was started; None if it ran already."""

    def stopped(self, part: str, seconds: float) -> None:
        """A part has stopped, so long after it was asked to."""


class Silent:
    """A watcher that says nothing."""

    def waiting(self, reasons: Mapping[str, str]) -> None:
        """Says nothing."""

    def ready(self, part: str, seconds: float | None) -> None:
        """Says nothing."""

    def stopped(self, part: str, seconds: float) -> None:
        """Says nothing."""


class Start:
    """Waits for parts, and starts those that do not run as soon as what they need is ready.

    Args:
        place: where the stack lives.
        supervisord: the one that runs there.
        watcher: is told how it goes on.
        timeout_s: each part must be ready so long after its start.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        place: Place,
        supervisord: Supervisord,
        watcher: Watcher,
        timeout_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._place = place
        self._supervisord = supervisord
        self._watcher = watcher
        self._timeout_s = timeout_s
        self._clock = clock
        self._pending: dict[str, Part] = {}
        self._waiting: dict[str, tuple[Part, float]] = {}
        self._ran_already: frozenset[str] = frozenset()

    def run(self, running: list[Part], to_start: list[Part]) -> None:
        """Returns when all of them are ready.

        Raises:
            StackError: one cannot be started or is not ready in time; its log's end is told.
        """
        self._waiting = {part.name: (part, self._clock()) for part in running}
        self._ran_already = frozenset(self._waiting)
        self._pending = {part.name: part for part in to_start}
        while self._pending or self._waiting:
            self._start_what_can()
            if reasons := self._look():
                self._watcher.waiting(reasons)
                time.sleep(_POLL_S)

    def _start_what_can(self) -> None:
        for part in list(self._pending.values()):
            if not any(name in self._pending or name in self._waiting for name in part.needs):
                del self._pending[part.name]
                part.prepare(self._place)
                self._supervisord.start_part(part)
                self._waiting[part.name] = (part, self._clock())

    def _look(self) -> dict[str, str]:
        """Why each part is not ready; those that are wait no longer."""
        processes = self._supervisord.processes()
        reasons = {}
        for part, since in list(self._waiting.values()):
            waited_s = self._clock() - since
            reason = self._why_not(part, processes[part.name])
            if reason is None:
                del self._waiting[part.name]
                ran_already = part.name in self._ran_already
                self._watcher.ready(part.name, None if ran_already else waited_s)
            elif processes[part.name].given_up or waited_s > self._timeout_s:
                raise StackError(self._failure(part, reason, waited_s))
            else:
                reasons[part.name] = reason
        return reasons

    def _why_not(self, part: Part, process: Process) -> str | None:
        if not process.runs:
            return f"{process.state}: {process.trouble}" if process.trouble else process.state
        try:
            part.settle(self._place)
            part.ready(self._place)
        except NotReady as reason:
            return str(reason)
        return None

    def _failure(self, part: Part, reason: str, waited_s: float) -> str:
        return (
            f"{part.name} is not ready after {waited_s:.0f} s ({reason})\n"
            f"{end_of_log(self._place.log(part.name))}"
        )
