"""The service on the real Kafka, collector and Tempo."""

from __future__ import annotations

import os
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import orjson
import pytest
import requests

from filrouge.monitoring.rebuilding import rebuild
from filrouge.records.record import RunKey
from filrouge.runs.ids import RunIds
from filrouge.stack.ports import HOST, Port
from filrouge.stack.stack import Stack
from filrouge.telemetry import fragments, otlp_json
from filrouge.telemetry.context import Context
from filrouge.telemetry.spans import span_groups
from tests.backends.asking import Backends, eventually
from tests.commands import command, environment, filrouge, settings_of
from tests.conftest import CHECKOUT, free_offset, throwaway
from tests.monitoring.driving import PARSER
from tests.monitoring.lines import BEGIN, run_completed, task

PARTS: Final = ("kafka", "tempo", "loki", "prometheus", "collector", "monitoring")
SHORT: Final = {"FILROUGE_RUN_GRACE_S": "3", "FILROUGE_RUN_SILENCE_S": "600"}
MINUTE_S: Final = 60
START_S: Final = int(BEGIN.timestamp())


@pytest.fixture(scope="module")
def monitored(stack_roots: Iterator[Path]) -> Iterator[Stack]:
    """A stack with monitoring, which does not wait long. A test that breaks it leaves it mended."""
    with throwaway(Stack(CHECKOUT, next(stack_roots), free_offset(), SHORT)) as stack:
        stack.up(PARTS)
        yield stack


def publish(stack: Stack, folder: Path, *lines: bytes) -> None:
    done = filrouge(
        "publish",
        "-",
        cwd=folder,
        env=settings_of(stack),
        stdin=b"".join(line + b"\n" for line in lines),
    )
    assert (done.returncode, done.stderr) == (0, b"")


def ask(stack: Stack, path: str) -> Any:
    answer = requests.get(stack.url(Port.MONITORING) + path, timeout=10)
    assert answer.status_code == requests.codes.ok, answer.text
    return answer.json()


def account(stack: Stack) -> Counter[str]:
    """What the registry has in all, and under `wrong` in how many ways that does not agree."""
    told = ask(stack, "/v1/reconciliation")
    states = told["runs_by_state"]
    return Counter(
        {
            "wrong": len(told["differences"]),
            "records": told["records"],
            "read": sum(each["accepted"] + each["duplicate"] for each in told["partitions"]),
            "closed": states["closed"],
            "not closed": states["open"] + states["stalled"],
            "closings sent": told["closings_sent"],
        }
    )


def come(stack: Stack, before: Counter[str]) -> dict[str, int]:
    """What has come to the account since."""
    now = account(stack)
    return {name: now[name] - before[name] for name in now if now[name] != before[name]}


def states(stack: Stack, run_id: str) -> list[tuple[str, str | None, int, bool]]:
    """Of the runs of an id: state, outcome, late records, and whether all was sent."""
    return [
        (run["state"], run["outcome"], run["late_records"], run["sent_at"] is not None)
        for run in ask(stack, f"/v1/runs?run_id={run_id}")["runs"]
    ]


def matched(stack: Stack, query: str) -> list[int]:
    """How many spans a search finds in each trace that it finds."""
    answer = requests.get(
        f"{stack.url(Port.TEMPO_HTTP)}/api/search",
        params={
            "q": query,
            "limit": "100",
            "spss": "1000",
            "start": str(START_S - 3600),
            "end": str(START_S + 86_400),
        },
        timeout=30,
    )
    assert answer.status_code == requests.codes.ok, answer.text
    traces = answer.json().get("traces", [])
    return [int(spans["matched"]) for trace in traces for spans in trace["spanSets"]]


def counted(stack: Stack, query: str) -> float:
    """What TraceQL metrics count of a day's spans."""
    answer = requests.get(
        f"{stack.url(Port.TEMPO_HTTP)}/api/metrics/query",
        params={
            "q": f"{query} | count_over_time()",
            "start": str(START_S - 3600),
            "end": str(START_S + 86_400),
        },
        timeout=30,
    )
    assert answer.status_code == requests.codes.ok, answer.text
    return sum(float(series.get("value", 0)) for series in answer.json().get("series", []))


def send_task_spans(stack: Stack, *lines: bytes) -> None:
    """As processing does: each task's span by itself, as its record came."""
    for line in lines:
        record = PARSER.parse(line)
        run = rebuild(PARSER, record.run, [line])
        facts = {each.span_id: fragments.facts(each.record) for each in run.tasks()}
        *_, last = span_groups(run, Context({"1-Raw": "ingestion"}), facts)
        group = orjson.loads(last)
        [scope] = group["scopeSpans"]
        scope["spans"] = scope["spans"][-1:]  # the task alone
        body = otlp_json.request(otlp_json.Signal.TRACES, [orjson.dumps(group)])
        answer = requests.post(
            f"{stack.url(Port.OTLP_HTTP)}/v1/traces",
            data=body,
            headers={"Content-Type": "application/json"},
            timeout=10,
        )
        assert answer.status_code == requests.codes.ok


