"""The lock files still belong to pyproject.toml; checked without a network."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
GROUPS = PYPROJECT["dependency-groups"]

RUNTIME: list[str] = PYPROJECT["project"]["dependencies"]
BUILD: list[str] = PYPROJECT["build-system"]["requires"]
DEV: list[str] = [entry for entry in GROUPS["dev"] if isinstance(entry, str)]

DECLARED = {
    "requirements.txt": RUNTIME,
    "requirements-build.txt": BUILD,
    "requirements-dev.txt": RUNTIME + BUILD + DEV,
}
PIN = re.compile(r"(?P<name>[\w.-]+)==(?P<version>[^ ]+)")

each_lock = pytest.mark.parametrize("lock", DECLARED)


def entries(lock: str) -> list[str]:
    """One text for each locked package: its pin, its hashes and what asks for it."""
    text = (ROOT / lock).read_text()
    return re.split(r"^(?=[^\s#])", text, flags=re.MULTILINE)[1:]


def pins(lock: str) -> set[tuple[str, str]]:
    matches = (PIN.match(entry) for entry in entries(lock))
    return {(match["name"], match["version"]) for match in matches if match}


@each_lock
def test_what_pyproject_asks_for_is_what_the_lock_was_made_for(lock: str) -> None:
    asked_by_us = {
        entry.split("==")[0] for entry in entries(lock) if "filrouge (pyproject.toml" in entry
    }
    assert asked_by_us == {Requirement(line).name for line in DECLARED[lock]}, "run `make lock`"


@each_lock
def test_locked_versions_are_ones_pyproject_allows(lock: str) -> None:
    wanted = {(req := Requirement(line)).name: req.specifier for line in DECLARED[lock]}
    refused = {
        f"{name} {version}"
        for name, version in pins(lock)
        if name in wanted and version not in wanted[name]
    }
    assert refused == set(), "run `make lock`"


@each_lock
def test_every_locked_package_is_pinned_and_hashed(lock: str) -> None:
    loose = [
        entry.splitlines()[0]
        for entry in entries(lock)
        if not PIN.match(entry) or "--hash=sha256:" not in entry
    ]
    assert loose == []


@each_lock
def test_lock_names_no_package_index(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert re.findall(r"\S*://\S*|^--.*", text, flags=re.MULTILINE) == []


def test_what_builds_the_wheel_is_locked_as_pyproject_declares_it() -> None:
    assert GROUPS["build"] == BUILD


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-build.txt"])
def test_locks_agree_on_versions(lock: str) -> None:
    assert pins(lock) - pins("requirements-dev.txt") == set()
