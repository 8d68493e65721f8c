"""The three microservices over a real Kafka: one stack for the module, one run after another."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import orjson
import pytest

from filrouge.backends.http import HttpApi
from filrouge.kafka.reading import TopicReader
from filrouge.settings import Settings
from filrouge.stack.ports import Port
from filrouge.stack.stack import Stack
from tests.commands import environment, filrouge, settings_of
from tests.conftest import CHECKOUT, free_offset, throwaway

PARTS = ("kafka", "tempo", "loki", "prometheus", "collector", "processing", "monitoring")
ZONES = {"ingestion", "standardization", "application"}
LIMIT_S = 180.0
T = TypeVar("T")


@pytest.fixture(scope="module")
def stack(stack_roots: Iterator[Path]) -> Iterator[Stack]:
    told = {"FILROUGE_RUN_GRACE_S": "2"}
    with throwaway(Stack(CHECKOUT, next(stack_roots), free_offset(), told)) as stack:
        stack.up(PARTS)
        yield stack


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-W", "error", "-m", "filrouge_sim", *arguments]


def start(stack: Stack, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command(*arguments), env=environment(settings_of(stack)), stdout=subprocess.PIPE
    )


def eventually(look: Callable[[], T | None], what: str) -> T:
    deadline_s = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline_s:
        if found := look():
            return found
        time.sleep(0.3)
    raise AssertionError(f"after {LIMIT_S:.0f} s there is still no {what}")


def registered(stack: Stack, run_id: str, state: str) -> Callable[[], list[dict[str, Any]] | None]:
    """The attempts of a run once all that are known are in that state."""
    api = HttpApi("monitoring", stack.url(Port.MONITORING))

    def look() -> list[dict[str, Any]] | None:
        found: list[dict[str, Any]] = api.get("/v1/runs", {"run_id": run_id})["runs"]
        return found if found and all(each["state"] == state for each in found) else None

    return look


def events(stack: Stack, run_id: str) -> list[dict[str, Any]]:
    """What lies on the topic of a run, in order, each once."""
    reader = TopicReader(Settings(stack_port_offset=stack.place.offset))
    lines = dict.fromkeys(line.data for line in reader.lines())
    found = map(orjson.loads, lines)
    return [each for each in found if each["data"]["run_id"] == run_id]


def spans(stack: Stack, trace_id: str) -> list[dict[str, Any]]:
    """A trace's spans, each with its `service`."""
    answer = HttpApi("Tempo", stack.url(Port.TEMPO_HTTP)).get(f"/api/v2/traces/{trace_id}") or {}
    return [
        {**span, "service": _service(group)}
        for group in (answer.get("trace") or {}).get("resourceSpans", [])
        for scope in group["scopeSpans"]
        for span in scope["spans"]
    ]


def whole_trace(stack: Stack, trace_id: str, count: int) -> list[dict[str, Any]]:
    def look() -> list[dict[str, Any]] | None:
        found = spans(stack, trace_id)
        return found if len(found) >= count else None

    return eventually(look, f"{count} spans of trace {trace_id}")


def assert_one_tree(found: list[dict[str, Any]]) -> None:
    ids = {span["spanId"] for span in found}
    assert len(ids) == len(found)
    roots = [span for span in found if not span.get("parentSpanId")]
    assert len(roots) == 1, [span["name"] for span in roots]
    assert {span["parentSpanId"] for span in found if span.get("parentSpanId")} <= ids


def _service(group: dict[str, Any]) -> str:
    attributes = {each["key"]: each["value"] for each in group["resource"]["attributes"]}
    return str(attributes["service.name"]["stringValue"])


