"""The whole stack as one object, for the command line, tests and benchmarks alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, Self

from filrouge.errors import UsageError
from filrouge.stack.alone import alone
from filrouge.stack.built import built
from filrouge.stack.errors import StackError
from filrouge.stack.logs import log_tail
from filrouge.stack.parts import Part, Tools, find_parts
from filrouge.stack.place import Place, is_stack, remembered_offset
from filrouge.stack.ports import Port
from filrouge.stack.scripts import start_script
from filrouge.stack.starting import Silent, Start, Watcher
from filrouge.stack.status import PartStatus, statuses
from filrouge.stack.stopping import kill_part, purge, stop_all, stop_parts
from filrouge.stack.supervisord import Supervisord
from filrouge.stack.vacancy import check_ports

READY_TIMEOUT_S: Final = 180.0
"""Each part's time to become ready. They take 5 to 20 s; a busy machine is slower."""


class Stack:
    """The backends as processes of this machine.

    What it writes lies in one folder, its ports are one block, so several can run at once. It lives
    on when this process ends; `with` stops it at the end of the block:

        with Stack(checkout, tmp_path, offset=500) as stack:
            stack.up(["tempo"])
            stack.kill("tempo")
            stack.start("tempo")

    Args:
        checkout: the project's folder, with the configurations.
        root: the folder that holds all of the stack.
        offset: added to every port.
        environment: more variables for every part, over those that the stack sets.
        tools: where the executables are; those that `filrouge stack build` made unless given.
    """

    def __init__(
        self,
        checkout: Path,
        root: Path,
        offset: int,
        environment: Mapping[str, str] | None = None,
        tools: Tools | None = None,
    ) -> None:
        self.place = Place(checkout.resolve(), root.resolve(), offset)
        self._tools = tools or built(self.place.checkout)
        self._environment = dict(environment or {})
        self._supervisord = Supervisord(self.place)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.down()

    def up(
        self,
        parts: Iterable[str] | None = None,
        environment: Mapping[str, str] | None = None,
        timeout_s: float = READY_TIMEOUT_S,
        watcher: Watcher | None = None,
    ) -> None:
        """Returns when the parts run and are ready; what runs already is left alone.

        A part that would now be started in another way (a newer build, another environment) is
        started again. When one fails, those that this call started are stopped again.

        Args:
            parts: names, with no others started for them; None for all.
            environment: more variables, for this start only.
            timeout_s: each part's time to become ready.
            watcher: is told how it goes on.

        Raises:
            UsageError: a part is unknown or not built, or a port is taken.
            StackError: a part is not ready in time; its log's end is told.
        """
        wanted = find_parts(parts)
        more = {**self._environment, **(environment or {})}
        scripts = {part.name: start_script(self.place, self._tools, part, more) for part in wanted}
        self.place.create()
        with alone(self.place.root):
            fresh = self._supervise()
            running, to_start = self._sort(wanted, scripts)
            try:
                check_ports(self.place, to_start)
                start = Start(self.place, self._supervisord, watcher or Silent(), timeout_s)
                start.run(running, to_start)
            except BaseException:
                self._undo(fresh, to_start)
                raise

    def down(self, delete_data: bool = False, watcher: Watcher | None = None) -> None:
        """Stops all parts and their supervisor, in whatever state they are.

        Args:
            delete_data: also deletes the stack's folder.
            watcher: is told how it goes on.

        Raises:
            StackError: a process does not end even when killed.
        """
        if not is_stack(self.place.root):
            return
        with alone(self.place.root):
            stop_all(self.place, watcher)
            if delete_data:
                purge(self.place)

    def start(
        self,
        part: str,
        environment: Mapping[str, str] | None = None,
        timeout_s: float = READY_TIMEOUT_S,
    ) -> None:
        """Starts a part and waits until it is ready; `up` with one part."""
        self.up([part], environment, timeout_s)

    def stop(self, part: str) -> None:
        """Stops a part as a system would, and waits until it has; it stays down until started.

        Raises:
            UsageError: there is no such part.
            StackError: it does not stop.
        """
        found = find_parts([part])
        with alone(self.place.root):
            stop_parts(self._supervisord, found)

    def kill(self, part: str) -> None:
        """Ends a part by SIGKILL, in the middle of its work; it stays down until started.

        Raises:
            UsageError: there is no such part.
        """
        (found,) = find_parts([part])
        with alone(self.place.root):
            kill_part(self._supervisord, found)

    def restart(
        self,
        part: str,
        environment: Mapping[str, str] | None = None,
        timeout_s: float = READY_TIMEOUT_S,
        watcher: Watcher | None = None,
    ) -> None:
        """Stops a part and starts it again; returns when it is ready."""
        self.stop(part)
        self.up([part], environment, timeout_s, watcher)

    def wait_ready(self, part: str, timeout_s: float = READY_TIMEOUT_S) -> None:
        """Returns when a part that runs, or is about to be started again, is ready.

        Raises:
            StackError: it is not in time, or is given up; its log's end is told.
        """
        start = Start(self.place, self._supervisord, Silent(), timeout_s)
        start.run(find_parts([part]), [])

    def remembered_offset(self) -> int | None:
        """The block of ports of the stack that lives, or lived, in the folder; None if none did."""
        return remembered_offset(self.place.root)

    def status(self) -> list[PartStatus]:
        """How each part is."""
        return statuses(self.place)

    def pid(self, part: str) -> int:
        """The part's process.

        Raises:
            StackError: it does not run.
        """
        pid = self._supervisord.processes()[part].pid
        if pid is None:
            raise StackError(f"{part} does not run; start it")
        return pid

    def address(self, port: Port) -> str:
        """`host:port` of a listener."""
        return self.place.address(port)

    def url(self, port: Port) -> str:
        """The listener's address for HTTP, such as `http://127.0.0.1:3200`."""
        return self.place.url(port)

    def log(self, part: str) -> Path:
        """The file with what a part wrote.

        Raises:
            UsageError: there is no such part.
        """
        (found,) = find_parts([part])
        return self.place.log(found.name)

    def log_tail(self, part: str, lines: int = 20) -> str:
        """The last lines that a part wrote."""
        return log_tail(self.log(part), lines)

    def _supervise(self) -> bool:
        """Sees to it that supervisord runs; whether it had to be started."""
        if self._supervisord.is_running():
            self._check_same()
            return False
        stop_all(self.place)  # what a supervisord that is gone has left behind
        self.place.remember()
        self._supervisord.start()
        return True

    def _check_same(self) -> None:
        offset = self.remembered_offset()
        if offset != self.place.offset:
            raise UsageError(
                f"the stack in {self.place.root} runs with --port-offset {offset}; say the same, "
                "or stop it first (filrouge stack down)"
            )
        if not self._supervisord.is_current():
            raise UsageError(
                f"the stack in {self.place.root} was started by another version of Filrouge; stop "
                "it first (filrouge stack down)"
            )

    def _sort(
        self, wanted: list[Part], scripts: Mapping[str, str]
    ) -> tuple[list[Part], list[Part]]:
        """What runs already, as it should, and what is to be started; stops what runs otherwise."""
        processes = self._supervisord.processes()
        running: list[Part] = []
        to_start: list[Part] = []
        for part in wanted:
            path = self.place.script(part.name)
            same = path.is_file() and path.read_text() == scripts[part.name]
            (running if same and processes[part.name].runs else to_start).append(part)
        stop_parts(self._supervisord, [part for part in to_start if processes[part.name].pid])
        for part in to_start:
            self.place.data(part.name).mkdir(exist_ok=True)
            self.place.script(part.name).write_text(scripts[part.name])
        return running, to_start

    def _undo(self, fresh: bool, started: list[Part]) -> None:
        if fresh:
            stop_all(self.place)
        else:
            stop_parts(self._supervisord, started)
