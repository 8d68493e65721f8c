"""What signs and colours mean in the terminal: one place, with a plain ASCII form of each sign.

Colours are the terminal's own sixteen, so that they follow its light or dark theme; whatever a
colour says, a sign or a word says too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

UNFINISHED: Final = "unfinished"
"""Beside the outcomes of records: a task was begun and never heard of again."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """How a bar is drawn.

    Attributes:
        starts: the first cell, by how many eighths of it are covered from the right (0 to 8).
        full: a cell in between.
        ends: the last cell, by how many eighths of it are covered from the left (0 to 8).
    """

    starts: str
    full: str
    ends: str

    @staticmethod
    def whole(glyph: str) -> Stroke:
        """A stroke of whole cells: one is drawn when at least half of it is covered."""
        rounded = " " * 4 + glyph * 5
        return Stroke(rounded, glyph, rounded)


@dataclass(frozen=True, slots=True)
class Signs:
    """Every character that is drawn rather than written."""

    outcomes: Mapping[str, str]
    thread: str
    slowest: str
    arrow: str
    ellipsis: str
    minus: str
    dash: str
    within: str
    separator: str
    tick: str
    grid: str
    branch: str
    last_branch: str
    trunk: str
    task: Stroke
    envelope: Stroke
    folded: Stroke
    waiting: Stroke


# Fonts have left parts of a block in eighths, but of right parts only the half and one eighth.
UNICODE: Final = Signs(
    outcomes={"success": "✔", "partial": "◐", "failure": "✖", UNFINISHED: "?"},
    thread="┃",
    slowest="◆",
    arrow="→",
    ellipsis="…",
    minus="−",
    dash="–",
    within="/",
    separator="·",
    tick="╷",
    grid="┊",
    branch="├─ ",
    last_branch="└─ ",
    trunk="│  ",
    task=Stroke(" ▕▕▐▐▐▐██", "█", " ▏▎▍▌▋▊▉█"),
    envelope=Stroke("   ╺╺╺╺━━", "━", "   ╸╸╸╸━━"),
    folded=Stroke.whole("░"),
    waiting=Stroke.whole("╌"),
)

ASCII: Final = Signs(
    outcomes={"success": "+", "partial": "~", "failure": "x", UNFINISHED: "?"},
    thread="!",
    slowest="<",
    arrow="->",
    ellipsis="...",
    minus="-",
    dash="-",
    within="/",
    separator="-",
    tick="|",
    grid=":",
    branch="|- ",
    last_branch="`- ",
    trunk="|  ",
    task=Stroke.whole("#"),
    envelope=Stroke.whole("="),
    folded=Stroke.whole("%"),
    waiting=Stroke.whole("."),
)

FAINT: Final = "dim"
STRONG: Final = "bold"
THREAD: Final = "red"
TASK: Final = "cyan"
TASK_ON_PATH: Final = "bright_blue"
# No yellow: on a light background it cannot be read.
TEXT: Final[Mapping[str, str]] = {
    "success": "green",
    "partial": "red",
    "failure": "bold red",
    UNFINISHED: "magenta",
}
# Both colours are given, for black on yellow can be read on any background.
BADGE: Final[Mapping[str, str]] = {
    "success": "bold black on green",
    "partial": "bold black on yellow",
    "failure": "bold bright_white on red",
}
