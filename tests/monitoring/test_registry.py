"""What the registry keeps, in SQLite and in PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, inspect, select
from sqlalchemy.orm import Session

from filrouge.errors import UsageError
from filrouge.monitoring.intake import Message
from filrouge.monitoring.rebuilding import rebuild
from filrouge.monitoring.registry.database import migrate, open_database
from filrouge.monitoring.registry.intake import MovedOnError, Taken
from filrouge.monitoring.registry.offsets import position
from filrouge.monitoring.registry.tables import (
    Base,
    LaneRow,
    OffsetRow,
    RecordRow,
    RunRow,
    SendingRow,
    SourceRow,
)
from filrouge.records.record import RunKey
from tests.monitoring.driving import PARSER, Monitor
from tests.monitoring.lines import run_completed, run_started, task, task_started
from tests.records.samples import schema1
from tests.simulated import simulated

KEY = RunKey("akonovia", "r1", 1)


def rows(engine: Engine, table: type[Base], *without: str) -> list[dict[str, object]]:
    """All rows of a table, in an order of their own contents."""
    with Session(engine) as session:
        found = [
            {
                column.key: getattr(row, column.key)
                for column in inspect(table).columns
                if column.key not in without
            }
            for row in session.scalars(select(table))
        ]
    return sorted(found, key=repr)


def test_migrations_make_just_the_tables_of_the_models(engine: Engine) -> None:
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415
    from alembic.migration import MigrationContext  # noqa: PLC0415

    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_opening_again_keeps_what_is_there(engine: Engine, database_url: str) -> None:
    Monitor(engine).read(task())

    migrate(engine)
    again = open_database(database_url)

    assert len(rows(again, RecordRow)) == 1
    again.dispose()


def test_a_record_that_comes_twice_is_kept_once(engine: Engine) -> None:
    monitor = Monitor(engine)

    assert monitor.read(task(), task(), b"{") == Taken(accepted=1, duplicate=1, invalid=1)
    assert monitor.read(task(), task("Lists")) == Taken(accepted=1, duplicate=1)

    [offset] = rows(engine, OffsetRow)
    assert offset == {
        "topic": "ingestion-logs",
        "partition": 0,
        "first": 0,
        "next": 5,
        "accepted": 2,
        "duplicate": 2,
        "late": 0,
        "invalid": 1,
        "missed": 0,
    }
    [run] = rows(engine, RunRow)
    assert (run["records"], run["success"], run["state"]) == (2, 2, "open")


def test_a_batch_that_was_read_already_is_refused_whole(engine: Engine) -> None:
    monitor = Monitor(engine)
    monitor.read(task())

    with pytest.raises(MovedOnError):
        monitor.read_messages([Message(0, 0, task("Lists"))], {0: 0})

    assert len(rows(engine, RecordRow)) == 1


def test_reading_goes_on_where_it_was(engine: Engine) -> None:
    Monitor(engine).read(task(), task("Lists"))

    assert position(engine, 0, 0, 10) == 2


def test_a_topic_that_was_made_anew_is_read_from_its_beginning(engine: Engine) -> None:
    Monitor(engine).read(task(), task("Lists"))

    assert position(engine, 0, 0, 1) == 0


def test_messages_that_are_gone_before_they_were_read_are_counted(engine: Engine) -> None:
    Monitor(engine).read(task())

    assert position(engine, 0, 7, 9) == 7
    assert rows(engine, OffsetRow)[0]["missed"] == 6


def test_names_may_hold_anything(engine: Engine) -> None:
    monitor = Monitor(engine)
    odd = "a\x00b\\0\\" + "é" * 500

    taken = monitor.read(task(odd, run_id=odd, company=odd, source=odd, zone=odd))
    monitor.wait(901)

    assert taken == Taken(accepted=1)
    [run] = rows(engine, RunRow)
    [lane] = rows(engine, LaneRow)
    assert (run["company"], run["run_id"], lane["zone"], lane["source"]) == (odd, odd, odd, odd)


def test_a_kept_run_is_the_one_that_a_replay_makes(engine: Engine) -> None:
    lines = [line.rstrip(b"\n") for line in simulated("2026-03-02T06:00", failure_rate=0.2)]
    monitor = Monitor(engine)
    monitor.read(*lines[40:], *lines[:41])

    [closed] = monitor.wait(901)

    [expected] = [rebuild(PARSER, closed.key, lines)]
    assert normal(closed) == normal(expected)
    [row] = rows(engine, RunRow)
    assert (row["trace_id"], row["outcome"], row["success"]) == (
        expected.trace_id,
        expected.outcome,
        expected.counts.success,
    )


def normal(run: object) -> str:
    """All that a run says: records have no equality of their own."""
    return repr(run)


_OBJECTS = ["Sites", "Lists", "\n"]
_RUN_IDS = ["r1", "r2"]


def _schema1(name: str, second: int, took_s: int, run_id: str, failed: bool) -> bytes:
    return schema1(
        {
            "No_Sequence": run_id,
            "Objet": name,
            "Debut": f"01-03-2026 06:00:0{second}.0",
            "Fin": f"01-03-2026 06:{took_s:02}:0{second}.0",
            "Etat": "FAILED" if failed else "SUCCESS",
        }
    )


_lines = st.lists(
    st.one_of(
        st.builds(
            task,
            st.sampled_from(_OBJECTS),
            st.sampled_from([0, 1, 2.5]),
            st.sampled_from([0, 1, 700]),
            error=st.sampled_from([None, "'id'"]),
            source=st.sampled_from(["Efficy", "zoho|books"]),
            zone=st.sampled_from(["1-Raw", "2"]),
            run_id=st.sampled_from(_RUN_IDS),
        ),
        st.builds(
            _schema1,
            st.sampled_from(_OBJECTS),
            st.integers(0, 2),
            st.sampled_from([0, 1, 12]),
            st.sampled_from(_RUN_IDS),
            st.booleans(),
        ),
        st.builds(task_started, st.sampled_from(["Sites", "Lists"]), st.sampled_from([0, 1])),
        st.builds(run_started, expected_tasks=st.sampled_from([None, 3])),
        st.builds(run_completed, outcome=st.sampled_from([None, "failure"])),
        st.just(b"{"),
    ),
    min_size=1,
    max_size=12,
)

Telling = list[tuple[list[bytes], float]]
"""Batches, and how long nothing comes after each: from no time to long enough to close any run."""


@st.composite
def _two_tellings(draw: st.DrawFn) -> tuple[Telling, Telling]:
    """The same records in two orders, cut at other places, some doubled in either."""
    lines = draw(_lines)

    def telling() -> Telling:
        twice = draw(st.lists(st.sampled_from(lines), max_size=4))
        ordered = draw(st.permutations([*lines, *twice]))
        cuts = draw(st.sets(st.integers(0, len(ordered)), max_size=4)) | {0, len(ordered)}
        batches = [ordered[a:b] for a, b in pairwise(sorted(cuts))]
        return [(batch, draw(st.sampled_from([0, 1, 11, 901, 4000]))) for batch in batches]

    return telling(), telling()


def _end_of(database_url: str, telling: Telling) -> list[list[dict[str, object]]]:
    """What a registry comes to hold when all is told and closed; not when it heard of what."""
    engine = open_database(database_url)
    monitor = Monitor(engine)
    for batch, silence_s in telling:
        monitor.read(*batch)
        monitor.wait(silence_s)
    monitor.wait(4000)
    assert monitor.wait(4000) == []
    assert all(row["wave"] for row in rows(engine, RecordRow))
    clocks = ("first_heard_ns", "last_heard_ns", "closed_ns", "late", "wave", "id", "partition")
    of_source = ("lane", "success", "failure", "last_success_ns")
    held = [
        rows(engine, RunRow, *clocks),
        rows(engine, RecordRow, "id", "run", "heard_ns", "wave"),
        rows(engine, LaneRow, "run"),
        [{name: row[name] for name in of_source} for row in rows(engine, SourceRow)],
    ]
    engine.dispose()
    return held


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(tellings=_two_tellings())
def test_the_final_state_does_not_depend_on_the_order(
    tellings: tuple[Telling, Telling], new_database: Callable[[], str]
) -> None:
    """Nor on where batches were cut, on what came twice, or on what was closed in between."""
    one, other = (_end_of(new_database(), telling) for telling in tellings)

    assert one == other


def test_a_closing_leaves_word_in_the_outbox(engine: Engine) -> None:
    monitor = Monitor(engine)
    monitor.read(task(), run_completed())

    monitor.wait(11)

    [sending] = rows(engine, SendingRow, "id", "run")
    assert (sending["wave"], sending["sent_ns"]) == (1, None)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("nonsense", "no address of a database"),
        ("mysql://x", "kept in sqlite or postgresql"),
    ],
)
def test_a_wrong_address_is_told(url: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        open_database(url)
