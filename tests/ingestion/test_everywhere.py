"""The service in the whole stack: one request, found again in every backend."""

from __future__ import annotations

import re
from secrets import token_hex
from typing import Any
from uuid import uuid4

import pytest
import requests

from filrouge.stack.ports import Port
from filrouge.stack.stack import Stack
from tests.conftest import CHECKOUT
from tests.faults.driving import await_until
from tests.ingestion.serving import post
from tests.records.samples import schema1

PAGE = (CHECKOUT / "docs" / "services.md").read_text("utf-8")


def spans_of(stack: Stack, trace_id: str) -> list[dict[str, Any]]:
    answer = requests.get(f"{stack.url(Port.TEMPO_HTTP)}/api/traces/{trace_id}", timeout=10)
    if answer.status_code != 200:
        return []
    return [
        {**span, "service": attributes(batch["resource"])["service.name"]}
        for batch in answer.json()["batches"]
        for scope in batch["scopeSpans"]
        for span in scope["spans"]
    ]


def attributes(item: dict[str, Any]) -> dict[str, Any]:
    return {each["key"]: next(iter(each["value"].values())) for each in item["attributes"]}


def series_of(stack: Stack, query: str) -> list[dict[str, Any]]:
    answer = requests.get(
        f"{stack.url(Port.PROMETHEUS)}/api/v1/query", params={"query": query}, timeout=10
    )
    found: list[dict[str, Any]] = answer.json()["data"]["result"]
    return found


def lines_of(stack: Stack, query: str) -> list[str]:
    answer = requests.get(
        f"{stack.url(Port.LOKI_HTTP)}/loki/api/v1/query_range", params={"query": query}, timeout=10
    )
    streams = answer.json()["data"]["result"]
    return [value[1] for stream in streams for value in stream["values"]]


@pytest.mark.slow
def test_a_request_is_found_in_tempo_prometheus_and_loki(stack: Stack) -> None:
    trace_id = token_hex(16)
    record = schema1({"Entreprise": f"company {uuid4()}"})

    answer = post(
        stack.url(Port.INGESTION),
        record + b"\n{poison",
        headers={"traceparent": f"00-{trace_id}-b7ad6b7169203331-01"},
    )

    assert (answer.status_code, answer.json()["accepted"], answer.json()["refused"]) == (202, 1, 1)
    await_until(lambda: len(spans_of(stack, trace_id)) >= 2, "both spans are in Tempo")
    spans = {
        span["name"]: span
        for span in spans_of(stack, trace_id)
        if span["service"] == "filrouge-ingestion"
    }
    assert set(spans) == {"POST /v1/records", "send ingestion-logs"}
    assert attributes(spans["send ingestion-logs"])["messaging.system"] == "kafka"

    query = 'filrouge_ingestion_records_total{ingestion_record_outcome="accepted"} > 0'
    await_until(lambda: series_of(stack, query) != [], "the record is counted in Prometheus")
    query = 'messaging_client_sent_messages_total{messaging_destination_name="ingestion-logs"} > 0'
    assert series_of(stack, query) != []

    listed = re.findall(r"^\| `filrouge\.ingestion\..*?\| `(\w+)`", PAGE, re.MULTILINE)
    assert len(listed) == 5
    for name in listed:
        query = f'{{__name__=~"{name}(_count)?"}}'
        assert series_of(stack, query) != [], f"{name}, as docs/services.md has it"

    query = '{service_name="filrouge-ingestion"} |= "Kafka takes records"'
    await_until(lambda: lines_of(stack, query) != [], "the service's log is in Loki")
