"""`filrouge serve ingestion` and `filrouge key` as people call them."""

from __future__ import annotations

import socket
import tomllib
from pathlib import Path

import pytest

from filrouge.http import listen
from filrouge.ingestion.keys import read_keys
from filrouge.stack.ports import HOST, Port
from tests.commands import filrouge
from tests.conftest import free_offset
from tests.ingestion.serving import serving


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"FILROUGE_LISTEN": "192.0.2.1"}, "listens on loopback only, not on 192.0.2.1"),
        ({"FILROUGE_INGESTION_KEYS": "nowhere.toml"}, "nowhere.toml cannot be read"),
        ({"FILROUGE_KAFKA_OPTIONS": '{"nonsense": "1"}'}, 'property: "nonsense"'),
        ({"FILROUGE_INGESTION_REQUEST_RATE": "often"}, "'often' is no rate"),
        ({"FILROUGE_INGESTION_RECORD_RATE": "10/second"}, "such a request would never pass"),
        ({"FILROUGE_INGESTION_MEMORY_BYTES": "1048576"}, "ingestion_memory_bytes (1048576)"),
        ({"FILROUGE_INGESTION_QUEUE_RECORDS": "10"}, "ingestion_queue_records (10)"),
    ],
)
def test_wrong_settings_are_told_in_a_sentence(
    tmp_path: Path, variables: dict[str, str], said: str
) -> None:
    variables |= {"FILROUGE_STACK_PORT_OFFSET": str(free_offset())}

    done = filrouge("serve", "ingestion", cwd=tmp_path, env=variables)

    assert done.returncode == 2
    assert said in done.stderr.decode()
    assert b"Traceback" not in done.stderr


def test_a_taken_port_is_told_with_its_holder(tmp_path: Path) -> None:
    offset = free_offset()
    with socket.create_server((HOST, Port.INGESTION.at(offset))):
        done = filrouge(
            "serve",
            "ingestion",
            cwd=tmp_path,
            env={"FILROUGE_STACK_PORT_OFFSET": str(offset)},
        )

    assert done.returncode == 2
    assert f"cannot listen on 127.0.0.1:{Port.INGESTION.at(offset)}" in done.stderr.decode()
    assert "pid" in done.stderr.decode()


def test_answers_do_not_wait_for_the_senders_acknowledgement() -> None:
    """asyncio switches Nagle's algorithm off where the listener names its protocol."""
    with listen(HOST, 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP


def test_an_unknown_service_is_told_with_those_there_are(tmp_path: Path) -> None:
    done = filrouge("serve", "elsewhere", cwd=tmp_path)

    assert done.returncode == 2
    assert b"ingestion" in done.stderr


def test_without_keys_it_says_that_it_is_open_and_stops_cleanly(tmp_path: Path) -> None:
    with serving(free_offset(), tmp_path) as running:
        running.process.terminate()
        assert running.process.wait(60) == 0
        logged = running.logged()

    (warning,) = [each for each in logged if each["event"].startswith("open: without a keys file")]
    assert warning["level"] == "warning"
    assert "stopped" in [each["event"] for each in logged]  # the exporter may complain after it


def test_a_new_key_goes_into_the_file_as_it_is_printed(tmp_path: Path) -> None:
    first = filrouge("key", 'akonovia "é"', cwd=tmp_path)
    second = filrouge("key", "*", "--id", "agent", cwd=tmp_path)
    file = tmp_path / "keys.toml"
    file.write_bytes(first.stdout + second.stdout)

    keys = list(read_keys(file).values())

    assert [(key.company, key.only_company) for key in keys] == [
        ('akonovia "é"', 'akonovia "é"'),
        ("*", None),
    ]
    assert keys[1].id == "agent"
    plain = first.stderr.decode().split()[-1]
    assert plain.startswith("flr_")
    assert plain not in file.read_text()
    assert len(tomllib.loads(file.read_text())["key"]) == 2
