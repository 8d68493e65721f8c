"""`filrouge stack build` and `filrouge stack lock`: the backends, from pinned versions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console

from filrouge.stack.build.locking import renew
from filrouge.stack.build.manifest import MavenPart
from filrouge.stack.build.missing import build_missing, choose
from filrouge.stack.build.progress import Lines, Reporter, Spinners, clocks
from filrouge.stack.build.pruning import prune
from filrouge.stack.build.running import Runner
from filrouge.stack.build.targets import Targets, cache_folder, find_targets
from filrouge.stack.checkout import find_checkout

_Parts = Annotated[
    list[str] | None, typer.Argument(metavar="[PART]…", help="Only these; by default all.")
]


def build(
    parts: _Parts = None,
    prune_others: Annotated[
        bool,
        typer.Option("--prune", help="Then remove builds that this checkout does not ask for."),
    ] = False,
) -> None:
    """Build the backends that are missing: collector, Tempo, Loki, Prometheus, Alertmanager, Kafka.

    Versions and hashes are pinned in stack/ and collector/; results are cached, so that a second
    call is instant. The first takes about 18 minutes on two cores.
    """
    targets = _targets()
    wanted = choose(targets, parts)
    with _reporter() as reporter:
        build_missing(targets, wanted, reporter, Runner())
        reporter.note(f"built: {', '.join(target.label for target in wanted)}")
        if prune_others:
            for folder in prune(wanted):
                reporter.note(f"removed {folder}")


def lock(parts: _Parts = None) -> None:
    """Renew go.mod and go.sum after a version or a component was changed.

    For whoever edits stack/*/go.mod or collector/builder.yaml; what it writes is to be committed.
    """
    with _reporter() as reporter:
        for target in choose(_targets(), parts):
            if not isinstance(target.part, MavenPart):
                # Read anew each time: with the sums of its builder, the collector's key changes.
                renew(_targets(), target, reporter, Runner())


def _targets() -> Targets:
    return find_targets(find_checkout(), cache_folder())


@contextmanager
def _reporter() -> Iterator[Reporter]:
    console = Console()
    if console.is_terminal:
        with clocks(console) as progress:
            yield Spinners(console, progress)
    else:
        yield Lines(console)
