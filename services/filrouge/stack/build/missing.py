"""Builds those of the parts asked for that the cache does not hold yet."""

from __future__ import annotations

from collections.abc import Sequence

from filrouge.errors import UsageError
from filrouge.stack.build.builder import Builder
from filrouge.stack.build.manifest import COLLECTOR_BUILDER, CollectorPart, MavenPart
from filrouge.stack.build.preparing import ensure_java, prepare
from filrouge.stack.build.progress import Reporter
from filrouge.stack.build.running import Runner
from filrouge.stack.build.targets import Target, Targets


def choose(targets: Targets, names: Sequence[str] | None) -> list[Target]:
    """The parts of these names, in the order of building; without names, all.

    Raises:
        UsageError: no part has such a name.
    """
    unknown = sorted(set(names or ()) - targets.all.keys())
    if unknown:
        raise UsageError(
            f"no part is called {', '.join(unknown)}; there are {', '.join(targets.all)}"
        )
    return [target for name, target in targets.all.items() if not names or name in names]


def build_missing(
    targets: Targets, wanted: Sequence[Target], reporter: Reporter, runner: Runner
) -> None:
    """Builds what of the wanted is missing; finds or fetches first what that takes.

    Raises:
        UsageError: a program to build or run a part with is not to be had.
        BuildError: a part could not be built.
    """
    if any(isinstance(target.part, MavenPart) for target in wanted):
        ensure_java(targets, reporter)
    missing = _missing(targets, wanted)
    if missing:
        tools = prepare(targets, missing, reporter)
        Builder(tools, runner, reporter).build_all(missing)


def _missing(targets: Targets, wanted: Sequence[Target]) -> list[Target]:
    """What is to be built; before the collector, its builder."""
    missing = [target for target in wanted if not target.is_built]
    builder = targets.all[COLLECTOR_BUILDER]
    needed = any(isinstance(target.part, CollectorPart) for target in missing)
    if needed and not builder.is_built and builder not in missing:
        return [builder, *missing]
    return missing
