"""`python -m filrouge.docs` writes the generated pages; with `--check` it only compares them."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from filrouge.docs.pages import pages, stale


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 1 when pages are stale and were only to be checked, else 0."""
    parser = ArgumentParser(prog="python -m filrouge.docs", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("docs"))
    parser.add_argument("--check", action="store_true", help="write nothing; name what is stale")
    given = parser.parse_args(arguments)
    if given.check:
        return _check(given.folder)
    given.folder.mkdir(parents=True, exist_ok=True)
    for name, content in pages().items():
        (given.folder / name).write_bytes(content)
    return 0


def _check(folder: Path) -> int:
    found = stale(folder)
    for name in found:
        print(f"{folder / name} is stale: run `make docs`", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
