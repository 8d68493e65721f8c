"""How each kind of part is built: commands as values, nothing run."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from filrouge.stack.build.manifest import CollectorPart, GoPart, MavenPart, Part
from filrouge.stack.build.versions import BUILDER_MANIFEST

OUT: Final = "out"
"""The folder of a build's results, and in it those of executables and of jars."""
EXECUTABLES: Final = "bin"
JARS: Final = "jars"
GO_LOCK: Final = ("go.mod", "go.sum")

GO_ENVIRONMENT: Final = {
    "CGO_ENABLED": "0",  # no C compiler needed, and nothing of the system is linked in
    "GOTOOLCHAIN": "local",  # Go would otherwise fetch a newer Go by itself, unasked
    "GOWORK": "off",  # a workspace above the checkout would change the versions
}
_GO_BUILD: Final = (
    "build",
    "-mod=readonly",  # go.mod and go.sum say all; a module with another hash stops the build
    "-trimpath",  # the same bytes wherever the checkout lies
)
_SMALL: Final = "-s -w"  # without symbols and debug information: a third less
_MAVEN: Final = (
    "--batch-mode",
    "--no-transfer-progress",
    "--strict-checksums",
    "-Dstyle.color=never",
)


@dataclass(frozen=True)
class Tools:
    """The programs that recipes call; those that a part does not need may be any path.

    Attributes:
        java_home: what Maven runs on; None where it finds that by itself.
    """

    go: Path
    maven: Path
    collector_builder: Path
    java_home: Path | None = None


@dataclass(frozen=True)
class Command:
    """One program to run.

    Attributes:
        environment: what is set in addition to the caller's environment.
    """

    arguments: tuple[str, ...]
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Recipe:
    """What to do for one part.

    Attributes:
        commands: to be run in this order; the last leaves its results in the output folder.
        copies: files to copy before: from, to.
    """

    commands: tuple[Command, ...]
    copies: tuple[tuple[Path, Path], ...] = ()


def recipe(part: Part, version: str, source: Path, work: Path, tools: Tools) -> Recipe:
    """What to run so that the part's results lie in `work/out`.

    Args:
        part: from the manifest.
        version: the part's own, for executables to print.
        source: the part's folder in the checkout; it is only read.
        work: an empty folder of the build's own.
        tools: the programs to call.
    """
    match part:
        case GoPart():
            return _go(part, version, source, work, tools)
        case CollectorPart():
            return _collector(part, source, work, tools)
        case MavenPart():
            return _maven(source, work, tools)


def source_files(part: Part) -> tuple[str, ...]:
    """The names of the files in a part's folder that decide what comes out."""
    match part:
        case GoPart():
            return GO_LOCK
        case CollectorPart():
            return (BUILDER_MANIFEST, *GO_LOCK)
        case MavenPart():
            return ("pom.xml",)


def _go(part: GoPart, version: str, source: Path, work: Path, tools: Tools) -> Recipe:
    stamps = "".join(f" -X {variable}={version}" for variable in part.stamps)
    build = Command(
        (
            *(str(tools.go), *_GO_BUILD),
            *(("-tags", ",".join(part.tags)) if part.tags else ()),
            *("-ldflags", _SMALL + stamps),
            *("-o", f"{work / OUT / EXECUTABLES}/"),
            "tool",  # all that go.mod names as such
        ),
        source,
        GO_ENVIRONMENT,
    )
    return Recipe((build,))


def _collector(part: CollectorPart, source: Path, work: Path, tools: Tools) -> Recipe:
    generated = work / "generated"
    build = Command(
        (
            *(str(tools.go), *_GO_BUILD),
            *("-ldflags", _SMALL),
            *("-o", str(work / OUT / EXECUTABLES / part.executables[0])),
            ".",
        ),
        generated,
        GO_ENVIRONMENT,
    )
    return Recipe(
        (generate_collector(source, generated, tools, "--skip-get-modules"), build),
        copies=tuple((source / name, generated / name) for name in GO_LOCK),
    )


def generate_collector(source: Path, generated: Path, tools: Tools, *options: str) -> Command:
    """Writes the collector's source into an existing folder, without compiling it."""
    return Command(
        (
            str(tools.collector_builder),
            *("--config", str(source / BUILDER_MANIFEST)),
            *("--output-path", str(generated)),
            "--skip-compilation",
            *options,
        ),
        generated,
        # The builder leaves an empty folder among the temporary files: this one goes with it.
        {**GO_ENVIRONMENT, "TMPDIR": str(generated.parent)},
    )


def _maven(source: Path, work: Path, tools: Tools) -> Recipe:
    fetch = Command(
        (
            *(str(tools.maven), *_MAVEN),
            *("--file", str(source / "pom.xml")),
            "dependency:copy-dependencies",
            "-DincludeScope=runtime",
            f"-DoutputDirectory={work / OUT / JARS}",
        ),
        source,
        {"JAVA_HOME": str(tools.java_home)} if tools.java_home else {},
    )
    return Recipe((fetch,))
