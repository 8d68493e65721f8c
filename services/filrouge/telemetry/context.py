"""What a run's telemetry depends on besides the run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from filrouge.telemetry.names import UNKNOWN_SERVICE


@dataclass(frozen=True, slots=True)
class Context:
    """Where and how telemetry is written.

    Attributes:
        services: the microservice of each zone, which is `service.name` of the zone's spans.
        replay: whether this tells of the past at its own times; see `names.REPLAY`.
    """

    services: Mapping[str, str]
    replay: bool = False

    def service(self, zone: str) -> str:
        """The zone's microservice."""
        return self.services.get(zone, UNKNOWN_SERVICE)
