"""How each part of a stack is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from filrouge.stack.parts import PARTS, Part
from filrouge.stack.place import Place
from filrouge.stack.processes import Usage, marked, usages
from filrouge.stack.readiness import NotReady
from filrouge.stack.supervisord import Process, Supervisord

_ORPHANED: Final = "supervisord is gone; filrouge stack up starts it anew"


@dataclass(frozen=True, slots=True)
class PartStatus:
    """How a part is.

    Attributes:
        part: its name.
        state: `stopped`, `starting`, `running`, `backoff`, `stopping`, `exited`, `fatal`; or
            `orphaned`, when it runs and its supervisord is gone.
        ready: whether it can work.
        reason: why it is not ready; empty when it is.
        pid: None when it does not run.
        since: when it was started, or ended; None if it never was.
        ports: where it listens, by the port's name.
        usage: what it takes; None when it does not run.
    """

    part: str
    state: str
    ready: bool
    reason: str
    pid: int | None
    since: datetime | None
    ports: dict[str, int]
    usage: Usage | None


def statuses(place: Place) -> list[PartStatus]:
    """Every part's state, in the order of `PARTS`."""
    supervisord = Supervisord(place)
    processes = supervisord.processes()
    if not supervisord.is_running():
        processes.update(_orphans(place))
    taken = usages(process.pid for process in processes.values() if process.pid)
    return [_status(place, part, processes[part.name], taken) for part in PARTS.values()]


def _orphans(place: Place) -> dict[str, Process]:
    return {
        part: Process("orphaned", process.pid, int(process.create_time()), _ORPHANED)
        for process, part in marked(place.root).items()
        if part
    }


def _status(place: Place, part: Part, process: Process, taken: Mapping[int, Usage]) -> PartStatus:
    reason = _why_not_ready(place, part, process)
    since = process.since_s
    return PartStatus(
        part=part.name,
        state=process.state,
        ready=not reason,
        reason=reason,
        pid=process.pid,
        since=None if since is None else datetime.fromtimestamp(since, UTC),
        ports={port.name.lower(): port.at(place.offset) for port in part.ports},
        usage=taken.get(process.pid or 0),
    )


def _why_not_ready(place: Place, part: Part, process: Process) -> str:
    if not process.runs:
        return process.trouble or process.state
    try:
        part.ready(place)
    except NotReady as reason:
        return str(reason)
    return ""
