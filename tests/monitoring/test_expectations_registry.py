"""What is told of sources, from the registry in SQLite and in PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson
import pytest
import structlog
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, text

from filrouge.monitoring.api import answers
from filrouge.monitoring.consumer import Reading
from filrouge.monitoring.expectations.file import Expectations, RunEntry, SourceEntry
from filrouge.monitoring.registry import database, leases
from filrouge.monitoring.standings import Standings
from filrouge.monitoring.telling import LEASE, SourceTeller
from filrouge.records.utctime import NS_PER_S
from filrouge.telemetry.otlp_json import Signal
from filrouge.telemetry.sender import RetryableError
from tests.monitoring.driving import POLICY, Monitor
from tests.monitoring.lines import BEGIN, run_completed, task, task_started

START_S: Final = BEGIN.timestamp()
HOUR_S: Final = 3600
ROUND_S: Final = 10
EFFICY: Final = ("akonovia", "1-Raw", "Efficy")
BY_NAME: Final = SourceEntry(company="akonovia", zone="1-Raw", source="zohobooks", cadence=3600)


@dataclass
class Collector:
    """Takes requests, and reads what is in them."""

    requests: list[bytes] = field(default_factory=list)
    is_away: bool = False
    is_slow: bool = False

    def send(self, signal: Signal, request: bytes) -> None:
        assert signal is Signal.METRICS
        if self.is_away:
            raise RetryableError("away", unsure=self.is_slow)
        self.requests.append(request)

    def close(self) -> None:
        pass

    def take(self) -> dict[tuple[str, ...], float]:
        """The newest values, by metric and the values of its attributes."""
        points: dict[tuple[str, ...], float] = {}
        for request in self.requests:
            for resource in orjson.loads(request)["resourceMetrics"]:
                [service] = resource["resource"]["attributes"]
                assert service["value"] == {"stringValue": "filrouge-monitoring"}
                for metric in resource["scopeMetrics"][0]["metrics"]:
                    points.update(_points(metric))
        self.requests.clear()
        return points


def _points(metric: Any) -> Iterable[tuple[tuple[str, ...], float]]:
    data = metric.get("gauge") or metric["sum"]
    for point in data["dataPoints"]:
        values = [each["value"]["stringValue"] for each in point["attributes"]]
        value = point["asInt"] if "asInt" in point else point["asDouble"]
        yield (metric["name"].removeprefix("filrouge."), *values), float(value)


class Site:
    """A registry, its topic, and instances that tell of it; time passes by hand."""

    def __init__(self, engine: Engine, expectations: Expectations | None = None) -> None:
        self.monitor = Monitor(engine, now_s=START_S)
        self.engine = engine
        self.expectations = expectations or Expectations()
        self.collector = Collector()
        self.teller = self.instance()

    def instance(self) -> SourceTeller:
        """Another one over the same registry."""
        return SourceTeller(
            self.engine,
            Standings(self.engine, self.expectations, POLICY),
            Reading(known_until_ns=1 << 62),
            lambda: len(answers.reconciliation(self.engine, {}).differences),
            self.collector,
            structlog.get_logger(),
            clock=lambda: self.monitor.now_ns,
            steady=lambda: self.monitor.now_ns,
        )

    def told(self, after_s: float = ROUND_S) -> dict[tuple[str, ...], float]:
        """What is told with the next round."""
        self.monitor.wait(after_s)
        assert self.teller.tell()
        return self.collector.take()

    def run(self, run_id: str, *tasks: bytes, took_s: float = 60, **more: Any) -> None:
        """A run that ends now, and closes."""
        now_s = self.monitor.now_s
        end = run_completed(now_s - START_S - took_s, took_s, run_id=run_id, **more)
        self.monitor.read(*tasks, end)
        self.monitor.wait(11)

    def task(self, name: str, run_id: str, ago_s: float = 0, **more: Any) -> bytes:
        """A task that ended so long ago."""
        return task(name, self.monitor.now_s - START_S - ago_s - 1, run_id=run_id, **more)


@pytest.fixture
def site(engine: Engine) -> Site:
    return Site(engine)


def tasks(told: dict[tuple[str, ...], float], source: str = "Efficy") -> list[float]:
    """A source's counters of tasks: success, failure, unfinished."""
    place = ("source.tasks", "akonovia", "1-Raw", source)
    return [told[*place, outcome] for outcome in ("success", "failure", "unfinished")]