def test_a_run_whose_tasks_come_in_pieces_is_found_whole_within_a_minute(
    monitored: Stack, tmp_path: Path
) -> None:
    run = '{span.ingestion.run.id = "pieces"}'
    tasks = [
        task(f"T{number}", number, 5, run_id="pieces", error="'id'" if number == 3 else None)
        for number in range(6)
    ]
    for first in (0, 2, 4):
        part = tasks[first : first + 2]
        send_task_spans(monitored, *part)
        publish(monitored, tmp_path, *part)
        # Once search finds it, Tempo has let go of the trace: what comes next is another piece.
        last = f'{{span.ingestion.run.id = "pieces" && name = "task Efficy/T{first + 1}"}}'
        eventually(partial(matched, monitored, last), [1], MINUTE_S)
    publish(monitored, tmp_path, run_completed(0, 60, run_id="pieces"))
    eventually(lambda: states(monitored, "pieces"), [("closed", "partial", 0, True)], MINUTE_S)

    root = '{span.ingestion.run.id = "pieces" && span.ingestion.level = "run"}'
    failed = '{span.ingestion.level = "task" && status = error}'
    tasks_of_run = f'{root} >> {{span.ingestion.level = "task"}}'
    for query, expected in (
        (f"{root} >> {failed}", [1]),
        (f"{run} | count() = 9", [9]),
        (f"{tasks_of_run} | count() = 6", [6]),
        (f"{tasks_of_run} | count() != 6", []),  # without the root it might find a piece
        ('{span.ingestion.run.id = "pieces" && trace:duration = 60s}', [9]),
        (f"{tasks_of_run} && {{trace:duration != 60s}}", []),
    ):
        eventually(partial(matched, monitored, query), expected, MINUTE_S)
    trace = Backends(monitored).trace(RunIds(RunKey("akonovia", "pieces", 1)).trace_id)
    assert len(trace) == len({span["spanId"] for span in trace}) == 9
    eventually(partial(counted, monitored, root), 1, MINUTE_S)
    task_spans = '{span.ingestion.run.id = "pieces" && span.ingestion.level = "task"}'
    assert 6 <= counted(monitored, task_spans) <= 12  # twice, until Tempo merges its blocks


def test_a_late_record_joins_its_closed_run(monitored: Stack, tmp_path: Path) -> None:
    before = account(monitored)
    publish(monitored, tmp_path, task(run_id="late"), run_completed(run_id="late"))
    eventually(lambda: states(monitored, "late"), [("closed", "success", 0, True)], MINUTE_S)

    publish(monitored, tmp_path, task("Later", 10, 100, run_id="late", error="HTTP 404"))

    eventually(lambda: states(monitored, "late"), [("closed", "partial", 1, True)], MINUTE_S)
    trace_id = RunIds(RunKey("akonovia", "late", 1)).trace_id
    names = {"run akonovia", "stage 1-Raw", "source Efficy", "task Efficy/Sites"}

    def seen() -> set[str]:
        return {span["name"] for span in Backends(monitored).trace(trace_id)}

    eventually(seen, names | {"task Efficy/Later"}, MINUTE_S)
    trace = Backends(monitored).trace(trace_id)
    assert len(trace) == 5
    [root] = [span for span in trace if span["name"] == "run akonovia"]
    assert root["status"] == {"code": "STATUS_CODE_OK"}
    errors = ask(monitored, "/v1/errors?company=akonovia")["errors"]
    [error] = [each for each in errors if each["error_type"] == "404"]
    assert error["runs_in_a_row"] == 1
    came = {"records": 3, "read": 3, "closed": 1, "closings sent": 2}
    eventually(lambda: come(monitored, before), came, MINUTE_S)


def test_killed_again_and_again_it_loses_nothing(monitored: Stack, tmp_path: Path) -> None:
    before = account(monitored)
    for number in range(4):
        lines = [
            task(f"T{each}", each, 1, run_id=f"k{number}-{run}")
            for run in range(20)
            for each in range(20)
        ]
        ends = [run_completed(run_id=f"k{number}-{run}") for run in range(20)]
        publish(monitored, tmp_path, *lines, *ends)
        monitored.kill("monitoring")
        monitored.start("monitoring")

    came = {"records": 1680, "read": 1680, "closed": 80, "closings sent": 80}
    eventually(lambda: come(monitored, before), came, 2 * MINUTE_S)


@contextmanager
def another(stack: Stack, offset: int, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A second instance over the same registry, on a port of its own."""
    registry = stack.place.data("monitoring") / "registry.db"
    more = {
        "FILROUGE_STACK_PORT_OFFSET": str(offset),
        "FILROUGE_KAFKA_BROKERS": stack.address(Port.KAFKA),
        "FILROUGE_OTLP_URL": stack.url(Port.OTLP_HTTP),
        "FILROUGE_DATABASE_URL": f"sqlite:///{registry}",
        **SHORT,
    }
    with (folder / "another.log").open("wb") as log:
        process = subprocess.Popen(
            command("serve", "monitoring"), cwd=folder, env=environment(more), stderr=log
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def test_two_instances_share_the_work_and_one_goes(monitored: Stack, tmp_path: Path) -> None:
    before, offset = account(monitored), free_offset()
    url = f"http://{HOST}:{Port.MONITORING.at(offset)}/readyz"

    def ready() -> bool:
        try:
            return requests.get(url, timeout=10).ok
        except requests.RequestException:
            return False

    with another(monitored, offset, tmp_path) as second:
        eventually(ready, True, MINUTE_S)
        for half in range(2):
            runs = [f"t{half}-{each}" for each in range(20)]
            lines = [task(f"T{each}", each, run_id=run) for run in runs for each in range(5)]
            publish(monitored, tmp_path, *lines, *(run_completed(run_id=run) for run in runs))
            if not half:
                second.send_signal(signal.SIGTERM)
                assert second.wait(MINUTE_S) == os.EX_OK

        came = {"records": 240, "read": 240, "closed": 40, "closings sent": 40}
        eventually(lambda: come(monitored, before), came, MINUTE_S)
