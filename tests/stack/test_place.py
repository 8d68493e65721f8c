"""Where a stack lives."""

from __future__ import annotations

import json
from pathlib import Path

from filrouge.stack.place import Place, is_stack, remembered_offset
from filrouge.stack.ports import Port


def test_addresses_are_of_the_stacks_own_block() -> None:
    place = Place(Path("/checkout"), Path("/root"), 500)

    assert place.address(Port.KAFKA) == "127.0.0.1:9592"
    assert place.url(Port.TEMPO_HTTP) == "http://127.0.0.1:3700"


def test_created_folder_keeps_out_of_version_control(tmp_path: Path) -> None:
    place = Place(Path("/checkout"), tmp_path / "stack", 500)

    place.create()

    assert (place.root / ".gitignore").read_text() == "*\n"
    assert is_stack(place.root)


def test_block_of_ports_is_remembered_until_told_otherwise(tmp_path: Path) -> None:
    Place(Path("/checkout"), tmp_path / "stack", 500).create()
    moved = Place(Path("/checkout"), tmp_path / "stack", 600)

    moved.create()
    assert remembered_offset(moved.root) == 500

    moved.remember()
    assert remembered_offset(moved.root) == 600


def test_folder_without_a_stack_remembers_nothing(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text(json.dumps({"port_offset": 1}))

    assert remembered_offset(tmp_path) is None


def test_socket_is_elsewhere_when_the_folders_name_is_too_long_for_one(tmp_path: Path) -> None:
    short = Place(Path("/checkout"), Path("/srv/stack"), 0)
    long = Place(Path("/checkout"), tmp_path / ("x" * 90), 0)
    other = Place(Path("/checkout"), tmp_path / ("y" * 90), 0)

    assert short.socket == Path("/srv/stack/supervisor.sock")
    assert len(str(long.socket)) < 90
    assert not long.socket.is_relative_to(long.root)
    assert long.socket != other.socket


def test_only_its_owner_looks_into_a_stack(tmp_path: Path) -> None:
    """Its scripts hold the site's variables, secrets among them."""
    place = Place(tmp_path, tmp_path / "stack", 0)

    place.create()

    assert place.root.stat().st_mode & 0o777 == 0o700
