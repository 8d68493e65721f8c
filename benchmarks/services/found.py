"""All that was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.services.ingestion import Requests
from benchmarks.services.keeping import Reading
from benchmarks.services.processing import Race
from benchmarks.stack.summary import Spread


@dataclass(frozen=True, slots=True)
class Found:
    """All figures.

    Attributes:
        races: ways to read the topic, with one process first.
        requests: the gateway and the echo.
        processed: processing over the whole backlog.
        kept: monitoring, by database.
        visible: seconds from POST, by what was waited for.
    """

    races: Sequence[Race]
    requests: Requests
    processed: Reading
    kept: Mapping[str, Reading]
    visible: Mapping[str, Spread]
