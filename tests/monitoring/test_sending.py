"""What a closed run leaves, and when; without a collector."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
from sqlalchemy import Engine

from filrouge.errors import DeliveryError
from filrouge.monitoring.registry import outbox
from filrouge.monitoring.sending import Sender
from filrouge.records.utctime import NS_PER_S
from filrouge.telemetry.context import Context
from filrouge.telemetry.otlp_json import Signal
from filrouge.telemetry.sender import APART_S, RetryableError
from tests.monitoring.driving import PARSER, Monitor
from tests.monitoring.lines import run_completed, run_started, task

MARK = {"key": "ingestion.resent", "value": {"boolValue": True}}


@dataclass
class Collector:
    """Takes requests, or fails as told."""

    failing: Exception | None = None
    probes: int = 0
    requests: list[tuple[Signal, Any]] = field(default_factory=list)

    def send(self, signal: Signal, request: bytes) -> None:
        if self.failing:
            raise self.failing
        if request == b"{}":
            self.probes += 1
            return
        self.requests.append((signal, orjson.loads(request)))

    def close(self) -> None:
        pass

    def spans(self) -> list[list[dict[str, Any]]]:
        """The spans of each request."""
        return [
            [span for group in told["resourceSpans"] for span in group["scopeSpans"][0]["spans"]]
            for signal, told in self.requests
            if signal is Signal.TRACES
        ]

    def marked(self) -> list[list[bool]]:
        """Whether each request's resources bear the mark."""
        return [
            [MARK in group["resource"]["attributes"] for group in told["resourceSpans"]]
            for signal, told in self.requests
            if signal is Signal.TRACES
        ]

    def points(self, metric: str) -> list[tuple[int, float]]:
        """Time in nanoseconds and value of each point."""
        return [
            (int(point["timeUnixNano"]), point.get("asDouble", point.get("asInt")))
            for signal, told in self.requests
            if signal is Signal.METRICS
            for group in told["resourceMetrics"]
            for each in group["scopeMetrics"][0]["metrics"]
            if each["name"] == metric
            for point in each["gauge"]["dataPoints"]
        ]


@pytest.fixture
def monitor(engine: Engine) -> Monitor:
    return Monitor(engine)


@pytest.fixture
def collector() -> Collector:
    return Collector()


@pytest.fixture
def sender(monitor: Monitor, collector: Collector) -> Sender:
    context = Context({"1-Raw": "ingestion"})
    return Sender(monitor.engine, PARSER, context, collector, lambda: monitor.now_ns)


def test_a_closed_run_is_sent_once_in_one_request_root_first(
    monitor: Monitor, collector: Collector, sender: Sender
) -> None:
    monitor.read(task(), task("Lists", 2), run_completed())
    assert sender.send_due() == 0
    monitor.wait(11)

    assert (sender.send_due(), sender.send_due()) == (1, 0)

    [spans] = collector.spans()
    assert [span["name"] for span in spans] == [
        "run akonovia",
        "stage 1-Raw",
        "source Efficy",
        "task Efficy/Sites",
        "task Efficy/Lists",
    ]
    assert collector.marked() == [[False, True]]  # the run is counted now; its tasks were
    assert len(collector.points("ingestion.run.duration")) == 1


def test_a_late_record_leaves_the_upper_spans_as_they_were(
    monitor: Monitor, collector: Collector, sender: Sender
) -> None:
    monitor.read(task(), run_completed(0, 60))
    monitor.wait(11)
    sender.send_due()
    monitor.read(task("Later", 5, 600, error="'id'"), task("New", source="PowerBI"))
    monitor.wait(11)

    assert sender.send_due() == 1

    before, after = collector.spans()
    by_id = {span["spanId"]: span for span in after}
    assert [by_id[span["spanId"]] for span in before] == before
    assert sorted(span["name"] for span in after if span not in before) == [
        "source PowerBI",
        "task Efficy/Later",
        "task PowerBI/New",
    ]
    assert after[0]["name"] == "run akonovia"
    assert collector.marked() == [[False, True], [True, True]]
    durations = collector.points("ingestion.run.duration")
    assert [value for _, value in durations] == [60, 605]


