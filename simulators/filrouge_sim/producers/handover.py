"""The message by which a microservice hands a source over to the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import orjson

from filrouge_sim.scenarios.assignment import Assignment

__all__ = ["ALL_SOURCES", "TOPIC", "HandOver"]

TOPIC: Final = "filrouge-sim.hand-overs"

ALL_SOURCES: Final = ""
"""Of the last zone: the run is over. It is for that zone's microservice itself: after a restart it
may read some hand-overs of a run that it had finished, and would wait for the others for ever."""


@dataclass(frozen=True)
class HandOver:
    """A source is done in a zone of a run."""

    session: str
    """The group of microservices it is for; others leave it alone."""
    zone: str
    source: str
    assignment: Assignment

    def to_bytes(self) -> bytes:
        """As a message."""
        fields = {
            "session": self.session,
            "zone": self.zone,
            "source": self.source,
            "assignment": self.assignment.to_json(),
        }
        return orjson.dumps(fields)

    @staticmethod
    def of_bytes(value: bytes) -> HandOver | None:
        """What a message says; None if it is none of this version."""
        try:
            fields = orjson.loads(value)
            assignment = Assignment.of_json(fields["assignment"])
            return HandOver(fields["session"], fields["zone"], fields["source"], assignment)
        except (orjson.JSONDecodeError, KeyError, TypeError):
            return None
