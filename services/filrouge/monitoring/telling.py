"""Tells the collector how sources stand, always and from the registry alone.

One instance does it at a time, by a lease. Its series bear no instance, so that another goes on
with them, and a restart resets nothing. By hand and not by the SDK, whose counters begin anew with
each process.
"""

from __future__ import annotations

import os
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import orjson
from opentelemetry.sdk.environment_variables import OTEL_METRIC_EXPORT_INTERVAL
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from structlog.stdlib import BoundLogger

from filrouge.errors import DeliveryError
from filrouge.monitoring.consumer import Reading
from filrouge.monitoring.expectations.judging import Standing
from filrouge.monitoring.expectations.steadiness import Steadiness
from filrouge.monitoring.registry import leases, schedules, sources
from filrouge.monitoring.registry.database import reading
from filrouge.monitoring.registry.tables import ScheduleRow, SourceRow
from filrouge.monitoring.source_points import DUE, RUNS, TASKS, Points
from filrouge.monitoring.standings import Standings
from filrouge.records.utctime import NS_PER_S
from filrouge.telemetry.otlp_json import Signal
from filrouge.telemetry.sender import RetryableError, Transport

LEASE: Final = "sources"
_ROUND_S: Final = 10.0
_GAP_NS: Final = 120 * NS_PER_S
"""After a pause as long as this, windows of minutes no longer hold the last points."""
_SHARE: Final = 50
"""What is slow is done no oftener than that it takes a fiftieth of the time."""
_TROUBLE_S: Final = 60.0

_Told = dict[str, tuple[str | None, list[int]]]


def _round_s() -> float:
    """As often as metrics go out otherwise, but never so seldom that the lease runs out."""
    try:
        return min(_ROUND_S, float(os.environ[OTEL_METRIC_EXPORT_INTERVAL]) / 1000)
    except (KeyError, ValueError):
        return _ROUND_S


@dataclass(slots=True)
class SourceTeller:
    """Tells of sources in a thread of its own.

    Attributes:
        engine: the registry's.
        standings: how they stand.
        reading: how far the topic is read.
        differences: how many the reconciliation finds.
        transport: to the collector.
        log: is told of trouble.
        clock: nanoseconds since 1970 UTC.
        steady: nanoseconds by a clock that is never set.
        round_s: how long is waited between two rounds.
    """

    engine: Engine
    standings: Standings
    reading: Reading
    differences: Callable[[], int]
    transport: Transport
    log: BoundLogger
    clock: Callable[[], int] = time.time_ns
    steady: Callable[[], int] = time.monotonic_ns
    round_s: float = field(default_factory=_round_s)
    holder: str = field(default_factory=lambda: str(uuid.uuid4()))
    _steadiness: Steadiness = field(default_factory=Steadiness)
    _found: int = 0
    _find_again_ns: int = 0
    _told_trouble_ns: int | None = None

    def run(self, stop: threading.Event) -> None:
        """Tells until told to stop, then leaves it to another."""
        while not stop.is_set():
            try:
                self.tell()
            except DBAPIError as error:
                self._tell_trouble(f"the registry: {str(error.orig).strip()}")
            except (RetryableError, DeliveryError) as error:
                self._tell_trouble(f"how sources stand is not told: {error}")
            stop.wait(self.round_s)
        with suppress(DBAPIError):  # it runs out
            leases.give_back(self.engine, LEASE, self.holder)

    def tell(self) -> bool:
        """Tells once, if it is this instance's to do; whether it was.

        A counter is told of as it was told of last, or at 0 if it never was, when it is new or
        nothing was told for a while: what rises in between would not be seen to rise.

        Raises:
            DBAPIError: the registry is away.
            DeliveryError: the collector did not take it; it is told anew with the next round.
        """
        now_ns = self.clock()
        done_ns = leases.take(self.engine, LEASE, self.holder, now_ns)
        if done_ns is None:
            return False
        self.standings.expect(now_ns)
        found = self.standings.look(now_ns)
        due = self._due({row.company for row, _ in found}, now_ns)
        was_away = not 0 <= now_ns - done_ns <= _GAP_NS
        round_ = _Round(Points(now_ns))
        for row, standing in found:
            round_.add_source(row, standing, was_away)
        for schedule in due:
            round_.add_due(schedule, was_away)
        round_.points.add_differences(self._differences())
        self._send(round_)
        leases.done(self.engine, LEASE, self.holder, now_ns)
        return True

    def _send(self, round_: _Round) -> None:
        is_any_taken = False
        try:
            for request in round_.points.requests():
                self.transport.send(Signal.METRICS, request)
                is_any_taken = True
        except RetryableError as error:
            # What may be known must not be told lower again, which would look like a restart.
            is_any_taken |= error.unsure
            raise
        finally:
            if is_any_taken:
                sources.remember_told(self.engine, _changed(round_.sources))
                schedules.remember_told(self.engine, _changed(round_.companies))

    def _due(self, companies: set[str], now_ns: int) -> Sequence[ScheduleRow]:
        rules = self.standings.run_rules(companies)
        holds = self._steadiness.holds(now_ns, self.steady())
        until_ns = min(now_ns, self.reading.known_until_ns) if holds else None
        schedules.settle_all(self.engine, rules, self.standings.policy, now_ns, until_ns)
        with Session(reading(self.engine)) as session:
            return [row for row in schedules.all_schedules(session) if row.company in rules]

    def _differences(self) -> int:
        """Counted anew when it is not too much to ask; a large registry takes a while."""
        began_ns = self.steady()
        if began_ns >= self._find_again_ns:
            self._found = self.differences()
            ended_ns = self.steady()
            self._find_again_ns = ended_ns + _SHARE * (ended_ns - began_ns)
        return self._found

    def _tell_trouble(self, trouble: str) -> None:
        now_ns = self.steady()
        if self._told_trouble_ns is None or now_ns > self._told_trouble_ns + _TROUBLE_S * NS_PER_S:
            self.log.error(trouble)
            self._told_trouble_ns = now_ns


@dataclass(slots=True)
class _Round:
    """What is told at one instant, and of each counter what was told last and is told now."""

    points: Points
    sources: _Told = field(default_factory=dict)
    companies: _Told = field(default_factory=dict)

    def add_source(self, row: SourceRow, standing: Standing, was_away: bool) -> None:
        counters = _next(row.told, _counters(row), was_away)
        self.points.add_source(standing, counters)
        self.sources[row.lane] = (row.told, counters)

    def add_due(self, row: ScheduleRow, was_away: bool) -> None:
        counters = _next(row.told, _due_counters(row), was_away)
        self.points.add_due(row.company, counters, row.since_ns)
        self.companies[row.company] = (row.told, counters)


def _counters(row: SourceRow) -> list[int]:
    tasks = [getattr(row, f"live_{outcome}") for outcome in TASKS]
    return tasks + [getattr(row, f"live_runs_{outcome}") for outcome in RUNS]


def _due_counters(row: ScheduleRow) -> list[int]:
    return [getattr(row, timeliness) for timeliness in DUE]


def _next(told: str | None, counters: list[int], was_away: bool) -> list[int]:
    """The counters to tell of now."""
    if told is None:
        return [0] * len(counters)
    return list(orjson.loads(told)) if was_away else counters


def _changed(told: _Told) -> dict[str, str]:
    encoded = {name: (was, orjson.dumps(now).decode()) for name, (was, now) in told.items()}
    return {name: now for name, (was, now) in encoded.items() if now != was}
