"""The ways by which records come into the stack."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from filrouge.stack.place import Place
from filrouge.stack.ports import Port


class Way(StrEnum):
    """How a file is handed over; the value is for people."""

    HTTP = "replay over HTTP"
    GRPC = "replay over gRPC"
    PUBLISH = "publish on Kafka"


def otlp_url(way: Way, place: Place) -> str:
    """Where a collector takes what is replayed; over HTTP what else would be published."""
    if way is Way.GRPC:
        return f"grpc://{place.address(Port.OTLP_GRPC)}"
    return place.url(Port.OTLP_HTTP)


def replay_arguments(file: Path, url: str) -> Sequence[str]:
    """The command that replays a file into a collector."""
    return "replay", str(file), "--no-files", "--otlp", url


def arguments(way: Way, file: Path, place: Place) -> Sequence[str]:
    """The command that hands a file to a stack."""
    if way is Way.PUBLISH:
        return "publish", str(file), "--rejected", str(file.with_suffix(".rejected"))
    return replay_arguments(file, otlp_url(way, place))
