"""From how a record travelled to what its task did, and back, as people ask Tempo."""

from __future__ import annotations

import time
from itertools import count
from secrets import token_hex
from typing import Any
from uuid import uuid4

import pytest
import requests
from confluent_kafka import Producer

from filrouge.backends.traceql import hops_of
from filrouge.kafka.topics import TOPIC
from filrouge.records.record import RunKey
from filrouge.runs.ids import RunIds
from filrouge.stack.ports import Port
from filrouge.stack.stack import Stack
from tests.faults.driving import await_until
from tests.records.samples import schema1


def search(stack: Stack, query: str) -> list[dict[str, Any]]:
    """What is found of the last hour: without a range, what came in the last minute or two."""
    now_s = int(time.time())
    answer = requests.get(
        f"{stack.url(Port.TEMPO_HTTP)}/api/search",
        params={"q": query, "start": str(now_s - 3600), "end": str(now_s + 60)},
        timeout=10,
    )
    traces: list[dict[str, Any]] = answer.json()["traces"]
    return traces


def trace_of(run: str) -> str:
    return RunIds(RunKey("akonovia", run, 1)).trace_id


def run_whose_trace_begins_with(start: str) -> str:
    name = uuid4()
    return next(run for n in count() if trace_of(run := f"{name} {n}").startswith(start))


@pytest.mark.parametrize("start", ["f", "0f"])
def test_a_hop_is_found_by_the_runs_trace_and_by_the_senders(busy_stack: Stack, start: str) -> None:
    run, sender = run_whose_trace_begins_with(start), start + token_hex(16)[len(start) :]
    producer = Producer({"bootstrap.servers": busy_stack.address(Port.KAFKA)})
    record = schema1({"No_Sequence": run})
    traceparent = f"00-{sender}-b7ad6b7169203331-01"
    producer.produce(TOPIC, record, headers={"traceparent": traceparent.encode()})
    producer.flush(30)

    from_run = hops_of(trace_of(run))
    await_until(lambda: bool(search(busy_stack, from_run)), "the hop is found by the run")

    [hop] = search(busy_stack, from_run)
    assert hop["rootServiceName"] == "filrouge-processing"
    assert [each["traceID"] for each in search(busy_stack, hops_of(sender))] == [hop["traceID"]]


def test_lag_batches_and_records_are_measured(busy_stack: Stack) -> None:
    names = {
        "filrouge_processing_lag",
        "filrouge_processing_queue_depth",
        "filrouge_processing_batch_size_count",
        "filrouge_processing_export_duration_seconds_count",
        "ingestion_records_total",
    }

    def measured() -> set[str]:
        query = '{job="filrouge/filrouge-processing"}'
        answer = requests.get(
            f"{busy_stack.url(Port.PROMETHEUS)}/api/v1/query", params={"query": query}, timeout=10
        ).json()
        return {each["metric"]["__name__"] for each in answer["data"]["result"]}

    await_until(lambda: names <= measured(), f"all of {names} are in Prometheus")
