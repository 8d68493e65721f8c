"""What is sent over OTLP arrives as it was, but for the changes that are meant."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import pytest

from filrouge.stack.ports import Port
from filrouge.telemetry.live import LiveMetrics, RecordOutcome
from filrouge.telemetry.otlp_grpc import GrpcTransport
from filrouge.telemetry.otlp_json import Signal
from tests.collector.backends import Backends, wait_until
from tests.collector.bench import Bench
from tests.collector.decoded import Plain
from tests.factories import run_of, task
from tests.telemetry.captured import LIVE_START_NS, Captured, exported
from tests.telemetry.rich import rich_run

pytestmark = pytest.mark.stack

_YEAR_S = 365 * 86_400


def live_metrics() -> LiveMetrics:
    live = LiveMetrics(LIVE_START_NS)
    live.measure(rich_run())
    live.count(RecordOutcome.ACCEPTED, 3)
    return live


def send_over_http(bench: Bench, requests: Iterable[tuple[Signal, bytes]]) -> None:
    for signal, request in requests:
        assert bench.send(signal, request) == 200


def send_over_grpc(bench: Bench, requests: Iterable[tuple[Signal, bytes]]) -> None:
    transport = GrpcTransport(
        f"grpc://{bench.stack.address(Port.OTLP_GRPC)}", {}, 30, compress=True
    )
    try:
        for signal, request in requests:
            transport.send(signal, request)
    finally:
        transport.close()


def without(items: Iterable[Plain], *keys: str) -> list[Plain]:
    """The items without what only one side tells, in an order that both have."""
    kept = ({key: value for key, value in item.items() if key not in keys} for item in items)
    return sorted(kept, key=repr)


def arrived(backends: Backends, sent: Captured) -> None:
    """Waits until as much came as was sent, but for the metrics that the collector makes."""
    wait_until(
        "all is there",
        lambda: (
            len(backends.spans()) >= len(sent.spans())
            and len(backends.logs()) >= len(sent.logs())
            and len(own_points(backends)) >= len(sent.points())
        ),
    )


def own_points(backends: Backends) -> list[Plain]:
    return [point for point in backends.points() if not point["name"].startswith("traces.")]


@pytest.mark.parametrize("send", [send_over_http, send_over_grpc], ids=["http", "grpc"])
def test_runs_arrive_as_they_were_sent(bench: Bench, backends: Backends, send: Any) -> None:
    sent = exported(rich_run(), live=live_metrics(), time_ns=time.time_ns())
    send(bench, sent.requests)
    arrived(backends, sent)
    assert without(backends.spans(), "scope") == without(sent.spans())
    assert without(backends.logs(), "scope", "observed_ns") == without(sent.logs())
    assert without(own_points(backends), "point") == without(sent.points(), "point")


def test_of_a_replay_live_metrics_are_dropped_and_gauges_of_runs_pass(
    bench: Bench, backends: Backends
) -> None:
    gauges = exported(rich_run()).points()
    replayed = exported(rich_run(), replay=True, live=live_metrics(), time_ns=time.time_ns())
    send_over_http(bench, replayed.requests)
    later = exported(live=live_metrics(), service="later", time_ns=time.time_ns())
    send_over_http(bench, later.requests)  # what came before it is through when it is
    wait_until(
        "the later ones are there",
        lambda: any(point["resource"] == {"service.name": "later"} for point in backends.points()),
    )
    expected = [*gauges, *later.points()]
    assert without(own_points(backends), "point") == without(expected, "point")


def test_of_a_replay_spans_keep_the_mark_and_logs_lose_it(bench: Bench, backends: Backends) -> None:
    sent = exported(rich_run(), replay=True)
    send_over_http(bench, sent.requests)
    arrived(backends, sent)
    assert without(backends.spans(), "scope") == without(sent.spans())
    assert {span["resource"].get("ingestion.replay") for span in backends.spans()} == {True}
    assert without(backends.logs(), "scope", "observed_ns") == without(exported(rich_run()).logs())


def test_gauges_of_a_year_ago_keep_their_time(bench: Bench, backends: Backends) -> None:
    sent = exported(rich_run(), replay=True)
    send_over_http(bench, sent.requests)
    arrived(backends, sent)
    assert {point["time_ns"] for point in own_points(backends)} == {
        point["time_ns"] for point in sent.points()
    }


def test_points_of_a_time_that_prometheus_refuses_do_not_spoil_the_request(
    bench: Bench, backends: Backends
) -> None:
    far = [task("Sites", at_s, 1) for at_s in (-4 * _YEAR_S, 10 * _YEAR_S)]
    runs = [run_of(each) for each in (*far, task("Contacts"))]
    send_over_http(bench, exported(*runs).requests)
    timely = exported(runs[-1]).points()
    wait_until("the timely ones are there", lambda: len(own_points(backends)) >= len(timely))
    assert without(own_points(backends), "point") == without(timely, "point")
    wait_until("the spans of all are there", lambda: len(backends.spans()) == 4 * len(runs))
