from __future__ import annotations

from pathlib import Path

import pytest

from filrouge.errors import DeliveryError, UsageError
from filrouge.telemetry.files import FileSink
from filrouge.telemetry.otlp_json import Signal
from tests.telemetry.rich import rich_export


def test_each_signal_has_a_file_with_a_request_a_line(tmp_path: Path) -> None:
    told = rich_export()
    write(tmp_path / "new" / "out", told.requests)

    for signal in Signal:
        lines = (tmp_path / "new" / "out" / f"{signal}.jsonl").read_bytes().splitlines()
        assert lines == told.of(signal)


def test_files_are_there_even_when_nothing_was_written(tmp_path: Path) -> None:
    write(tmp_path, [])

    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "logs.jsonl",
        "metrics.jsonl",
        "traces.jsonl",
    ]


def test_files_of_an_earlier_run_are_replaced(tmp_path: Path) -> None:
    write(tmp_path, [(Signal.TRACES, b'{"long":"and old"}')] * 2)
    write(tmp_path, [(Signal.TRACES, b"{}")])

    assert (tmp_path / "traces.jsonl").read_bytes() == b"{}\n"


def test_what_is_abandoned_holds_what_was_written_so_far(tmp_path: Path) -> None:
    sink = FileSink(tmp_path)
    sink.write(Signal.LOGS, b"{}")
    sink.abandon()

    assert (tmp_path / "logs.jsonl").read_bytes() == b"{}\n"


def test_a_folder_that_cannot_be_made_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "taken").write_bytes(b"a file")

    with pytest.raises(UsageError, match=r"cannot write to .*taken: .*; name another folder"):
        FileSink(tmp_path / "taken")


def test_a_file_that_cannot_be_replaced_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "logs.jsonl").mkdir()

    with pytest.raises(
        UsageError, match=r"cannot write to .*: Is a directory; name another folder"
    ):
        FileSink(tmp_path)


def test_a_full_disk_is_told_in_words(tmp_path: Path) -> None:
    """/dev/full is a disk on which there is never any room."""
    (tmp_path / "logs.jsonl").symlink_to("/dev/full")
    sink = FileSink(tmp_path)

    with pytest.raises(DeliveryError, match=r"cannot write to .*: No space left on device; make"):
        sink.write(Signal.LOGS, b"x" * 100_000)
    sink.abandon()


def write(folder: Path, requests: list[tuple[Signal, bytes]]) -> None:
    sink = FileSink(folder)
    for signal, request in requests:
        sink.write(signal, request)
    sink.close()
