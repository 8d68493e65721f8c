"""Builds what is missing, each part whole or not at all."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Final

from filrouge.stack.build.agreement import check_agreement
from filrouge.stack.build.locks import locked, work_folder
from filrouge.stack.build.manifest import CollectorPart, MavenPart
from filrouge.stack.build.progress import Reporter
from filrouge.stack.build.recipes import OUT, Tools, recipe
from filrouge.stack.build.running import Runner
from filrouge.stack.build.targets import Target

_LOG: Final = "build.log"


class Builder:
    """Builds targets.

    Args:
        tools: the programs to call.
        runner: runs them.
        reporter: is told what happens.
    """

    def __init__(self, tools: Tools, runner: Runner, reporter: Reporter) -> None:
        self._tools = tools
        self._runner = runner
        self._reporter = reporter

    def build_all(self, targets: Iterable[Target]) -> None:
        """Builds targets in their order; Maven's beside the others, for it only downloads.

        Go uses all cores by itself, so its parts come one after another.

        Raises:
            BuildError: the first part that failed; what else is being built is ended.
        """
        lanes: tuple[list[Target], list[Target]] = ([], [])
        for target in targets:
            lanes[isinstance(target.part, MavenPart)].append(target)
        with ThreadPoolExecutor(len(lanes)) as pool:
            try:
                _raise_first([pool.submit(self._build_lane, lane) for lane in lanes])
            except BaseException:  # Ctrl-C too: the pool would wait for all to end
                self._runner.stop()
                raise

    def build(self, target: Target) -> None:
        """Builds a target unless it is built, be it by another process in the meantime.

        1. Take the part's lock. 2. Look again. 3. Build in a folder of its own. 4. Rename that to
        its place, which is one step for whoever looks.

        Raises:
            BuildError: a command failed.
            UsageError: the collector's go.mod does not have what its builder.yaml asks for.
        """

        def on_wait() -> None:
            self._reporter.note(f"{target.label}: waiting for another process that builds it")

        with locked(target.shelf, on_wait):
            if not target.is_built:
                self._build_locked(target)

    def _build_lane(self, lane: Iterable[Target]) -> None:
        for target in lane:
            self.build(target)

    def _build_locked(self, target: Target) -> None:
        if isinstance(target.part, CollectorPart):
            check_agreement(target.source)
        begun_s = time.monotonic()
        self._reporter.started(target.label)
        try:
            with work_folder(target.shelf) as work:
                self._build_in(work, target, begun_s)
        except BaseException:
            self._reporter.failed(target.label)
            raise
        elapsed_s = time.monotonic() - begun_s
        self._reporter.finished(target.label, elapsed_s, size_bytes(target.folder))

    def _build_in(self, work: Path, target: Target, begun_s: float) -> None:
        def on_beat() -> None:
            self._reporter.still(target.label, time.monotonic() - begun_s)

        plan = recipe(target.part, target.version, target.source, work, self._tools)
        for source, copy in plan.copies:
            copy.parent.mkdir(exist_ok=True)
            shutil.copyfile(source, copy)
        self._runner.run(plan.commands, target.shelf / _LOG, on_beat)
        (work / OUT).rename(target.folder)


def size_bytes(folder: Path) -> int:
    """What all files below a folder take."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _raise_first(running: list[Future[None]]) -> None:
    done, _ = wait(running, return_when=FIRST_EXCEPTION)
    for future in done:
        future.result()
