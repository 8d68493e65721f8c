"""What is expected of sources and runs, from values alone."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filrouge.errors import UsageError
from filrouge.monitoring.expectations.durations import seconds
from filrouge.monitoring.expectations.facts import LaneRun, SourceFacts
from filrouge.monitoring.expectations.file import (
    Expectations,
    RunEntry,
    RunRule,
    SourceEntry,
    SourceRule,
    load_expectations,
)
from filrouge.monitoring.expectations.judging import Condition, Standing, judge
from filrouge.monitoring.expectations.patterns import Place, fits
from filrouge.monitoring.expectations.steadiness import Steadiness
from filrouge.monitoring.expectations.timeliness import DueRun, Schedule, settle
from filrouge.records.record import RunOutcome
from filrouge.records.utctime import NS_PER_S
from tests.conftest import CHECKOUT

HOUR: Final = 3600 * NS_PER_S
MINUTE: Final = 60 * NS_PER_S
NOW: Final = 1_000_000 * HOUR
PLACE: Final = Place("akonovia", "1-Raw", "Efficy")
RULE: Final = Expectations().of_source(PLACE)
SUCCESS, PARTIAL, FAILURE = RunOutcome.SUCCESS, RunOutcome.PARTIAL, RunOutcome.FAILURE


def facts(**more: Any) -> SourceFacts:
    """A source that is well."""
    usual = {
        "since_ns": NOW - 100 * HOUR,
        "record_ns": NOW - MINUTE,
        "well_ns": NOW - MINUTE,
        "came_live": True,
    }
    return SourceFacts(PLACE, **{**usual, **more})


def hourly(*outcomes: RunOutcome, **more: Any) -> tuple[LaneRun, ...]:
    """Runs of a minute each hour, the newest last as one reads it, and first as they are held."""
    return tuple(
        LaneRun(NOW - ago * HOUR, NOW - ago * HOUR + MINUTE, outcome, **more)
        for ago, outcome in enumerate(reversed(outcomes), 1)
    )


# Durations


@pytest.mark.parametrize(
    ("written", "expected_s"),
    [
        ("75min", 4500),
        ("1h 30min", 5400),
        ("2d", 172_800),
        (90, 90),
        ("0.5h", 1800),
        ("1h30s", 3630),
    ],
)
def test_durations_are_read(written: object, expected_s: float) -> None:
    assert seconds(written) == expected_s


@pytest.mark.parametrize(
    "written", ["", "75", "1 hour", "-5min", 0, -1, True, None, "99999d", "inf"]
)
def test_what_is_no_duration_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match=r"is no duration|is out of range"):
        seconds(written)


# The file


def written(folder: Path, text: str) -> Path:
    file = folder / "expectations.toml"
    file.write_text(text)
    return file


def test_the_closer_name_has_precedence_field_by_field(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        """
        [[source]]
        company = "akonovia"
        zone = "1-Raw"
        source = "Efficy"
        objects = ["Contacts", "Deals"]

        [[source]]
        source = "Eff*"
        cadence = "1h"
        objects = 12

        [[source]]
        cadence = "30min"
        silence_limit = "20min"
        learn_from = 5
        """,
    )

    expectations = load_expectations(file)

    assert expectations.of_source(PLACE) == SourceRule(
        expected=True,
        by_name=True,
        cadence_s=3600,
        silence_limit_s=1200,
        freshness_limit_s=None,
        objects=frozenset({"Contacts", "Deals"}),
        learn_from=5,
    )
    assert expectations.of_source(Place("b", "2", "Effigy")).objects == 12
    assert expectations.of_source(Place("b", "2", "new")).cadence_s == 1800
    assert expectations.sources_by_name() == {PLACE}


def test_learn_takes_back_what_a_wider_entry_says() -> None:
    learn = SourceEntry.model_validate({"source": "E*", "cadence": "learn", "objects": "learn"})
    entries = [SourceEntry(cadence=3600, objects=3), learn]

    rule = Expectations(entries).of_source(PLACE)

    assert (rule.cadence_s, rule.objects) == (None, None)


def test_of_two_entries_alike_the_later_one_counts() -> None:
    entries = [SourceEntry(source="E*y", objects=1), SourceEntry(source="Ef*", objects=2)]

    assert Expectations(entries).of_source(PLACE).objects == 2
    assert Expectations(entries[::-1]).of_source(PLACE).objects == 1


def test_a_source_can_be_given_up() -> None:
    entries = [SourceEntry(**PLACE._asdict()), SourceEntry(expected=False)]

    expectations = Expectations(entries)

    assert not expectations.of_source(PLACE).expected
    assert expectations.sources_by_name() == set()
    assert judge(facts(), expectations.of_source(PLACE), NOW).condition is Condition.UNEXPECTED


def test_runs_have_a_deadline_only_where_one_is_given() -> None:
    expectations = Expectations(
        runs=[RunEntry(cadence=3600), RunEntry(company="akonovia", deadline=60)]
    )

    rule = expectations.of_runs("akonovia")

    assert rule is not None
    assert (rule.deadline_s, rule.cadence_s) == (60, 3600)
    assert expectations.of_runs("other") is None
    assert expectations.companies_by_name() == {"akonovia"}


def test_all_faults_of_the_file_are_told_at_once_with_their_places(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        """
        sources = 1
        [[source]]
        cadance = "1h"
        [[source]]
        cadence = "soon"
        silence_limit = "0s"
        objects = 0
        [[run]]
        deadline = "learn"
        """,
    )

    with pytest.raises(UsageError) as told:
        load_expectations(file)

    no_duration = "is no duration; expected one such as 75min, 1h 30min or 2d"
    no_field = "there is no such field; take it out, or correct its name"
    assert str(told.value).splitlines() == [
        f"the expectations {file} are wrong:",
        f"  [[source]] number 1, cadance: {no_field}",
        f"  [[source]] number 2, cadence: 'soon' {no_duration}",
        "  [[source]] number 2, silence_limit: '0s' is out of range; "
        "expected above 0 s and at most ten years",
        '  [[source]] number 2, objects: expected a number above 0, a list of names, or "learn"',
        f"  [[run]] number 1, deadline: 'learn' {no_duration}",
        f"  sources: {no_field}",
        "docs/expectations.md describes the file",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [("[[source]", "are no TOML"), ("[source]\ncadence = 1", "two pairs of brackets")],
)
def test_a_file_that_is_none_is_told(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=told):
        load_expectations(written(tmp_path, text))


def test_the_file_of_the_native_stack_learns_all() -> None:
    expectations = load_expectations(CHECKOUT / "expectations.toml")

    assert expectations.of_source(PLACE) == RULE
    assert expectations.of_runs("anyone") == RunRule(deadline_s=3600, cadence_s=None)
    assert expectations.sources_by_name() == set()


def test_the_example_of_the_page_is_right(tmp_path: Path) -> None:
    page = (CHECKOUT / "docs" / "expectations.md").read_text()
    [example] = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)

    expectations = load_expectations(written(tmp_path, example))

    books = expectations.of_source(Place("akonovia", "1-Raw", "zohobooks"))
    assert (books.cadence_s, books.silence_limit_s, books.by_name) == (3600, 7200, True)
    assert not expectations.of_source(Place("akonovia", "1-Raw", "PowerBI")).expected


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"No such file.*correct the setting expectations"):
        load_expectations(tmp_path / "none.toml")


@given(st.text())
def test_a_star_stands_for_any_text_and_a_name_for_itself(name: str) -> None:
    assert fits("*", name)
    assert fits("?" * len(name), name)
    assert fits(name.replace("*", "?"), name)
    assert not fits(f"{name}x", name)


def test_brackets_and_dots_stand_for_themselves() -> None:
    assert fits("a.[b]*", "a.[b]c")
    assert not fits("a.[b]*", "a.bc")
    assert not fits("efficy", "Efficy")


# How a source stands


def at(standing: Standing) -> Condition:
    return standing.condition


def test_a_source_is_fresh_until_its_last_success_is_too_old() -> None:
    minutes = 75 * MINUTE

    assert at(judge(facts(well_ns=NOW - minutes), RULE, NOW)) is Condition.FRESH
    assert at(judge(facts(well_ns=NOW - minutes - 1), RULE, NOW)) is Condition.STALE
    assert at(judge(facts(record_ns=NOW - minutes - 1), RULE, NOW)) is Condition.SILENT


def test_a_source_that_never_came_stands_since_it_is_expected() -> None:
    never = facts(since_ns=NOW - HOUR, record_ns=None, well_ns=None, came_live=False)

    standing = judge(never, replace(RULE, by_name=True), NOW)

    assert standing.condition is Condition.NEVER_CAME
    assert (standing.last_record_ns, standing.last_success_ns) == (NOW - HOUR, NOW - HOUR)
    assert (standing.age_s, standing.failing_s, standing.newest) == (None, 0, None)


def test_a_source_that_only_history_knows_is_not_expected() -> None:
    old = facts(
        record_ns=NOW - 9000 * HOUR,
        well_ns=None,
        came_live=False,
        runs=hourly(SUCCESS, FAILURE, live=False, duration_p95_s=9, memory_p95_bytes=2e8),
    )

    standing = judge(old, RULE, NOW)

    assert standing.condition is Condition.UNEXPECTED
    assert (standing.expected, standing.newest, standing.failing_since_ns) == (None, None, None)


def test_history_teaches() -> None:
    """Runs of the past, then a live one."""
    [live] = hourly(SUCCESS, duration_p95_s=9, objects=frozenset({"a"}))
    past = hourly(*[SUCCESS] * 7, live=False, duration_p95_s=2, objects=frozenset({"a", "b"}))

    standing = judge(facts(runs=(live, *past[1:])), RULE, NOW)

    assert standing.expected is not None
    assert standing.expected.cadence_s == 3600
    assert standing.expected.objects == frozenset({"a", "b"})
    assert (standing.completeness, standing.baseline_s) == (0.5, 2)


def test_limits_that_are_learnt_follow_the_cadence_from_75_minutes_on() -> None:
    daily = tuple(LaneRun(NOW - ago * 24 * HOUR, NOW, SUCCESS) for ago in range(5))

    def limit(runs: tuple[LaneRun, ...], rule: SourceRule = RULE) -> float:
        expected = judge(facts(runs=runs), rule, NOW).expected
        assert expected is not None
        return expected.silence_limit_s

    assert limit(hourly(*[SUCCESS] * 5)) == 4500
    assert limit(daily) == 30 * 3600
    assert limit(daily, replace(RULE, silence_limit_s=60)) == 60
    assert limit((), replace(RULE, cadence_s=7200)) == 9000


def test_what_is_learnt_is_named_and_what_is_not_known_is_none() -> None:
    expected = judge(facts(), replace(RULE, objects=4), NOW).expected

    assert expected is not None
    assert (expected.cadence_s, expected.object_count) == (None, 4)
    assert expected.learnt == ("cadence_s", "silence_limit_s", "freshness_limit_s")


@pytest.mark.parametrize(
    ("objects", "share"),
    [(4, 0.5), (1, 1.0), (frozenset({"a", "z"}), 0.5), (frozenset({"a"}), 1.0), (None, None)],
)
def test_completeness_is_the_share_of_expected_objects(objects: Any, share: float | None) -> None:
    runs = hourly(SUCCESS, objects=frozenset({"a", "b"}))

    assert judge(facts(runs=runs), replace(RULE, objects=objects), NOW).completeness == share


def test_an_object_is_expected_when_it_came_in_more_than_half_of_the_runs() -> None:
    base = hourly(*[SUCCESS] * 5)
    objects = [{"a"}, {"a", "b"}, {"a", "b", "c"}, {"a", "b"}, {"a"}]
    runs = [replace(run, objects=frozenset(each)) for run, each in zip(base, objects, strict=True)]

    standing = judge(facts(runs=tuple(runs)), RULE, NOW)

    assert standing.expected is not None
    assert standing.expected.objects == frozenset({"a", "b"})
    assert standing.completeness == 0.5


def test_a_baseline_needs_five_runs_and_leaves_out_the_newest() -> None:
    took_s = (100, 1, 5, 2, 3, 4)
    base = hourly(*[SUCCESS] * 6)
    runs = [replace(run, duration_p95_s=s) for run, s in zip(base, took_s, strict=True)]

    assert judge(facts(runs=tuple(runs)), RULE, NOW).baseline_s == 3
    assert judge(facts(runs=tuple(runs[:5])), RULE, NOW).baseline_s is None


def test_it_fails_since_the_first_of_the_bad_runs() -> None:
    standing = judge(facts(runs=hourly(SUCCESS, FAILURE, PARTIAL, FAILURE)), RULE, NOW)

    assert standing.failing_since_ns == NOW - 3 * HOUR + MINUTE
    assert standing.failing_s == 3 * 3600 - 60
    well = judge(facts(runs=hourly(FAILURE, SUCCESS)), RULE, NOW)
    assert (well.failing_since_ns, well.failing_s) == (None, 0)


def test_recovery_is_from_the_first_bad_run_to_the_next_good_one() -> None:
    runs = hourly(SUCCESS, FAILURE, FAILURE, SUCCESS, PARTIAL, SUCCESS, FAILURE)

    assert judge(facts(runs=runs), RULE, NOW).recovery_s == (2 * 3600 + 3600) / 2
    assert judge(facts(runs=hourly(SUCCESS, FAILURE)), RULE, NOW).recovery_s is None


_instants = st.integers(0, 1 << 62)
_runs = st.lists(
    st.builds(
        LaneRun,
        start_ns=_instants,
        end_ns=_instants,
        outcome=st.sampled_from(RunOutcome),
        live=st.booleans(),
        duration_p95_s=st.none() | st.floats(0, 1e9),
        objects=st.none() | st.frozensets(st.sampled_from("abc")),
    ),
    max_size=12,
)


@given(
    since_ns=_instants,
    record_ns=st.none() | _instants,
    well_ns=st.none() | _instants,
    came_live=st.booleans(),
    runs=_runs,
    now_ns=_instants,
)
def test_no_clock_makes_nonsense(now_ns: int, **known: Any) -> None:
    """The clock, the producers' and the order of what came may be anything."""
    known["runs"] = tuple(known["runs"])

    standing = judge(facts(**known), replace(RULE, by_name=True), now_ns)

    assert standing.last_record_ns <= now_ns
    assert standing.last_success_ns <= now_ns
    assert standing.age_s is None or standing.age_s >= 0
    assert standing.failing_s >= 0
    assert standing.recovery_s is None or standing.recovery_s >= 0
    assert standing.completeness is None or 0 <= standing.completeness <= 1


