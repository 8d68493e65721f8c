"""The few forms of Markdown that generated pages need."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def code(text: str) -> str:
    """The text in the type of code."""
    return f"`{text}`"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a bar within a cell is escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def paragraphs(*parts: str) -> str:
    """A page of these parts, with a blank line between them."""
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", r"\|")
