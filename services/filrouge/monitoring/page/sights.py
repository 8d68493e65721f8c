"""What there is to see of each topic: rendered once for all who watch, and only when it changed."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson

from filrouge.monitoring.page.content import Registry
from filrouge.monitoring.page.feed import OVERVIEW, Frame
from filrouge.monitoring.page.words import age_words, row_words
from filrouge.report.html.page import Pages, embedded

TRACE_ID: Final = "[0-9a-f]{32}"
_OLD_S: Final = 10.0  # ages on the overview are told in minutes
_EMPTY: Final[dict[str, Any]] = {"runs": [], "columns": [], "rows": []}


@dataclass(slots=True)
class Sights:
    """Pages, and the frames by which open ones are brought up to date.

    Attributes:
        registry: what the pages are made of.
        pages: how they are made.
    """

    registry: Registry
    pages: Pages = field(init=False)
    _marks: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.pages = Pages(
            Path(__file__).parent / "assets", ["live.css"], ["live.js"], connects=True
        )
        self.pages.environment.filters |= {"age": age_words, "in_a_row": row_words}

    def overview_page(self) -> str:
        """The overview, whole."""
        content = self._overview()
        frame = self._overview_frame(content)
        return self._page("overview.html.jinja", content, OVERVIEW, frame)

    def run_page(self, trace_id: str) -> str | None:
        """The page of a run; None if there is no such run."""
        content = self._run(trace_id)
        if content is None:
            return None
        return self._page("live_run.html.jinja", content, trace_id, self._run_frame(content))

    def missing_page(self, trace_id: str) -> str:
        """What stands in place of a run that is not there."""
        topic = trace_id if re.fullmatch(TRACE_ID, trace_id) else None
        return self._page("missing.html.jinja", {"trace_id": trace_id}, topic, None)

    def see(self, topics: Set[str]) -> Mapping[str, Frame]:
        """The frames of those topics that changed since, or that were not asked for then."""
        marks = self._marks_of(topics)
        changed = [topic for topic, mark in marks.items() if self._marks.get(topic) != mark]
        found = {topic: frame for topic in changed if (frame := self._frame(topic)) is not None}
        self._marks = marks
        return found

    def _marks_of(self, topics: Set[str]) -> dict[str, Any]:
        marks: dict[str, Any] = dict(self.registry.run_marks(topics - {OVERVIEW}))
        behind = self.registry.behind()
        marks = {topic: (mark, behind) for topic, mark in marks.items()}
        if OVERVIEW in topics:
            # What changes by time alone, such as how sources stand, is looked after now and then.
            marks[OVERVIEW] = (self.registry.mark(), behind, time.monotonic() // _OLD_S)
        return marks

    def _frame(self, topic: str) -> Frame | None:
        if topic == OVERVIEW:
            return self._overview_frame(self._overview())
        content = self._run(topic)
        return self._run_frame(content) if content is not None else None

    def _overview(self) -> dict[str, Any]:
        overview = self.registry.overview(time.time_ns())
        return {**_EMPTY, "overview": overview, "timezone": self.registry.timezone}

    def _overview_frame(self, content: Mapping[str, Any]) -> Frame:
        return self._frame_of("overview_main.html.jinja", content, None)

    def _run(self, trace_id: str) -> dict[str, Any] | None:
        found = self.registry.run(trace_id)
        if found is None:
            return None
        more = {"runs": [found["run"]], "timezone": self.registry.timezone}
        return {**_EMPTY, **found, **more}

    def _run_frame(self, content: Mapping[str, Any]) -> Frame:
        return self._frame_of("live_run_main.html.jinja", content, content["run"])

    def _frame_of(self, template: str, content: Mapping[str, Any], view: Any) -> Frame:
        """What replaces the main part of an open page, and the run for its waterfall."""
        html = self.pages.environment.get_template(template).render(content)
        return Frame.of(orjson.dumps({"html": html, "view": view}).decode())

    def _page(
        self, template: str, content: Mapping[str, Any], topic: str | None, frame: Frame | None
    ) -> str:
        live = embedded({"topic": topic, "seen": frame.id if frame else ""})
        more = {**_EMPTY, "timezone": self.registry.timezone, **content, "live": live}
        return "".join(self.pages.stream(template, more))
