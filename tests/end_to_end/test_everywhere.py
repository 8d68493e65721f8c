"""The promise of the whole: every record is in every place exactly once, however it came."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from filrouge.stack.ports import Port
from filrouge.stack.stack import Stack
from tests.commands import filrouge, settings_of
from tests.simulated import simulated, write_simulated

SAMPLE = Path(__file__).parents[2] / "logs.json"
FAULTS = {"duplicate": 0.02, "out-of-order": 0.1}


def replay(stack: Stack, file: Path, *more: str) -> None:
    url = stack.url(Port.OTLP_HTTP)
    done = filrouge(
        "replay", file, "--no-files", "--otlp", url, *more, cwd=file.parent, env=settings_of(stack)
    )
    assert (done.returncode, done.stderr) == (0, b"")


def publish(stack: Stack, file: Path) -> None:
    done = filrouge("publish", file, cwd=file.parent, env=settings_of(stack))
    assert (done.returncode, done.stderr) == (0, b"")


def verify(stack: Stack, *arguments: str | Path) -> tuple[int, list[dict[str, Any]]]:
    """Exit status, and an object for each run and the totals."""
    done = filrouge(
        "verify", *arguments, "--format", "json", cwd=SAMPLE.parent, env=settings_of(stack)
    )
    assert done.stderr == b""
    return done.returncode, [orjson.loads(line) for line in done.stdout.splitlines()]


def assert_right(stack: Stack, runs: int, *arguments: str | Path) -> None:
    status, told = verify(stack, *arguments)
    assert told[-1] == {"kind": "totals", "runs": runs, "right": runs, "differ": 0}, told
    assert status == 0


def test_a_replay_is_everywhere_and_a_second_one_changes_nothing(stack: Stack) -> None:
    for _ in range(2):
        replay(stack, SAMPLE)

        status, [run, totals] = verify(stack, SAMPLE)

        assert (status, totals) == (0, {"kind": "totals", "runs": 1, "right": 1, "differ": 0}), run
        found = {place: each["found"] for place, each in run["places"].items()}
        assert found == {"tempo": 80, "loki": 72, "prometheus": 40}


def test_both_schemas_all_zones_and_faults_on_the_way(stack: Stack, tmp_path: Path) -> None:
    zones = ("1-Raw", "2-Standard", "3-Application")
    for schema in (1, 2):
        config = {"runs": 6, "companies": 2, "zones": zones, "schema": schema, "faults": FAULTS}
        file = tmp_path / f"schema{schema}.ndjson"
        write_simulated(file, f"2026-02-0{schema}T06:00", task_started=True, **config)

        replay(stack, file)

        assert_right(stack, 6, file)


def test_a_run_too_large_for_one_trace(stack: Stack, tmp_path: Path) -> None:
    file = write_simulated(tmp_path / "large.ndjson", "2026-03-01T06:00", tasks=9_000)

    replay(stack, file)

    assert_right(stack, 1, file)


def test_over_grpc_too(stack: Stack, tmp_path: Path) -> None:
    file = write_simulated(tmp_path / "grpc.ndjson", "2026-04-01T06:00", runs=2)
    url = f"grpc://{stack.address(Port.OTLP_GRPC)}"

    done = filrouge(
        "replay", file, "--no-files", "--otlp", url, cwd=tmp_path, env=settings_of(stack)
    )

    assert (done.returncode, done.stderr) == (0, b"")
    assert_right(stack, 2, file)


def test_what_is_published_is_in_loki_with_the_ids_of_its_spans(
    stack: Stack, tmp_path: Path
) -> None:
    for schema in (1, 2):
        file = tmp_path / f"schema{schema}.ndjson"
        write_simulated(file, f"2026-05-0{schema}T06:00", runs=6, schema=schema, faults=FAULTS)

        publish(stack, file)

        assert_right(stack, 6, file, "--in", "loki", "--in", "topic")


def test_what_is_published_and_replayed_is_there_once(stack: Stack, tmp_path: Path) -> None:
    for schema in (1, 2):
        file = tmp_path / f"schema{schema}.ndjson"
        config = {"runs": 3, "schema": schema, "failure_rate": 0.2}
        write_simulated(file, f"2026-06-0{schema}T06:00", **config)

        publish(stack, file)
        assert_right(stack, 3, file, "--in", "loki")
        replay(stack, file)
        publish(stack, file)
        replay(stack, file)

        assert_right(stack, 3, file)


def test_a_run_is_verified_by_its_name_from_the_topic(stack: Stack, tmp_path: Path) -> None:
    file = write_simulated(tmp_path / "records.ndjson", "2026-07-01T06:00", runs=2)
    publish(stack, file)

    status, [run, _] = verify(stack, "akonovia/2026-07-01-06-00", "--in", "loki")

    assert (status, run["run_id"], run["places"]["loki"]["found"]) == (0, "2026-07-01-06-00", 72)


def test_what_never_arrived_is_named(stack: Stack, tmp_path: Path) -> None:
    lines = simulated("2026-08-01T06:00", tasks=6)
    part, whole = tmp_path / "part.ndjson", tmp_path / "whole.ndjson"
    part.write_bytes(b"".join(lines[:-1]))
    whole.write_bytes(b"".join(lines))
    replay(stack, part)
    lost = orjson.loads(lines[-1])

    done = filrouge(
        "verify", whole, "--wait", "0", "--in", "tempo", cwd=tmp_path, env=settings_of(stack)
    )

    assert done.returncode == 1
    assert f"(task {lost['Source']}/{lost['Objet']})" in done.stdout.decode()
    assert "1 of 1 runs differ" in done.stdout.decode()


def test_a_run_that_is_nowhere_is_wrong_use(stack: Stack, tmp_path: Path) -> None:
    done = filrouge("verify", "2099-01-01-00-00", cwd=tmp_path, env=settings_of(stack))

    assert done.returncode == 2
    assert done.stderr.decode().startswith(
        "filrouge: 2099-01-01-00-00 is neither a file nor a run on the topic ingestion-logs"
    )


def test_a_backend_that_is_away_is_told_with_its_address(tmp_path: Path) -> None:
    env = {"FILROUGE_LOKI_URL": "http://127.0.0.1:1"}

    done = filrouge("verify", SAMPLE, "--in", "loki", cwd=tmp_path, env=env)

    assert done.returncode == 2
    assert done.stderr.decode().startswith(
        "filrouge: Loki at http://127.0.0.1:1 does not answer (ConnectionError)"
    )
