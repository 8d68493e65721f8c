"""Every query of the dashboards, sent to the real backends."""

from __future__ import annotations

import math
import re
import time
from typing import Final

import pytest
import requests

from filrouge.stack.ports import Port
from grafana.asking.answers import Answer
from grafana.asking.macros import Choice
from grafana.asking.questions import Question, questions
from tests.grafana.conftest import Asked, question
from tests.grafana.provisioned import data_sources

_PATIENCE_S: Final = 180.0
_STEP_S: Final = 300
"""The longest step of a query over six hours."""
_EMPTY: Final = {
    "filrouge-health: Runs by outcome C": "no run failed wholly",
    "filrouge-home: Runs by outcome C": "no run failed wholly",
    "filrouge-runs: Runs by outcome C": "no run failed wholly",
    "filrouge-pipeline: Processing: from a batch to the collector B": "nothing was retried",
    "filrouge-pipeline: Collector: given up A": "no backend refused anything",
}
"""Queries that find nothing in a stack that works, and why."""
_QUESTIONS: Final = {each.name: each for each in questions()}
_SAMPLE_TRACE: Final = "fe2279ab03cf5948453eb2e90e37ee33"
_SAMPLE_DAY: Final = Choice(1_757_030_400, 1_757_116_800, {"trace": _SAMPLE_TRACE})
"""5 September 2025, of the one run of logs.json."""
_HISTORY: Final = {
    name: each
    for name, each in _QUESTIONS.items()
    if each.panel.startswith("variable ")
    or (
        each.target["datasource"]["type"] in {"loki", "tempo"}
        and each.target["queryType"] != "serviceMap"  # which Prometheus answers, live
    )
}


@pytest.mark.parametrize("question", _QUESTIONS.values(), ids=_QUESTIONS)
def test_the_query_is_answered_with_figures(asked: Asked, question: Question) -> None:
    answer = _ask(asked, question)

    assert bool(answer) == (question.name not in _EMPTY), answer
    figures = [value for series in answer.series for _, value in series.points]
    assert not any(map(math.isnan, figures))


def _ask(asked: Asked, question: Question) -> Answer:
    """Asked again for a while: rules are evaluated once a minute, services tell every 10 s.

    Of a query over time the step under way counts too, which Grafana shows when it is over.
    """
    deadline = time.monotonic() + (0 if question.name in _EMPTY else _PATIENCE_S)
    while True:
        now = asked.now()
        step = Choice(now.start_s, (now.end_s // _STEP_S + 1) * _STEP_S, now.values)
        for choice in (now, step) if question.target.get("range") else (now,):
            if answer := asked.backends.ask(question, choice):
                return answer
        if time.monotonic() > deadline:
            return Answer()
        time.sleep(2)


def test_every_query_that_is_stated_to_be_empty_is_one_of_the_dashboards() -> None:
    assert set(_EMPTY) <= set(_QUESTIONS)


@pytest.mark.parametrize("question", _HISTORY.values(), ids=_HISTORY)
def test_history_is_shown_at_its_own_time(asked: Asked, question: Question) -> None:
    assert asked.backends.ask(question, _SAMPLE_DAY)


def test_a_span_leads_to_its_log_lines(asked: Asked) -> None:
    query = data_sources()["tempo"]["jsonData"]["tracesToLogsV2"]["query"]
    target = {
        "datasource": {"type": "loki"},
        "expr": query.replace("$${__span.traceId}", _SAMPLE_TRACE),
        "queryType": "range",
    }

    rows = asked.backends.ask(Question("", "", "", target), _SAMPLE_DAY).rows
    assert len(rows) == 72
    assert {row["trace_id"] for row in rows} == {_SAMPLE_TRACE}  # what leads back


def test_a_span_leads_to_the_metrics_of_its_source(asked: Asked) -> None:
    chosen = asked.tasks[0]
    tags = (
        f'ingestion_company="{chosen.company}", ingestion_zone="{chosen.zone}", '
        f'ingestion_source="{chosen.source}"'
    )
    for query in data_sources()["tempo"]["jsonData"]["tracesToMetrics"]["queries"]:
        target = {
            "datasource": {"type": "prometheus"},
            "expr": query["query"].replace("$$__tags", tags),
            "range": True,
        }
        assert asked.backends.ask(Question("", "", "", target), asked.now()), query["name"]


def test_exemplars_lead_to_traces(asked: Asked) -> None:
    live = question("filrouge-performance", "p95 of task durations by source, live")
    (name,) = set(re.findall(r"traces_span_metrics_\w+", live.text))
    end_s = int(time.time()) + 60
    answer = requests.get(
        f"{asked.stack.url(Port.PROMETHEUS)}/api/v1/query_exemplars",
        params={"query": name, "start": str(end_s - 3600), "end": str(end_s)},
        timeout=60,
    ).json()

    assert live.target["exemplar"] is True
    found = {
        exemplar["labels"]["trace_id"]
        for series in answer["data"]
        for exemplar in series["exemplars"]
    }
    trace = asked.backends.ask(
        question("filrouge-run", "Trace"), Choice(0, 1, {"trace": next(iter(found))})
    )
    assert any(span["name"].startswith("task ") for span in trace.rows)
