"""Reads simulated lines back, for the tests of this folder."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from hypothesis import settings

from filrouge_sim import Config, Delivery, simulate

# A whole simulation an example takes longer than Hypothesis likes, and varies with the machine.
a_few_times = settings(deadline=None, max_examples=30)

TORONTO = ZoneInfo("America/Toronto")


@dataclass(frozen=True)
class Span:
    """A task as both schemas tell it, with naive local times for schema 1."""

    company: str
    run_id: str
    zone: str
    source: str
    name: str
    start: datetime
    end: datetime


def lines(config: Config) -> list[bytes]:
    return [delivery.line for delivery in simulate(config)]


def records(config: Config) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in lines(config)]


def local_time(text: str) -> datetime:
    return datetime.strptime(text, "%d-%m-%Y %H:%M:%S.%f")  # noqa: DTZ007 - schema 1 has no zone


def spans(config: Config) -> list[Span]:
    """The tasks of schema 1, in the order of the stream."""
    return [
        Span(
            record["Entreprise"],
            record["No_Sequence"],
            record["Zone"],
            record["Source"],
            record["Objet"],
            local_time(record["Debut"]),
            local_time(record["Fin"]),
        )
        for record in records(config)
    ]


def instants(deliveries: Iterable[Delivery]) -> list[int]:
    return [delivery.at_us for delivery in deliveries]


def seconds(duration: timedelta) -> float:
    return duration / timedelta(seconds=1)