def test_a_correction_of_a_gauge_bears_another_millisecond(
    monitor: Monitor, collector: Collector, sender: Sender
) -> None:
    monitor.read(task(), run_completed(0, 60))
    for name in ("A", "B"):
        monitor.wait(11)
        sender.send_due()
        monitor.read(task(name, 1))
    monitor.wait(11)
    sender.send_due()

    times = [time_ns for time_ns, _ in collector.points("ingestion.run.duration")]
    assert [time_ns - times[0] for time_ns in times] == [0, 1_000_000, 2_000_000]


def test_what_is_claimed_by_one_that_dies_is_sent_by_another(
    monitor: Monitor, collector: Collector, sender: Sender
) -> None:
    monitor.read(task(), run_completed())
    monitor.wait(11)
    assert len(outbox.claim(monitor.engine, monitor.now_ns, 10)) == 1  # and dies

    assert sender.send_due() == 0
    monitor.now_s += outbox.LEASE_NS / NS_PER_S
    assert sender.send_due() == 1
    assert collector.marked() == [[False, True]]


@pytest.mark.parametrize("failure", [RetryableError("away"), DeliveryError("refused")])
def test_what_the_collector_does_not_take_waits_longer_each_time(
    failure: Exception, monitor: Monitor, collector: Collector, sender: Sender
) -> None:
    monitor.read(task(), run_completed())
    monitor.wait(11)
    collector.failing = failure

    assert sender.send_due() == 0
    assert sender.last_error == str(failure)
    assert outbox.claim(monitor.engine, monitor.now_ns + NS_PER_S - 1, 10) == []
    assert outbox.backlog(monitor.engine)[0] == 1
    collector.failing = None
    monitor.now_s += 1
    assert sender.send_due() == 1
    assert outbox.backlog(monitor.engine) == (0, None)


def test_a_stalled_run_is_seen_and_closes_in_the_end(monitor: Monitor) -> None:
    monitor.read(task(), run_started())

    assert monitor.wait(901) == []
    [closed] = monitor.wait(2700)
    assert closed.outcome == "partial"


def test_runs_of_partitions_that_others_read_are_theirs(monitor: Monitor) -> None:
    monitor.read(task(), run_completed(), partition=3)
    monitor.now_s += 11

    assert monitor.close_due([0, 1]) == []
    assert len(monitor.close_due([3])) == 1


class _Waits(threading.Event):
    """Notes how long is waited, and does not wait."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.told.append(timeout)
        return self.is_set()


def test_what_the_collector_may_have_taken_is_sent_again_some_seconds_after_it_answers(
    monitor: Monitor, collector: Collector, sender: Sender
) -> None:
    sender.stop = waits = _Waits()
    monitor.read(task(), run_completed())
    collector.failing = RetryableError("cut off", unsure=True)
    monitor.wait(11)
    assert sender.send_due() == 0
    collector.failing = RetryableError("refused")
    monitor.wait(61)
    assert (sender.send_due(), sender.last_error) == (0, "refused")

    collector.failing = None

    assert (sender.send_due(), len(collector.spans())) == (1, 1)
    assert (collector.probes, waits.told) == (1, [APART_S])


def test_what_it_never_had_is_sent_again_at_once(
    monitor: Monitor, collector: Collector, sender: Sender
) -> None:
    sender.stop = waits = _Waits()
    monitor.read(task(), run_completed())
    collector.failing = RetryableError("no connection")
    monitor.wait(11)
    assert sender.send_due() == 0

    collector.failing = None
    monitor.wait(61)

    assert (sender.send_due(), collector.probes, waits.told) == (1, 0, [])
