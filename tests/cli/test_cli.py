"""The command as people call it: what it prints, what it leaves, how it ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import jsonschema
import orjson
import pytest

from tests.commands import filrouge

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "logs.json"
TRACE_ID = "fe2279ab03cf5948453eb2e90e37ee33"
"""Of the sample's run, in every release with this id rule."""


def test_replay_shows_the_run_and_leaves_five_files(tmp_path: Path) -> None:
    """The README's first promise."""
    done = filrouge("replay", SAMPLE, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    text = done.stdout.decode()
    for part in (
        "PARTIAL",
        "1 of 72 tasks failed",
        TRACE_ID,
        "Critical path",
        "bugs",
        "72 records",
    ):
        assert part in text
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "logs.jsonl",
        "metrics.jsonl",
        "rejected.jsonl",
        "report.html",
        "traces.jsonl",
    ]


def test_nothing_but_the_result_goes_to_a_pipe(tmp_path: Path) -> None:
    """No colour, no progress bar."""
    done = filrouge("replay", SAMPLE, cwd=tmp_path)
    assert b"\x1b" not in done.stdout


def test_json_is_one_object_a_run_and_the_account_last(tmp_path: Path) -> None:
    """For programs; the keys are those of `report/view.py`."""
    done = filrouge("replay", SAMPLE, "--format", "json", cwd=tmp_path)
    run, totals = map(orjson.loads, done.stdout.splitlines())
    assert (run["kind"], run["trace_id"], run["outcome"]) == ("run", TRACE_ID, "partial")
    assert run["tasks_by_outcome"] == {"total": 72, "success": 71, "failure": 1, "unfinished": 0}
    assert (totals["kind"], totals["accepted"], totals["rejected"]) == ("totals", 72, 0)


