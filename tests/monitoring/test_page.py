"""The page as it is served: what stands in it, and what its events bring."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import requests
from sqlalchemy import Engine

from filrouge.monitoring.expectations.file import Expectations, SourceEntry
from filrouge.monitoring.page.words import age_words, row_words
from filrouge.monitoring.standings import Standings
from filrouge.records.record import RunKey
from filrouge.runs.ids import RunIds
from filrouge.stack.ports import HOST, Port
from tests.backends.asking import eventually
from tests.commands import command, environment
from tests.conftest import free_offset
from tests.monitoring.driving import POLICY, Monitor
from tests.monitoring.lines import run_completed, run_started, task, task_started
from tests.monitoring.serving import Served, served

HOSTILE = '</script><script>alert(1)</script><img src=x onerror="alert(1)">'
PATIENCE_S = 60


@pytest.fixture
def monitor(engine: Engine) -> Monitor:
    return Monitor(engine)


@pytest.fixture
def site(engine: Engine) -> Iterator[Served]:
    with served(Standings(engine, Expectations(), POLICY)) as site:
        yield site


def trace_id(run_id: str = "r1") -> str:
    return RunIds(RunKey("akonovia", run_id, 1)).trace_id


def text_of(answer: requests.Response) -> str:
    """What a person reads: without tags, scripts and idle space."""
    bare = re.sub(r"<(script|style)\b.*?</\1>", "", answer.text, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", bare).split())


def events(url: str, run: str = "", **headers: str) -> Iterator[tuple[str, str, Any]]:
    """Each event's kind, id and data, until the stream ends; for no longer than the patience."""
    until_s = time.monotonic() + PATIENCE_S
    with requests.get(
        f"{url}/v1/events?run={run}", stream=True, timeout=PATIENCE_S, headers=headers
    ) as answer:
        assert answer.status_code == requests.codes.ok, answer.text
        assert answer.headers["content-type"].startswith("text/event-stream")
        told: dict[str, str] = {}
        for line in answer.iter_lines(chunk_size=1, decode_unicode=True):
            assert time.monotonic() < until_s, "no event, though the stream is alive"
            name, _, value = line.partition(": ")
            if line:
                told[name] = value
            elif "event" in told:
                yield told["event"], told.get("id", ""), orjson.loads(told["data"])
                told = {}


def frames(site: Served, run: str = "", **headers: str) -> Iterator[tuple[str, Any]]:
    return ((id_, data) for kind, id_, data in events(site.url, run, **headers) if kind == "frame")


def test_without_runs_it_says_what_to_do(site: Served) -> None:
    text = text_of(requests.get(site.url, timeout=PATIENCE_S))

    assert "No runs yet" in text
    assert "filrouge publish logs.json" in text
    assert "No trouble known" not in text


def test_the_overview_tells_what_is_wrong_first(engine: Engine) -> None:
    never = SourceEntry(company="akonovia", zone="1-Raw", source="zohobooks", cadence=7200)
    standings = Standings(engine, Expectations([never]), POLICY)
    standings.expect(0)
    monitor = Monitor(engine)
    for number in range(3):
        run: dict[str, Any] = {"run_id": f"r{number}"}
        monitor.read(task("A", 60 * number, error="row 7 of 9", **run), run_completed(**run))
        monitor.wait(11)
    monitor.read(task("B", 300, run_id="r3"))

    with served(standings) as site:
        text = text_of(requests.get(site.url, timeout=PATIENCE_S))

    wrong = "1 source never came 1 source is silent 1 error in the newest runs"
    assert f"{wrong} The last run of akonovia failed " in text
    assert "third run in a row · 3 times in 3 runs" in text
    assert re.search(r"r3 running .* r2 failed .* r1 failed ", text)


def test_an_error_that_went_away_is_no_trouble(engine: Engine) -> None:
    Monitor(engine).read(task("A", error="x", run_id="r1"), task("A", 60, run_id="r2"))
    whenever = Expectations([SourceEntry(expected=False)])

    with served(Standings(engine, whenever, POLICY)) as site:
        text = text_of(requests.get(site.url, timeout=PATIENCE_S))

    assert "No trouble known" in text
    assert "1 earlier error that the newest runs no longer have" in text


def test_a_run_that_failed_last_is_trouble_whenever_it_began(engine: Engine) -> None:
    monitor = Monitor(engine)
    monitor.read(task("A", 60, run_id="began last"), run_completed(60, run_id="began last"))
    monitor.wait(11)
    monitor.read(task("A", error="x", run_id="closed last"), run_completed(run_id="closed last"))
    monitor.wait(11)
    whenever = Expectations([SourceEntry(expected=False)])

    with served(Standings(engine, whenever, POLICY)) as site:
        text = text_of(requests.get(site.url, timeout=PATIENCE_S))

    assert "Ingestion runs The last run of akonovia failed Runs" in text


def test_a_run_is_not_judged_before_it_is_over(monitor: Monitor, site: Served) -> None:
    monitor.read(run_started(expected_tasks=3), task(), task_started("Lists", 2))
    page = f"{site.url}/runs/{trace_id()}"

    text = text_of(requests.get(page, timeout=PATIENCE_S))
    assert "r1 running The last record came at " in text
    assert "2 of 3 1 running, 1 succeeded" in text
    assert "Begun, not finished yet" in text

    monitor.wait(901)
    assert "r1 stalled More was to come" in text_of(requests.get(page, timeout=PATIENCE_S))
    monitor.wait(3600)
    assert "r1 failed in part" in text_of(requests.get(page, timeout=PATIENCE_S))


