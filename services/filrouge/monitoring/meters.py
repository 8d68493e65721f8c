"""What monitoring measures of itself and of runs, through the SDK."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
from filrouge.monitoring.registry.tables import RunRow, SourceRow
from filrouge.telemetry import names

RECORDS: Final = "filrouge.registry.records"
RUNS: Final = "filrouge.registry.runs"
LAG: Final = "filrouge.registry.lag"
OUTBOX: Final = "filrouge.registry.outbox"
PARTITION: Final = "messaging.destination.partition.id"
STATE: Final = "filrouge.run.state"
COMPANY: Final = names.COMPANY.key


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

    def watch(self, read: Reading, closed_runs: Mapping[str, int]) -> None:
        """Measures from now on how the reading goes, and the runs closed here by outcome."""

        def lag(_: CallbackOptions) -> Iterable[Observation]:
            return [Observation(left, {PARTITION: str(each)}) for each, left in read.lag.items()]

        def closed(_: CallbackOptions) -> Iterable[Observation]:
            return [
                Observation(closed_runs.get(outcome, 0), {names.RUN_OUTCOME.key: outcome})
                for outcome in ("success", "partial", "failure")
            ]

        meter = self._meter
        meter.create_observable_gauge(LAG, [lag], "{message}", "Messages still to be read.")
        meter.create_observable_gauge(
            RUNS, [self._runs], "{run}", "Runs open or stalled, by company."
        )
        meter.create_observable_gauge(
            OUTBOX, [self._outbox], "{run}", "Closings that wait to be sent."
        )
        meter.create_observable_counter(
            f"{RUNS}.closed", [closed], "{run}", "Runs closed here, late additions included."
        )

    def _runs(self, _: CallbackOptions) -> Iterable[Observation]:
        states = (State.OPEN, State.STALLED)
        under_way = (
            select(RunRow.company, RunRow.state, func.count())
            .where(RunRow.state.in_(states))
            .group_by(RunRow.company, RunRow.state)
        )
        try:
            with Session(reading(self._engine)) as session:
                counts = {(company, state): n for company, state, n in session.execute(under_way)}
                companies = session.scalars(select(SourceRow.company).distinct()).all()
        except DBAPIError:
            return []
        return [  # 0 too, else a state would last after its last run
            Observation(counts.get((company, state), 0), {COMPANY: company, STATE: str(state)})
            for company in sorted({*companies, *(company for company, _ in counts)})
            for state in states
        ]

    def _outbox(self, _: CallbackOptions) -> Iterable[Observation]:
        try:
            return [Observation(outbox.backlog(self._engine)[0])]
        except DBAPIError:
            return []