def test_refused_line_ends_with_status_1_and_all_else_done(tmp_path: Path) -> None:
    """The text names file, line, reason and what was expected."""
    done = filrouge("replay", "-", cwd=tmp_path, stdin=b"{}\n" + SAMPLE.read_bytes())
    assert done.returncode == 1
    assert b"-:1 missing_field" in done.stdout
    assert b"72 records" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["replay", "nowhere.json"], "nowhere.json cannot be read: No such file or directory"),
        (["replay", "."], ". is a folder"),
        (["replay", SAMPLE, "--timezone", "Mars/Olympus"], "'Mars/Olympus' is no time zone"),
        (["replay", SAMPLE, "--otlp", "collector"], "--otlp collector: expected an address"),
        (["replay"], "Missing argument 'FILE"),
        (["inspect", "R"], "Missing option '--company'"),
        (["inspect", "R", "--company", "c", "--source", "s"], "--source needs --zone too"),
        (["schema", "3"], "'3' is not one of '1', '2'"),
        (["reply"], "No such command 'reply'"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_wrong_use_ends_with_status_2_and_a_sentence(
    arguments: list[str | Path], told: str, tmp_path: Path
) -> None:
    """No traceback for a user's mistake, and nothing is left behind."""
    done = filrouge(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert told in done.stderr.decode()
    assert b"Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_absent_collector_ends_with_status_3_and_what_to_do(tmp_path: Path) -> None:
    """Nobody listens at the discard port."""
    done = filrouge("replay", SAMPLE, "--otlp", "http://127.0.0.1:9", cwd=tmp_path)
    assert done.returncode == 3
    assert done.stderr == (
        b"filrouge: no collector listens at http://127.0.0.1:9 (Connection refused); start one, "
        b"correct --otlp, or leave --otlp out to write files only\n"
    )


def test_all_wrong_settings_are_told_at_once(tmp_path: Path) -> None:
    """From file and environment alike."""
    (tmp_path / "filrouge.toml").write_text('timezone = "Nowhere"\ncolour = "red"\n')
    done = filrouge("replay", SAMPLE, cwd=tmp_path, env={"FILROUGE_GRAFANA_URL": "grafana"})
    assert done.returncode == 2
    for name in (b"timezone: 'Nowhere' is no time zone", b"colour: ", b"grafana_url: 'grafana' is"):
        assert name in done.stderr


def test_settings_come_from_option_then_environment_then_file(tmp_path: Path) -> None:
    """The sample starts at 16:45:20 local time."""

    def start(*options: str, env: dict[str, str]) -> str:
        done = filrouge("replay", SAMPLE, "--format", "json", *options, cwd=tmp_path, env=env)
        return str(orjson.loads(done.stdout.splitlines()[0])["started_at"])[11:16]

    (tmp_path / "filrouge.toml").write_text('timezone = "America/Toronto"\n')
    paris = {"FILROUGE_TIMEZONE": "Europe/Paris"}
    assert start(env={}) == "20:45"
    assert start(env=paris) == "14:45"
    assert start("--timezone", "UTC", env=paris) == "16:45"


def test_inspect_gives_the_ids_that_replay_writes(tmp_path: Path) -> None:
    """From names to ids without data."""
    done = filrouge("replay", SAMPLE, "--format", "json", cwd=tmp_path)
    run = orjson.loads(done.stdout.splitlines()[0])
    record = orjson.loads(SAMPLE.read_bytes().splitlines()[0])
    names = {
        "--company": record["Entreprise"],
        "--zone": record["Zone"],
        "--source": record["Source"],
        "--object-id": str(record["Objet_Id"]),
        "--object-name": record["Objet"],
        "--started": record["Debut"],
        "--format": "json",
    }
    arguments = [part for option in names.items() for part in option]
    found = orjson.loads(
        filrouge("inspect", record["No_Sequence"], *arguments, cwd=tmp_path).stdout
    )
    [stage] = run["stages"]
    [source] = [each for each in stage["sources"] if each["source"] == record["Source"]]
    [task] = [each for each in source["tasks"] if each["object_name"] == record["Objet"]]
    assert found == {
        "trace_id": run["trace_id"],
        "run_span_id": run["span_id"],
        "stage_span_id": stage["span_id"],
        "source_span_id": source["span_id"],
        "task_span_id": task["span_id"],
        "traceql": found["traceql"],
        "traceql_hops": f'{{ name = "process ingestion-logs" && link:traceID = "{TRACE_ID}" }}',
    }
    assert f'span.ingestion.object.name = "{record["Objet"]}"' in found["traceql"]


def test_inspect_links_to_a_configured_grafana(tmp_path: Path) -> None:
    """Explore, with the trace id as query."""
    done = filrouge(
        "inspect",
        "2025-09-05-16-45",
        "--company",
        "akonovia",
        cwd=tmp_path,
        env={"FILROUGE_GRAFANA_URL": "http://127.0.0.1:3000/"},
    )
    assert b"http://127.0.0.1:3000/explore?" in done.stdout
    assert f"%22query%22%3A%22{TRACE_ID}%22".encode() in done.stdout


@pytest.mark.parametrize("number", ["1", "2"])
def test_schema_is_a_valid_json_schema_that_takes_the_records(number: str, tmp_path: Path) -> None:
    """By someone else's judgement."""
    schema = orjson.loads(filrouge("schema", number, cwd=tmp_path).stdout)
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    made = subprocess.run(
        [sys.executable, "-m", "filrouge_sim", "--schema", number, "--tasks", "12"],
        capture_output=True,
        check=True,
    )
    for line in made.stdout.splitlines():
        validator.validate(orjson.loads(line))
    assert not validator.is_valid({})


def test_help_shows_every_command_and_examples(tmp_path: Path) -> None:
    """At a glance."""
    text = filrouge("--help", cwd=tmp_path).stdout.decode()
    for part in ("replay", "inspect", "schema", "filrouge replay logs.json --otlp"):
        assert part in text
