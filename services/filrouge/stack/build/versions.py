"""The version of a part, read where it is pinned."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from filrouge.errors import UsageError
from filrouge.stack.build.manifest import CollectorPart, GoPart, MavenPart, Part

BUILDER_MANIFEST: Final = "builder.yaml"


def pinned_version(part: Part, checkout: Path) -> str:
    """What the part's executables print as their version, such as `2.8.0`.

    In go.mod it is the module's version, unless a comment on that line tells the release that it
    is: Prometheus and Tempo number their modules otherwise than their releases.

    Raises:
        UsageError: it is not where the manifest says.
    """
    file, pattern = _home(part)
    path = checkout / part.folder / file
    found = re.search(pattern, read_text(path), re.MULTILINE)
    if found is None:
        raise UsageError(f"{path} names no version of {part.name}; looked for {pattern!r}")
    return found["release"] or found["version"]


def minimum_go(folder: Path) -> str:
    """The oldest Go that builds what a folder pins, by the line `go` of its go.mod.

    Raises:
        UsageError: there is no such line.
    """
    path = folder / "go.mod"
    found = re.search(r"^go ([0-9.]+)$", read_text(path), re.MULTILINE)
    if found is None:
        raise UsageError(f"{path} has no line such as `go 1.26.0`")
    return found[1]


def _home(part: Part) -> tuple[str, str]:
    match part:
        case GoPart():
            module = re.escape(part.version)
            return "go.mod", (
                rf"^(?:require)?\s*{module} v(?P<version>\S+)(?:.*\brelease (?P<release>\S+))?"
            )
        case CollectorPart():
            return (
                BUILDER_MANIFEST,
                r"^[^#\n]*\bversion:\s*[\"']?(?P<version>[\w.+-]+)(?P<release>)",
            )
        case MavenPart():
            return "pom.xml", rf"<{re.escape(part.version)}>(?P<version>[^<]+)<(?P<release>)"


def read_text(path: Path) -> str:
    """A file of the checkout.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
