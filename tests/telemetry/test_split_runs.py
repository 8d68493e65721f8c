"""A run too large for one trace: linked traces, each of a size that can be stored."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from filrouge.records.record import TaskFinished
from filrouge.runs import parts
from filrouge.runs.ids import RunIds
from tests.factories import RUN, ns, run_of, task, task_started
from tests.telemetry.captured import by_name, exported

IDS = RunIds(RUN)


def test_20000_tasks_are_split_into_traces_of_at_most_8000_each() -> None:
    sources = ["Efficy"] * 12_000 + ["PowerBI"] * 6_000 + ["zohobooks"] * 2_000
    tasks = [task("Sites", number, source=source) for number, source in enumerate(sources)]
    spans = exported(run_of(*tasks)).spans()
    per_trace = Counter(span["trace_id"] for span in spans if level(span) == "task")

    assert sorted(per_trace.values()) == [2_000, 4_000, 6_000, 8_000]
    assert per_trace.keys() == {trace_id for trace_id, _, _ in spans[0]["links"]}


@pytest.fixture
def _small_traces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "MAX_TASKS_PER_TRACE", 3)


@pytest.mark.usefixtures("_small_traces")
def test_the_runs_own_trace_keeps_run_stage_and_source_spans() -> None:
    spans = exported(run_of(*tasks(4))).spans()
    own = [span for span in spans if span["trace_id"] == IDS.trace_id]

    assert [(span["name"], span["span_id"], span["parent"]) for span in own] == [
        ("run akonovia", IDS.run(), None),
        ("stage 1-Raw", IDS.stage("1-Raw"), IDS.run()),
        ("source Efficy", IDS.source("1-Raw", "Efficy"), IDS.stage("1-Raw")),
    ]
    assert own[0]["attributes"]["ingestion.tasks.total"] == 4


@pytest.mark.usefixtures("_small_traces")
def test_the_root_links_to_each_part_and_each_part_to_the_root() -> None:
    spans = exported(run_of(*tasks(4))).spans()
    traces = [IDS.part("1-Raw", "Efficy", number) for number in range(2)]
    place = {"ingestion.zone": "1-Raw", "ingestion.source": "Efficy"}
    heads = [span for span in spans if span["parent"] is None and level(span) == "source"]

    assert spans[0]["links"] == [
        (*ids, {**place, "ingestion.trace.part": number}) for number, ids in enumerate(traces)
    ]
    assert [(head["trace_id"], head["span_id"]) for head in heads] == traces
    assert [head["links"] for head in heads] == [[(IDS.trace_id, IDS.run(), {})]] * 2


@pytest.mark.usefixtures("_small_traces")
def test_the_head_of_a_part_covers_and_counts_just_its_own_tasks() -> None:
    run = run_of(*tasks(3), task("failed", 3, 9, error="'id'"))
    heads = [span for span in exported(run).spans() if "ingestion.trace.part" in span["attributes"]]

    assert [
        (
            head["attributes"]["ingestion.trace.part"],
            head["start_ns"],
            head["end_ns"],
            head["attributes"]["ingestion.tasks.total"],
            head["attributes"]["ingestion.tasks.failed"],
            head["status"],
        )
        for head in heads
    ] == [(0, ns(0), ns(3), 3, 0, "ok"), (1, ns(3), ns(12), 1, 1, "error")]


@pytest.mark.usefixtures("_small_traces")
def test_a_tasks_span_has_the_same_id_in_a_part_as_in_a_whole_trace() -> None:
    spans = by_name([span for span in exported(run_of(*tasks(4))).spans() if level(span) == "task"])

    assert {name: span["span_id"] for name, span in spans.items()} == {
        f"task Efficy/{each.object_name}": IDS.tasks("1-Raw", "Efficy").task(
            "12", each.object_name, each.started
        )
        for each in tasks(4)
    }


@pytest.mark.usefixtures("_small_traces")
def test_parents_come_before_children_in_every_trace() -> None:
    seen = {None}
    for span in exported(run_of(*tasks(4, "Efficy"), *tasks(2, "PowerBI"))).spans():
        assert span["parent"] in seen
        seen.add(span["span_id"])


@pytest.mark.usefixtures("_small_traces")
def test_every_log_record_leads_to_the_trace_that_holds_its_span() -> None:
    announced = [task_started(each.object_name, number) for number, each in enumerate(tasks(4))]
    contradicted = task("3", 3, 0.5)
    captured = exported(run_of(*tasks(4), *announced, contradicted))
    spans = {(span["trace_id"], span["span_id"]) for span in captured.spans()}

    assert len(captured.logs()) == 9
    assert {(log["trace_id"], log["span_id"]) for log in captured.logs()} <= spans


@pytest.mark.usefixtures("_small_traces")
def test_the_announcement_of_a_task_without_a_span_leads_to_the_runs_own_trace() -> None:
    captured = exported(run_of(*tasks(4), task_started("begun", 9)))
    [begun] = [log for log in captured.logs() if log["name"] == "ingestion.task.started"]

    assert begun["trace_id"] == IDS.trace_id


def tasks(count: int, source: str = "Efficy") -> list[TaskFinished]:
    return [task(f"{number}", number, source=source) for number in range(count)]


def level(span: dict[str, Any]) -> Any:
    return span["attributes"]["ingestion.level"]
