"""Which folder of the cache holds what a checkout asks for.

A part's folder is named by a hash of everything it is built from: its commands (flags, tags and
version stamps included), the files that pin its versions, the system and processor. The version of
Go is not among them: go.mod states the oldest that will do, and a patch release of Go on the
machine should not cost everybody a build of eighteen minutes. Raise the line `go` of a go.mod to
have its part built anew.
"""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from platformdirs import user_cache_path

from filrouge.errors import UsageError
from filrouge.stack.build.manifest import COLLECTOR_BUILDER, Manifest, Part, load_manifest
from filrouge.stack.build.recipes import EXECUTABLES, JARS, Tools, recipe, source_files
from filrouge.stack.build.versions import pinned_version

CACHE_VARIABLE: Final = "FILROUGE_CACHE"
_KEY_LENGTH: Final = 16


def cache_folder() -> Path:
    """Where built parts and fetched tools are kept: FILROUGE_CACHE, or the user's cache folder."""
    chosen = os.environ.get(CACHE_VARIABLE)
    return Path(chosen).absolute() if chosen else user_cache_path("filrouge")


@dataclass(frozen=True)
class Target:
    """A part, and the folder that holds it once it is built.

    Attributes:
        source: the part's folder in the checkout.
        shelf: the folder of all builds of this part.
        folder: the one of exactly this; it exists only when the build is complete.
    """

    part: Part
    version: str
    source: Path
    shelf: Path
    folder: Path

    @property
    def label(self) -> str:
        """What people see, such as `tempo 2.8.0`."""
        return f"{self.part.name} {self.version}"

    @property
    def is_built(self) -> bool:
        """Whether nothing is left to do."""
        return self.folder.is_dir()

    @property
    def jars(self) -> Path:
        """The folder of a Java part's jars."""
        return self.folder / JARS

    def executable(self, name: str) -> Path:
        """Where an executable of the part lies, or will lie."""
        return self.folder / EXECUTABLES / name


@dataclass(frozen=True)
class Targets:
    """All that a checkout asks for, in the order of building."""

    manifest: Manifest
    checkout: Path
    cache: Path
    all: dict[str, Target]


def find_targets(checkout: Path, cache: Path) -> Targets:
    """What a checkout asks for; reads small files only.

    Raises:
        UsageError: the manifest, or a file that it names, cannot be read.
    """
    manifest = load_manifest(checkout)
    shelves = cache / "stack"
    found: dict[str, Target] = {}
    for name, part in manifest.parts.items():
        version = pinned_version(part, checkout)
        key = _key(part, version, checkout, found.get(COLLECTOR_BUILDER))
        shelf = shelves / name
        found[name] = Target(part, version, checkout / part.folder, shelf, shelf / key)
    return Targets(manifest, checkout, cache, found)


def _key(part: Part, version: str, checkout: Path, builder: Target | None) -> str:
    # The commands as they would be anywhere: machine and checkout change no key. Only the name of
    # the collector builder's folder stays, so that another builder makes another collector.
    collector_builder = Path(builder.folder.name if builder else "builder")
    tools = Tools(go=Path("go"), maven=Path("mvn"), collector_builder=collector_builder)
    commands = recipe(part, version, Path("source"), Path("work"), tools)
    digest = hashlib.sha256(f"{sys.platform} {platform.machine()} {commands!r}".encode())
    for name in source_files(part):
        digest.update(hashlib.sha256(_content(checkout / part.folder / name)).digest())
    return digest.hexdigest()[:_KEY_LENGTH]


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