def test_a_new_series_is_at_0_once_before_it_rises(site: Site) -> None:
    site.run("r1", site.task("A", "r1"), site.task("B", "r1", error="x"), task_started("C", run_id="r1"))  # fmt: skip  # noqa: E501

    first, then = site.told(), site.told()

    assert tasks(first) == [0, 0, 0]
    assert tasks(then) == [1, 1, 1]
    assert first["source.runs", *EFFICY, "partial"] == 0
    assert then["source.runs", *EFFICY, "partial"] == 1
    assert then["source.runs", *EFFICY, "success"] == 0


def test_a_restart_resets_nothing(site: Site) -> None:
    site.monitor.read(site.task("A", "r1"))
    site.told()
    site.told()
    site.monitor.read(site.task("B", "r1"))

    site.teller = restarted = site.instance()
    leases.give_back(site.engine, LEASE, site.teller.holder)  # it is not his: nothing happens

    assert not restarted.tell()
    assert tasks(site.told(60)) == [2, 0, 0]


def test_after_a_pause_what_was_told_last_comes_first(site: Site) -> None:
    """So that a window of five minutes sees the rise."""
    site.monitor.read(site.task("A", "r1", error="x"))
    site.told()
    site.told()
    site.monitor.wait(600)
    site.monitor.read(site.task("B", "r1", error="x"))

    assert tasks(site.told()) == [0, 1, 0]
    assert tasks(site.told()) == [0, 2, 0]


def test_what_the_collector_did_not_take_is_told_anew(site: Site) -> None:
    site.monitor.read(site.task("A", "r1"))
    site.collector.is_away = True
    with pytest.raises(RetryableError):
        site.told()
    site.collector.is_away = False

    assert tasks(site.told()) == [0, 0, 0]
    assert tasks(site.told()) == [1, 0, 0]


def test_what_the_collector_may_have_taken_is_not_told_lower_again(site: Site) -> None:
    site.monitor.read(site.task("A", "r1"))
    site.told()
    site.collector.is_away = site.collector.is_slow = True
    with pytest.raises(RetryableError):
        site.told()
    site.collector.is_away = False

    assert tasks(site.told(600)) == [1, 0, 0]


def test_one_instance_tells_and_another_goes_on(site: Site) -> None:
    other = site.instance()
    site.monitor.read(site.task("A", "r1"))

    assert site.teller.tell()
    assert not other.tell()
    leases.give_back(site.engine, LEASE, site.teller.holder)
    assert other.tell()
    assert not site.teller.tell()
    site.monitor.wait(46)
    assert site.teller.tell()


def test_a_lease_from_a_clock_that_ran_ahead_binds_nobody(site: Site) -> None:
    site.monitor.now_s += 24 * HOUR_S
    assert site.teller.tell()
    site.monitor.now_s -= 24 * HOUR_S

    assert site.instance().tell()


def test_old_history_counts_for_nothing_and_teaches(site: Site) -> None:
    day_s = 24 * HOUR_S
    for number in range(7):
        ago_s = (9 - number) * day_s
        site.run(
            f"old{number}",
            site.task("A", f"old{number}", ago_s, took_s=5),
            site.task("B", f"old{number}", ago_s, error="x"),
            took_s=ago_s,
        )
    site.told()

    told = site.told()

    assert tasks(told) == [0, 0, 0]
    assert told["source.runs", *EFFICY, "partial"] == 0
    assert told["source.object.failures", *EFFICY] == 0
    assert told["source.failing.time", *EFFICY] == 0
    names = {name for name, *_ in told}
    assert not {"source.silence.limit", "source.duration.p95", "source.completeness"} & names
    site.run("now", site.task("A", "now"))
    told = site.told()
    assert tasks(told) == [1, 0, 0]
    assert told["source.cadence", *EFFICY] == pytest.approx(day_s, rel=0.001)
    assert told["source.objects.expected", *EFFICY] == 1


def test_a_record_of_some_hours_ago_is_none_of_history(site: Site) -> None:
    site.monitor.read(site.task("A", "r1", 5 * HOUR_S, error="x"))
    site.told()

    assert tasks(site.told()) == [0, 1, 0]