def test_a_run_leads_into_grafana_at_its_own_time(monitor: Monitor, site: Served) -> None:
    monitor.read(task(), run_completed())

    page = requests.get(f"{site.url}/runs/{trace_id()}", timeout=PATIENCE_S).text

    links = re.findall(r'href="(https://grafana.example/explore[^"]*)"[^>]*>([^<]*)<', page)
    assert [word for _, word in links] == ["Open in Grafana", "Logs", "Metrics"]
    for link, _ in links:
        assert "1772344740000" in link  # a minute before it began
    assert f"trace_id%3D%5C%22{trace_id()}" in links[1][0]


def test_a_run_is_found_without_the_zeros_that_its_id_begins_with(
    monitor: Monitor, site: Served
) -> None:
    run_id = next(name for name in map(str, range(999)) if trace_id(name).startswith("0"))
    monitor.read(task(run_id=run_id), run_completed(run_id=run_id))

    page = f"{site.url}/runs/{trace_id(run_id).lstrip('0')}"
    assert requests.get(page, timeout=PATIENCE_S).status_code == requests.codes.ok


def test_an_unknown_run_is_told_as_such(site: Served) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    answer = requests.get(f"{site.url}/runs/{hostile}", timeout=PATIENCE_S)

    assert answer.status_code == requests.codes.not_found
    assert "No such run" in answer.text
    assert "<img" not in answer.text


def test_pages_ask_nobody_else_and_hold_no_markup_of_records(
    monitor: Monitor, site: Served
) -> None:
    names: dict[str, Any] = {"source": HOSTILE, "run_id": "r1", "zone": HOSTILE}
    monitor.read(task(HOSTILE, error=HOSTILE, **names))

    for path in ("/", f"/runs/{trace_id()}"):
        answer = requests.get(site.url + path, timeout=PATIENCE_S)
        assert HOSTILE not in answer.text
        assert "<img" not in answer.text
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert not re.findall(r'(?:src|href)="(?:https?:)?//(?!grafana)', answer.text)
    [_, frame] = next(frames(site, trace_id()))
    assert HOSTILE not in frame["html"]


def test_events_bring_a_run_as_it_grows(monitor: Monitor, site: Served) -> None:
    monitor.read(run_started(), task())
    watched = frames(site, trace_id())
    _, first = next(watched)
    monitor.read(task("Lists", 1, error="'id'"))
    _, second = next(watched)

    tasks = [[each["object_name"] for each in _tasks(frame["view"])] for frame in (first, second)]
    assert tasks == [["Sites"], ["Sites", "Lists"]]
    assert "1 error" in second["html"]


def test_who_connects_again_is_sent_the_whole_if_it_changed(monitor: Monitor, site: Served) -> None:
    monitor.read(task())
    id_, _ = next(frames(site, trace_id()))

    again = events(site.url, trace_id(), **{"Last-Event-ID": id_})
    assert [next(again)[0] for _ in range(3)] == ["alive"] * 3
    monitor.read(task("Lists", 1))
    assert next(frames(site, trace_id(), **{"Last-Event-ID": id_}))[0] != id_


def test_too_many_are_asked_to_come_later(engine: Engine) -> None:
    with served(Standings(engine, Expectations(), POLICY), most=1) as site:
        watched = events(site.url)
        next(watched)
        refused = requests.get(f"{site.url}/v1/events", timeout=PATIENCE_S)

    assert refused.status_code == requests.codes.service_unavailable
    assert refused.headers["retry-after"] == "10"


@pytest.mark.slow
def test_open_pages_end_with_the_service(tmp_path: Path) -> None:
    offset = free_offset()
    url = f"http://{HOST}:{Port.MONITORING.at(offset)}"
    env = environment({"FILROUGE_STACK_PORT_OFFSET": str(offset)})
    with (tmp_path / "log").open("wb") as log:
        service = subprocess.Popen(
            command("serve", "monitoring"), cwd=tmp_path, env=env, stderr=log
        )
    try:
        eventually(lambda: _answers(url), True, PATIENCE_S)  # though there is no Kafka
        watched = events(url)
        next(watched)
        service.send_signal(signal.SIGTERM)

        # One that is cut off raises an error, for it has no last chunk.
        assert {kind for kind, _, _ in watched} <= {"alive", "frame"}
        assert service.wait(PATIENCE_S) == os.EX_OK
    finally:
        service.kill()
        service.wait()


def test_it_says_when_records_are_not_read(monitor: Monitor, site: Served) -> None:
    monitor.read(task())
    watched = frames(site)
    next(watched)

    site.reading.trouble = "Kafka does not answer"

    assert any("may be old" in frame["html"] for _, frame in watched)


def test_the_api_s_description_leaves_the_pages_out(site: Served) -> None:
    paths = requests.get(f"{site.url}/openapi.json", timeout=PATIENCE_S).json()["paths"]

    assert not {"/", "/runs/{trace_id}", "/v1/events"} & paths.keys()


@pytest.mark.parametrize(
    ("runs", "words"),
    [
        (0, "not in the newest run"),
        (1, "in the newest run"),
        (3, "third run in a row"),
        (11, "11 runs in a row"),
    ],
)
def test_runs_in_a_row_are_told_in_words(runs: int, words: str) -> None:
    assert row_words(runs) == words


@pytest.mark.parametrize(
    ("age_s", "words"),
    [(59, "under a minute"), (720, "12 min"), (7500, "2 h 05 min"), (273_600, "3 d 04 h")],
)
def test_ages_are_told_in_words(age_s: float, words: str) -> None:
    assert age_words(age_s) == words


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/healthz", timeout=PATIENCE_S).ok
    except requests.ConnectionError:
        return False


def _tasks(view: Any) -> list[Any]:
    return [
        task_
        for stage in view["stages"]
        for source in stage["sources"]
        for task_ in source["tasks"]
    ]
