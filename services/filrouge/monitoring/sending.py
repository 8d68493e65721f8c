"""Tells the collector of closed runs: what the outbox holds, until it is empty."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Engine

from filrouge.errors import DeliveryError
from filrouge.monitoring import whole_run
from filrouge.monitoring.registry import outbox
from filrouge.monitoring.registry.outbox import ToSend
from filrouge.records.parse import RecordParser
from filrouge.telemetry.context import Context
from filrouge.telemetry.otlp_json import Signal
from filrouge.telemetry.sender import RetryableError, Transport, settle

_AT_ONCE: Final = 50  # runs; some 5 MB, and a second or two, far below the lease


@dataclass(slots=True)
class Sender:
    """Sends what the outbox holds.

    Attributes:
        engine: the registry's.
        parser: reads kept records.
        context: what telemetry depends on besides.
        transport: to the collector.
        clock: nanoseconds since 1970 UTC.
        stop: once set, nothing is waited for.
        runs: how many runs were sent.
        last_error: why the last one was not; empty when it was.
    """

    engine: Engine
    parser: RecordParser
    context: Context
    transport: Transport
    clock: Callable[[], int] = time.time_ns
    stop: threading.Event = field(default_factory=threading.Event)
    runs: int = 0
    last_error: str = ""
    _is_away: bool = False
    _unsure: Signal | None = None

    def send_due(self) -> int:
        """Sends some of what is due; how many runs that were.

        The spans of each run go first, then the gauges of all; only then is any written down as
        sent. So a crash in between sends again what is the same. After an answer that was cut off,
        what is sent again waits until the collector answers, and some seconds more.
        """
        if self._unsure and not self._settled(self._unsure):
            return 0
        delivered: list[tuple[ToSend, int]] = []
        claimed = outbox.claim(self.engine, self.clock(), _AT_ONCE)
        if claimed:
            self.last_error = ""
        for run in claimed:
            told = outbox.load(self.engine, self.parser, run)
            count = self._send_spans(told)
            if count is not None:
                delivered.append((told, count))
            elif self._is_away:
                break  # the others would wait in vain as well; their claims run out
        if not delivered or not self._send_gauges([told for told, _ in delivered]):
            return 0
        for told, count in delivered:
            outbox.sent(self.engine, told, count, self.clock())
        self.runs += len(delivered)
        return len(delivered)

    def _settled(self, signal: Signal) -> bool:
        """Whether the copy may go of what the collector may have taken when it broke off."""
        try:
            settle(self.transport.send, signal, self.stop.wait)
        except (RetryableError, DeliveryError) as error:
            self.last_error = str(error)
            return False
        self._unsure = None
        return not self.stop.is_set()

    def _send_spans(self, told: ToSend) -> int | None:
        """How many spans were taken; None when they were not."""
        spans = whole_run.spans(told.waves, self.context, counts_run=told.is_first)
        done = self._send(Signal.TRACES, spans.requests, [told])
        return spans.count if done else None

    def _send_gauges(self, told: list[ToSend]) -> bool:
        requests = tuple(whole_run.gauges((each.waves[-1], each.wave) for each in told))
        return self._send(Signal.METRICS, requests, told)

    def _send(self, signal: Signal, requests: tuple[bytes, ...], told: list[ToSend]) -> bool:
        try:
            for request in requests:
                self.transport.send(signal, request)
        except (RetryableError, DeliveryError) as error:
            self.last_error = str(error)
            self._is_away = isinstance(error, RetryableError)
            if isinstance(error, RetryableError) and error.unsure:
                self._unsure = signal
            for each in told:
                outbox.failed(self.engine, each, str(error), self.clock())
            return False
        return True
