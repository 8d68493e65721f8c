"""Records that are posted, from the request to every place, by all three services."""

from __future__ import annotations

import time
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from secrets import token_hex
from typing import Any, Final

import pytest
import requests
from confluent_kafka import Consumer, TopicPartition

from filrouge.backends.traceql import links_to
from filrouge.kafka.topics import PARTITIONS, PROCESSING_GROUP, TOPIC
from filrouge.stack.ports import Port
from filrouge.stack.stack import Stack
from tests.conftest import CHECKOUT, free_offset, throwaway
from tests.faults.driving import assert_everywhere, await_until
from tests.simulated import simulated

_SHORT: Final = {"FILROUGE_RUN_GRACE_S": "2", "FILROUGE_RUN_SILENCE_S": "5"}
_BATCH: Final = 60
_RUNS: Final = 6
_BACKENDS: Final = ("tempo", "loki", "prometheus")
_PARENT: Final = "b7ad6b7169203331"


@dataclass(frozen=True)
class Posted:
    """What was acknowledged.

    Attributes:
        stack: where it went.
        file: all records.
        batches: as they were posted.
        trace_id: of the caller.
    """

    stack: Stack
    file: Path
    batches: tuple[bytes, ...]
    trace_id: str


@pytest.fixture(scope="module")
def posted(
    stack_roots: Iterator[Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Posted]:
    """Six runs of two companies, half of each schema, posted in mixed batches by one caller."""
    config = {"runs": _RUNS // 2, "companies": 2, "tasks": 72, "failure_rate": 0.05}
    first = simulated("2026-09-01T06:00", schema=1, **config)
    second = simulated("2026-09-02T06:00", schema=2, **config)
    lines = [line for pair in zip(first, second, strict=False) for line in pair]
    lines += first[len(second) :] + second[len(first) :]
    batches = tuple(b"".join(lines[at : at + _BATCH]) for at in range(0, len(lines), _BATCH))
    file = tmp_path_factory.mktemp("posted") / "records.ndjson"
    file.write_bytes(b"".join(lines))
    trace_id = f"0f{token_hex(15)}"  # as some do; Tempo's search leaves the zero out
    with throwaway(Stack(CHECKOUT, next(stack_roots), free_offset(), _SHORT)) as stack:
        stack.up()
        acknowledged = sum(post(stack, batch, trace_id) for batch in batches)
        assert acknowledged == len(lines) > 400
        yield Posted(stack, file, batches, trace_id)


def post(stack: Stack, batch: bytes, trace_id: str) -> int:
    """How many records of a batch were acknowledged."""
    answer = requests.post(
        f"{stack.url(Port.INGESTION)}/v1/records",
        data=batch,
        headers={
            "content-type": "application/x-ndjson",
            "traceparent": f"00-{trace_id}-{_PARENT}-01",
        },
        timeout=60,
    )
    told: dict[str, int] = answer.json()
    assert (answer.status_code, told["refused"]) == (202, 0), answer.text
    return told["accepted"]


def ask(stack: Stack, port: Port, path: str, **parameters: str) -> Any:
    answer = requests.get(f"{stack.url(port)}{path}", params=parameters, timeout=30)
    return answer.json() if answer.status_code == requests.codes.ok else {}


def spans_of(stack: Stack, trace_id: str) -> list[dict[str, Any]]:
    """The spans of a trace, each with its service."""
    return [
        {**span, "service": attributes(batch["resource"])["service.name"]}
        for batch in ask(stack, Port.TEMPO_HTTP, f"/api/traces/{trace_id}").get("batches", [])
        for scope in batch["scopeSpans"]
        for span in scope["spans"]
    ]


def attributes(item: dict[str, Any]) -> dict[str, Any]:
    return {each["key"]: next(iter(each["value"].values())) for each in item["attributes"]}


def found(stack: Stack, query: str) -> list[str]:
    """The traces of the last hour that a query finds.

    Without a range, Tempo would only look into what came in the last minute or two.
    """
    now_s = int(time.time())
    span = {"start": str(now_s - 3600), "end": str(now_s + 60)}
    answer = ask(stack, Port.TEMPO_HTTP, "/api/search", q=query, **span)
    return [each["traceID"].zfill(32) for each in answer.get("traces", [])]


def is_found(stack: Stack, query: str) -> bool:
    return found(stack, query) != []


def linked(span: dict[str, Any]) -> set[str]:
    """The traces that a span links to; Tempo tells ids in base64."""
    return {b64decode(each["traceId"]).hex() for each in span.get("links", [])}


def test_every_acknowledged_record_is_everywhere_once(posted: Posted) -> None:
    await_until(lambda: len(closed_runs(posted.stack)) == _RUNS, "all runs are closed and sent")

    assert_everywhere(posted.stack, posted.file, *_BACKENDS)
    assert_everywhere(posted.stack, posted.file, "topic")

    assert sum(run["records"] for run in closed_runs(posted.stack)) == len(
        posted.file.read_bytes().splitlines()
    )
    told = ask(posted.stack, Port.MONITORING, "/v1/reconciliation")
    assert (told["balanced"], told["differences"]) == (True, [])


def closed_runs(stack: Stack) -> list[dict[str, Any]]:
    runs = ask(stack, Port.MONITORING, "/v1/runs", limit="100").get("runs", [])
    return [run for run in runs if run["state"] == "closed" and run["sent_at"]]


def test_the_callers_trace_leads_to_the_hops_and_they_lead_to_the_runs(posted: Posted) -> None:
    stack, trace_id = posted.stack, posted.trace_id
    hops = {
        service: f'{{ name = "process {TOPIC}" && resource.service.name = "{service}" '
        f"&& {links_to(trace_id)} }}"
        for service in ("filrouge-processing", "filrouge-monitoring")
    }

    own = partial(spans_of, stack, trace_id)
    await_until(lambda: len(own()) >= 2 * len(posted.batches), "the caller's spans are there")
    sent = [span for span in own() if span["name"] == f"send {TOPIC}"]
    assert {span["service"] for span in own()} == {"filrouge-ingestion"}
    assert len(sent) == len(posted.batches)
    for service, query in hops.items():
        await_until(partial(is_found, stack, query), f"a hop of {service} is found")

    runs: set[str] = set()
    for hop in found(stack, hops["filrouge-processing"]):
        for span in spans_of(stack, hop):
            runs |= linked(span) - {trace_id}
    assert runs <= {run["trace_id"] for run in closed_runs(stack)}
    levels = {
        attributes(span).get("ingestion.level") for run in runs for span in spans_of(stack, run)
    }
    assert levels == {"run", "stage", "source", "task"}


def test_a_request_that_is_sent_again_changes_nothing(posted: Posted) -> None:
    again = posted.batches[0]

    assert post(posted.stack, again, posted.trace_id) == _BATCH

    def duplicates() -> int:
        told = ask(posted.stack, Port.MONITORING, "/v1/reconciliation")
        return sum(each["duplicate"] for each in told["partitions"])

    await_until(lambda: duplicates() == _BATCH, "monitoring knows them again")
    await_until(lambda: not lag(posted.stack), "all have read them")
    assert_everywhere(posted.stack, posted.file, *_BACKENDS)


def lag(stack: Stack) -> int:
    """How many records processing and the collector have still to read."""
    behind = 0
    for group in (PROCESSING_GROUP, "otelcol-logs"):
        brokers = stack.address(Port.KAFKA)
        client = Consumer({"bootstrap.servers": brokers, "group.id": group})
        try:
            partitions = [TopicPartition(TOPIC, number) for number in range(PARTITIONS)]
            for each in client.committed(partitions, timeout=30):
                _, end = client.get_watermark_offsets(each, timeout=30)
                behind += end - max(each.offset, 0)  # below 0: nothing is committed
        finally:
            client.close()
    return behind
