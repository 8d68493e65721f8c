"""docs/queries.md against the records and against the real backends."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.backends.asking import Backends, eventually
from tests.backends.page import Query, queries
from tests.backends.records import EXPECTED
from tests.backends.sending import record, replay, written

ALL = {query.name: query for query in queries()}
ANSWERED = [query for query in ALL.values() if query.answer]
RATE = ALL["promql: Tasks a second, by company"]

each_query = pytest.mark.parametrize("query", ANSWERED, ids=lambda query: query.name)


def test_every_query_but_the_one_of_the_moment_has_its_answer() -> None:
    assert {query.name for query in ANSWERED} == EXPECTED.keys()
    assert ALL.keys() - EXPECTED.keys() == {RATE.name}


@each_query
def test_page_says_what_the_records_say(query: Query) -> None:
    assert query.answer == EXPECTED[query.name]


@each_query
def test_backend_answers_what_the_page_says(backends: Backends, query: Query) -> None:
    eventually(lambda: backends.ask(query), query.answer)


def test_rate_sees_the_first_task_of_a_company(backends: Backends, tmp_path: Path) -> None:
    file = written(tmp_path / "records", [record(Entreprise="boréale")])
    replay(backends.stack, file, "--rebase", "now")

    def grows() -> bool:
        rows = dict(row.split(": ") for row in backends.ask(RATE))
        return float(rows.get("boréale", 0)) > 0

    eventually(grows, expected=True)


def test_exemplars_lead_to_the_trace(backends: Backends) -> None:
    buckets = 'traces_span_metrics_duration_seconds_bucket{ingestion_level="task"}'
    eventually(lambda: bool(backends.exemplars(buckets)), expected=True)

    for labels in backends.exemplars(buckets):
        spans = backends.trace(labels["trace_id"])
        assert len(spans) > 0, labels


@pytest.mark.parametrize("ahead_s", [0, 60])
def test_metrics_of_spans_reach_into_the_present(backends: Backends, ahead_s: int) -> None:
    """As Grafana asks, for whom now may be a moment later."""
    tasks = (
        '{ span.ingestion.level = "task" && span.ingestion.company = "akonovia" } '
        "| count_over_time()"
    )

    def counted() -> list[float]:
        now_s = int(time.time())
        return [sum(each) for each in backends.series(tasks, now_s - 3600, now_s + ahead_s)]

    eventually(counted, [72.0])
