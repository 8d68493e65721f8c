"""Names with wildcards: `*` stands for any text, `?` for one character; all else for itself."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple


class Place(NamedTuple):
    """What names a source."""

    company: str
    zone: str
    source: str


def is_exact(pattern: str) -> bool:
    """Whether only one name fits."""
    return "*" not in pattern and "?" not in pattern


def fits(pattern: str, name: str) -> bool:
    """Whether the name is one that the pattern stands for; case counts."""
    return _compiled(pattern).fullmatch(name) is not None


def closeness(*patterns: str) -> tuple[int, int]:
    """How closely patterns name something; the greater one has precedence.

    First counts how many are names without wildcards, then how many characters are given.
    """
    literal = sum(len(pattern) - pattern.count("*") - pattern.count("?") for pattern in patterns)
    return sum(map(is_exact, patterns)), literal


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = ({"*": ".*", "?": "."}.get(each, re.escape(each)) for each in pattern)
    return re.compile("".join(parts), re.DOTALL)
