"""Renews go.mod and go.sum after a version or a component was changed."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from filrouge.stack.build.manifest import COLLECTOR_BUILDER, CollectorPart
from filrouge.stack.build.missing import build_missing
from filrouge.stack.build.preparing import prepare
from filrouge.stack.build.progress import Reporter
from filrouge.stack.build.recipes import (
    GO_ENVIRONMENT,
    GO_LOCK,
    Command,
    Tools,
    generate_collector,
)
from filrouge.stack.build.running import Runner
from filrouge.stack.build.targets import Target, Targets


def renew(targets: Targets, target: Target, reporter: Reporter, runner: Runner) -> None:
    """Resolves the modules of a Go part or the collector, and writes go.mod and go.sum.

    Hashes that stand there already are checked; new ones are held against Go's checksum database.

    Raises:
        UsageError: there is no Go.
        BuildError: they cannot be resolved.
    """
    if isinstance(target.part, CollectorPart):
        build_missing(targets, [targets.all[COLLECTOR_BUILDER]], reporter, runner)
    tools = prepare(targets, [target], reporter)
    reporter.note(f"{target.part.name}: resolving modules")
    with tempfile.TemporaryDirectory() as work:
        if isinstance(target.part, CollectorPart):
            _renew_collector(target.source, Path(work), tools, runner)
        else:
            tidy = Command((str(tools.go), "mod", "tidy"), target.source, GO_ENVIRONMENT)
            runner.run([tidy], Path(work, "log"))


def _renew_collector(source: Path, work: Path, tools: Tools, runner: Runner) -> None:
    generated = work / "generated"
    generated.mkdir()
    shutil.copyfile(source / "go.sum", generated / "go.sum")
    # The builder writes a new go.mod, and has the Go that it finds on PATH complete it.
    command = generate_collector(source, generated, tools)
    path = os.pathsep.join((str(tools.go.parent), os.environ.get("PATH", os.defpath)))
    command = replace(command, environment={**command.environment, "PATH": path})
    runner.run([command], work / "log")
    for name in GO_LOCK:
        shutil.copyfile(generated / name, source / name)
