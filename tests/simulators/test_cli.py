import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from rich.text import Text
from typer.testing import CliRunner

from filrouge_sim import Config
from filrouge_sim.cli import app
from filrouge_sim.faults import FAULTS
from filrouge_sim.scenarios.catalogue import SCENARIOS
from tests.commands import environment
from tests.simulators.reading import lines

COMMAND = [sys.executable, "-m", "filrouge_sim"]


def run(*arguments: str) -> tuple[int, str]:
    """Exit status and output, without the colours that some CI systems turn on."""
    result = CliRunner().invoke(app, arguments, env={"COLUMNS": "200"})
    return result.exit_code, Text.from_ansi(result.output).plain


def test_no_options_write_the_sample() -> None:
    written = subprocess.run(COMMAND, check=True, capture_output=True)
    assert written.stdout == b"".join(lines(Config()))
    assert written.stderr == b""


def test_options_reach_the_simulation(tmp_path: Path) -> None:
    out = tmp_path / "runs.ndjson"
    result = run(
        *("--runs", "4", "--companies", "2", "--zones", "1-Raw,2-Standard", "--schema", "2"),
        *("--failure-rate", "0.5", "--faults", "duplicate=0.5,late", "--every", "1h30m"),
        *("--start", "2026-01-01T00:00", "--timezone", "UTC", "--tasks", "3", "--seed", "9"),
        *("--task-started", "--out", str(out)),
    )
    assert result == (0, "")
    config = Config(
        seed=9,
        runs=4,
        companies=2,
        zones=("1-Raw", "2-Standard"),
        schema=2,
        tasks=3,
        failure_rate=0.5,
        faults={"duplicate": 0.5, "late": 0.01},
        start=datetime(2026, 1, 1, tzinfo=UTC),
        every=timedelta(minutes=90),
        timezone=ZoneInfo("UTC"),
        task_started=True,
    )
    assert out.read_bytes() == b"".join(lines(config))


def test_help_shows_examples_and_every_fault() -> None:
    _, shown = run("--help")
    assert "filrouge-sim --runs 1000 --out runs.ndjson" in shown
    for name, act in FAULTS.items():
        assert f"{name:14} {act.__doc__}" in shown


def test_help_explains_every_scenario() -> None:
    _, shown = run("--help")
    words = " ".join(shown.split())
    for name, scenario in SCENARIOS.items():
        assert f"{name} {scenario.happens} → {scenario.seen}" in words


def test_a_broker_that_is_away_is_told_in_a_sentence() -> None:
    told = subprocess.run(
        [sys.executable, "-W", "error", "-m", "filrouge_sim", "standardization"],
        env=environment({"FILROUGE_KAFKA_BROKERS": "127.0.0.1:1"}),
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert told.returncode == 2
    assert told.stderr.decode().startswith("filrouge-sim: Kafka at 127.0.0.1:1 does not answer")
    assert told.stdout == b""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--speed", "60"], "--speed is for a scenario: expected --scenario NAME, too"),
        (["--scenario", "quiet", "--out", "x"], "--out is for a file of records: expected it"),
        (["--seed", "1", "ingestion"], "--seed belongs behind ingestion"),
        (["--scenario", "doom"], "unknown scenario 'doom': expected one of quiet, failure"),
        (["--scenario", "quiet", "--timezone", "Mars"], "no time zone 'Mars'"),
        (["--scenario", "quiet", "--anchor", "noon"], "'noon' is no time"),
        (["ingestion", "--speed", "0"], "speed 0.0: expected 1, which is real time, or more"),
        (["--zones", "4-Gold"], "unknown zone '4-Gold': expected one of 1-Raw, 2-Standard, 3-App"),
        (["--zones", "1-Raw,1-Raw"], "expected at least one, and each only once"),
        (["--faults", "gremlin"], "unknown fault 'gremlin': expected one of duplicate, out-of-"),
        (["--faults", "late=often"], "'late=often' is no fault with its chance: expected late=0."),
        (["--faults", "late=2"], "late 2.0: expected a chance from 0 to 1"),
        (["--failure-rate", "-1"], "failure rate -1.0: expected a chance from 0 to 1"),
        (["--failure-rate", "nan"], "failure rate nan: expected a chance from 0 to 1"),
        (["--schema", "3"], "unknown schema 3: expected 1 or 2"),
        (["--runs", "0"], "runs 0: expected at least 1"),
        (["--start", "noon"], "'noon' is no time: expected one like 2025-09-05T16:45"),
        (["--every", "soon"], "'soon' is no interval: expected hours, minutes, seconds like 1h30m"),
        (["--every", ""], "'' is no interval: expected hours, minutes, seconds like 1h30m"),
        (["--every", "59s"], "a run every 0:00:59: expected a minute or more"),
        (["--timezone", "Mars"], "no time zone 'Mars': expected a name like America/Toronto"),
        (["--timezone", "America"], "no time zone 'America': expected a name like America/Toronto"),
        (["--timezone", "../x"], "no time zone '../x': expected a name like America/Toronto"),
        (["--out", "/none/x"], "cannot write /none/x: No such file or directory"),
    ],
)
def test_wrong_use_says_what_was_expected(arguments: list[str], message: str) -> None:
    status, output = run(*arguments)
    assert status == 2
    assert message in output


def test_a_reader_that_has_enough_ends_the_stream_quietly() -> None:
    with subprocess.Popen(
        [*COMMAND, "--runs", "1000000"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline() == lines(Config())[0]
        process.stdout.close()
        assert process.stderr.read() == b""
