"""Where one stack lives: the checkout it comes from, the folder it writes, the ports it has."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from filrouge.errors import UsageError
from filrouge.stack.ports import HOST, Port

_REMEMBERED: Final = "stack.json"
_LONGEST_SOCKET: Final = 90
"""Bytes. The system allows 104 to 108, and supervisord first binds to a longer name."""


@dataclass(frozen=True, slots=True)
class Place:
    """One stack's folder and block of ports.

    Attributes:
        checkout: the project's own folder, where the configurations are.
        root: what the stack writes is all below it; absolute.
        offset: added to every port.
    """

    checkout: Path
    root: Path
    offset: int

    def address(self, port: Port) -> str:
        """`host:port` of a listener."""
        return f"{HOST}:{port.at(self.offset)}"

    def url(self, port: Port) -> str:
        """The listener's address for HTTP, without a path."""
        return f"http://{self.address(port)}"

    def data(self, part: str) -> Path:
        """The part's own data folder."""
        return self.root / "data" / part

    def log(self, part: str) -> Path:
        """What the part writes to standard output and standard error."""
        return self.root / "logs" / f"{part}.log"

    def script(self, part: str) -> Path:
        """The script that starts the part."""
        return self.root / "run" / f"{part}.sh"

    @property
    def socket(self) -> Path:
        """Where supervisord listens."""
        inside = self.root / "supervisor.sock"
        if len(os.fsencode(inside)) <= _LONGEST_SOCKET:
            return inside
        name = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"filrouge-{name}.sock"

    def create(self) -> None:
        """Makes the folder, unless it is there.

        Raises:
            UsageError: the folder holds something else.
        """
        if is_stack(self.root):
            return
        _must_be_free(self.root)
        for name in ("data", "logs", "run"):
            (self.root / name).mkdir(parents=True)
        self.root.chmod(0o700)  # the scripts in it hold what the site's variables say
        (self.root / ".gitignore").write_text("*\n")
        self.remember()

    def remember(self) -> None:
        """Writes down which block of ports it is, for those who know only the folder."""
        (self.root / _REMEMBERED).write_text(json.dumps({"port_offset": self.offset}) + "\n")


def is_stack(root: Path) -> bool:
    """Whether a stack wrote the folder, so that it may be deleted as one."""
    return (root / _REMEMBERED).is_file()


def remembered_offset(root: Path) -> int | None:
    """The block of ports of the stack that lives, or lived, in a folder; None if none did."""
    if not is_stack(root):
        return None
    return int(json.loads((root / _REMEMBERED).read_text())["port_offset"])


def _must_be_free(root: Path) -> None:
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise UsageError(
            f"{root} holds something that no stack wrote; name another folder with --data, "
            "or an empty one"
        )