# Whether runs keep their deadline


def due(*runs: DueRun, schedule: Schedule = Schedule(), now: int = 0) -> tuple[int, int, int]:  # noqa: B008
    """On time, late, missed; runs are due each hour and have half an hour."""
    after = settle(schedule, runs, HOUR, HOUR // 2, now)
    return after.on_time, after.late, after.missed


def began(hours: float, took_minutes: float = 10, **more: Any) -> DueRun:
    start_ns = NOW + round(hours * HOUR)
    return DueRun(start_ns, start_ns + round(took_minutes * MINUTE), **more)


def test_a_run_is_on_time_if_it_ends_within_the_deadline_from_when_it_is_due() -> None:
    assert due(began(0), began(1), began(2)) == (3, 0, 0)
    assert due(began(0), began(1, 31)) == (1, 1, 0)
    assert due(began(0), began(1.4, 10)) == (1, 1, 0)
    assert due(began(0), began(1.3, 10), began(2.3, 10)) == (3, 0, 0)


def test_a_run_is_missed_when_the_next_is_due_and_none_began() -> None:
    assert due(began(0), now=NOW + 2 * HOUR - 1) == (1, 0, 0)
    assert due(began(0), now=NOW + 2 * HOUR) == (1, 0, 1)
    assert due(began(0), began(3)) == (2, 0, 2)


def test_a_run_is_missed_once_however_often_one_looks() -> None:
    schedule = settle(Schedule(), [began(0)], HOUR, HOUR // 2, NOW)
    for minutes in range(0, 301, 7):
        schedule = settle(schedule, [], HOUR, HOUR // 2, NOW + minutes * MINUTE)

    assert (schedule.on_time, schedule.missed) == (1, 3)
    assert due(began(5), schedule=schedule) == (2, 0, 4 - 0)


def test_a_clock_that_goes_back_misses_nothing_and_takes_nothing_back() -> None:
    schedule = settle(Schedule(), [began(0)], HOUR, HOUR // 2, NOW + 3 * HOUR)

    assert settle(schedule, [], HOUR, HOUR // 2, NOW - 99 * HOUR) == schedule


def test_a_run_far_ahead_of_its_time_is_an_extra_one() -> None:
    assert due(began(0), began(0.25), began(1)) == (2, 0, 0)


def test_an_open_run_waits_for_its_end() -> None:
    assert due(began(0), began(1, closed=False), now=NOW + 9 * HOUR) == (1, 0, 0)


def test_history_counts_for_nothing() -> None:
    assert due(began(-9000, live=False), began(-8999, live=False), began(0)) == (1, 0, 0)
    assert due(began(0), began(5, live=False), began(6)) == (2, 0, 0)


def test_without_a_cadence_no_run_is_missed() -> None:
    after = settle(Schedule(), [began(0), began(7, 40)], None, HOUR // 2, NOW + 99 * HOUR)

    assert (after.on_time, after.late, after.missed, after.due_ns) == (1, 1, 0, None)


@given(
    starts=st.lists(st.integers(0, 1000), unique=True, max_size=20),
    cuts=st.lists(st.integers(0, 20), max_size=3),
    cadence=st.integers(1, 50),
)
def test_it_does_not_matter_when_one_looks(
    starts: list[int], cuts: list[int], cadence: int
) -> None:
    runs = [DueRun(start, start + 3) for start in sorted(starts)]
    at_once = settle(Schedule(), runs, cadence, 10, 2000)

    schedule = Schedule()
    edges = [0, *sorted(cuts), len(runs)]
    for begin, end in pairwise(edges):
        part = runs[begin:end]
        schedule = settle(schedule, part, cadence, 10, part[-1].start_ns if part else 0)
    schedule = settle(schedule, [], cadence, 10, 2000)

    assert schedule == at_once
    assert at_once.on_time + at_once.late <= len(runs)


# The clock


def test_a_clock_that_jumps_is_not_trusted_for_a_while() -> None:
    clock = Steadiness()

    assert clock.holds(NOW, 0)
    assert clock.holds(NOW + MINUTE, MINUTE + NS_PER_S)
    assert not clock.holds(NOW + 24 * HOUR, 2 * MINUTE)
    assert not clock.holds(NOW + 3 * MINUTE, 3 * MINUTE)
    assert not clock.holds(NOW + 7 * MINUTE, 7 * MINUTE)
    assert clock.holds(NOW + 8 * MINUTE, 8 * MINUTE)


def test_recovery_goes_by_the_ends_of_the_source_where_runs_overlap() -> None:
    runs = hourly(FAILURE, SUCCESS)

    for each in (runs, runs[::-1]):
        assert judge(facts(runs=each), RULE, NOW).recovery_s == 3600
