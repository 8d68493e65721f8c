"""Metrics that the collector makes of spans: names, labels, buckets, and what is left out."""

from __future__ import annotations

import pytest

from filrouge.records.record import RunKey
from filrouge.runs.model import Run
from filrouge.telemetry.otlp_json import Signal
from tests.collector import otlp
from tests.collector.backends import Backends, wait_until
from tests.collector.bench import Bench
from tests.collector.decoded import Plain
from tests.collector.test_otlp import send_over_http
from tests.factories import run_of, task
from tests.telemetry.captured import exported

pytestmark = pytest.mark.stack

CALLS = "traces.span.metrics.calls"
DURATION = "traces.span.metrics.duration"
EDGES = "traces_service_graph_request_total"
_BOUNDS_S = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600]


def a_run(company: str) -> Run:
    """Three tasks, of which one failed; of a company of its own, for series never end."""
    run = RunKey(company, "2025-09-05-16-45", 1)
    return run_of(
        task("Sites", 0, 2, run=run),
        task("Contacts", 2, 700, run=run),
        task("Lists", 3, 0.05, run=run, error="'id'"),
    )


def newest(backends: Backends, name: str, company: str) -> list[Plain]:
    """The last point of each series of a company, in the order of their first."""
    series: dict[str, Plain] = {}
    for point in backends.points():
        if point["name"] == name and point["attributes"].get("ingestion.company") == company:
            series[repr(point["attributes"])] = point
    return list(series.values())


def counted(backends: Backends, company: str, calls: int) -> None:
    """Waits until the spans of a company are counted."""
    wait_until(
        f"{calls} spans of {company} are counted",
        lambda: sum(point["value"] for point in newest(backends, CALLS, company)) >= calls,
    )


def done_tasks(points: list[Plain]) -> Plain:
    """The series of the tasks that succeeded."""
    [found] = [
        point
        for point in points
        if point["attributes"]["ingestion.level"] == "task"
        and point["attributes"]["status.code"] == "STATUS_CODE_OK"
    ]
    return found


def test_tasks_and_runs_are_counted_by_company_zone_source_and_outcome(
    bench: Bench, backends: Backends
) -> None:
    send_over_http(bench, exported(a_run("counted")).requests)
    counted(backends, "counted", 4)
    lane = {
        "service.name": "ingestion",
        "ingestion.company": "counted",
        "ingestion.zone": "1-Raw",
        "ingestion.source": "Efficy",
        "ingestion.level": "task",
    }
    run = {
        "service.name": "pipeline",
        "ingestion.company": "counted",
        "ingestion.level": "run",
        "ingestion.run.outcome": "partial",
    }
    found = newest(backends, CALLS, "counted")
    assert {repr(sorted(each["attributes"].items())): each["value"] for each in found} == {
        repr(sorted(labels.items())): count
        for labels, count in (
            ({**lane, "status.code": "STATUS_CODE_OK"}, 2),
            ({**lane, "status.code": "STATUS_CODE_ERROR"}, 1),
            ({**run, "status.code": "STATUS_CODE_ERROR"}, 1),
        )
    }
    assert {each["kind"] for each in found} == {"sum"}
    assert [each["resource"] for each in found] == [
        {"service.name": each["attributes"]["service.name"], "service.instance.id": "collector"}
        for each in found
    ]


def test_durations_are_in_seconds_with_buckets_up_to_an_hour(
    bench: Bench, backends: Backends
) -> None:
    send_over_http(bench, exported(a_run("measured")).requests)
    counted(backends, "measured", 4)
    done = done_tasks(newest(backends, DURATION, "measured"))
    assert (done["unit"], done["kind"]) == ("s", "histogram")
    assert list(done["point"].explicit_bounds) == _BOUNDS_S
    in_bucket = dict(zip([*_BOUNDS_S, "more"], done["point"].bucket_counts, strict=True))
    assert {bound: count for bound, count in in_bucket.items() if count} == {2.5: 1, 900: 1}
    assert done["point"].sum == pytest.approx(702)


