"""stack/manifest.toml as typed values."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from filrouge.errors import UsageError
from filrouge.stack.checkout import MANIFEST

COLLECTOR_BUILDER = "collector-builder"
"""The part whose executable makes the collector's source."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Part(_Strict):
    name: str
    folder: Path


class GoPart(_Part):
    """The tools of a go.mod.

    Attributes:
        version: the module whose version in go.mod is the part's.
        tags: build tags.
        stamps: the string variables that hold the version which the executables print.
    """

    kind: Literal["go"]
    version: str
    executables: tuple[str, ...] = Field(min_length=1)
    tags: tuple[str, ...] = ()
    stamps: tuple[str, ...] = ()


class CollectorPart(_Part):
    """The distribution of a builder.yaml."""

    kind: Literal["collector"]
    executables: tuple[str, ...] = Field(min_length=1)


class MavenPart(_Part):
    """The jars that a pom.xml depends on.

    Attributes:
        version: the property of pom.xml that holds the part's version.
    """

    kind: Literal["maven"]
    version: str
    executables: tuple[()] = ()


Part = GoPart | CollectorPart | MavenPart


class Toolchain(_Strict):
    """What builds and runs the parts, where the machine has nothing new enough."""

    go_wheel: str = Field(pattern=r"^[a-z0-9-]+==[0-9.]+$")
    java_minimum: int
    java_wheel: str = Field(pattern=r"^[a-z0-9-]+==[0-9.]+$")


class Manifest(_Strict):
    """All parts, in the order they are built, and their toolchain."""

    toolchain: Toolchain
    parts: dict[str, Annotated[Part, Field(discriminator="kind")]]


def load_manifest(checkout: Path) -> Manifest:
    """The manifest of a checkout.

    Raises:
        UsageError: it cannot be read, with all faults.
    """
    path = checkout / MANIFEST
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        parts = tables.get("parts", {})
        named = {name: {"name": name, **entry} for name, entry in parts.items()}
        return Manifest.model_validate({**tables, "parts": named})
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