def test_a_failure_is_everywhere_under_one_root(stack: Stack, tmp_path: Path) -> None:
    done = subprocess.run(
        command("--scenario", "failure", "--speed", "300", "--tasks", "18"),
        env=environment(settings_of(stack)),
        capture_output=True,
        check=False,
        timeout=LIMIT_S,
    )
    assert done.returncode == 0, done.stderr.decode()
    names = done.stdout.decode().split()
    assert len(names) == 4
    closed = [
        eventually(registered(stack, name.partition("/")[2], "closed"), f"closed run {name}")[0]
        for name in names
    ]
    assert [run["outcome"] for run in closed] == ["success", "success", "success", "partial"]
    assert closed[-1]["tasks_by_outcome"] == {"success": 53, "failure": 1, "unfinished": 0}

    told = filrouge("verify", *names, "--wait", "120", cwd=tmp_path, env=settings_of(stack))
    assert told.returncode == 0, told.stdout.decode()

    run = whole_trace(stack, closed[-1]["trace_id"], 1 + 3 * (1 + 6 + 18))
    assert_one_tree(run)
    assert {span["service"] for span in run} == {"pipeline", *ZONES}
    failed = [s for s in run if "ERROR" in str(s["status"]) and s["name"].startswith("task")]
    assert [span["service"] for span in failed] == ["ingestion"]

    assert_producers_are_one_trace(stack, run)


def assert_producers_are_one_trace(stack: Stack, run: list[dict[str, Any]]) -> None:
    """That of the microservices' own work, to which each task's span links."""
    links = {(link["traceId"], link["spanId"]) for span in run for link in span.get("links") or ()}
    assert len(links) == 54
    ((producers, _),) = Counter(trace for trace, _ in links).most_common()
    # A run; its sources and the hand-overs of each, sent and received; tasks; records.
    count = 1 + 6 + 2 * 2 * 6 + 1 + 54 + 110
    own = whole_trace(stack, b64decode(producers).hex(), count)
    assert_one_tree(own)
    assert len(own) == count
    assert {span["service"] for span in own} == ZONES
    assert {span for _, span in links} <= {span["spanId"] for span in own}


def test_a_stop_ends_the_run_as_a_failure(stack: Stack) -> None:
    sim = start(stack, "--scenario", "quiet", "--tasks", "12", "--speed", "1")
    assert sim.stdout is not None
    run_id = sim.stdout.readline().decode().strip().partition("/")[2]
    eventually(lambda: events(stack, run_id), "record of the run")

    sim.send_signal(signal.SIGTERM)

    assert sim.wait(LIMIT_S) == 0
    sim.stdout.close()
    last = events(stack, run_id)[-1]
    assert (last["type"], last["data"]["outcome"]) == ("io.filrouge.run.completed", "failure")
    eventually(registered(stack, run_id, "closed"), "closed run")


def test_a_killed_microservice_goes_on_where_it_was(stack: Stack) -> None:
    session = ("--session", "killed")
    ingestion = start(stack, "ingestion", *session, "--runs", "1", "--tasks", "12", "--speed", "60")
    following = {name: start(stack, name, *session) for name in ("standardization", "application")}
    assert ingestion.stdout is not None
    run_id = ingestion.stdout.readline().decode().strip().partition("/")[2]
    try:
        for name, zone in (("standardization", "2-Standard"), ("application", "3-Application")):
            eventually(
                lambda zone=zone: any(  # type: ignore[misc]
                    event["data"].get("zone") == zone for event in events(stack, run_id)
                ),
                f"record of {zone}",
            )
            following[name].kill()
            following[name].wait()
            _close(following[name])
            following[name] = start(stack, name, *session)

        [run] = eventually(registered(stack, run_id, "closed"), "closed run")

        assert run["outcome"] == "success", run
        assert run["tasks_by_outcome"] == {"success": 36, "failure": 0, "unfinished": 0}
        assert ingestion.wait(LIMIT_S) == 0
    finally:
        for each in (ingestion, *following.values()):
            each.terminate()
            assert each.wait(LIMIT_S) == 0
            _close(each)


def _close(process: subprocess.Popen[bytes]) -> None:
    if process.stdout:
        process.stdout.close()
