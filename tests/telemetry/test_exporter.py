from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from filrouge.records.record import Record, RunKey
from filrouge.telemetry import batching, exporter
from filrouge.telemetry.context import Context
from filrouge.telemetry.live import LiveMetrics
from filrouge.telemetry.otlp_json import Signal
from filrouge.telemetry.protobuf import to_message
from tests.factories import run_of, task
from tests.runs.strategies import few, records
from tests.telemetry.captured import LIVE_START_NS, SERVICES, Captured, exported
from tests.telemetry.rich import rich_export, rich_run

MIB = 1 << 20
GRPC_RECEIVER_BYTES = 4 * MIB
"""What a collector's gRPC receiver takes, unless it is told otherwise."""


@few
@given(records, st.sampled_from([1, 500, 2_000, 10_000]))
def test_everything_comes_out_once_and_in_order_whatever_the_size_of_requests(
    told: list[Record], limit: int
) -> None:
    run = run_of(*told)
    whole = exported(run)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batching, "MAX_REQUEST_BYTES", limit)
        patch.setattr(exporter, "_POINTS_PER_REQUEST", 1)
        cut_up = exported(run)

    assert cut_up.spans() == whole.spans()
    assert cut_up.logs() == whole.logs()
    assert in_any_order(cut_up.points()) == in_any_order(whole.points())


@few
@given(records, st.sampled_from([1_000, 2_000, 10_000]))
def test_only_a_request_with_a_single_item_is_larger_than_the_limit(
    told: list[Record], limit: int
) -> None:
    run = run_of(*told)
    live = LiveMetrics(LIVE_START_NS)
    live.measure(run)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batching, "MAX_REQUEST_BYTES", limit)
        requests = exported(run, live=live).requests

    for signal, request in requests:
        assert len(request) <= limit or count_items(signal, request) == 1


def test_requests_are_well_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batching, "MAX_REQUEST_BYTES", 10_000)
    run = run_of(*(task(f"{number}", number) for number in range(100)))

    for signal in (Signal.TRACES, Signal.LOGS):
        sizes = [len(request) for request in exported(run).of(signal)]
        assert len(sizes) > 5
        assert min(sizes[1:-1]) > 8_000


def test_metrics_of_very_many_sources_are_split_too() -> None:
    live = LiveMetrics(LIVE_START_NS)
    live.measure(run_of(*(task(source=f"{number}", cpu_time_s=1.0) for number in range(3_000))))
    captured = exported(live=live)
    sources = [point["attributes"].get("ingestion.source") for point in captured.points()]

    assert max(len(request) for _, request in captured.requests) <= MIB
    assert len(captured.requests) > 1
    assert {f"{number}" for number in range(3_000)} == {each for each in sources if each}


def test_requests_of_the_largest_records_fit_a_collectors_grpc_receiver() -> None:
    """A record of 1 MiB is on its own, with what is said of its failure besides its line."""
    text = "\x01" * (MIB // 6)
    largest = [task(f"{number}", error=text, line=b'"%b"' % (b"x" * MIB)) for number in range(2)]
    others = [task(f"{number}", line=b"x" * 10_000) for number in range(3, 100)]

    for signal, request in exported(run_of(*largest, *others)).requests:
        assert to_message(signal, request).ByteSize() < GRPC_RECEIVER_BYTES


def test_gauges_of_very_many_runs_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporter, "_POINTS_PER_REQUEST", 50)
    monkeypatch.setattr(batching, "MAX_REQUEST_BYTES", 1)
    runs = [run_of(task(run=RunKey("akonovia", f"{number}", 1))) for number in range(100)]
    captured = exported(*runs)

    assert len(captured.of(Signal.METRICS)) >= 100 * 8 / 50
    assert len(captured.points()) == 100 * 8


def test_every_sink_is_given_the_same() -> None:
    sinks = [Captured(), Captured()]
    everywhere = exporter.Exporter(Context(SERVICES), sinks)
    everywhere.export_run(rich_run())
    everywhere.flush()

    assert sinks[0].requests == sinks[1].requests
    assert {signal for signal, _ in sinks[0].requests} == set(Signal)


def test_nothing_comes_out_when_nothing_went_in() -> None:
    assert exported().requests == []


def test_a_second_flush_sends_nothing_again() -> None:
    captured = Captured()
    once = exporter.Exporter(Context(SERVICES), [captured])
    once.export_run(rich_run())
    once.flush()
    sent = len(captured.requests)
    once.flush()

    assert len(captured.requests) == sent


def test_requests_are_single_lines_that_the_official_messages_take_whole() -> None:
    for signal, request in rich_export().requests:
        assert b"\n" not in request
        assert to_message(signal, request).IsInitialized()


def count_items(signal: Signal, request: bytes) -> int:
    [groups] = orjson.loads(request).values()
    key = {"traces": "spans", "logs": "logRecords", "metrics": "metrics"}[signal]
    return sum(
        len(scope[key])
        for group in groups
        for scopes in list(group.values())[1:]
        for scope in scopes
    )


def in_any_order(points: list[dict[str, Any]]) -> list[str]:
    return sorted(map(str, points))
