"""Every port of the stack, once: what listens where unless the whole block is shifted.

Where a part has a port that people know, it is that one, so that what they type by heart works.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

HOST: Final = "127.0.0.1"
"""The native stack listens on loopback only."""


class Port(IntEnum):
    """A listener of the stack, and its port in a block that is not shifted."""

    ALERTMANAGER = 9093
    COLLECTOR_HEALTH = 13133
    COLLECTOR_METRICS = 8888
    INGESTION = 8080
    KAFKA = 9092
    KAFKA_CONTROLLER = 9094  # 9093, which it usually has, is Alertmanager's
    LOKI_GRPC = 9096  # its default is Tempo's too
    LOKI_HTTP = 3100
    MONITORING = 8082
    OTLP_GRPC = 4317
    OTLP_HTTP = 4318
    PROCESSING = 8081
    PROMETHEUS = 9090
    TEMPO_GRPC = 9095
    TEMPO_HTTP = 3200
    TEMPO_OTLP_GRPC = 4417

    def at(self, offset: int) -> int:
        """The port in the block that is shifted by so many."""
        return self.value + offset

    def variable(self) -> str:
        """The environment variable under which configurations find the port."""
        return f"FILROUGE_PORT_{self.name}"


MAX_OFFSET: Final = 19_000
"""Above it a port could be one that the system hands out to clients (from 32768 on Linux)."""


def environment(offset: int) -> dict[str, str]:
    """All ports of a block as environment variables."""
    return {port.variable(): str(port.at(offset)) for port in Port}
