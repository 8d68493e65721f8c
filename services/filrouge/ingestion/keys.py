"""API keys: whose records a request may write. The file holds hashes only.

A key is 32 random bytes, so a plain SHA-256 of it cannot be reversed, and comparing hashes gives
nothing away by its time.
"""

from __future__ import annotations

import secrets
import time
import tomllib
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from filrouge.errors import UsageError

if TYPE_CHECKING:
    from structlog.stdlib import BoundLogger  # the command that makes keys need not wait for it

ANY_COMPANY: Final = "*"
_PREFIX: Final = "flr_"  # so that scanners for leaked secrets can know one
_LOOK_S: Final = 1.0


class Key(BaseModel):
    """One key, as the file has it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, StringConstraints(min_length=1)] = Field(
        description="What people call it; it may stand in logs."
    )
    company: Annotated[str, StringConstraints(min_length=1)] = Field(
        description="Whose records it may write; * for every company's."
    )
    sha256: Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")] = Field(
        description="Of the key, in hexadecimal."
    )

    @property
    def only_company(self) -> str | None:
        """The one whose records it may write; None for any."""
        return None if self.company == ANY_COMPANY else self.company


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    key: list[Key]


class Keys:
    """The keys of a file, read again when it changes, so that a key is withdrawn at once.

    Args:
        path: the file.
        log: is told when the file changes, or cannot be read any more.
        clock: seconds that only grow.

    Raises:
        UsageError: the file is not there, or is not right.
    """

    def __init__(
        self, path: Path, log: BoundLogger, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._path = path
        self._log = log
        self._clock = clock
        self._looked_s = clock()
        self._seen = _identity(path)
        self._keys = read_keys(path)

    def __len__(self) -> int:
        return len(self._keys)

    def find(self, presented: str) -> Key | None:
        """The key that was presented, if it is one."""
        self._look()
        return self._keys.get(_hash(presented))

    def _look(self) -> None:
        if self._clock() < self._looked_s + _LOOK_S:
            return
        self._looked_s = self._clock()
        if (now := _identity(self._path)) == self._seen:
            return
        self._seen = now
        try:
            self._keys = read_keys(self._path)
        except UsageError as error:
            # Rather the old keys than none: a slip of the editor must not lock all senders out.
            self._log.error("the keys stay as they were", error=str(error))
        else:
            self._log.info("keys read again", file=str(self._path), keys=len(self._keys))


def read_keys(path: Path) -> dict[str, Key]:
    """The keys of a file by their hash.

    Raises:
        UsageError: the file is not there, or is not right.
    """
    try:
        found = _File.model_validate(tomllib.loads(path.read_text("utf-8"))).key
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"the keys file {path} cannot be read: {error}") from None
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}"
            for fault in error.errors(include_input=False)  # it may be a key in plain text
        )
        raise UsageError(
            f"the keys file {path} is wrong: {faults}. filrouge key COMPANY prints an entry"
        ) from None
    keys = {key.sha256: key for key in found}
    if len(keys) < len(found):
        raise UsageError(f"the keys file {path} has the same sha256 twice; remove one entry")
    return keys


def new_key(company: str, name: str) -> tuple[str, Key]:
    """A new key in plain text, and its entry."""
    plain = _PREFIX + secrets.token_urlsafe(32)
    return plain, Key(id=name, company=company, sha256=_hash(plain))


def _hash(key: str) -> str:
    return sha256(key.encode()).hexdigest()


def _identity(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
