"""Records of one run as hypothesis makes them: few names and times, so that they meet often."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st

from filrouge.records.record import RunOutcome
from tests.factories import run_completed, run_started, task, task_started

few = settings(max_examples=50)
"""For whole runs: fifty with up to twelve records each find what a hundred find."""

any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
"""Any Unicode, control characters and delimiters too; lone surrogates are no UTF-8."""

_zones = st.sampled_from(["1-Raw", "2-Standard", "3|\x00"])
_sources = st.sampled_from(["Efficy", "PowerBI", "zoho/books"])
_objects = st.sampled_from(["Sites", "Contacts", "\n"])
_seconds = st.sampled_from([0.0, 0.25, 1.0, 2.0, 3.5])
_lines = st.sampled_from([b"{}", b"{ }", b"{  }"])
"""Lines vary on their own: one fact may be spelt in several ways."""

finished_tasks = st.builds(
    lambda **fields: task(**{**fields, "line": fields["line"] + repr(fields).encode()}),
    object_name=_objects,
    at_s=_seconds,
    took_s=_seconds,
    error=st.sampled_from([None, None, "'id'"]),
    zone=_zones,
    source=_sources,
    line=_lines,
    cpu_time_s=st.sampled_from([None, 0.09]),
)
started_tasks = st.builds(
    task_started, object_name=_objects, at_s=_seconds, zone=_zones, source=_sources
)
run_events = st.one_of(
    st.builds(run_started, at_s=_seconds, expected_tasks=st.sampled_from([None, 0, 2, 9])),
    st.builds(
        run_completed,
        at_s=_seconds,
        took_s=_seconds,
        outcome=st.sampled_from([None, *RunOutcome]),
        expected_tasks=st.sampled_from([None, 3]),
    ),
)
records = st.lists(
    st.one_of(finished_tasks, finished_tasks, started_tasks, run_events), min_size=1, max_size=12
)
