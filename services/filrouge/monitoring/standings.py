"""How all sources stand: the registry's facts, held against what is expected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from filrouge.monitoring.expectations.facts import LaneRun, SourceFacts
from filrouge.monitoring.expectations.file import Expectations, RunRule
from filrouge.monitoring.expectations.judging import Standing, judge
from filrouge.monitoring.expectations.patterns import Place
from filrouge.monitoring.lifecycle import Policy
from filrouge.monitoring.registry.database import reading
from filrouge.monitoring.registry.sources import (
    RUNS_KNOWN,
    all_sources,
    expect_by_name,
    most_failures,
    newest_runs,
)
from filrouge.monitoring.registry.tables import SourceRow


@dataclass(slots=True)
class Standings:
    """Answers how sources stand; a source's runs are read again only when one has closed.

    Safe from several threads: what is kept is replaced whole.
    """

    engine: Engine
    expectations: Expectations
    policy: Policy
    _runs: dict[str, tuple[int, tuple[LaneRun, ...]]] = field(default_factory=dict)

    def expect(self, now_ns: int) -> None:
        """Notes since when those are expected that the file names; again does no harm."""
        expect_by_name(self.engine, self.expectations.sources_by_name(), now_ns)

    def look(self, now_ns: int) -> Sequence[tuple[SourceRow, Standing]]:
        """Every source, by name. One that never came and that nothing names is left out."""
        with Session(reading(self.engine)) as session:
            rows = all_sources(session)
            failures = most_failures(session, self.policy, now_ns)
            return list(self._judged(session, rows, failures, now_ns))

    def run_rules(self, companies: Iterable[str]) -> dict[str, RunRule]:
        """By company, when its runs are due; those without a deadline are left out."""
        names = sorted({*companies, *self.expectations.companies_by_name()})
        rules = ((name, self.expectations.of_runs(name)) for name in names)
        return {name: rule for name, rule in rules if rule is not None}

    def _judged(
        self,
        session: Session,
        rows: Sequence[SourceRow],
        failures: Mapping[str, int],
        now_ns: int,
    ) -> Iterator[tuple[SourceRow, Standing]]:
        for row in rows:
            place = Place(row.company, row.zone, row.source)
            rule = self.expectations.of_source(place)
            if row.record_ns is None and not row.closings and not (rule.by_name and rule.expected):
                continue
            facts = SourceFacts(
                place=place,
                since_ns=row.since_ns,
                record_ns=row.record_ns,
                well_ns=row.well_ns,
                came_live=row.live_success + row.live_failure > 0,
                most_failures=failures.get(row.lane, 0),
                runs=self._newest_runs(session, row, rule.learn_from),
            )
            yield row, judge(facts, rule, now_ns)

    def _newest_runs(
        self, session: Session, row: SourceRow, learn_from: int
    ) -> tuple[LaneRun, ...]:
        known = self._runs.get(row.lane)
        if known is None or known[0] != row.closings:
            runs = newest_runs(session, row.lane, min(learn_from + 1, RUNS_KNOWN))
            known = self._runs[row.lane] = (row.closings, runs)
        return known[1]