def test_a_source_that_never_came_is_told_of_since_it_is_expected(engine: Engine) -> None:
    site = Site(engine, Expectations([BY_NAME]))
    lane = ("akonovia", "1-Raw", "zohobooks")
    began_s = START_S + ROUND_S
    site.told()

    site.teller.standings = Standings(engine, site.expectations, POLICY)  # as after a restart
    told = site.told(2 * HOUR_S)

    assert told["source.last_record.time", *lane] == began_s
    assert told["source.last_success.time", *lane] == began_s
    assert told["source.silence.limit", *lane] == 4500
    assert tasks(told, "zohobooks") == [0, 0, 0]
    [source] = answers.sources(site.teller.standings, site.monitor.now_ns).sources
    assert (source.state, source.age_s) == ("never_came", None)
    site.teller.standings = Standings(engine, Expectations(), POLICY)
    assert site.told() == {("reconciliation.differences",): 0}


def test_most_failures_of_one_object_within_ten_minutes(site: Site) -> None:
    burst = [site.task("A", f"r{number}", 100 * number, error="x") for number in range(9)]
    others = [site.task(f"O{number}", "r1", error="x") for number in range(20)]
    site.monitor.read(*burst, *others, site.task("A", "r9"))

    place = ("source.object.failures", *EFFICY)
    assert site.told()[place] == 7  # at 0, 100, … 600 s
    assert site.told(580)[place] == 7
    assert site.told(ROUND_S)[place] == 0


def test_a_clock_ahead_does_not_hide_silence_and_none_makes_nonsense(site: Site) -> None:
    site.monitor.read(site.task("A", "r1", -24 * HOUR_S))  # tomorrow, by the producer's clock

    told = site.told()
    assert told["source.last_record.time", *EFFICY] == START_S
    assert told["source.last_success.time", *EFFICY] == START_S
    site.monitor.now_s -= 48 * HOUR_S  # and now ours goes back
    told = site.told()
    assert told["source.last_record.time", *EFFICY] == site.monitor.now_s
    assert told["source.failing.time", *EFFICY] == 0
    [source] = answers.sources(site.teller.standings, site.monitor.now_ns).sources
    assert source.age_s == 0


def test_the_newest_run_is_held_against_those_before(site: Site) -> None:
    for number in range(6):
        run_id = f"r{number}"
        took_s = 40 if number == 5 else 10
        work = [
            site.task("A", run_id, took_s, took_s=took_s, cpu_time_s=3.0, memory_delta_bytes=100),
            site.task("B", run_id, error="x" if number in {2, 5} else None),
        ]
        site.run(run_id, *work)
        site.monitor.wait(HOUR_S - 11)

    told = site.told(0)

    assert told["source.duration.p95", *EFFICY] == pytest.approx(0.95 * 40 + 0.05 * 1)
    assert told["source.duration.baseline", *EFFICY] == pytest.approx(0.95 * 10 + 0.05 * 1)
    assert told["source.cpu.p95", *EFFICY] == 3
    assert told["source.memory.p95", *EFFICY] == 100
    assert told["source.cadence", *EFFICY] == pytest.approx(HOUR_S)
    assert told["source.objects.expected", *EFFICY] == 2
    assert told["source.completeness", *EFFICY] == 0.5
    assert told["source.recovery.time", *EFFICY] == pytest.approx(HOUR_S)
    assert told["source.failing.time", *EFFICY] == pytest.approx(HOUR_S)
    [source] = answers.sources(site.teller.standings, site.monitor.now_ns).sources
    assert source.expected is not None
    assert (source.state, source.completeness, source.expected.objects) == ("fresh", 0.5, 2)
    assert source.mean_time_to_recovery_s == pytest.approx(HOUR_S)
    assert source.failing_since is not None


def test_a_late_record_corrects_what_is_told(site: Site) -> None:
    site.run("r1", site.task("A", "r1", error="x"))
    site.told()
    assert site.told(HOUR_S)["source.failing.time", *EFFICY] > HOUR_S - 60
    site.run("r2", site.task("A", "r2", 30))
    assert site.told()["source.failing.time", *EFFICY] == 0

    site.monitor.read(site.task("B", "r2", error="x"))
    site.monitor.wait(11)

    told = site.told()
    assert told["source.failing.time", *EFFICY] > HOUR_S - 60
    assert told["source.runs", *EFFICY, "success"] == 1  # as it closed first


