"""What people see while parts are built."""

from __future__ import annotations

from typing import Protocol

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

_MEGABYTE = 1_000_000
_MINUTE_S = 60


class Reporter(Protocol):
    """Is told what happens; from several threads."""

    def started(self, label: str) -> None:
        """A part's build begins."""

    def still(self, label: str, elapsed_s: float) -> None:
        """It goes on; told about once a minute."""

    def finished(self, label: str, elapsed_s: float, size_bytes: int) -> None:
        """It is done."""

    def failed(self, label: str) -> None:
        """It ended otherwise."""

    def note(self, text: str) -> None:
        """Anything else worth a line."""


class Lines:
    """A line at each beginning, minute and end: for logs of CI, where nothing can be redrawn."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def started(self, label: str) -> None:
        """Prints that it begins."""
        self.note(f"{label}: building")

    def still(self, label: str, elapsed_s: float) -> None:
        """Prints that it goes on, so that nobody takes a long build for a dead one."""
        self.note(f"{label}: still building after {elapsed_s / _MINUTE_S:.0f} min")

    def finished(self, label: str, elapsed_s: float, size_bytes: int) -> None:
        """Prints seconds and size."""
        self.note(f"{label}: built in {elapsed_s:.0f} s, {size_bytes / _MEGABYTE:.0f} MB")

    def failed(self, label: str) -> None:
        """Prints nothing: the error itself follows."""

    def note(self, text: str) -> None:
        """Prints the line at once."""
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)
        self._console.file.flush()


class Spinners(Lines):
    """A running clock for each part at work, and a line for each that is done."""

    def __init__(self, console: Console, progress: Progress) -> None:
        super().__init__(console)
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def started(self, label: str) -> None:
        """Shows the clock."""
        self._tasks[label] = self._progress.add_task(label, total=None)

    def still(self, label: str, elapsed_s: float) -> None:
        """Needs no line: the clock runs."""

    def finished(self, label: str, elapsed_s: float, size_bytes: int) -> None:
        """Puts a line in the place of the clock."""
        self._remove(label)
        super().finished(label, elapsed_s, size_bytes)

    def failed(self, label: str) -> None:
        """Takes the clock away."""
        self._remove(label)

    def _remove(self, label: str) -> None:
        self._progress.remove_task(self._tasks.pop(label))


def clocks(console: Console) -> Progress:
    """The display that `Spinners` draws on; use it as a context."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}: building"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )
