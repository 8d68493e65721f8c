from __future__ import annotations

import gzip
import io
import os
import socket
import sys
import threading
from pathlib import Path

import pytest

from filrouge.errors import UsageError
from filrouge.records.reading.reader import read
from filrouge.records.reading.sources import Source, find_source, replayable


@pytest.fixture
def standard_input(monkeypatch: pytest.MonkeyPatch) -> io.BytesIO:
    buffer = io.BytesIO(b'{"a": 1}\n')
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(buffer))
    return buffer


def data_of(source: Source) -> list[bytes]:
    return [line.data for line in read(source)]


def test_standard_input_is_read_as_it_comes(standard_input: io.BytesIO) -> None:
    assert data_of(find_source("-")) == [b'{"a": 1}']
    assert not standard_input.closed


def test_standard_input_can_be_read_again(standard_input: io.BytesIO, tmp_path: Path) -> None:
    path = tmp_path / "b.gz"
    path.write_bytes(gzip.compress(b'{"b": 2}'))

    with replayable(["-", str(path)]) as sources:
        for _ in range(2):
            assert [data_of(source) for source in sources] == [[b'{"a": 1}'], [b'{"b": 2}']]
        assert [source.name for source in sources] == ["-", str(path)]
        kept = sources[0].path

    assert kept
    assert not kept.exists()
    assert not standard_input.closed


def test_pipe_can_be_read_again(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=[b'{"a": 1}\n'])
    writer.start()

    with replayable([str(pipe)]) as (source,):
        writer.join()
        assert [data_of(source), data_of(source)] == [[b'{"a": 1}']] * 2
        assert source.name == str(pipe)


def test_standard_input_named_twice_is_refused() -> None:
    with (
        pytest.raises(
            UsageError, match=r"^- is named twice; standard input can be read only once$"
        ),
        replayable(["-", "-"]),
    ):
        pass


def test_missing_file_is_refused_before_any_is_read(standard_input: io.BytesIO) -> None:
    with pytest.raises(UsageError) as refusal, replayable(["-", "absent.json"]):
        pass

    assert str(refusal.value) == (
        "absent.json cannot be read: No such file or directory; "
        "name a file of records, or - for standard input"
    )
    assert standard_input.tell() == 0


def test_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refusal:
        find_source(str(tmp_path))

    assert str(refusal.value) == (
        f"{tmp_path} is a folder; name the files in it, such as {tmp_path}/*.json"
    )


def test_what_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        with pytest.raises(UsageError) as refusal:
            find_source(str(path))

    assert str(refusal.value) == (
        f"{path} cannot be read: No such device or address; "
        "name a file of records, or - for standard input"
    )


def test_file_that_vanishes_after_it_was_found_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"{}")
    source = find_source(str(path))
    path.unlink()

    (line,) = read(source)

    assert line.fault
    assert line.fault.message == (
        "the file cannot be read from here on (No such file or directory)"
    )


def test_name_that_is_no_text_can_be_shown(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xe9.json"))
    path.write_bytes(b"{}")

    source = find_source(str(path))

    assert source.name == f"{tmp_path}/?.json"
    assert data_of(source) == [b"{}"]
