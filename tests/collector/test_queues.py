"""What the collector has taken is not lost: not by its own death, not by a backend's."""

from __future__ import annotations

import pytest

from filrouge.stack.ports import Port
from filrouge.stack.readiness import NotReady, http_ok
from filrouge.telemetry.otlp_json import Signal
from tests.collector import otlp
from tests.collector.backends import Backends, wait_until
from tests.collector.bench import Bench
from tests.records import samples

pytestmark = [pytest.mark.stack, pytest.mark.slow]

_RECORDS = 300
_LARGE = "x" * 20_000


def some_logs(first: int, count: int = 1, body: str = "") -> bytes:
    return otlp.logs(otlp.log(f"{number} {body}") for number in range(first, first + count))


def numbers(bench: Bench) -> set[int]:
    """Which of `some_logs` are in Loki."""
    return {int(log["body"].split()[0]) for log in bench.backends.logs()}


def test_a_kill_while_all_backends_are_away_loses_nothing(away: Bench) -> None:
    records = [samples.schema1({"Objet_Id": number}) for number in range(_RECORDS)]
    away.publish(records)
    for number in range(20):
        spans = [otlp.span(100 * number + each) for each in range(1, 11)]
        assert away.send(Signal.TRACES, otlp.traces(spans)) == 200
        assert away.send(Signal.LOGS, some_logs(10 * number, 10)) == 200
    wait_until(
        "Kafka is read",
        lambda: away.own_metric("otelcol_receiver_accepted_log_records") >= 200 + _RECORDS,
    )
    away.stack.kill("collector")
    with away.come_back() as backends:
        away.start()
        wait_until(
            "all spans are there", lambda: len({s["span_id"] for s in backends.spans()}) == 200
        )
        wait_until(
            "all log records are there",
            lambda: (
                {log["body"] for log in backends.logs()}
                == {f"{number} " for number in range(200)} | {line.decode() for line in records}
            ),
        )


def test_a_kill_in_the_middle_of_sending_loses_nothing(away: Bench) -> None:
    with away.come_back() as backends:
        backends.loki.open.clear()  # takes requests, and does not answer
        for number in range(50):
            assert away.send(Signal.LOGS, some_logs(number)) == 200
        wait_until(
            "some is on its way", lambda: away.own_metric("otelcol_exporter_in_flight_requests") > 0
        )
        away.stack.kill("collector")
        backends.loki.open.set()
        away.start()
        wait_until("all is there", lambda: numbers(away) == set(range(50)))


def test_a_full_queue_refuses_and_keeps_what_it_took(away: Bench) -> None:
    away.start(FILROUGE_QUEUE_BYTES="300000")
    answers = {
        number: away.send(Signal.LOGS, some_logs(number, body=_LARGE)) for number in range(40)
    }
    assert set(answers.values()) == {200, 503}
    with away.come_back():
        taken = {number for number, status in answers.items() if status == 200}
        wait_until("what was taken is there", lambda: numbers(away) >= taken)
        wait_until("there is room again", lambda: away.send(Signal.LOGS, some_logs(1000)) == 200)
        wait_until("the later one is there", lambda: 1000 in numbers(away))
        assert numbers(away) == taken | {1000}


def test_records_wait_on_kafka_while_the_queue_is_full(away: Bench) -> None:
    away.start(FILROUGE_QUEUE_BYTES="100000")
    records = [samples.schema1({"Objet_Id": n, "Parametres": _LARGE}) for n in range(30)]
    away.publish(records)
    wait_until(
        "it was full", lambda: away.own_metric("otelcol_exporter_enqueue_failed_log_records") > 0
    )
    with away.come_back() as backends:
        bodies = {line.decode() for line in records}
        wait_until("all is there", lambda: {log["body"] for log in backends.logs()} == bodies)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_backend_is_tried_again(bench: Bench, backends: Backends, status: int) -> None:
    backends.loki.answers.extend([(status, {}, b"")] * 2)
    assert bench.send(Signal.LOGS, some_logs(status)) == 200
    wait_until("it is there", lambda: numbers(bench) == {status})
    assert not backends.loki.answers


def test_what_a_backend_refuses_for_good_is_dropped_and_counted(
    bench: Bench, backends: Backends
) -> None:
    before = bench.own_metric("otelcol_exporter_send_failed_log_records")
    backends.loki.refuse("entry too old")
    assert bench.send(Signal.LOGS, some_logs(1)) == 200
    wait_until(
        "it is counted",
        lambda: bench.own_metric("otelcol_exporter_send_failed_log_records") == before + 1,
    )
    assert bench.send(Signal.LOGS, some_logs(2)) == 200
    wait_until("the next is there", lambda: numbers(bench) == {2})


def test_batches_stay_below_what_tempo_takes(bench: Bench, backends: Backends) -> None:
    spans = [otlp.span(number, attributes={"text": _LARGE}) for number in range(1, 501)]
    assert bench.send(Signal.TRACES, otlp.traces(spans)) == 200  # 10 MB in one request
    wait_until("all spans are there", lambda: len(backends.spans()) == 500)
    assert backends.largest_to_tempo() < 4 << 20


def test_the_collector_refuses_when_memory_runs_out(away: Bench) -> None:
    away.start(FILROUGE_MEMORY_LIMIT_MIB="20", FILROUGE_MEMORY_SPIKE_MIB="10")
    wait_until("it refuses", lambda: away.send(Signal.LOGS, some_logs(1)) == 503)


def test_it_is_ready_with_every_backend_away(away: Bench) -> None:
    away.stack.stop("collector")
    away.stack.stop("kafka")
    try:
        away.start()
        http_ok(Port.COLLECTOR_HEALTH, "/")(away.stack.place)
        assert away.send(Signal.LOGS, some_logs(1)) == 200
    except NotReady as error:
        raise AssertionError(str(error)) from None
    finally:
        away.stack.start("kafka")
