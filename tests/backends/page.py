"""The queries of docs/queries.md, with the answers that the page gives."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PAGE: Final = Path(__file__).parents[2] / "docs" / "queries.md"

_ENTRY: Final = re.compile(
    r"^### (?P<title>.+?)$(?:(?!^### ).)*?"
    r"^```(?P<language>traceql|logql|promql)(?P<options>[^\n]*)\n(?P<text>.*?)\n```$"
    r"(?:\n\n```text\n(?P<answer>.*?)\n```$)?",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Query:
    """A query as the page has it.

    Attributes:
        title: its heading.
        language: `traceql`, `logql` or `promql`.
        options: what follows the language: how and when it is asked.
        text: what people type.
        answer: the lines of the answer; none where it depends on when it is asked.
    """

    title: str
    language: str
    options: frozenset[str]
    text: str
    answer: tuple[str, ...]

    @property
    def name(self) -> str:
        """What tells it from all others."""
        return f"{self.language}: {self.title}"


def queries() -> list[Query]:
    """All queries of the page, in its order."""
    return [
        Query(
            title=entry["title"],
            language=entry["language"],
            options=frozenset(entry["options"].split()),
            text=entry["text"],
            answer=tuple((entry["answer"] or "").splitlines()),
        )
        for entry in _ENTRY.finditer(PAGE.read_text())
    ]
