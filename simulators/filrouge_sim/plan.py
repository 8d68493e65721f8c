"""What a run has to do, which is the same for every run of a simulation."""

from collections.abc import Sequence
from dataclasses import dataclass

from filrouge_sim.catalogue import SOURCES, ZONES, Source, Zone

__all__ = ["Plan", "Step", "plan"]

# Ids of further partitions of an object are that far from its own.
PART_ID_DISTANCE = 1000


@dataclass(frozen=True, eq=False, slots=True)
class Step:
    """One object's passage through one zone; compared by identity, so it may key a cache."""

    zone: Zone
    source: Source
    object_id: int
    name: str
    parameters: dict[str, str | int]
    typical_s: float

    @property
    def transformation(self) -> str:
        """What is done to the object: the source's own call unless the zone has its way."""
        return self.zone.transformation or self.source.transformation


Plan = Sequence[Sequence[Sequence[Step]]]
"""Zones in order; in each the lanes, always of the same sources; in each lane its steps."""


def plan(zones: Sequence[str], tasks: int) -> Plan:
    """The steps for `tasks` objects in each of the zones.

    Sources are dealt to in turn, so that few tasks still cover them all. More tasks than the
    catalogue has objects bring further partitions of the same objects.
    """
    dealt = _deal(tasks)
    return [
        [[_step(ZONES[zone], source, *card) for card in cards] for source, cards in dealt]
        for zone in zones
    ]


def _deal(tasks: int) -> list[tuple[Source, list[tuple[int, int]]]]:
    """For each source the objects it is to give: place in the catalogue, and partition."""
    round_ = [(source, index) for source in SOURCES for index in range(len(source.objects))]
    round_.sort(key=lambda card: card[1])
    dealt: dict[str, list[tuple[int, int]]] = {source.name: [] for source in SOURCES}
    for number in range(tasks):
        part, position = divmod(number, len(round_))
        source, index = round_[position]
        dealt[source.name].append((index, part))
    return [(source, dealt[source.name]) for source in SOURCES if dealt[source.name]]


def _step(zone: Zone, source: Source, index: int, part: int) -> Step:
    name, typical_s = source.objects[index]
    parameters = {source.object_parameter: name, **source.parameters}
    if part:
        name = f"{name} ({part + 1})"
        parameters["part"] = part + 1
    object_id = source.first_id + index + PART_ID_DISTANCE * part
    return Step(zone, source, object_id, name, parameters, zone.pace * typical_s)
