from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filrouge.records.record import Record, Remark, RunOutcome
from filrouge.runs.ids import RunIds
from tests.factories import RUN, ns, run_completed, run_of, run_started, task, task_started
from tests.runs.strategies import any_text, few, records
from tests.telemetry.captured import by_name, exported

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
IDENTITY = {
    "ingestion.company": "akonovia",
    "ingestion.run.id": "2025-09-05-16-45",
    "ingestion.run.attempt": 1,
}


def test_a_run_is_one_trace_of_run_stage_source_and_task() -> None:
    ids = RunIds(RUN)
    record = task("Sites", 2, 3, transformation="get_data")
    place = {"ingestion.zone": "1-Raw", "ingestion.source": "Efficy"}
    counts = {
        "ingestion.tasks.total": 1,
        "ingestion.tasks.failed": 0,
        "ingestion.tasks.unfinished": 0,
    }

    assert exported(run_of(record)).spans() == [
        span(
            "run akonovia",
            ids.run(),
            None,
            {**IDENTITY, "ingestion.level": "run", "ingestion.run.outcome": "success", **counts},
            service="pipeline",
        ),
        span(
            "stage 1-Raw",
            ids.stage("1-Raw"),
            ids.run(),
            {**IDENTITY, "ingestion.zone": "1-Raw", "ingestion.level": "stage", **counts},
        ),
        span(
            "source Efficy",
            ids.source("1-Raw", "Efficy"),
            ids.stage("1-Raw"),
            {**IDENTITY, **place, "ingestion.level": "source", **counts},
        ),
        span(
            "task Efficy/Sites",
            ids.tasks("1-Raw", "Efficy").task("12", "Sites", record.started),
            ids.source("1-Raw", "Efficy"),
            {
                **IDENTITY,
                **place,
                "ingestion.level": "task",
                "ingestion.object.id": "12",
                "ingestion.object.name": "Sites",
                "ingestion.transformation": "get_data",
                "ingestion.task.outcome": "success",
            },
        ),
    ]


def test_a_failed_task_says_what_failed_and_carries_the_error() -> None:
    failed = spans_of(task("Sites", 2, 3, error="'id'"))["task Efficy/Sites"]

    assert failed["status"] == "error"
    assert failed["message"] == (
        "Efficy/Sites failed: 'id' (an error text that is only a key: 'id' was missing)"
    )
    assert failed["attributes"]["ingestion.task.outcome"] == "failure"
    assert failed["attributes"]["error.type"] == "KeyError"
    assert failed["events"] == [
        ("exception", ns(5), {"exception.type": "KeyError", "exception.message": "'id'"})
    ]


def test_a_failure_rolls_up_as_error_with_count_and_first_text() -> None:
    spans = spans_of(
        task("late", 9, 1, error="second"),
        task("early", 0, 1, error="first"),
        task("good", 3, 1),
    )

    for name in ("run akonovia", "stage 1-Raw", "source Efficy"):
        assert spans[name]["status"] == "error"
        assert spans[name]["message"] == ("2 of 3 tasks failed; first: Efficy/early failed: first")
        assert spans[name]["attributes"]["ingestion.tasks.failed"] == 2


def test_a_failure_leaves_other_lanes_and_stages_in_order() -> None:
    spans = spans_of(
        task("a", error="'id'"),
        task("b", source="PowerBI"),
        task("c", zone="2-Standard", source="Zoho"),
    )

    assert {name: span["status"] for name, span in spans.items()} == {
        "run akonovia": "error",
        "stage 1-Raw": "error",
        "source Efficy": "error",
        "task Efficy/a": "error",
        "source PowerBI": "ok",
        "task PowerBI/b": "ok",
        "stage 2-Standard": "ok",
        "source Zoho": "ok",
        "task Zoho/c": "ok",
    }


def test_a_run_that_lacks_tasks_is_an_error_on_its_span_alone() -> None:
    spans = spans_of(task(), run_completed(expected_tasks=3))

    assert spans["run akonovia"]["message"] == "2 of 3 tasks missing"
    assert spans["run akonovia"]["attributes"]["ingestion.run.outcome"] == RunOutcome.PARTIAL
    assert spans["run akonovia"]["attributes"]["ingestion.tasks.expected"] == 3
    assert spans["stage 1-Raw"]["status"] == "ok"


