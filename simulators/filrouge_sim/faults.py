"""What goes wrong with records on their way, for tests of whoever reads them.

A fault takes a record that is about to be delivered and says what is delivered in its place.
Poisonous lines come in addition to the good record, so that no good one is ever lost.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from random import Random
from types import MappingProxyType

import orjson

from filrouge_sim.delivery import Delivery

__all__ = ["FAULTS", "Fault", "afflict"]

Fault = Callable[[Random, Delivery], list[Delivery]]

# A record without one of these cannot be placed: of schema 1, then of schema 2's data.
IDENTITY = {"No_Sequence", "Entreprise", "Source", "Objet"} | {
    "company",
    "run_id",
    "source",
    "object_name",
}


def duplicate(random: Random, delivery: Delivery) -> list[Delivery]:
    """The record comes again within 30 s, byte for byte."""
    return [delivery, _delay(delivery, 30 * random.random())]


def out_of_order(random: Random, delivery: Delivery) -> list[Delivery]:
    """The record comes up to 60 s late, behind younger ones."""
    return [_delay(delivery, 60 * random.random())]


def late(random: Random, delivery: Delivery) -> list[Delivery]:
    """The record comes 30 to 90 minutes late, when its run is over."""
    return [_delay(delivery, 60 * (30 + 60 * random.random()))]


def not_json(random: Random, delivery: Delivery) -> list[Delivery]:
    """A line of the producer's own log follows."""
    wait_s = int(60 * random.random())
    return [delivery, delivery._replace(line=b"WARNING rate limited, next try in %d s\n" % wait_s)]


def truncated(random: Random, delivery: Delivery) -> list[Delivery]:
    """A copy that ends in the middle follows."""
    kept = 1 + int((len(delivery.line) - 2) * random.random())
    return [delivery, delivery._replace(line=delivery.line[:kept] + b"\n")]


def missing_field(random: Random, delivery: Delivery) -> list[Delivery]:
    """A copy without one of the names that place it follows."""
    record = orjson.loads(delivery.line)
    fields = record.get("data", record)
    present = [name for name in fields if name in IDENTITY]
    del fields[present[int(len(present) * random.random())]]
    line = orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)
    return [delivery, delivery._replace(line=line)]


FAULTS: Mapping[str, Fault] = MappingProxyType(
    {
        "duplicate": duplicate,
        "out-of-order": out_of_order,
        "late": late,
        "missing-field": missing_field,
        "truncated": truncated,
        "not-json": not_json,
    }
)


def afflict(
    deliveries: Iterable[Delivery], mix: Mapping[str, float], randoms: Mapping[str, Random]
) -> Iterator[Delivery]:
    """The deliveries with each fault of `mix` (name to chance) done to some of them.

    Each fault has its own source of randomness in `randoms` and meets original records only, so
    that its victims do not depend on which other faults are asked for.
    """
    for delivery in deliveries:
        made = [delivery]
        for name, chance in mix.items():
            random = randoms[name]
            if random.random() < chance:
                made[:1] = FAULTS[name](random, made[0])
        yield from made


def _delay(delivery: Delivery, delay_s: float) -> Delivery:
    return delivery._replace(at_us=delivery.at_us + int(delay_s * 1e6))
