"""The collector observed: what it tells of itself, and that telling makes no storm."""

from __future__ import annotations

import time

import pytest

from filrouge.stack.ports import Port
from filrouge.stack.readiness import http_ok
from filrouge.telemetry.otlp_json import Signal
from tests.collector.backends import Backends, wait_until
from tests.collector.bench import Bench
from tests.collector.test_queues import some_logs

pytestmark = pytest.mark.stack

_OUTAGE_S = 10
_LINES_A_SECOND = 10


def lines(bench: Bench) -> int:
    return bench.stack.place.log("collector").read_bytes().count(b"\n")


def test_size_and_capacity_of_each_queue_are_told(bench: Bench) -> None:
    bench.start()
    told = bench.own_metrics()
    for exporter in ("otlp_grpc/tempo", "otlp_http/loki", "otlp_http/prometheus"):
        for name in ("otelcol_exporter_queue_size", "otelcol_exporter_queue_capacity"):
            assert f'exporter="{exporter}"' in "".join(
                line for line in told.splitlines() if line.startswith(name)
            )


def test_what_came_in_and_went_out_is_counted(bench: Bench, backends: Backends) -> None:
    names = ("otelcol_receiver_accepted_log_records", "otelcol_exporter_sent_log_records")
    before = [bench.own_metric(name) for name in names]
    assert bench.send(Signal.LOGS, some_logs(1, 7)) == 200
    wait_until(
        "both say so",
        lambda: [bench.own_metric(name) for name in names] == [count + 7 for count in before],
    )
    assert len(backends.logs()) == 7


def test_its_own_log_is_in_loki_under_a_name_that_stays(bench: Bench, backends: Backends) -> None:
    bench.start(FILROUGE_LOG_LEVEL="debug")  # which starts it again
    wait_until("it told something", lambda: bool(backends.own_logs()))
    resources = [log["resource"] for log in backends.own_logs()]
    assert {
        (resource["service.name"], resource["service.instance.id"]) for resource in resources
    } == {("otelcol-filrouge", "collector")}
    bench.start()


def test_no_setting_is_deprecated(bench: Bench) -> None:
    bench.start()
    said = bench.stack.log_tail("collector", 2000).lower()
    assert "starting" in said
    assert "deprecated" not in said
    assert "using legacy" not in said


def test_it_is_healthy(bench: Bench) -> None:
    http_ok(Port.COLLECTOR_HEALTH, "/")(bench.stack.place)


@pytest.mark.slow
def test_an_outage_of_loki_makes_no_storm(away: Bench) -> None:
    assert away.send(Signal.LOGS, some_logs(1, 100)) == 200
    before = lines(away)
    time.sleep(_OUTAGE_S)
    assert lines(away) - before < _OUTAGE_S * _LINES_A_SECOND
    with away.come_back() as backends:
        wait_until("what was sent is there", lambda: len(backends.logs()) == 100)
        assert len(backends.own_logs()) < _OUTAGE_S * _LINES_A_SECOND
