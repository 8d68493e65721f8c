"""What monitoring measures of itself and of runs, through the SDK."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from opentelemetry.metrics import CallbackOptions, Meter, Observation
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from filrouge.monitoring.consumer import Reading
from filrouge.monitoring.lifecycle import State
from filrouge.monitoring.registry import outbox
from filrouge.monitoring.registry.database import reading
from filrouge.monitoring.registry.intake import Taken
from filrouge.monitoring.registry.tables import RunRow
from filrouge.monitoring.watching import RunWatcher
from filrouge.telemetry import names

RECORDS: Final = "filrouge.registry.records"
RUNS: Final = "filrouge.registry.runs"
LAG: Final = "filrouge.registry.lag"
OUTBOX: Final = "filrouge.registry.outbox"
PARTITION: Final = "messaging.destination.partition.id"
STATE: Final = "filrouge.run.state"


class Meters:
    """All instruments of the service.

    Args:
        meter: makes them.
        engine: the registry's.
    """

    def __init__(self, meter: Meter, engine: Engine) -> None:
        self._meter = meter
        self._engine = engine
        self._records = meter.create_counter(
            RECORDS, "{record}", "Messages read into the registry, by what became of them."
        )
        self.count(Taken())  # every outcome is there from 0

    def count(self, taken: Taken) -> None:
        """Takes what became of a batch."""
        for outcome, records in (
            ("accepted", taken.accepted - taken.late),
            ("late", taken.late),
            ("duplicate", taken.duplicate),
            ("invalid", taken.invalid),
        ):
            self._records.add(records, {names.RECORD_OUTCOME.key: outcome})

    def watch(self, read: Reading, watcher: RunWatcher) -> None:
        """Measures these from now on."""

        def lag(_: CallbackOptions) -> Iterable[Observation]:
            return [Observation(left, {PARTITION: str(each)}) for each, left in read.lag.items()]

        def closed(_: CallbackOptions) -> Iterable[Observation]:
            return [
                Observation(watcher.closed[outcome], {names.RUN_OUTCOME.key: outcome})
                for outcome in ("success", "partial", "failure")
            ]

        meter = self._meter
        meter.create_observable_gauge(LAG, [lag], "{message}", "Messages still to be read.")
        meter.create_observable_gauge(RUNS, [self._runs], "{run}", "Runs that are open or stalled.")
        meter.create_observable_gauge(
            OUTBOX, [self._outbox], "{run}", "Closings that wait to be sent."
        )
        meter.create_observable_counter(
            f"{RUNS}.closed", [closed], "{run}", "Runs closed here, late additions included."
        )

    def _runs(self, _: CallbackOptions) -> Iterable[Observation]:
        query = (
            select(RunRow.state, func.count())
            .where(RunRow.state.in_([State.OPEN, State.STALLED]))
            .group_by(RunRow.state)
        )
        try:
            with Session(reading(self._engine)) as session:
                counts = dict(session.execute(query).all())
        except DBAPIError:
            return []
        states = (State.OPEN, State.STALLED)
        return [Observation(counts.get(state, 0), {STATE: str(state)}) for state in states]

    def _outbox(self, _: CallbackOptions) -> Iterable[Observation]:
        try:
            return [Observation(outbox.backlog(self._engine)[0])]
        except DBAPIError:
            return []
