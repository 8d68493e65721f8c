from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filrouge.records.record import Record, RunKey
from filrouge.telemetry import batching, exporter
from filrouge.telemetry.context import Context
from filrouge.telemetry.otlp_json import Signal
from filrouge.telemetry.protobuf import to_message
from tests.factories import run_of, task
from tests.runs.strategies import few, records
from tests.telemetry.captured import SERVICES, Captured, exported
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


def test_a_request_is_closed_when_it_has_grown_past_the_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(batching, "MAX_REQUEST_BYTES", 10_000)
    run = run_of(*(task(f"{number}", number) for number in range(100)))

    for signal in (Signal.TRACES, Signal.LOGS):
        sizes = [len(request) for request in exported(run).of(signal)]
        assert len(sizes) > 5
        assert min(sizes[:-1]) >= 10_000
        assert max(sizes) < 22_000  # what waited, a group of its own, and one item more


def test_requests_of_the_largest_records_fit_a_collectors_grpc_receiver() -> None:
    """The worst case: a record of 1 MiB on top of nearly as much that waits, and as much again."""
    text = "\x01" * (MIB // 6)
    largest = [
        task(f"{number}", number, error=text, line=b'"%b"' % (b"x" * MIB)) for number in range(3)
    ]
    others = [task(f"{number}", number, line=b"x" * 10_000) for number in range(3, 300)]

    for signal, request in exported(run_of(*largest, *others)).requests:
        assert to_message(signal, request).ByteSize() < GRPC_RECEIVER_BYTES


def test_gauges_of_very_many_runs_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporter, "_POINTS_PER_REQUEST", 50)
    monkeypatch.setattr(batching, "MAX_REQUEST_BYTES", 1)
    runs = [run_of(task(run=RunKey("akonovia", f"{number}", 1))) for number in range(100)]
    captured = exported(*runs)

    assert len(captured.of(Signal.METRICS)) >= 100 * 8 / 50
    assert len({point["time_ns"] for point in captured.points()}) == 1
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


def in_any_order(points: list[dict[str, Any]]) -> list[str]:
    return sorted(map(str, points))
