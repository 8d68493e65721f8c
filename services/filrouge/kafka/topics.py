"""The topics, once; configurations that name them are checked against this module."""

from __future__ import annotations

from typing import Final

from filrouge.records.record import RunKey

TOPIC: Final = "ingestion-logs"
"""One record a message, of either schema, its bytes as the producer wrote them."""

DEAD_LETTERS: Final = "ingestion-logs.dlq"
"""Messages of `TOPIC` that are no records, each with the reason and its original bytes."""

TEMPO_SPANS: Final = "tempo-spans"
"""Where Tempo keeps what it has acknowledged; `tempo/tempo.yaml` names it too."""

PROCESSING_GROUP: Final = "filrouge-processing"
"""The consumer group of all instances of the processing service."""

PARTITIONS: Final = 6
"""Of `TOPIC`: as many readers of one group can share the work. Runs spread over them by key."""


def message_key(run: RunKey) -> bytes:
    """What keeps a run's records in one partition, and so in the order they were sent."""
    return f"{run.company}/{run.run_id}".encode()
