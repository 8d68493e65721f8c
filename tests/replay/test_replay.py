"""`filrouge replay` without the terminal: what comes out of which files."""

from __future__ import annotations

import gzip
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace as changed
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import orjson
import pytest

from filrouge.errors import DeliveryError, UsageError
from filrouge.replay.replay import Replay, replay
from filrouge.report.totals import Totals
from filrouge.runs.model import Run
from filrouge.settings import Settings
from filrouge_sim.config import Config
from filrouge_sim.simulation import simulate

NOW_NS = 1_800_000_000_000_000_000
SAMPLE = Path(__file__).parents[2] / "logs.json"


class Told:
    """A watcher that remembers."""

    def __init__(self) -> None:
        self.records = 0
        self.lines_read = 0
        self.runs: list[Run] = []
        self.lines_read_at_close: list[int] = []

    def planned(self, records: int) -> None:
        self.records = records

    def read(self) -> None:
        self.lines_read += 1

    def closed(self, run: Run) -> None:
        self.runs.append(run)
        self.lines_read_at_close.append(self.lines_read)


def replayed(out: Path, *files: Path | str, **options: Any) -> tuple[Totals, Told]:
    told = Told()
    task = Replay(
        files=[str(file) for file in files],
        out=out,
        otlp=None,
        rebase=False,
        settings=Settings(timezone="America/Toronto"),
        clock=lambda: NOW_NS,
    )
    return replay(changed(task, **options), told), told


def spans(out: Path) -> list[dict[str, Any]]:
    return list(items(out / "traces.jsonl", "resourceSpans", "scopeSpans", "spans"))


def logs(out: Path) -> list[dict[str, Any]]:
    return list(items(out / "logs.jsonl", "resourceLogs", "scopeLogs", "logRecords"))


def items(file: Path, resources: str, scopes: str, key: str) -> Iterator[dict[str, Any]]:
    for request in file.read_bytes().splitlines():
        for resource in orjson.loads(request)[resources]:
            for scope in resource[scopes]:
                yield from scope[key]


def level(span: dict[str, Any]) -> str:
    return str(attributes(span)["ingestion.level"])


def attributes(item: dict[str, Any]) -> dict[str, Any]:
    return {
        attribute["key"]: next(iter(attribute["value"].values()))
        for attribute in item["attributes"]
    }


def test_sample_becomes_one_trace_of_72_tasks_under_one_root(tmp_path: Path) -> None:
    """The example of the README."""
    totals, _ = replayed(tmp_path, SAMPLE)
    assert (totals.accepted, totals.rejected, totals.runs_by_outcome) == (72, 0, {"partial": 1})
    found = spans(tmp_path)
    assert Counter(map(level, found)) == {"run": 1, "stage": 1, "source": 6, "task": 72}
    assert len({span["traceId"] for span in found}) == 1
    assert [level(span) for span in found if "parentSpanId" not in span] == ["run"]
    in_error = [level(span) for span in found if span["status"]["code"] == 2]
    assert sorted(in_error) == ["run", "source", "stage", "task"]


def test_every_log_line_of_the_sample_is_linked_to_its_task(tmp_path: Path) -> None:
    """One line a record, with the ids of a task span that ends when the line was written."""
    replayed(tmp_path, SAMPLE)
    ends = {span["spanId"]: span["endTimeUnixNano"] for span in spans(tmp_path)}
    lines = logs(tmp_path)
    assert len({line["spanId"] for line in lines}) == 72
    assert all(ends[line["spanId"]] == line["timeUnixNano"] for line in lines)
    assert {line["body"]["stringValue"] for line in lines} == set(SAMPLE.read_text().splitlines())


def test_same_file_gives_the_same_bytes_but_for_the_live_metrics(tmp_path: Path) -> None:
    """A replay of history writes again what it wrote before."""
    once, twice = tmp_path / "once", tmp_path / "twice"
    replayed(once, SAMPLE)
    replayed(twice, SAMPLE, clock=lambda: NOW_NS + 1)
    for name in ("traces.jsonl", "logs.jsonl"):
        assert (once / name).read_bytes() == (twice / name).read_bytes()


def test_order_of_the_records_changes_nothing(tmp_path: Path) -> None:
    """Runs are the same whatever the file's order is; only their own order may differ."""
    lines = [delivery.line for delivery in simulate(Config(runs=6, companies=2))]
    shuffled = random.Random(7).sample(lines, k=len(lines))  # noqa: S311 - no secret
    in_order, out_of_order = tmp_path / "in-order.json", tmp_path / "shuffled.json"
    in_order.write_bytes(b"\n".join(lines))
    out_of_order.write_bytes(b"\n".join(shuffled))
    replayed(tmp_path / "one", in_order)
    replayed(tmp_path / "other", out_of_order)

    def canonical(out: Path) -> list[bytes]:
        return sorted(orjson.dumps(item) for item in spans(out) + logs(out))

    assert canonical(tmp_path / "one") == canonical(tmp_path / "other")


def test_run_is_released_with_its_last_record(tmp_path: Path) -> None:
    """What keeps memory flat: no run waits for the end of the file."""
    lines = [delivery.line for delivery in simulate(Config(runs=5))]
    file = tmp_path / "five.json"
    file.write_bytes(b"\n".join(lines))
    _, told = replayed(tmp_path, file)
    last_line_of_run = {orjson.loads(line)["No_Sequence"]: at for at, line in enumerate(lines, 1)}
    assert told.lines_read_at_close == sorted(last_line_of_run.values())


