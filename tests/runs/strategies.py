"""Records of one run as hypothesis makes them: few names and times, so that they meet often."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st

from filrouge.records.record import Record, RunOutcome, TaskFinished, TaskOutcome
from tests.factories import run_completed, run_started, task, task_started

few = settings(max_examples=50)
"""For whole runs: fifty of them find what a hundred find."""

any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
"""Any Unicode, control characters and delimiters too; lone surrogates are no UTF-8."""

_zones = st.sampled_from(["1-Raw", "2-Standard", "3|\x00"])
_sources = st.sampled_from(["Efficy", "PowerBI", "zoho/books"])
_objects = st.sampled_from(["Sites", "Contacts", "\n"])
_seconds = st.sampled_from([0.0, 0.25, 1.0, 2.0, 3.5])

_finished_tasks = st.builds(
    task,
    object_name=_objects,
    at_s=_seconds,
    took_s=_seconds,
    error=st.sampled_from([None, None, "'id'"]),
    zone=_zones,
    source=_sources,
    cpu_time_s=st.sampled_from([None, 0.09]),
)
_started_tasks = st.builds(
    task_started, object_name=_objects, at_s=_seconds, zone=_zones, source=_sources
)
_run_events = st.one_of(
    st.builds(run_started, at_s=_seconds, expected_tasks=st.sampled_from([None, 0, 2, 9])),
    st.builds(
        run_completed,
        at_s=_seconds,
        took_s=_seconds,
        outcome=st.sampled_from([None, *RunOutcome]),
        expected_tasks=st.sampled_from([None, 3]),
    ),
)


def _spelt_otherwise(record: TaskFinished) -> TaskFinished:
    return replace(record, line=record.line + b" ")


def _ended_later(record: TaskFinished) -> TaskFinished:
    return replace(record, end_ns=record.end_ns + 1, line=record.line + b"later")


def _turned_into_failure(record: TaskFinished) -> TaskFinished:
    return replace(record, outcome=TaskOutcome.FAILURE, message="x", line=record.line + b"failed")


@st.composite
def _some_records(draw: st.DrawFn) -> list[Record]:
    told = draw(st.lists(_finished_tasks, max_size=8))
    others = draw(st.lists(st.one_of(_started_tasks, _run_events), max_size=5))
    changes = st.sampled_from([None, None, _spelt_otherwise, _ended_later, _turned_into_failure])
    again = [change(record) for record in told if (change := draw(changes))]
    return draw(st.permutations([*told, *others, *again, *map(_spelt_otherwise, again)]))


records = _some_records().filter(bool)
"""Records of one run in any order; some tell the same again in other words, some contradict."""
