"""What the parts wrote."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

_LINES: Final = 20
_LINE_BYTES: Final = 4096
"""Taken for the length of a line when the end of a file is read; longer ones give fewer lines."""


def log_tail(log: Path, lines: int = _LINES) -> str:
    """The last lines of a log; empty when there is none yet."""
    if not log.is_file():
        return ""
    with log.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - lines * _LINE_BYTES))
        text = file.read().decode(errors="replace")
    return "\n".join(text.splitlines()[-lines:])


def end_of_log(log: Path) -> str:
    """The last lines with a word where they come from, to be read below an error."""
    tail = log_tail(log)
    if not tail:
        return f"It wrote nothing to {log}"
    indented = "\n".join(f"    {line}" for line in tail.splitlines())
    return f"The end of {log}:\n{indented}"
