"""`filrouge` as people call it, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from filrouge.stack.stack import Stack


def filrouge(
    *arguments: str | Path,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    timeout_s: float = 120,
) -> subprocess.CompletedProcess[bytes]:
    """The command's end, without a terminal and without this site's settings."""
    return subprocess.run(
        command(*arguments),
        cwd=cwd,
        env=environment(env),
        input=stdin,
        capture_output=True,
        check=False,
        timeout=timeout_s,
    )


def command(*arguments: str | Path) -> list[str]:
    """What starts the command; any warning is an error."""
    return [sys.executable, "-W", "error", "-m", "filrouge", *map(str, arguments)]


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without settings of the site, and with some more."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("FILROUGE_")}
    return {**clean, "COLUMNS": "100", **(more or {})}


def settings_of(stack: Stack) -> dict[str, str]:
    """What makes the command use this stack."""
    return {"FILROUGE_STACK_PORT_OFFSET": str(stack.place.offset)}
