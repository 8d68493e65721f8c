"""`filrouge stack` as people call it."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from typer.testing import CliRunner, Result

from filrouge.cli.stack import app
from filrouge.errors import UsageError
from filrouge.stack.parts import PARTS
from filrouge.stack.ports import Port
from filrouge.stack.processes import marked
from tests.conftest import NewStack

PART = "alertmanager"


class Caller:
    """Calls `filrouge stack` for one stack."""

    def __init__(self, root: Path, offset: int) -> None:
        self.root = root
        self.offset = offset

    def __call__(self, *arguments: str) -> Result:
        return CliRunner().invoke(app, [*arguments, "--data", str(self.root)])

    def up(self, *parts: str) -> Result:
        return self("up", *parts, "--port-offset", str(self.offset))


@pytest.fixture
def call(new_stack: NewStack) -> Iterator[Caller]:
    place = new_stack().place
    caller = Caller(place.root, place.offset)
    yield caller
    caller("down")


def test_up_says_when_each_part_is_ready(call: Caller) -> None:
    done = call.up(PART)

    assert (done.exit_code, done.stderr) == (0, "")
    assert re.fullmatch(r"alertmanager  ready after \d+\.\d s\n", done.stdout)


def test_second_up_says_that_the_part_ran_already(call: Caller) -> None:
    call.up(PART)

    assert call.up(PART).stdout == "alertmanager  ready, ran already\n"


def test_status_finds_the_stack_by_its_folder_alone(call: Caller) -> None:
    call.up(PART)

    done = call("status", "--format", "json")

    found = {part.pop("part"): part for part in json.loads(done.stdout)}
    ((process, _),) = [each for each in marked(call.root).items() if each[1]]
    usage = found[PART].pop("usage")
    since = found[PART].pop("since")
    assert found[PART].pop("state") in {"starting", "running"}  # by the speed of the machine
    assert list(found) == list(PARTS)
    assert found[PART] == {
        "ready": True,
        "reason": "",
        "pid": process.pid,
        "ports": {"alertmanager": Port.ALERTMANAGER.at(call.offset)},
    }
    assert set(usage) == {"cpu_s", "cpu_percent", "memory_bytes"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", since)
    assert found["loki"] == {
        "state": "stopped",
        "ready": False,
        "reason": "stopped",
        "pid": None,
        "since": None,
        "ports": {
            "loki_http": Port.LOKI_HTTP.at(call.offset),
            "loki_grpc": Port.LOKI_GRPC.at(call.offset),
        },
        "usage": None,
    }


def test_status_fails_when_a_part_is_not_ready(call: Caller) -> None:
    call.up(PART)

    done = call("status")

    rows = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines() if line.strip()}
    assert done.exit_code == 1
    assert rows["kafka"][0] == "stopped"
    assert rows[PART][0] == "ready"
    assert rows[PART][-1] == "MB"


def test_logs_show_the_last_lines(call: Caller) -> None:
    call.up(PART)

    done = call("logs", PART, "-n", "1")

    assert done.exit_code == 0
    assert len(done.stdout.splitlines()) == 1
    assert "TLS is disabled" in done.stdout


def test_logs_of_a_part_that_never_ran_are_not_there(call: Caller) -> None:
    call.up(PART)

    done = call("logs", "loki")

    assert isinstance(done.exception, UsageError)
    assert "loki has written nothing to" in str(done.exception)


@pytest.mark.parametrize("command", ["logs", "restart", "up"])
def test_unknown_part_is_answered_with_the_known_ones(call: Caller, command: str) -> None:
    done = call(command, "lokki")

    assert isinstance(done.exception, UsageError)
    assert str(done.exception) == (
        "the stack has no part lokki; its parts are "
        "kafka, tempo, loki, prometheus, alertmanager, collector, "
        "ingestion, processing, monitoring"
    )


def test_restart_makes_another_process(call: Caller) -> None:
    call.up(PART)
    before = {process for process, part in marked(call.root).items() if part}

    done = call("restart", PART)

    after = {process for process, part in marked(call.root).items() if part}
    assert done.exit_code == 0
    assert "ready after" in done.stdout
    assert before.isdisjoint(after)


def test_down_says_what_stopped_and_a_second_one_nothing(call: Caller) -> None:
    call.up(PART)

    done, again = call("down"), call("down", "--purge")

    assert re.fullmatch(r"alertmanager  stopped after \d+\.\d s\n", done.stdout)
    assert (again.exit_code, again.stdout) == (0, "")
    assert not call.root.exists()


def test_parts_are_told_the_sites_limits_and_time_zone(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FILROUGE_RETENTION", "48h")
    monkeypatch.setenv("FILROUGE_TIMEZONE", "America/Toronto")

    call.up(PART)

    ((process, _),) = [each for each in marked(call.root).items() if each[1]]
    told = psutil.Process(process.pid).environ()
    assert told["FILROUGE_RETENTION"] == "48h"
    assert told["FILROUGE_TIMEZONE"] == "America/Toronto"


def test_windows_is_told_where_to_run_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")

    done = Caller(tmp_path, 0)("status")

    assert isinstance(done.exception, UsageError)
    assert "supervisord does not run on Windows; use it in WSL" in str(done.exception)
