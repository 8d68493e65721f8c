"""What a service tells of itself, and what it does while nobody listens."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator

import orjson
import pytest
import structlog

from filrouge import __version__
from filrouge.observability import observe
from filrouge.observability.logs import NowAndThen
from filrouge.settings import Settings, load_settings
from filrouge.telemetry.otlp_json import Signal
from tests.observability.told import Told
from tests.telemetry.receivers import HttpReceiver


@pytest.fixture
def receiver() -> Iterator[HttpReceiver]:
    with HttpReceiver() as receiver:
        yield receiver


def settings_for(url: str) -> Settings:
    return load_settings(otlp_url=url)


def test_all_three_signals_bear_the_services_own_name(receiver: HttpReceiver) -> None:
    with observe("testing", settings_for(receiver.url)) as observed:
        with observed.tracer.start_as_current_span("work"):
            observed.log.info("worked", size=3)
        observed.meter.create_counter("things").add(2)

    resources = Told(receiver).resources()
    assert set(resources) == set(Signal)
    instances = {resource["service.instance.id"] for resource in resources.values()}
    assert len(instances) == 1
    for resource in resources.values():
        assert resource["service.name"] == "filrouge-testing"
        assert resource["service.namespace"] == "filrouge"
        assert resource["service.version"] == __version__
    assert Told(receiver).metric("things") == [({}, 2)]


def test_a_log_record_has_its_span_on_both_ways(
    receiver: HttpReceiver, capsys: pytest.CaptureFixture[str]
) -> None:
    with (
        observe("testing", settings_for(receiver.url)) as observed,
        observed.tracer.start_as_current_span("work"),
    ):
        observed.log.warning("odd", size=3, parts=["a", "b"], nothing=None)

    (span,) = Told(receiver).spans()
    (log,) = Told(receiver).logs()
    assert (log.body, log.severity) == ("odd", "WARN")
    assert (log.trace_id, log.span_id) == (span.trace_id, span.span_id)
    fields = {"logger": "filrouge.testing", "size": 3, "parts": '["a","b"]'}
    assert log.attributes == fields
    line = orjson.loads(capsys.readouterr().err)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "odd",
        "level": "warning",
        "logger": "filrouge.testing",
        "size": 3,
        "parts": ["a", "b"],
        "nothing": None,
        "trace_id": span.trace_id,
        "span_id": span.span_id,
    }


def test_libraries_that_log_go_the_same_way(
    receiver: HttpReceiver, capsys: pytest.CaptureFixture[str]
) -> None:
    with observe("testing", settings_for(receiver.url)):
        logging.getLogger("some.library").error("%d broken", 7)
        logging.getLogger("some.library").debug("not wanted")

    (log,) = Told(receiver).logs()
    assert (log.body, log.attributes) == ("7 broken", {"logger": "some.library"})
    line = orjson.loads(capsys.readouterr().err)
    assert (line["event"], line["level"], line["logger"]) == ("7 broken", "error", "some.library")


@pytest.mark.parametrize("way", ["structlog", "logging"])
def test_an_exception_is_told_with_its_trace(
    receiver: HttpReceiver, capsys: pytest.CaptureFixture[str], way: str
) -> None:
    with observe("testing", settings_for(receiver.url)) as observed:
        log = observed.log if way == "structlog" else logging.getLogger("some.library")
        try:
            raise KeyError("lost")
        except KeyError:
            log.exception("failed")

    (record,) = Told(receiver).logs()
    assert record.attributes["exception.type"] == "KeyError"
    assert record.attributes["exception.message"] == "'lost'"
    assert "test_observe.py" in record.attributes["exception.stacktrace"]
    assert "KeyError: 'lost'" in orjson.loads(capsys.readouterr().err)["exception"]


def test_bound_fields_are_on_every_record(receiver: HttpReceiver) -> None:
    with observe("testing", settings_for(receiver.url)) as observed:
        log = observed.log.bind(company="akonovia")
        log.info("one")
        with structlog.contextvars.bound_contextvars(request=7):
            log.info("two")

    assert [each.attributes for each in Told(receiver).logs()] == [
        {"logger": "filrouge.testing", "company": "akonovia"},
        {"logger": "filrouge.testing", "company": "akonovia", "request": 7},
    ]


def test_a_collector_that_is_away_costs_a_line_and_a_moment(
    capsys: pytest.CaptureFixture[str],
) -> None:
    begun_s = time.monotonic()
    with observe("testing", settings_for("http://127.0.0.1:1")) as observed:
        counter = observed.meter.create_counter("things")
        for _ in range(2000):
            with observed.tracer.start_as_current_span("work"):
                counter.add(1)
        worked_s = time.monotonic() - begun_s
        time.sleep(0.5)  # for the exporters to find out
    ended_s = time.monotonic() - begun_s

    assert worked_s < 20
    assert ended_s < worked_s + 30
    lines = [orjson.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert {line["logger"].partition(".")[0] for line in lines} == {"opentelemetry"}
    assert len(lines) == 1


def test_logging_is_as_before_afterwards(receiver: HttpReceiver) -> None:
    root = logging.getLogger()
    before = root.level, list(root.handlers)

    with observe("testing", settings_for(receiver.url)):
        assert (root.level, root.handlers) != before

    assert (root.level, root.handlers) == before


def test_what_repeats_itself_is_told_once_a_minute() -> None:
    now_s = 1000.0
    lines = NowAndThen(lambda: now_s)

    def passes(name: str) -> str | None:
        record = logging.LogRecord(name, logging.ERROR, "", 0, "%s is away", ("it",), None)
        decisions = {lines.filter(record) for _ in range(2)}
        assert len(decisions) == 1, "each handler asks, and none counts twice"
        return record.getMessage() if decisions.pop() else None

    assert [passes("opentelemetry.exporter.http") for _ in range(4)] == ["it is away", *[None] * 3]
    assert [passes("filrouge.kafka.client") for _ in range(2)] == ["it is away", None]
    assert [passes("filrouge.testing") for _ in range(2)] == ["it is away"] * 2
    assert [passes("opentelemetrical") for _ in range(2)] == ["it is away"] * 2
    now_s += 60
    assert passes("opentelemetry.sdk") == "it is away (3 more lines like it before)"
    assert passes("filrouge.kafka.client") == "it is away (1 more lines like it before)"
    assert passes("opentelemetry.sdk") is None
