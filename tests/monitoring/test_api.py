"""What monitoring answers over HTTP, without Kafka and a collector."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from fastapi import FastAPI
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import TracerProvider
from sqlalchemy import Engine

from filrouge.monitoring.api.app import create_app
from filrouge.monitoring.api.parts import Parts
from filrouge.monitoring.consumer import Reading
from filrouge.monitoring.expectations.file import (
    Expectations,
    RunEntry,
    SourceEntry,
)
from filrouge.monitoring.standings import Standings
from tests.monitoring.driving import PARSER, POLICY, Monitor
from tests.monitoring.lines import run_completed, task
from tests.monitoring.serving import page_of


def application(engine: Engine, expectations: Expectations | None = None) -> FastAPI:
    consumer = SimpleNamespace(reading=Reading(positions={0: 1}, trouble=""))
    own = SimpleNamespace(tracer_provider=TracerProvider(), meter_provider=MeterProvider())
    standings = Standings(engine, expectations or Expectations(), POLICY)
    none = cast("Any", None)
    parts = Parts(engine, PARSER, cast("Any", consumer), none, standings, none, *page_of(standings))
    return create_app(parts, cast("Any", own))


@dataclass(frozen=True)
class Client:
    """Asks the application without a socket."""

    app: FastAPI

    def get(self, path: str) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://tests") as client:
                return await client.get(path)

        return asyncio.run(ask())


@pytest.fixture
def client(engine: Engine) -> Client:
    return Client(application(engine))


@pytest.fixture
def monitor(engine: Engine) -> Monitor:
    return Monitor(engine)


def ids(client: Client, question: str) -> list[str]:
    answer = client.get(f"/v1/runs?{question}")
    assert answer.status_code == 200, answer.text
    return [run["run_id"] for run in answer.json()["runs"]]


def test_runs_are_found_by_what_they_are(client: Client, monitor: Monitor) -> None:
    monitor.read(task(run_id="good"), run_completed(run_id="good"))
    monitor.read(task("A", 60, run_id="bad", error="x"), run_completed(60, run_id="bad"))
    monitor.wait(11)
    monitor.read(task("A", 120, run_id="open", source="PowerBI"))

    assert ids(client, "") == ["open", "bad", "good"]
    assert ids(client, "sort=started_at") == ["good", "bad", "open"]
    assert ids(client, "state=open") == ["open"]
    assert ids(client, "outcome=failure") == ["bad"]
    assert ids(client, "source=Efficy&zone=1-Raw") == ["bad", "good"]
    assert ids(client, "since=2026-03-01T06:01:00Z&until=2026-03-01T06:02:00Z") == ["bad"]
    assert ids(client, "company=nobody") == []


def test_pages_give_each_run_once_though_runs_come(client: Client, monitor: Monitor) -> None:
    monitor.read(*(task(run_id=f"r{number}") for number in range(7)))
    seen: list[str] = []
    page = ""
    while True:
        answer = client.get(f"/v1/runs?limit=3{page}").json()
        seen += [run["run_id"] for run in answer["runs"]]
        monitor.read(task("Newer", 3600, run_id=f"new{len(seen)}"))
        if answer["next"] is None:
            break
        page = f"&page={answer['next']}"

    assert sorted(seen) == [f"r{number}" for number in range(7)]


def test_a_run_is_told_with_all_that_is_in_it(client: Client, monitor: Monitor) -> None:
    monitor.read(task(), task("Lists", 1, error="'id'"), run_completed())
    monitor.wait(11)
    [summary] = client.get("/v1/runs").json()["runs"]

    told = client.get(f"/v1/runs/{summary['trace_id']}").json()

    assert {name: told[name] for name in summary} == summary
    assert told["tasks_by_outcome"] == {"success": 1, "failure": 1, "unfinished": 0}
    assert [error["object_name"] for error in told["run"]["errors"]] == ["Lists"]


def test_an_unknown_run_is_a_problem(client: Client) -> None:
    answer = client.get("/v1/runs/none")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == "no run has the trace id 'none'"


@pytest.mark.parametrize("question", ["limit=0", "sort=colour", "since=yesterday", "page=x"])
def test_a_wrong_question_is_a_problem(question: str, client: Client) -> None:
    answer = client.get(f"/v1/runs?{question}")

    assert answer.status_code == 422
    assert question.partition("=")[0] in answer.json()["detail"]


def test_errors_are_counted_over_runs(client: Client, monitor: Monitor) -> None:
    for number, error in enumerate([None, "row 12 of 99", "row 7 of 100", "row 1 of 2"]):
        monitor.read(task("A", 60 * number, run_id=f"r{number}", error=error))
    monitor.read(task("B", 0, run_id="r0", error="other"))
    monitor.read(task("B", 60, run_id="r1"))

    found = client.get("/v1/errors").json()["errors"]

    assert [(each["object_name"], each["runs"], each["runs_in_a_row"]) for each in found] == [
        ("A", 3, 3),
        ("B", 1, 0),
    ]
    assert found[0]["message"] == "row 1 of 2"


def test_sources_tell_when_they_last_did_well(client: Client, monitor: Monitor) -> None:
    monitor.read(task("A", 0, 5), task("B", 60, error="x"), run_completed())
    monitor.wait(11)

    [source] = client.get("/v1/sources").json()["sources"]

    assert source["last_success_at"] == "2026-03-01T06:00:05Z"
    assert (source["tasks_success"], source["tasks_failure"], source["runs_partial"]) == (1, 1, 1)
    assert (source["duration_p95_s"], source["failing_since"]) == (4.8, "2026-03-01T06:01:01Z")


def test_sources_and_runs_are_told_with_what_is_expected_of_them(engine: Engine) -> None:
    named = SourceEntry(company="akonovia", zone="1-Raw", source="zohobooks", cadence=7200)
    expectations = Expectations([named], [RunEntry(deadline=1800)])
    application_ = application(engine, expectations)
    Standings(engine, expectations, POLICY).expect(0)
    Monitor(engine).read(task())

    told = Client(application_).get("/v1/sources").json()

    known, never_came = told["sources"]
    assert (known["source"], known["state"]) == ("Efficy", "silent")  # it came in 1970
    assert (never_came["source"], never_came["state"]) == ("zohobooks", "never_came")
    assert never_came["age_s"] is None
    assert never_came["expected"] == {
        "cadence_s": 7200,
        "silence_limit_s": 9000,
        "freshness_limit_s": 9000,
        "deadline": 1800,
        "objects": None,
        "learnt": ["silence_limit_s", "freshness_limit_s", "objects"],
    }
    assert told["runs_due"] == []  # it is noted with the first round of the metrics


def test_reconciliation_names_what_is_not_yet_sent(client: Client, monitor: Monitor) -> None:
    monitor.read(task(), task(), b"{", run_completed())
    monitor.wait(11)

    account = client.get("/v1/reconciliation").json()

    assert account["differences"] == ["1 closings still wait to be sent"]
    assert (account["accepted"], account["records"]) == (2, 2)
    [partition] = account["partitions"]
    assert (partition["duplicate"], partition["invalid"], partition["next"]) == (1, 1, 4)


def test_it_is_ready_while_it_reads_and_reaches_the_registry(client: Client) -> None:
    assert client.get("/readyz").json() == {"status": "ok", "reasons": []}
    assert client.get("/healthz").status_code == 200
