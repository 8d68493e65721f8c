"""A clock that jumps, back and forward, between batches and closings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from filrouge.monitoring.consumer import Reading
from filrouge.monitoring.registry import outbox
from filrouge.monitoring.registry.database import open_database
from filrouge.monitoring.registry.tables import RecordRow, RunRow, SendingRow
from filrouge.records.utctime import NS_PER_S
from tests.monitoring.driving import POLICY, Monitor
from tests.monitoring.lines import run_completed, run_started, task

RUNS: Final = ("whole", "failed", "silent")
HOUR_S: Final = 3600
SKEW_S: Final = 5
_NUMBERS: Final = count()

jumps = st.one_of(st.integers(-2 * HOUR_S, 2 * HOUR_S), st.sampled_from([0, 10, -10, 900, -900]))
steps = st.lists(st.tuples(jumps, st.integers(0, 4)), min_size=1, max_size=12)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A registry that all examples share; each has a company of its own."""
    folder: Path = tmp_path_factory.mktemp("clock")
    engine = open_database(f"sqlite:///{folder / 'registry.db'}")
    yield engine
    engine.dispose()


def lines_of(company: str) -> list[bytes]:
    """Three runs: one that ends well, one in which a task fails, one whose end is never told."""
    lines = []
    for run in RUNS:
        error = "HTTP 404" if run == "failed" else None
        lines += [
            task("One", 0, company=company, run_id=run),
            task("Other", 1, company=company, run_id=run, error=error),
        ]
    lines.append(run_started(company=company, run_id="whole"))
    lines += [run_completed(company=company, run_id=run) for run in RUNS[:2]]
    return lines


@settings(max_examples=60, deadline=None)
@given(steps=steps, order=st.permutations(range(9)))
def test_whatever_the_clock_does_the_registry_comes_to_the_same_end(
    engine: Engine, steps: list[tuple[int, int]], order: list[int]
) -> None:
    company = f"company {next(_NUMBERS)}"
    lines = [lines_of(company)[at] for at in order]
    monitor = Monitor(engine, now_s=10 * HOUR_S)
    waiting = list(lines)

    for jump_s, number in steps:
        monitor.now_s += jump_s
        batch, waiting = waiting[:number], waiting[number:]
        monitor.read(*batch)
        assert_only_what_was_silent_closes(monitor, company)
    monitor.read(*waiting)
    monitor.close_due()  # which notices that the clock was ahead
    monitor.wait(POLICY.stalled_ns / NS_PER_S + SKEW_S)

    with Session(engine) as session:
        runs = session.scalars(select(RunRow).where(RunRow.company == company)).all()
        ended = {run.run_id: (run.state, run.outcome, run.success, run.failure) for run in runs}
        assert ended == {
            "whole": ("closed", "success", 2, 0),
            "failed": ("closed", "partial", 1, 1),
            "silent": ("closed", "success", 2, 0),
        }
        assert sum(run.records for run in runs) == len(lines)
        for run in runs:
            kept = session.scalars(select(RecordRow).where(RecordRow.run == run.id)).all()
            told = session.scalars(select(SendingRow.wave).where(SendingRow.run == run.id))
            assert sorted(told) == list(range(1, run.wave + 1))
            assert (run.waiting, run.due_ns, run.records) == (0, None, len(kept))
            assert Counter(each.wave for each in kept).keys() == set(range(1, run.wave + 1))
            assert sum(each.wave > 1 for each in kept) <= run.late
            assert run.end_ns >= run.start_ns


def assert_only_what_was_silent_closes(monitor: Monitor, company: str) -> None:
    """By the clock as it is now, nothing was heard of it for as long as is waited."""
    with Session(monitor.engine) as session:
        heard = {
            run.run_id: (run.last_heard_ns, run.waiting_since_ns)
            for run in session.scalars(select(RunRow).where(RunRow.company == company))
        }
    for closed in monitor.close_due():
        if closed.key.company == company:
            last_ns, since_ns = heard[closed.key.run_id]
            assert since_ns is not None
            silent_ns = monitor.now_ns - last_ns
            assert silent_ns >= POLICY.grace_ns or monitor.now_ns - since_ns >= POLICY.silence_ns


def test_what_a_clock_ahead_has_put_off_is_sent_once_it_is_right(engine: Engine) -> None:
    company = f"company {next(_NUMBERS)}"
    monitor = Monitor(engine, now_s=20 * HOUR_S)
    monitor.read(task(company=company), run_completed(company=company))
    monitor.wait(11)
    outbox.claim(engine, monitor.now_ns, 1000)  # by one who dies

    monitor.now_s -= 3 * HOUR_S

    with Session(engine) as session:
        run = session.scalars(select(RunRow.id).where(RunRow.company == company)).one()
    assert run in outbox.claim(engine, monitor.now_ns, 1000)


def test_what_is_known_goes_back_with_the_clock() -> None:
    """Else every run would be closed as silent until the clock has caught up."""
    reading = Reading(positions={0: 5}, ends={0: 5})

    for asked_s, known_s in ((10, 10), (5000, 5000), (20, 20)):
        reading.all_is_read(asked_s)
        assert reading.known_until_ns == known_s


def test_what_lags_is_not_known_of() -> None:
    reading = Reading(positions={0: 5, 1: 3}, ends={0: 5, 1: 4})

    reading.all_is_read(10)
    assert reading.known_until_ns == 0

    reading.positions[1] = 4
    reading.all_is_read(11)
    assert reading.known_until_ns == 11
