"""Closes runs that are due, and sends what the outbox holds, again and again."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from structlog.stdlib import BoundLogger

from filrouge.monitoring.consumer import Reading
from filrouge.monitoring.lifecycle import Policy
from filrouge.monitoring.registry.closing import due_runs, look_at, set_right
from filrouge.monitoring.sending import Sender
from filrouge.records.parse import RecordParser

_LOOK_S: Final = 0.5
_TROUBLE_S: Final = 60.0  # between two lines about the same trouble


@dataclass(slots=True)
class RunWatcher:
    """Looks after runs, in a thread of its own.

    Attributes:
        engine: the registry's.
        parser: reads kept records.
        policy: how long is waited.
        reading: how far the topic is read: runs close as of then, and only those read here.
        sender: sends closed runs.
        log: is told what happens.
        clock: what `looked_s` is by.
        time_ns: nanoseconds since 1970 UTC.
        closed: how many runs were closed here, by outcome.
        looked_s: when it looked last, by `time.monotonic`.
    """

    engine: Engine
    parser: RecordParser
    policy: Policy
    reading: Reading
    sender: Sender
    log: BoundLogger
    clock: Callable[[], float] = time.monotonic
    time_ns: Callable[[], int] = time.time_ns
    closed: Counter[str] = field(default_factory=Counter)
    looked_s: float = 0.0
    _told: str = ""
    _told_s: float = 0.0

    def run(self, stop: threading.Event) -> None:
        """Looks until told to stop; what is not sent by then is sent at the next start."""
        while not stop.is_set():
            try:
                busy = self.look()
            except DBAPIError as error:
                self._tell_trouble(f"the registry: {str(error.orig).strip()}")
                busy = False
            self.looked_s = self.clock()
            if not busy:
                stop.wait(_LOOK_S)

    def look(self) -> bool:
        """Looks once; whether there may be more to do at once."""
        now_ns = self.reading.known_until_ns
        partitions = list(self.reading.positions)
        set_right(self.engine, partitions, self.policy, self.time_ns())
        due = due_runs(self.engine, partitions, now_ns)
        for run in due:
            closed = look_at(self.engine, self.parser, run, self.policy, now_ns)
            if closed:
                self.closed[str(closed.outcome)] += 1
                self.log.info(
                    "run closed",
                    company=closed.key.company,
                    run=closed.key.run_id,
                    attempt=closed.key.attempt,
                    outcome=str(closed.outcome),
                    trace=closed.trace_id,
                )
        sent = self.sender.send_due()
        if self.sender.last_error:
            self._tell_trouble(f"closed runs wait to be sent: {self.sender.last_error}")
        return bool(due or sent)

    def _tell_trouble(self, trouble: str) -> None:
        if trouble != self._told or self.clock() > self._told_s + _TROUBLE_S:
            self.log.error(trouble)
            self._told, self._told_s = trouble, self.clock()