def runs_due(told: dict[tuple[str, ...], float]) -> list[float]:
    place = ("runs.due", "akonovia")
    return [told[*place, timeliness] for timeliness in ("on_time", "late", "missed")]


def test_runs_with_a_deadline_are_on_time_late_or_missed(engine: Engine) -> None:
    entry = RunEntry(company="akonovia", cadence=HOUR_S, deadline=1800)
    site = Site(engine, Expectations([], [entry]))
    assert runs_due(site.told()) == [0, 0, 0]
    site.run("r1", site.task("A", "r1"))
    assert runs_due(site.told(0)) == [1, 0, 0]

    site.monitor.wait(HOUR_S + 2000)
    site.run("r2", site.task("A", "r2", 2000), took_s=2100)
    assert runs_due(site.told(0)) == [1, 0, 0]  # as told last, after a pause
    assert runs_due(site.told()) == [1, 1, 0]
    site.told(2 * HOUR_S)
    assert runs_due(site.told()) == [1, 1, 1]

    [due] = answers.sources(site.teller.standings, site.monitor.now_ns).runs_due
    assert (due.company, due.cadence_s, due.deadline_s) == ("akonovia", HOUR_S, 1800)
    assert (due.on_time, due.late, due.missed) == (1, 1, 1)
    assert due.next_due_at is not None


def test_old_history_is_neither_late_nor_missed(engine: Engine) -> None:
    entry = RunEntry(cadence=HOUR_S, deadline=1800)
    site = Site(engine, Expectations([], [entry]))
    for number in range(3):
        ago_s = (500 - number) * HOUR_S
        site.run(f"old{number}", site.task("A", f"old{number}", ago_s - 60), took_s=ago_s)
    site.told()

    assert runs_due(site.told()) == [0, 0, 0]


def test_while_the_clock_jumps_no_run_is_missed(engine: Engine) -> None:
    site = Site(engine, Expectations([], [RunEntry(cadence=HOUR_S, deadline=1800)]))
    site.teller.steady = lambda: steady_ns
    steady_ns = 0
    site.run("r1", site.task("A", "r1"))
    site.told()
    assert runs_due(site.told()) == [1, 0, 0]
    site.monitor.now_s += 24 * HOUR_S
    site.told()
    assert runs_due(site.told()) == [1, 0, 0]
    site.monitor.now_s -= 24 * HOUR_S
    for _ in range(60):
        steady_ns += ROUND_S * NS_PER_S
        site.told()

    assert runs_due(site.told()) == [1, 0, 0]


def test_differences_are_those_of_the_reconciliation(site: Site) -> None:
    site.run("r1", site.task("A", "r1"))

    assert site.told()["reconciliation.differences",] == 1  # it waits to be sent


def test_an_older_registry_is_brought_up_to_date(database_url: str) -> None:
    """Counters begin at 0, so that old failures do not all come at once."""
    engine = create_engine(database_url)
    config = Config()
    config.set_main_option("script_location", str(Path(database.__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(
            text(
                "INSERT INTO sources (lane, company, zone, source, last_heard_ns, last_end_ns, "
                "last_success_ns, success, failure, closed_success, closed_partial, closed_failure)"
                " VALUES ('x', 'akonovia', '1-Raw', 'Efficy', 2000, 3000, 1000, 5, 7, 0, 0, 0)"
            )
        )
    engine.dispose()

    again = database.open_database(database_url)
    [(row, standing)] = Standings(again, Expectations(), POLICY).look(9000 * NS_PER_S)

    assert (row.since_ns, row.record_ns, row.well_ns) == (2000, 2000, 1000)
    assert (row.failure, row.live_failure, row.told) == (7, 0, None)
    assert standing.condition == "unexpected"
    again.dispose()


def test_a_year_is_not_looked_through(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs that are known are read again only when one has closed."""
    from filrouge.monitoring import standings  # noqa: PLC0415

    site.run("r1", site.task("A", "r1"))
    site.told()
    monkeypatch.setattr(standings, "newest_runs", lambda *_: pytest.fail("read again"))

    assert tasks(site.told()) == [1, 0, 0]