def test_an_unfinished_task_counts_above_and_has_no_span() -> None:
    spans = spans_of(task("Sites"), task_started("Contacts", 5))

    assert "task Efficy/Contacts" not in spans
    assert spans["source Efficy"]["attributes"]["ingestion.tasks.unfinished"] == 1
    assert spans["source Efficy"]["message"] == "1 of 2 tasks never finished"


def test_each_zones_spans_belong_to_its_microservice() -> None:
    spans = exported(
        run_of(task("a"), task("b", zone="2-Standard"), task("c", zone="9-Unheard-of"))
    ).spans()

    assert [span["resource"]["service.name"] for span in spans] == [
        "pipeline",
        *["ingestion"] * 3,
        *["standardization"] * 3,
        *["unknown_service"] * 3,
    ]


def test_a_replay_of_the_past_is_marked_on_spans_and_log_records() -> None:
    told = exported(run_of(task(), run_completed()), replay=True)

    marked = [item["resource"]["ingestion.replay"] for item in [*told.spans(), *told.logs()]]
    assert set(marked) == {True}


def test_a_runs_gauges_are_the_same_points_whoever_sends_them() -> None:
    run = run_of(task(), run_completed())

    assert exported(run, replay=True).points() == exported(run).points()


def test_what_is_no_replay_has_no_such_mark() -> None:
    told = exported(run_of(task(), run_completed()))

    assert not [
        item
        for item in [*told.spans(), *told.logs(), *told.points()]
        if "ingestion.replay" in item["resource"]
    ]


def test_a_copy_shifted_in_time_says_so_on_every_span_and_log_record() -> None:
    told = exported(run_of(task(), run_started(), run_completed(), rebased_from="original"))

    for item in [*told.spans(), *told.logs()]:
        assert item["attributes"]["ingestion.run.rebased_from"] == "original"


@pytest.mark.parametrize(
    ("field", "value", "attribute"),
    [
        ("cpu_time_s", 0.09, "ingestion.task.cpu.time"),
        ("cpu_time_s", 0.0, "ingestion.task.cpu.time"),
        ("cpu_time_s", 1e-7, "ingestion.task.cpu.time"),
        ("memory_delta_bytes", -4096, "ingestion.task.memory.delta"),
        ("memory_delta_bytes", 0, "ingestion.task.memory.delta"),
        ("memory_delta_bytes", 2**53 - 1, "ingestion.task.memory.delta"),
        ("memory_delta_bytes", -(2**63), "ingestion.task.memory.delta"),
        ("memory_delta_bytes", 2**63 - 1, "ingestion.task.memory.delta"),
        ("transformation", "get|data", "ingestion.transformation"),
        ("remarks", (Remark.UNKNOWN_ZONE,), "ingestion.task.remarks"),
        ("extra", {"depth": "2"}, "ingestion.task.extra.depth"),
    ],
)
def test_what_a_record_has_stands_on_its_span(field: str, value: Any, attribute: str) -> None:
    attributes = task_attributes(**{field: value})
    expected = {"remarks": ["unknown_zone"], "extra": "2"}.get(field, value)

    assert attributes[attribute] == expected
    assert type(attributes[attribute]) is type(expected)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_number_arrives_as_it_was_sent(number: float) -> None:
    assert task_attributes(cpu_time_s=number)["ingestion.task.cpu.time"] == number


@given(any_text)
def test_any_text_arrives_as_it_was_sent(text: str) -> None:
    assert task_attributes(transformation=text)["ingestion.transformation"] == text


@pytest.mark.parametrize("field", ["cpu_time_s", "memory_delta_bytes", "transformation"])
def test_what_a_record_lacks_is_left_out(field: str) -> None:
    assert task_attributes(**{field: None}).keys() == task_attributes().keys()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a\x00|b", "a\x00|b"),
        (2, "2"),
        (True, "true"),
        (0.5, "0.5"),
        ({"site": ["é", None]}, '{"site":["é",null]}'),
        (10**30, "1000000000000000000000000000000"),
        ([10**30], "[1000000000000000000000000000000]"),
        ("x" * 5000, "x" * 1024),
    ],
)
def test_a_field_that_no_schema_knows_becomes_text(value: Any, text: str) -> None:
    assert task_attributes(extra={"field": value})["ingestion.task.extra.field"] == text


