"""OTLP by someone else's judgement: the official messages, and the SDK's own encoders."""

from __future__ import annotations

from dataclasses import replace

from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.exporter.otlp.proto.common._log_encoder import encode_logs
from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans

from filrouge.records.record import Remark, RunKey
from filrouge.runs.model import Run
from filrouge.telemetry.live import LiveMetrics, RecordOutcome
from filrouge.telemetry.otlp_json import Signal
from filrouge.telemetry.protobuf import to_message
from tests.factories import run_of, task
from tests.runs.strategies import any_text, few, records
from tests.telemetry.captured import LIVE_START_NS, Captured, exported
from tests.telemetry.sdk_common import comparable
from tests.telemetry.sdk_logs import sdk_logs
from tests.telemetry.sdk_metrics import sdk_gauges, sdk_live
from tests.telemetry.sdk_spans import sdk_spans

INT64 = st.integers(-(2**63), 2**63 - 1)
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

odd_tasks = st.builds(
    task,
    object_name=any_text,
    at_s=st.floats(0, 1e6),
    took_s=st.floats(0, 1e6),
    error=st.none() | any_text,
    zone=any_text | st.just("1-Raw"),
    source=any_text,
    object_id=any_text,
    transformation=st.none() | any_text,
    cpu_time_s=st.none() | st.integers(0, 2**40).map(lambda count: count / 1024),  # exact sums
    memory_delta_bytes=st.none() | INT64,
    traceparent=st.none() | st.just(TRACEPARENT),
    remarks=st.lists(st.sampled_from(Remark), unique=True).map(tuple),
)
"""Tasks with nasty names and extreme numbers; few share a lane."""

odd_runs = st.builds(
    lambda told, company, run_id, attempt, origin: run_of(
        *(replace(record, run=RunKey(company, run_id, attempt)) for record in told),
        rebased_from=origin,
    ),
    told=records | st.lists(odd_tasks, min_size=1, max_size=6),
    company=any_text,
    run_id=any_text,
    attempt=st.integers(1, 2**63 - 1),
    origin=st.none() | any_text,
)


@few
@given(odd_runs, st.booleans())
def test_spans_are_those_that_the_sdk_would_send(run: Run, replay: bool) -> None:
    ours = messages(exported(run, replay=replay), Signal.TRACES)

    assert comparable(*ours) == comparable(encode_spans(list(sdk_spans(run, replay))))


@few
@given(odd_runs, st.booleans())
def test_log_records_are_those_that_the_sdk_would_send(run: Run, replay: bool) -> None:
    ours = messages(exported(run, replay=replay), Signal.LOGS)

    assert comparable(*ours) == comparable(encode_logs(list(sdk_logs(run, replay))))


@few
@given(odd_runs, st.booleans())
def test_gauges_are_those_that_the_sdk_would_send(run: Run, replay: bool) -> None:
    ours = messages(exported(run, replay=replay), Signal.METRICS)

    assert comparable(*ours) == comparable(encode_metrics(sdk_gauges(run)))


@few
@given(odd_runs, st.booleans(), st.lists(st.sampled_from(RecordOutcome)))
def test_live_metrics_are_those_that_the_sdk_would_send(
    run: Run, replay: bool, read: list[RecordOutcome]
) -> None:
    live = LiveMetrics(LIVE_START_NS)
    live.measure(run)
    for outcome in read:
        live.count(outcome)
    counts = {str(outcome): read.count(outcome) for outcome in RecordOutcome}
    ours = messages(exported(live=live, service="x", replay=replay), Signal.METRICS)

    assert comparable(*ours) == comparable(encode_metrics(sdk_live(run, counts, "x", replay)))


def messages(captured: Captured, signal: Signal) -> list[Message]:
    return [to_message(signal, request) for request in captured.of(signal)]
