from __future__ import annotations

from typing import Any

from hypothesis import given

from filrouge.records.record import Record
from filrouge.runs.ids import RunIds
from tests.factories import RUN, ns, run_completed, run_of, run_started, task, task_started
from tests.runs.strategies import few, records
from tests.telemetry.captured import exported

INFO, ERROR = (9, "INFO"), (17, "ERROR")
IDENTITY = {"ingestion.run.id": "2025-09-05-16-45", "ingestion.run.attempt": 1}
LANE = {
    "service.name": "ingestion",
    "ingestion.company": "akonovia",
    "ingestion.zone": "1-Raw",
    "ingestion.source": "Efficy",
}


def test_a_record_is_a_log_record_at_its_end_linked_to_its_span() -> None:
    record = task("Sites", 2, 3, line=b'{"Objet": "\xc3\xa9"}', cpu_time_s=0.5)

    assert logs_of(record) == [
        {
            "name": "ingestion.task.completed",
            "trace_id": RunIds(RUN).trace_id,
            "span_id": RunIds(RUN).tasks("1-Raw", "Efficy").task("12", "Sites", record.started),
            "time_ns": ns(5),
            "severity": INFO,
            "body": '{"Objet": "é"}',
            "resource": LANE,
            "attributes": {
                **IDENTITY,
                "ingestion.task.duration": 3.0,
                "ingestion.object.id": "12",
                "ingestion.object.name": "Sites",
                "ingestion.task.cpu.time": 0.5,
                "ingestion.task.outcome": "success",
            },
        }
    ]


def test_a_failure_is_an_error_with_its_class_and_text() -> None:
    [failed] = logs_of(task(error="'id'"))

    assert (failed["name"], failed["severity"]) == ("ingestion.task.failed", ERROR)
    assert (
        failed["attributes"].items()
        >= {
            "ingestion.task.outcome": "failure",
            "error.type": "KeyError",
            "exception.message": "'id'",
        }.items()
    )


def test_a_long_error_text_is_cut_for_the_body_has_it_whole() -> None:
    [failed] = logs_of(task(error="x" * 10_000))

    assert len(failed["attributes"]["exception.message"]) == 4096
    assert failed["body"].count("x") >= 10_000


def test_an_announcement_is_logged_at_the_start_and_linked_to_the_span_to_come() -> None:
    begun, ended = logs_of(task_started("Sites", 2), task("Sites", 2, 3))

    assert (begun["name"], begun["severity"], begun["time_ns"]) == (
        "ingestion.task.started",
        INFO,
        ns(2),
    )
    assert (begun["trace_id"], begun["span_id"]) == (ended["trace_id"], ended["span_id"])
    assert begun["attributes"] == {
        **IDENTITY,
        "ingestion.object.id": "12",
        "ingestion.object.name": "Sites",
    }


def test_what_the_producer_says_of_a_run_is_linked_to_the_runs_span() -> None:
    told = logs_of(run_started(-1), run_completed(-1, 9))

    assert [(each["name"], each["time_ns"], each["span_id"]) for each in told] == [
        ("ingestion.run.started", ns(-1), RunIds(RUN).run()),
        ("ingestion.run.completed", ns(8), RunIds(RUN).run()),
    ]
    assert [each["resource"] for each in told] == [
        {"service.name": "pipeline", "ingestion.company": "akonovia"}
    ] * 2


def test_records_that_contradict_each_other_are_all_logged_under_one_span() -> None:
    told = logs_of(task(took_s=2), task(took_s=1, error="'id'"))

    assert len({each["span_id"] for each in told}) == 1
    assert [(each["name"], each["time_ns"]) for each in told] == [
        ("ingestion.task.completed", ns(2)),
        ("ingestion.task.failed", ns(1)),
    ]
    assert [each["attributes"].get("ingestion.task.remarks") for each in told] == [
        ["conflicting_duplicate"],
        None,
    ]


def test_a_duplicate_is_logged_once() -> None:
    assert len(logs_of(task(), task())) == 1


@few
@given(records)
def test_every_line_that_says_something_new_is_logged_once(told: list[Record]) -> None:
    lines = [each["body"] for each in exported(run_of(*told)).logs()]

    assert len(set(lines)) == len(lines)
    assert set(lines) <= {record.line.decode() for record in told}


@few
@given(records)
def test_every_log_record_of_a_finished_task_is_linked_to_a_span_there_is(
    told: list[Record],
) -> None:
    captured = exported(run_of(*told))
    spans = {(span["trace_id"], span["span_id"]) for span in captured.spans()}

    for each in captured.logs():
        if each["name"] != "ingestion.task.started":
            assert (each["trace_id"], each["span_id"]) in spans


def logs_of(*told: Record) -> list[dict[str, Any]]:
    return exported(run_of(*told)).logs()
