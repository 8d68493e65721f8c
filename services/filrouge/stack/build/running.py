"""Runs commands, keeps what they say, and ends them when the builder ends."""

from __future__ import annotations

import os
import shlex
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Final

from filrouge.errors import FilrougeError
from filrouge.stack.build.recipes import Command

_LAST_LINES: Final = 20
_BEAT_S: Final = 60.0


class BuildError(FilrougeError):
    """A command failed; what was built before it stays."""


class Runner:
    """Runs commands, from several threads too.

    Args:
        beat_s: seconds after which `on_beat` is called, again and again while a command runs.
    """

    def __init__(self, beat_s: float = _BEAT_S) -> None:
        self._beat_s = beat_s
        self._running: set[subprocess.Popen[bytes]] = set()
        self._stopped = threading.Event()

    def run(
        self,
        commands: Iterable[Command],
        log: Path,
        on_beat: Callable[[], None] = lambda: None,
    ) -> None:
        """Runs commands to their ends, one after another; all that they say goes to a new log.

        Raises:
            BuildError: one ended with another status than 0, or `stop` was called.
        """
        with log.open("wb") as file:
            for command in commands:
                status = self._status(command, file, on_beat)
                if status != 0:
                    raise BuildError(_told(command, status, log))

    def stop(self) -> None:
        """Ends what runs, and lets nothing more begin."""
        self._stopped.set()
        for process in tuple(self._running):
            process.terminate()

    def _status(self, command: Command, log: IO[bytes], on_beat: Callable[[], None]) -> int:
        if self._stopped.is_set():
            return -1
        log.write(f"$ {as_typed(command)}\n".encode())
        log.flush()
        with subprocess.Popen(  # noqa: S603 - built from the manifest
            command.arguments,
            cwd=command.folder,
            env={**os.environ, **command.environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        ) as process:
            self._running.add(process)
            if self._stopped.is_set():  # between the check above and now
                process.terminate()
            try:
                return self._wait(process, on_beat)
            finally:
                self._running.discard(process)

    def _wait(self, process: subprocess.Popen[bytes], on_beat: Callable[[], None]) -> int:
        while True:
            try:
                return process.wait(self._beat_s)
            except subprocess.TimeoutExpired:
                on_beat()


def as_typed(command: Command) -> str:
    """The command as one would type it into a shell to repeat it."""
    settings = [f"{name}={shlex.quote(value)}" for name, value in command.environment.items()]
    words = " ".join([*settings, shlex.join(command.arguments)])
    return f"cd {shlex.quote(str(command.folder))} && {words}"


def _told(command: Command, status: int, log: Path) -> str:
    return (
        f"{command.arguments[0]} ended with status {status}. The end of {log}:\n\n"
        f"{_last_lines(log)}\n\nThe same by hand:\n\n{as_typed(command)}"
    )


def _last_lines(log: Path) -> str:
    with log.open(encoding="utf-8", errors="replace") as lines:
        return "".join(deque(lines, _LAST_LINES)).rstrip()
