from __future__ import annotations

from collections import Counter

from filrouge.records.record import RunOutcome
from filrouge.runs.ids import RunIds
from filrouge.verify.expected import Place, expected
from filrouge.verify.items import log_line, message, sample, span
from tests.factories import RUN, ns, run_completed, run_of, task, task_started

IDS = RunIds(RUN)
TRACE = IDS.trace_id


def test_a_run_is_expected_as_its_spans_lines_samples_and_messages() -> None:
    record = task("Sites", at_s=1, took_s=2, cpu_time_s=0.5)
    span_id = IDS.tasks("1-Raw", "Efficy").task("12", "Sites", record.started)

    found = expected(run_of(record)).items

    assert found[Place.TEMPO] == Counter(
        [
            span(TRACE, IDS.run(), ""),
            span(TRACE, IDS.stage("1-Raw"), ""),
            span(TRACE, IDS.source("1-Raw", "Efficy"), ""),
            span(TRACE, span_id, ""),
        ]
    )
    assert found[Place.LOKI] == Counter([log_line(TRACE, span_id, ns(3), "")])
    assert found[Place.TOPIC] == Counter([message(record.line)])
    company = {"ingestion_company": "akonovia"}
    lane = {**company, "ingestion_zone": "1-Raw", "ingestion_source": "Efficy"}
    end_ms = ns(3) // 1_000_000
    assert found[Place.PROMETHEUS] == Counter(
        [
            sample("ingestion_run_duration_seconds", company, end_ms, 2.0),
            sample("ingestion_source_duration_seconds", lane, end_ms, 2.0),
            sample("ingestion_source_cpu_time_seconds", lane, end_ms, 0.5),
            *(
                sample(metric, {**labels, "ingestion_task_outcome": outcome}, end_ms, count)
                for metric, labels in (
                    ("ingestion_run_tasks", company),
                    ("ingestion_source_tasks", lane),
                )
                for outcome, count in (("success", 1.0), ("failure", 0.0), ("unfinished", 0.0))
            ),
        ]
    )


def test_what_is_said_of_a_task_and_of_a_run_has_a_line_each() -> None:
    begun, done = task_started("Sites"), task("Sites", took_s=1)
    closed = run_completed(took_s=5, outcome=RunOutcome.SUCCESS)
    span_id = IDS.tasks("1-Raw", "Efficy").task("12", "Sites", done.started)

    found = expected(run_of(begun, done, closed)).items

    assert found[Place.LOKI] == Counter(
        [
            log_line(TRACE, span_id, ns(0), ""),
            log_line(TRACE, span_id, ns(1), ""),
            log_line(TRACE, IDS.run(), ns(5), ""),
        ]
    )
    assert found[Place.TOPIC].total() == 3


def test_a_split_run_is_expected_in_the_traces_of_its_parts() -> None:
    records = [task(f"object {number}", at_s=number) for number in range(8_001)]

    found = expected(run_of(*records))

    parts = {IDS.part("1-Raw", "Efficy", number)[0] for number in (0, 1)}
    assert found.trace_ids == {TRACE} | parts
    assert {item.key[0] for item in found.items[Place.LOKI]} == parts
