"""The checkout that the native stack is built from and configured by."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import filrouge
from filrouge.errors import UsageError

MANIFEST: Final = Path("stack/manifest.toml")
"""Tells a checkout from any other folder."""


def find_checkout() -> Path:
    """The root of the checkout: where the package lies, or else the working directory.

    Raises:
        UsageError: neither is one.
    """
    candidates = (*Path(filrouge.__file__).resolve().parents, Path.cwd())
    for folder in candidates:
        if (folder / MANIFEST).is_file():
            return folder
    raise UsageError(
        f"no {MANIFEST} above the installed package nor in {Path.cwd()}; the native stack needs a "
        "checkout of Filrouge: change to its root folder"
    )
