"""Removes builds that this checkout does not ask for."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from filrouge.stack.build.locks import locked
from filrouge.stack.build.targets import Target


def prune(targets: Iterable[Target]) -> list[Path]:
    """Removes all other builds of these parts, and gives their folders.

    It is never done unasked: two checkouts may share the cache, and a stack that is up restarts
    its processes from the folder it was started from.
    """
    return [folder for target in targets for folder in _prune_shelf(target)]


def _prune_shelf(target: Target) -> Iterator[Path]:
    with locked(target.shelf, on_wait=lambda: None):
        for folder in sorted(target.shelf.iterdir()):
            if folder.is_dir() and folder != target.folder:
                shutil.rmtree(folder)
                yield folder