@pytest.mark.parametrize("value", [None, ""])
def test_an_unknown_field_without_a_value_is_left_out(value: Any) -> None:
    assert "ingestion.task.extra.field" not in task_attributes(extra={"field": value})


def test_of_very_many_unknown_fields_the_first_32_are_kept() -> None:
    attributes = task_attributes(extra={f"{number}": "x" for number in range(100)})
    kept = [key for key in attributes if key.startswith("ingestion.task.extra.")]

    assert kept == [f"ingestion.task.extra.{number}" for number in range(32)]


def test_the_producers_own_span_is_linked() -> None:
    linked = spans_of(task(traceparent=TRACEPARENT))["task Efficy/Sites"]

    assert linked["links"] == [("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", {})]


@pytest.mark.parametrize(
    "header", ["", "nonsense", "00-" + "0" * 32 + "-b7ad6b7169203331-01", "ff" + TRACEPARENT[2:]]
)
def test_a_trace_context_that_is_not_valid_makes_no_link(header: str) -> None:
    assert spans_of(task(traceparent=header))["task Efficy/Sites"]["links"] == []


def test_a_failed_task_can_have_a_link_too() -> None:
    failed = spans_of(task(error="'id'", traceparent=TRACEPARENT))["task Efficy/Sites"]

    assert (len(failed["events"]), len(failed["links"])) == (1, 1)


def test_long_error_texts_are_cut_and_say_so() -> None:
    spans = spans_of(task(error="x" * 10_000))
    failed = spans["task Efficy/Sites"]
    [(_, _, event)] = failed["events"]

    assert (len(failed["message"]), failed["message"][-1]) == (512, "…")
    assert (len(spans["run akonovia"]["message"]), spans["run akonovia"]["message"][-1]) == (
        512,
        "…",
    )
    assert (len(event["exception.message"]), event["exception.message"][-1]) == (4096, "…")


@few
@given(records)
def test_spans_come_root_first_and_parents_before_children(told: list[Record]) -> None:
    spans = exported(run_of(*told)).spans()

    assert spans[0]["parent"] is None
    seen = {spans[0]["span_id"]}
    for each in spans[1:]:
        assert each["parent"] in seen
        seen.add(each["span_id"])


@few
@given(records)
def test_every_span_says_which_run_zone_and_source_it_is_of(told: list[Record]) -> None:
    needed = {"run": [], "stage": ["zone"], "source": ["zone", "source"]}
    for each in exported(run_of(*told)).spans():
        attributes = each["attributes"]
        places = needed.get(attributes["ingestion.level"], ["zone", "source", "object.id"])
        assert attributes.items() >= IDENTITY.items()
        assert attributes.keys() >= {f"ingestion.{place}" for place in places}


@few
@given(records)
def test_the_same_run_is_exported_as_the_same_bytes(told: list[Record]) -> None:
    assert exported(run_of(*told)).requests == exported(run_of(*reversed(told))).requests


def span(
    name: str,
    span_id: str,
    parent: str | None,
    attributes: dict[str, Any],
    service: str = "ingestion",
) -> dict[str, Any]:
    """A span that went well, from 2 s to 5 s after the factories' start."""
    return {
        "name": name,
        "trace_id": RunIds(RUN).trace_id,
        "span_id": span_id,
        "parent": parent,
        "start_ns": ns(2),
        "end_ns": ns(5),
        "status": "ok",
        "message": "",
        "resource": {"service.name": service},
        "attributes": attributes,
        "events": [],
        "links": [],
    }


def spans_of(*told: Record) -> dict[str, dict[str, Any]]:
    return by_name(exported(run_of(*told)).spans())


def task_attributes(**fields: Any) -> dict[str, Any]:
    attributes: dict[str, Any] = spans_of(task(**fields))["task Efficy/Sites"]["attributes"]
    return attributes
