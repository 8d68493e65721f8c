"""supervisord, which starts the parts, watches them, rotates their logs and stops them.

It is told all by a configuration that is the same wherever the stack lives, and by XML-RPC.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final
from xmlrpc.client import Fault, ServerProxy

from supervisor.states import getProcessStateDescription  # type: ignore[import-untyped]
from supervisor.xmlrpc import Faults, SupervisorTransport  # type: ignore[import-untyped]

from filrouge.stack.errors import NotRunningError, StackError
from filrouge.stack.parts import PARTS, Part, stage
from filrouge.stack.place import Place
from filrouge.stack.processes import ROOT_MARK
from filrouge.stack.scripts import SITE_PREFIX

_HEAD: Final = """\
; Written by `filrouge stack`; the parts' own commands are in run/. Paths are seen from this folder,
; where supervisord is started, for its syntax cannot take every folder's name.

[supervisord]
logfile=supervisord.log
logfile_maxbytes=1MB
logfile_backups=1
pidfile=supervisord.pid

[unix_http_server]
file={socket}
chmod=0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""
_PROGRAM: Final = """
[program:{name}]
command=/bin/sh run/{name}.sh
autostart=false
autorestart=true
; A part that ends within 5 s has not started; after three tries it is given up.
startsecs=5
startretries=2
stopwaitsecs={stop_wait_s}
killasgroup=true
redirect_stderr=true
stdout_logfile=logs/{name}.log
stdout_logfile_maxbytes=20MB
stdout_logfile_backups=2
"""
_GROUP: Final = """
[group:stage-{stage}]
programs={programs}
priority={stage}
"""
_DO_NOT_WAIT: Final = False
_RUNNING: Final = frozenset({"starting", "running"})


@dataclass(frozen=True, slots=True)
class Process:
    """A part as supervisord sees it.

    Attributes:
        state: `stopped`, `starting`, `running`, `backoff`, `stopping`, `exited`, `fatal`.
        pid: None when it does not run.
        since_s: Unix time of its last start, or of its end; None if it was never started.
        trouble: why it could not be started, or empty.
    """

    state: str
    pid: int | None
    since_s: int | None
    trouble: str

    @property
    def runs(self) -> bool:
        """Whether there is a process, ready or not."""
        return self.state in _RUNNING

    @property
    def given_up(self) -> bool:
        """Whether supervisord will not try again."""
        return self.state in {"fatal", "stopped", "exited"}


NEVER_STARTED: Final = Process("stopped", None, None, "")


class Supervisord:
    """The supervisord of one stack, running or not.

    Args:
        place: where the stack lives.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._config = place.root / "supervisord.conf"

    def is_running(self) -> bool:
        """Whether it answers."""
        try:
            self._call("getState")
        except NotRunningError:
            return False
        return True

    def is_current(self) -> bool:
        """Whether what was written for it is what would be written now."""
        return self._config.is_file() and self._config.read_text() == _config(self._place)

    def start(self) -> None:
        """Starts it, without any part; returns when it answers.

        Raises:
            StackError: it cannot be started.
        """
        self._config.write_text(_config(self._place))
        self._place.socket.unlink(missing_ok=True)
        done = subprocess.run(  # noqa: S603 - our own configuration
            [sys.executable, "-m", "supervisor.supervisord", "-c", self._config],
            cwd=self._place.root,
            env={**_inherited(), ROOT_MARK: str(self._place.root)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode or not self.is_running():
            raise StackError(
                f"supervisord cannot be started in {self._place.root}: "
                f"{(done.stderr + done.stdout).strip()}"
            )

    def processes(self) -> dict[str, Process]:
        """Each part's process by name; all stopped when supervisord does not run."""
        found = dict.fromkeys(PARTS, NEVER_STARTED)
        try:
            for info in self._call("getAllProcessInfo"):
                found[info["name"]] = _process(info)
        except NotRunningError:
            pass
        return found

    def start_part(self, part: Part) -> None:
        """Starts a part, unless it runs; does not wait for it.

        Raises:
            StackError: it cannot be started.
        """
        self._call_part("startProcess", part, Faults.ALREADY_STARTED)

    def stop_part(self, part: Part) -> None:
        """Asks a part to stop, unless it has; does not wait for it.

        Raises:
            NotRunningError: there is no supervisord to ask.
        """
        self._call_part("stopProcess", part, Faults.NOT_RUNNING)

    def shut_down(self) -> None:
        """Asks it to stop all parts, stage by stage, and to end; does not wait for that."""
        self._call("shutdown")

    def _call_part(self, method: str, part: Part, harmless: int) -> None:
        try:
            self._call(method, f"stage-{stage(part)}:{part.name}", _DO_NOT_WAIT)
        except Fault as fault:
            if fault.faultCode != harmless:
                raise StackError(f"{method} {part.name}: {fault.faultString}") from None

    def _call(self, method: str, *arguments: object) -> Any:
        transport = SupervisorTransport(serverurl=f"unix://{self._place.socket}")
        try:
            with ServerProxy("http://localhost", transport) as proxy:
                return getattr(proxy.supervisor, method)(*arguments)
        except OSError:
            raise NotRunningError(
                f"no stack runs in {self._place.root}; start it with filrouge stack up"
            ) from None


def _inherited() -> dict[str, str]:
    """Our environment without what a part is told in its script alone."""
    return {name: text for name, text in os.environ.items() if not name.startswith(SITE_PREFIX)}


def _process(info: dict[str, Any]) -> Process:
    state = str(getProcessStateDescription(info["state"])).lower()
    pid = info["pid"] or None
    since = info["start"] if pid else info["stop"]
    return Process(state, pid, since or None, info["spawnerr"])


def _config(place: Place) -> str:
    by_stage = groupby(sorted(PARTS.values(), key=stage), key=stage)
    inside = place.socket.is_relative_to(place.root)
    sections = [_HEAD.format(socket=place.socket.name if inside else place.socket)]
    sections += (
        _PROGRAM.format(name=part.name, stop_wait_s=part.stop_wait_s) for part in PARTS.values()
    )
    for number, parts in by_stage:
        names = ",".join(part.name for part in parts)
        sections.append(_GROUP.format(stage=number, programs=names))
    return "".join(sections)