def test_run_is_released_even_if_its_last_line_is_refused(tmp_path: Path) -> None:
    """A refused line was counted on too."""
    good = SAMPLE.read_bytes().splitlines()[0]
    other = good.replace(b'"2025-09-05-16-45"', b'"2025-09-05-17-00"')
    file = tmp_path / "in.json"
    file.write_bytes(b"\n".join([good, good.replace(b'"SUCCESS"', b'"MAYBE"'), other]))
    totals, told = replayed(tmp_path, file)
    assert totals.rejected == 1
    assert told.lines_read_at_close == [2, 3]


def test_refused_lines_are_kept_with_reason_and_bytes(tmp_path: Path) -> None:
    """Bad input stands in nobody's way and is not lost."""
    good = SAMPLE.read_bytes().splitlines()
    file = tmp_path / "in.json"
    file.write_bytes(b"\n".join([good[0], b"{}", good[1], b"\xff", good[2]]))
    totals, _ = replayed(tmp_path, file)
    assert (totals.accepted, totals.rejected) == (3, 2)
    kept = [orjson.loads(line) for line in (tmp_path / "rejected.jsonl").read_bytes().splitlines()]
    assert [(each["line"], each["reason"]) for each in kept] == [
        (2, "missing_field"),
        (4, "invalid_utf8"),
    ]
    assert [each["message"] for each in kept] == [each.message for each in totals.rejections]


def test_duplicates_are_counted_and_change_nothing(tmp_path: Path) -> None:
    """The same file twice is the same telemetry."""
    replayed(tmp_path / "once", SAMPLE)
    totals, _ = replayed(tmp_path / "twice", SAMPLE, SAMPLE)
    assert (totals.accepted, totals.duplicates) == (72, 72)
    for name in ("traces.jsonl", "logs.jsonl"):
        once, twice = (tmp_path / folder / name for folder in ("once", "twice"))
        assert once.read_bytes() == twice.read_bytes()


def test_rebased_copy_ends_now_under_ids_of_its_own(tmp_path: Path) -> None:
    """Whole runs are shifted by one duration, and say what they are copies of."""
    _, original = replayed(tmp_path / "past", SAMPLE)
    _, copy = replayed(tmp_path / "now", SAMPLE, rebase=True)
    [past], [now] = original.runs, copy.runs
    assert now.end_ns == NOW_NS
    assert now.end_ns - now.start_ns == past.end_ns - past.start_ns
    assert now.rebased_from == past.key.run_id
    ids, copied_ids = (
        {span["spanId"] for span in spans(tmp_path / name)} for name in ("past", "now")
    )
    assert not ids & copied_ids
    assert {attributes(span)["ingestion.run.rebased_from"] for span in spans(tmp_path / "now")} == {
        "2025-09-05-16-45"
    }


def test_only_a_replay_at_its_own_times_is_marked_as_one(tmp_path: Path) -> None:
    """Objectives on the present leave history out, but not a copy that ends now."""
    replayed(tmp_path / "past", SAMPLE)
    replayed(tmp_path / "now", SAMPLE, rebase=True)
    mark = b'{"key":"ingestion.replay","value":{"boolValue":true}}'
    for name in ("traces.jsonl", "logs.jsonl", "metrics.jsonl"):
        assert mark in (tmp_path / "past" / name).read_bytes()
        assert mark not in (tmp_path / "now" / name).read_bytes()


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_standard_input_is_as_good_as_a_file(
    pack: Callable[[bytes], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is read twice like everything else."""
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(pack(SAMPLE.read_bytes()))))
    totals, told = replayed(tmp_path / "piped", "-")
    replayed(tmp_path / "named", SAMPLE)
    assert (totals.accepted, told.records) == (72, 72)
    for name in ("traces.jsonl", "logs.jsonl"):
        piped, named = (tmp_path / folder / name for folder in ("piped", "named"))
        assert piped.read_bytes() == named.read_bytes()


@pytest.mark.parametrize("content", [b"", b"\n\n", b"[]"], ids=["empty", "blank", "empty array"])
def test_file_without_records_is_no_fault(content: bytes, tmp_path: Path) -> None:
    """Nothing in, nothing out but the count of nothing."""
    file = tmp_path / "in.json"
    file.write_bytes(content)
    totals, told = replayed(tmp_path / "out", file)
    assert (totals.accepted, totals.rejected, told.runs) == (0, 0, [])
    assert (tmp_path / "out" / "traces.jsonl").read_bytes() == b""
    assert (tmp_path / "out" / "report.html").exists()


def test_second_replay_replaces_the_first(tmp_path: Path) -> None:
    """A folder holds one replay."""
    replayed(tmp_path, SAMPLE)
    before = (tmp_path / "traces.jsonl").read_bytes()
    replayed(tmp_path, SAMPLE)
    assert (tmp_path / "traces.jsonl").read_bytes() == before


def test_missing_file_is_told_before_anything_is_written(tmp_path: Path) -> None:
    """Wrong use leaves nothing behind."""
    with pytest.raises(UsageError, match=r"nowhere\.json cannot be read"):
        replayed(tmp_path / "out", SAMPLE, tmp_path / "nowhere.json")
    assert not (tmp_path / "out").exists()


def test_absent_collector_is_told_before_anything_is_written(tmp_path: Path) -> None:
    """Nobody listens at the discard port of the loopback address."""
    with pytest.raises(DeliveryError, match=r"no collector listens at http://127\.0\.0\.1:9"):
        replayed(tmp_path / "out", SAMPLE, otlp="http://127.0.0.1:9")
    assert not (tmp_path / "out").exists()
