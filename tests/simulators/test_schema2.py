from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from filrouge_sim import Config
from filrouge_sim.catalogue import ZONES
from tests.simulators.reading import TORONTO, a_few_times, local_time, records

ENVELOPE = {
    "specversion": str,
    "id": str,
    "source": str,
    "type": str,
    "subject": str,
    "time": str,
    "datacontenttype": str,
    "traceparent": str,
    "data": dict,
}
RUN = {"company": str, "run_id": str, "attempt": int, "started_at": str, "expected_tasks": int}
TASK = {
    "company": str,
    "run_id": str,
    "attempt": int,
    "zone": str,
    "source": str,
    "object_id": int,
    "object_name": str,
    "transformation": str,
    "parameters": dict,
    "started_at": str,
}
ENDED = TASK | {"ended_at": str, "cpu_time_s": float, "memory_delta_bytes": int}
DATA = {
    "io.filrouge.run.started": RUN,
    "io.filrouge.run.completed": RUN | {"ended_at": str, "outcome": str},
    "io.filrouge.task.started": TASK,
    "io.filrouge.task.completed": ENDED | {"message": str},
    "io.filrouge.task.failed": ENDED | {"error": dict},
}
CONFIG = Config(schema=2)


def types(fields: dict[str, Any]) -> dict[str, type]:
    return {name: type(value) for name, value in fields.items()}


def of_kind(events: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [event for event in events if event["type"] == f"io.filrouge.{kind}"]


def utc(text: str) -> datetime:
    assert text.endswith("Z")
    return datetime.fromisoformat(text)


@a_few_times
@given(st.integers(), st.floats(0, 1), st.booleans())
def test_events_have_their_fields_and_types(seed: int, rate: float, starts: bool) -> None:
    config = replace(CONFIG, seed=seed, tasks=12, failure_rate=rate, task_started=starts)
    for event in records(config):
        assert types(event) == ENVELOPE
        assert types(event["data"]) == DATA[event["type"]]


def test_a_failed_task_says_what_and_why() -> None:
    (failed,) = of_kind(records(CONFIG), "task.failed")
    assert failed["data"]["error"] == {"type": "KeyError", "message": "'id'"}


@a_few_times
@given(st.integers())
def test_both_schemas_tell_the_same_tasks(seed: int) -> None:
    config = replace(CONFIG, seed=seed, zones=tuple(ZONES), tasks=20)
    flat = [
        (
            *(r[name] for name in ("Zone", "Source", "Objet_Id", "Objet", "Transformation")),
            local_time(r["Debut"]).replace(tzinfo=TORONTO).astimezone(UTC),
            local_time(r["Fin"]).replace(tzinfo=TORONTO).astimezone(UTC),
            float(r["cpu_time (sec)"]),
            r["memory_used (bytes)"],
            r["Description"],
        )
        for r in records(replace(config, schema=1))
    ]
    events = [
        (
            *(d[name] for name in ("zone", "source", "object_id", "object_name", "transformation")),
            utc(d["started_at"]),
            utc(d["ended_at"]),
            d["cpu_time_s"],
            d["memory_delta_bytes"],
            d["message"] if "message" in d else d["error"]["message"],
        )
        for d in (event["data"] for event in records(config) if "source" in event["data"])
    ]
    assert events == flat


@a_few_times
@given(st.integers(), st.sampled_from([0.0, 0.5, 1.0]))
def test_a_run_opens_and_closes_around_its_tasks(seed: int, rate: float) -> None:
    config = replace(CONFIG, seed=seed, failure_rate=rate, tasks=10)
    first, *tasks, last = records(config)
    failed = len(of_kind(tasks, "task.failed"))
    outcome = {0: "success", 10: "failure"}.get(failed, "partial")
    identity = {"company": "akonovia", "run_id": "2025-09-05-16-45", "attempt": 1}
    opened = identity | {"started_at": first["time"], "expected_tasks": 10}
    assert (first["type"], first["data"]) == ("io.filrouge.run.started", opened)
    assert last["type"] == "io.filrouge.run.completed"
    assert last["data"] == opened | {"ended_at": last["time"], "outcome": outcome}
    assert utc(first["time"]) < min(utc(task["data"]["started_at"]) for task in tasks)


def test_all_events_of_a_run_share_a_trace_and_have_ids_of_their_own() -> None:
    events = records(replace(CONFIG, runs=2))
    traces = {(e["data"]["run_id"], e["traceparent"].split("-")[1]) for e in events}
    assert len(traces) == 2
    assert len({trace for _, trace in traces}) == 2
    assert max(Counter(event["id"] for event in events).values()) == 1
    assert max(Counter(event["traceparent"] for event in events).values()) == 1


def test_each_zone_has_its_microservice() -> None:
    events = records(replace(CONFIG, zones=tuple(ZONES)))
    assert {(e["data"]["zone"], e["source"]) for e in events if "zone" in e["data"]} == {
        ("1-Raw", "/akonovia/ingestion"),
        ("2-Standard", "/akonovia/standardization"),
        ("3-Application", "/akonovia/application"),
    }
    assert (events[0]["source"], events[-1]["source"]) == (
        "/akonovia/ingestion",
        "/akonovia/application",
    )


def test_starts_are_told_only_when_asked_for_and_at_their_time() -> None:
    assert of_kind(records(CONFIG), "task.started") == []
    events = records(replace(CONFIG, task_started=True))
    started = of_kind(events, "task.started")
    assert len(started) == 72
    assert all(event["time"] == event["data"]["started_at"] for event in started)


def test_an_event_is_timed_at_its_end() -> None:
    ended = [event for event in records(CONFIG) if "ended_at" in event["data"]]
    assert len(ended) == 73
    assert all(event["time"] == event["data"]["ended_at"] for event in ended)
