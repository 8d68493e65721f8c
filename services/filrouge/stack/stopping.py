"""Stopping: a whole stack, whatever state it is in, or some of its parts."""

from __future__ import annotations

import shutil
import time
from collections.abc import Collection, Mapping
from typing import Final

import psutil

from filrouge.stack.errors import StackError
from filrouge.stack.parts import PARTS, Part, stage
from filrouge.stack.place import Place, is_stack
from filrouge.stack.processes import alive, end, gone, marked
from filrouge.stack.starting import Silent, Watcher
from filrouge.stack.supervisord import Supervisord

_POLL_S: Final = 0.1
_MARGIN_S: Final = 10.0
"""supervisord kills what does not stop in time; this is for all around it."""


def stop_all(place: Place, watcher: Watcher | None = None) -> None:
    """Stops every process of the stack, those that need others first. Harmless when none runs.

    Where supervisord is gone, its orphans are found by the mark in their environment.

    Raises:
        StackError: a process does not end even when killed.
    """
    supervisord = Supervisord(place)
    if supervisord.is_running():
        running = marked(place.root)
        supervisord.shut_down()
        _await_end(running, watcher or Silent())
    _end_orphans(place)
    place.socket.unlink(missing_ok=True)
    (place.root / "supervisord.pid").unlink(missing_ok=True)


def stop_parts(supervisord: Supervisord, parts: Collection[Part]) -> None:
    """Stops some parts, all at once; returns when they have.

    Raises:
        NotRunningError: there is no supervisord to ask.
        StackError: one does not stop even when killed.
    """
    for part in parts:
        supervisord.stop_part(part)
    for part in parts:
        _await_stopped(supervisord, part, part.stop_wait_s + _MARGIN_S)


def kill_part(supervisord: Supervisord, part: Part) -> None:
    """Ends a part by SIGKILL, and keeps supervisord from starting it again."""
    pid = supervisord.processes()[part.name].pid
    if pid is None:
        return
    process = psutil.Process(pid)
    process.suspend()  # so that it does nothing about the SIGTERM that supervisord sends first
    supervisord.stop_part(part)
    process.kill()
    _await_stopped(supervisord, part, _MARGIN_S)


def purge(place: Place) -> None:
    """Deletes the stack's folder with all data, if a stack wrote it."""
    if is_stack(place.root):
        shutil.rmtree(place.root)


def _await_end(running: Mapping[psutil.Process, str | None], watcher: Watcher) -> None:
    begun = time.monotonic()
    # In the order in which they stop, those that need others first.
    left = dict(sorted(running.items(), key=lambda item: -_stage(item[1])))
    while left and time.monotonic() - begun < _longest_stop_s():
        time.sleep(_POLL_S)
        for process in [process for process in left if not alive(process)]:
            if part := left.pop(process):
                watcher.stopped(part, time.monotonic() - begun)


def _await_stopped(supervisord: Supervisord, part: Part, timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while (process := supervisord.processes()[part.name]).pid:
        if time.monotonic() > deadline:
            raise StackError(f"{part.name} (pid {process.pid}) does not stop")
        time.sleep(_POLL_S)


def _longest_stop_s() -> float:
    by_stage: dict[int, int] = {}
    for part in PARTS.values():
        by_stage[stage(part)] = max(by_stage.get(stage(part), 0), part.stop_wait_s)
    return sum(by_stage.values()) + _MARGIN_S


def _stage(name: str | None) -> int:
    """A part's stage; supervisord, which has no part's name, is above all."""
    part = PARTS.get(name or "")
    return stage(part) if part else len(PARTS)


def _end_orphans(place: Place) -> None:
    """Ends supervisord first, lest it starts parts anew; then parts, stage by stage."""
    orphans = marked(place.root)
    by_stage: dict[int, list[psutil.Process]] = {}
    for process, name in orphans.items():
        by_stage.setdefault(_stage(name), []).append(process)
    for number in sorted(by_stage, reverse=True):
        end(by_stage[number], _longest_stop_s())
    if not gone(orphans, _MARGIN_S):
        pids = ", ".join(str(process.pid) for process in orphans if alive(process))
        raise StackError(f"processes of the stack in {place.root} do not end: {pids}")
