"""The first microservice: begins runs when they are due, and pulls the objects of each source."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from opentelemetry.context import Context
from opentelemetry.trace import Span

from filrouge_sim.catalogue import ZONES
from filrouge_sim.producers.agenda import wall_us
from filrouge_sim.producers.tracing import fail, within
from filrouge_sim.producers.work import Work, identity, lane_attributes
from filrouge_sim.scenarios.assignment import Assignment
from filrouge_sim.scenarios.order import Order
from filrouge_sim.scenarios.script import Lane, Script, break_off, script

__all__ = ["Ingestion"]

_LOGGER: Final = logging.getLogger(__name__)
_ZONE: Final = next(iter(ZONES))
_TICK_S: Final = 0.2
_STRAGGLING_US: Final = 45_000_000
"""Real time after a run's end. It has to be longer than the setting `run_grace_s`, by some seconds
for monitoring to look, or nothing is late."""


@dataclass
class _Run:
    """A run that may have to be broken off."""

    assignment: Assignment
    script: Script
    span: Span
    sources: dict[str, Span] = field(default_factory=dict)
    """Those that are still being pulled."""

    @property
    def key(self) -> tuple[str, str, int]:
        return self.assignment.company, self.assignment.run_id, self.assignment.attempt


class Ingestion:
    """Begins runs and does their first zone.

    Args:
        order: which runs.
        work: what it has in common with the others.
        announce: is told of each run that begins.
        ends_runs: whether it breaks off what the others are still at, too, when it has to stop;
            for when they stop with it.
    """

    def __init__(
        self,
        order: Order,
        work: Work,
        announce: Callable[[Assignment], None],
        *,
        ends_runs: bool,
    ) -> None:
        self._order = order
        self._work = work
        self._agenda = work.agenda
        self._announce = announce
        self._ends_runs = ends_runs
        self._turns = order.turns()
        self._open: dict[tuple[str, str, int], _Run] = {}
        self._begun_us = 0

    def run(self, stop: threading.Event) -> None:
        """Works until all runs are done here, or it is asked to stop.

        Raises:
            DeliveryError: Kafka did not take a record in time.
            ValueError: the runs are due at given times, and one of them is too late.
        """
        self._begun_us = wall_us()
        self._put_down_next()
        while len(self._agenda) and not stop.wait(self._agenda.wait_s(_TICK_S)):
            self._agenda.run_due()
            self._work.sender.poll()
        for run in list(self._open.values()):
            self._break_off(run)
        self._work.sender.flush()

    def _put_down_next(self) -> None:
        number = next(self._turns, None)
        if number is None:
            return
        begins_us = self._begun_us + int(number * self._order.apart_s * 1e6)
        for assignment in self._order.assignments(number, begins_us):
            told = script(assignment)
            begin = partial(self._begin, assignment, told)
            self._agenda.at(assignment.wall_at_us(told.starts_us), begin)
        self._agenda.at(begins_us + int(self._order.apart_s * 1e6), self._put_down_next)

    def _begin(self, assignment: Assignment, told: Script) -> None:
        opening = told.opening
        span = self._work.tracing.start(
            f"ingest {assignment.company}",
            Context(),
            identity(assignment),
            traceparent=opening.traceparent if opening else None,
        )
        run = _Run(assignment, told, span)
        self._open[run.key] = run
        _LOGGER.info("run %s/%s, attempt %d, begins: %d tasks", *run.key, told.task_count)
        self._announce(assignment)
        if opening:
            self._work.say(assignment, opening, within(span))
        for lane in told.lanes_of(_ZONE):
            self._pull(run, lane)
        ends_us = assignment.wall_at_us(told.ends_us)
        self._agenda.at(ends_us, partial(self._leave if told.is_whole else self._cut, run))
        for late in told.stragglers:
            straggle = partial(self._work.say, assignment, late, within(span))
            self._agenda.at(ends_us + _STRAGGLING_US, straggle)

    def _pull(self, run: _Run, lane: Lane) -> None:
        """Puts a source down. Where the run is cut short, it never comes to be handed over."""
        assignment = run.assignment
        span = run.sources[lane.source] = self._work.tracing.start(
            f"pull {lane.source}",
            within(run.span),
            {**identity(assignment), **lane_attributes(lane)},
            start_us=assignment.wall_at_us(lane.starts_us),
        )
        self._work.put_down(assignment, lane, within(span))
        if run.script.is_whole:
            self._agenda.at(assignment.wall_at_us(lane.ends_us), partial(self._pulled, run, lane))

    def _pulled(self, run: _Run, lane: Lane) -> None:
        span = run.sources.pop(lane.source)
        self._work.hand_over(run.assignment, lane.zone, lane.source, span)
        span.end()
        if not run.sources:
            run.span.end()
            self._leave(run)

    def _leave(self, run: _Run) -> None:
        """Forgets a run that cannot be broken off any more."""
        is_over = run.assignment.wall_at_us(run.script.ends_us) <= wall_us()
        if not run.sources and (is_over or not self._ends_runs):
            self._open.pop(run.key, None)

    def _cut(self, run: _Run) -> None:
        """The scenario has the run stop in the middle."""
        if run.script.closing:
            self._work.say(run.assignment, run.script.closing, within(run.span))
        self._end(run, "it was cut short")

    def _break_off(self, run: _Run) -> None:
        """We have to stop: nobody else will say that the run is over."""
        at_us = run.assignment.virtual_at_us(wall_us())
        if delivery := break_off(run.assignment, at_us):
            self._work.say(run.assignment, delivery, within(run.span))
        self._end(run, "it was broken off")

    def _end(self, run: _Run, reason: str) -> None:
        for span in (*run.sources.values(), run.span):
            if span.is_recording():
                fail(span, "Interrupted", reason)
                span.end()
        run.sources.clear()
        self._open.pop(run.key, None)
        _LOGGER.info("run %s/%s, attempt %d: %s", *run.key, reason)
