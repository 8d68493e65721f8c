"""What the pages show, from the answers of the API: plain data for the templates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from filrouge.monitoring.api import answers
from filrouge.monitoring.api.schemas import ErrorGroup, RunSummary, SourceState
from filrouge.monitoring.api.searching import RunQuery
from filrouge.monitoring.expectations.judging import Condition
from filrouge.monitoring.lifecycle import State
from filrouge.monitoring.rebuilding import rebuild
from filrouge.monitoring.registry.database import reading
from filrouge.monitoring.registry.tables import OffsetRow, RecordRow, RunRow, SendingRow
from filrouge.monitoring.standings import Standings
from filrouge.records.parse import RecordParser
from filrouge.records.record import RunOutcome
from filrouge.report.grafana import Grafana, more_links, trace_link
from filrouge.report.html.text import clock_text
from filrouge.report.view import rfc3339, run_view
from filrouge.report.words import count_words

_RUNS: Final = 30
_ERRORS: Final = 30
_MANY: Final = 1_000  # messages behind: more than a moment's work

_CONDITIONS: Final = {
    Condition.NEVER_CAME: ("failure", "never came"),
    Condition.SILENT: ("failure", "silent"),
    Condition.STALE: ("partial", "no success in time"),
    Condition.FRESH: ("success", "fresh"),
    Condition.UNEXPECTED: ("unexpected", "not expected"),
}
"""By how a source stands: its sign and its words, the worst first."""
_RANK: Final = {condition: rank for rank, condition in enumerate(_CONDITIONS)}


class Trouble(NamedTuple):
    """A thing that is wrong now, in words, and the part of the page that tells of it."""

    text: str
    place: str


@dataclass(frozen=True, slots=True)
class Overview:
    """All runs in view, errors and sources; what is wrong comes first.

    Attributes:
        troubles: what is wrong now.
        behind: why this may not be all; empty when it is.
        going_on: errors that the newest runs still have.
        gone: those that they no longer have.
    """

    troubles: list[Trouble]
    behind: str
    runs: list[RunSummary]
    going_on: list[ErrorGroup]
    gone: list[ErrorGroup]
    sources: list[SourceState]
    runs_due: list[Any]
    conditions: dict[Condition, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Registry:
    """What the pages are made of.

    Attributes:
        timezone: whose clock is shown.
        grafana: where links lead; None: there are none.
        trouble: what keeps the service from reading the topic; empty when nothing does.
        lag: how many messages of each partition are still to be read.
    """

    engine: Engine
    parser: RecordParser
    standings: Standings
    timezone: ZoneInfo
    grafana: Grafana | None
    trouble: Callable[[], str]
    lag: Callable[[], dict[int, int]]

    def mark(self) -> tuple[Any, ...]:
        """Changes when the registry does; cheap to ask for."""
        with Session(reading(self.engine)) as session:
            read = session.execute(select(func.sum(OffsetRow.next), func.count())).one()
            closings = session.execute(select(func.max(SendingRow.id))).scalar_one()
        return (*read, closings, self.trouble())

    def run_marks(self, trace_ids: Iterable[str]) -> dict[str, tuple[Any, ...]]:
        """Of each run that there is: what changes when the run does."""
        columns = (RunRow.trace_id, RunRow.records, RunRow.state, RunRow.outcome, RunRow.wave)
        with Session(reading(self.engine)) as session:
            found = session.execute(select(*columns).where(RunRow.trace_id.in_(trace_ids))).all()
        return {trace_id: tuple(more) for trace_id, *more in found}

    def overview(self, now_ns: int) -> Overview:
        """All that the overview shows."""
        errors = answers.errors(self.engine, None, _ERRORS).errors
        told = answers.sources(self.standings, now_ns)
        runs = self._runs()
        going_on = [error for error in errors if error.runs_in_a_row]
        return Overview(
            troubles=list(_troubles(runs, going_on, told.sources)),
            behind=self.behind(),
            runs=runs,
            going_on=sorted(going_on, key=lambda error: -error.runs_in_a_row),
            gone=[error for error in errors if not error.runs_in_a_row],
            sources=sorted(told.sources, key=lambda source: _RANK[source.state]),
            runs_due=told.runs_due,
            conditions=_CONDITIONS,
        )

    def run(self, trace_id: str) -> dict[str, Any] | None:
        """What the page of a run shows; None if there is no such run."""
        with Session(reading(self.engine)) as session:
            row = session.scalars(select(RunRow).where(RunRow.trace_id == trace_id)).one_or_none()
            if row is None:
                return None
            lines = session.scalars(select(RecordRow.line).where(RecordRow.run == row.id))
            run = rebuild(self.parser, row.key, map(bytes, lines))
        view: Any = run_view(run, trace_link(self.grafana, run))
        if row.state != State.CLOSED:
            view = _not_over(view, State(row.state), self._clock(row.last_heard_ns))
        return {
            "run": view,
            "links": more_links(self.grafana, run),
            "behind": self.behind(),
        }

    def _clock(self, instant_ns: int) -> str:
        return f"{clock_text(rfc3339(instant_ns), self.timezone)} {self.timezone.key}"

    def _runs(self) -> list[RunSummary]:
        """Those that are not over, then the newest."""
        questions: tuple[dict[str, Any], ...] = ({"state": "stalled"}, {"state": "open"}, {})
        queries = (RunQuery.model_validate({**each, "limit": _RUNS}) for each in questions)
        found = {
            run.trace_id: run for query in queries for run in answers.runs(self.engine, query).runs
        }
        return list(found.values())

    def behind(self) -> str:
        """Why more may have happened than is known here; empty when nothing says so."""
        trouble = self.trouble()
        if trouble and not trouble.startswith("has no partition"):
            return f"What is shown may be old, for records are not read: {trouble}."
        behind = sum(self.lag().values())
        if behind < _MANY:
            return ""
        return f"{count_words(behind, 'message')} on Kafka are still to be read; more is to come."


def _not_over(view: dict[str, Any], state: State, heard: str) -> dict[str, Any]:
    """A run of which more is to come: only what has failed is judged."""
    stalled = state is State.STALLED
    reason = f"{'more was to come, but ' if stalled else ''}the last record came at {heard}"
    stages = [
        {**_unjudged(stage), "sources": [_unjudged(source) for source in stage["sources"]]}
        for stage in view["stages"]
    ]
    return {**view, "outcome": state, "reason": reason, "stages": stages}


def _unjudged(part: dict[str, Any]) -> dict[str, Any]:
    """A stage or a source: what has not ended has not failed yet."""
    tasks = part["tasks_by_outcome"]
    waits = tasks["unfinished"] and not tasks["failure"]
    return {**part, "outcome": "unfinished"} if waits else part


def _last_closed(runs: Iterable[RunSummary]) -> Iterable[RunSummary]:
    """Of each company, the run that closed last; it need not be the one that began last."""
    closed = [run for run in runs if run.closed_at is not None]
    closed.sort(key=lambda run: run.closed_at or "")
    return {run.company: run for run in closed}.values()


def _troubles(
    runs: Iterable[RunSummary], errors: Iterable[ErrorGroup], sources: Iterable[SourceState]
) -> Iterator[Trouble]:
    states = [source.state for source in sources]
    for condition, one, several in (
        (Condition.NEVER_CAME, "source never came", "sources never came"),
        (Condition.SILENT, "source is silent", "sources are silent"),
        (
            Condition.STALE,
            "source did not succeed in time",
            "sources did not succeed in time",
        ),
    ):
        if number := states.count(condition):
            yield Trouble(f"{number:,} {one if number == 1 else several}", "sources")
    if number := sum(1 for _ in errors):
        yield Trouble(f"{count_words(number, 'error')} in the newest runs", "errors")
    for run in _last_closed(runs):
        if run.outcome is not RunOutcome.SUCCESS:
            failed = "failed" if run.outcome is RunOutcome.FAILURE else "failed in part"
            yield Trouble(f"The last run of {run.company} {failed}", "runs")
    if number := sum(run.state is State.STALLED for run in runs):
        yield Trouble(f"{count_words(number, 'run')} stalled", "runs")
