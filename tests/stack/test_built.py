"""What others get of the built stack."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from filrouge.errors import UsageError
from filrouge.stack.build.manifest import MavenPart, load_manifest
from filrouge.stack.build.targets import CACHE_VARIABLE
from filrouge.stack.build.versions import pinned_version
from filrouge.stack.built import built, java_executable
from filrouge.stack.checkout import find_checkout
from tests.stack.small_checkout import OLD_JAVA, SmallCheckout, small_checkout

ROOT = Path(__file__).parents[2]
PARTS = load_manifest(ROOT).parts
SILENT = {"builder", "dashboard-linter"}
"""These tell nobody their version."""
EXECUTABLES = {
    name: part for part in PARTS.values() for name in part.executables if name not in SILENT
}
ASKED = {"sloth": "version"}
"""How they are asked, unless it is by `--version`."""


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallCheckout:
    made = small_checkout(tmp_path, monkeypatch)
    monkeypatch.setenv(CACHE_VARIABLE, str(made.cache))
    return made


def put_built(checkout: SmallCheckout, name: str, *files: str) -> Path:
    folder = checkout.targets().all[name].folder
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).touch()
    return folder


def test_executables_are_found_by_name(checkout: SmallCheckout) -> None:
    folder = put_built(checkout, "east", "bin/east", "bin/eastctl")
    assert built(checkout.root).executable("eastctl") == folder / "bin/eastctl"
    assert built(checkout.root).missing() == ("collector-builder", "collector", "west", "kafka")


def test_classpath_is_all_jars_in_a_steady_order(checkout: SmallCheckout) -> None:
    folder = put_built(checkout, "kafka", "jars/kafka.jar", "jars/clients.jar")
    assert built(checkout.root).kafka_classpath() == (
        f"{folder}/jars/clients.jar:{folder}/jars/kafka.jar"
    )


def test_what_is_not_built_says_what_to_run(checkout: SmallCheckout) -> None:
    with pytest.raises(UsageError) as raised:
        built(checkout.root).executable("west")
    assert str(raised.value) == "west 1.2.3 is not built; run `filrouge stack build`"


def test_what_changed_since_it_was_built_is_not_built(checkout: SmallCheckout) -> None:
    put_built(checkout, "east", "bin/east")
    checkout.write("stack/east/go.sum", "east h1:other\n")
    with pytest.raises(UsageError, match=r"^east 1\.2\.3 is not built"):
        built(checkout.root).executable("east")


def test_without_a_java_one_is_told_which_is_needed(checkout: SmallCheckout) -> None:
    assert built(checkout.root).java() == checkout.bin / "java"
    checkout.put_program("java", OLD_JAVA)
    with pytest.raises(UsageError) as raised:
        built(checkout.root).java()
    assert str(raised.value) == (
        "no Java 17 or newer on PATH; run `filrouge stack build`, or install one"
    )


def test_checkout_is_the_one_the_package_lies_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_checkout() == ROOT


def test_installed_package_takes_the_checkout_it_is_called_in(
    checkout: SmallCheckout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("filrouge.__file__", str(tmp_path / "site-packages/filrouge/__init__.py"))
    monkeypatch.chdir(checkout.root)
    assert find_checkout() == checkout.root
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as raised:
        find_checkout()
    assert str(raised.value) == (
        f"no stack/manifest.toml above the installed package nor in {tmp_path}; "
        "the native stack needs a checkout of Filrouge: change to its root folder"
    )


@pytest.mark.stack
@pytest.mark.parametrize("name", EXECUTABLES)
def test_executable_prints_the_version_that_is_pinned(name: str) -> None:
    done = subprocess.run(
        [built(ROOT).executable(name), ASKED.get(name, "--version")],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    said = re.search(r"\bv?([0-9]+\.[0-9]+\.[0-9][^\s,]*)", f"{done.stdout}\n{done.stderr}")
    assert said is not None
    assert said[1] == pinned_version(EXECUTABLES[name], ROOT)


@pytest.mark.stack
def test_kafka_is_the_version_that_is_pinned_and_runs() -> None:
    version = pinned_version(PARTS["kafka"], ROOT)
    assert isinstance(PARTS["kafka"], MavenPart)
    classpath = built(ROOT).kafka_classpath()
    names = {Path(jar).name for jar in classpath.split(os.pathsep)}
    assert {f"kafka_2.13-{version}.jar", f"kafka-clients-{version}.jar"} <= names
    done = subprocess.run(
        [java_executable(), "-cp", classpath, "kafka.tools.StorageTool", "random-uuid"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}\n", done.stdout)