def test_a_new_series_begins_at_zero_so_that_its_first_count_is_a_rise(
    bench: Bench, backends: Backends
) -> None:
    send_over_http(bench, exported(a_run("new")).requests)
    counted(backends, "new", 4)
    firsts = {
        repr(point["attributes"]): point["value"]
        for point in reversed(backends.points())
        if point["name"] == CALLS and point["attributes"]["ingestion.company"] == "new"
    }
    assert list(firsts.values()) == [0, 0, 0]


def test_exemplars_lead_from_a_bucket_to_the_span(bench: Bench, backends: Backends) -> None:
    run = a_run("exemplary")
    send_over_http(bench, exported(run).requests)
    counted(backends, "exemplary", 4)
    exemplars = {
        (exemplar.trace_id.hex(), exemplar.span_id.hex(), exemplar.as_double)
        for point in backends.points()
        if point["name"] == DURATION
        and point["attributes"]["ingestion.company"] == "exemplary"
        and point["attributes"]["ingestion.level"] == "task"
        for exemplar in point["point"].exemplars
    }
    assert exemplars == {
        (run.trace_id, each.span_id, (each.record.end_ns - each.record.start_ns) / 1e9)
        for each in run.tasks()
    }


def test_a_replay_is_not_counted(bench: Bench, backends: Backends) -> None:
    send_over_http(bench, exported(a_run("replayed"), replay=True).requests)
    send_over_http(bench, exported(a_run("present")).requests)
    counted(backends, "present", 4)
    wait_until("the replay went to Tempo", lambda: len(backends.spans()) == 2 * 6)
    assert newest(backends, CALLS, "replayed") == []
    assert newest(backends, DURATION, "replayed") == []


def call(number: int, client: str, server: str, **resource: bool) -> list[bytes]:
    """One service calls another: a span of each."""
    outer = otlp.span(number, "GET", kind=otlp.CLIENT)
    inner = {**outer, "spanId": f"{number + 1:016x}", "parentSpanId": outer["spanId"]}
    return [
        otlp.traces([outer], {"service.name": client, **resource}),
        otlp.traces([{**inner, "kind": otlp.SERVER}], {"service.name": server, **resource}),
    ]


def test_calls_between_services_make_a_graph_and_replays_do_not(
    bench: Bench, backends: Backends
) -> None:
    for request in [
        *call(10, "replayed-page", "replayed-registry", **{"ingestion.replay": True}),
        *call(20, "page", "registry"),
    ]:
        assert bench.send(Signal.TRACES, request) == 200

    def edges() -> set[tuple[str, str]]:
        return {
            (point["attributes"]["client"], point["attributes"]["server"])
            for point in backends.points()
            if point["name"] == EDGES
        }

    wait_until("the call is an edge", lambda: ("page", "registry") in edges())
    assert edges() == {("page", "registry")}


def test_beyond_the_limit_sets_of_labels_count_as_one(bench: Bench, backends: Backends) -> None:
    bench.start(FILROUGE_SPAN_METRICS_LIMIT="2")
    spans = [
        otlp.span(number, attributes={"ingestion.level": "task", "ingestion.company": f"c{number}"})
        for number in range(1, 6)
    ]
    assert bench.send(Signal.TRACES, otlp.traces(spans, {"service.name": "many"})) == 200

    def calls() -> list[Plain]:
        """Of this test: what an earlier one left behind may still come."""
        return [
            point
            for point in backends.points()
            if point["name"] == CALLS and point["resource"].get("service.name") == "many"
        ]

    def overflowed() -> list[float]:
        return [
            point["value"] for point in calls() if point["attributes"].get("otel.metric.overflow")
        ]

    wait_until("what is too much is counted", lambda: sum(overflowed()) >= 3)
    companies = {point["attributes"].get("ingestion.company") for point in calls()}
    assert len(companies - {None}) == 2
