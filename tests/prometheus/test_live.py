"""Rules and queries of runbooks, in the backends as they run."""

from __future__ import annotations

import time
from typing import Any

import requests

from filrouge.stack.ports import Port
from filrouge.stack.stack import Stack
from tests.prometheus.reading import RUNBOOKS, Query, queries, rules

PATIENCE_S = 180.0
"""Objectives are evaluated once a minute, each at its own time."""


def test_every_rule_is_evaluated_without_a_fault_and_no_objective_is_nan(stack: Stack) -> None:
    until = time.monotonic() + PATIENCE_S
    while "unknown" in {rule["health"] for rule in loaded(stack)}:
        assert time.monotonic() < until, "rules that were never evaluated"
        time.sleep(1)

    found = loaded(stack)
    assert len(found) == len(rules())
    assert [rule for rule in found if rule["health"] != "ok"] == []
    answer = asked(stack, Query("", "promql", '{__name__=~"slo:.*|filrouge:.*"}')).json()
    series = answer["data"]["result"]
    assert series
    assert [each["metric"] for each in series if each["value"][1] == "NaN"] == []


def loaded(stack: Stack) -> list[dict[str, Any]]:
    answer = requests.get(stack.url(Port.PROMETHEUS) + "/api/v1/rules", timeout=30).json()
    return [rule for group in answer["data"]["groups"] for rule in group["rules"]]


def test_backends_understand_every_query_of_the_runbooks(stack: Stack) -> None:
    refused = [
        (query, answer.text)
        for path in RUNBOOKS
        for query in queries(path)
        if not (answer := asked(stack, query)).ok
    ]
    assert refused == []


def asked(stack: Stack, query: Query) -> requests.Response:
    now_s = int(time.time())
    match query.language:
        case "promql":
            url, told = stack.url(Port.PROMETHEUS) + "/api/v1/query", {"query": query.text}
        case "traceql":
            url = stack.url(Port.TEMPO_HTTP) + "/api/search"
            told = {"q": query.text, "start": str(now_s - 3600), "end": str(now_s)}
        case _:
            is_metric = not query.text.startswith("{")
            url = stack.url(Port.LOKI_HTTP) + "/loki/api/v1/query" + ("" if is_metric else "_range")
            told = {"query": query.text}
    return requests.get(url, params=told, timeout=30)
