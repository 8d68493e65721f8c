"""What the figures say, in sentences; written by the run, so that they are never out of date."""

from __future__ import annotations

from typing import Final

from benchmarks.services.client import FORMS
from benchmarks.services.found import Found
from benchmarks.services.ingestion import ECHO, GATEWAY
from benchmarks.services.keeping import growth
from benchmarks.services.processing import BARE, FILROUGE, PEERS, PLAIN, POLLED, WITHOUT_LOGS, Race

OF_BARE: Final = 0.3
TIMES_PLAIN: Final = 6.0
_MEGABYTE: Final = 1e6


def sentences(found: Found) -> list[str]:
    """One for each thing that was measured, the aims first."""
    race = found.races[0]
    return [
        *_aims(race),
        *map(_together, found.races[1:]),
        _taken(found),
        _kept(found),
        _flat(found),
    ]


def _aims(race: Race) -> list[str]:
    best = min((peer for peer in race.ways() if peer in PEERS), key=race.cpu_us)
    of_bare, times = race.speed(FILROUGE, BARE), race.speed(FILROUGE, PLAIN)
    return [
        f"Aim: at least {OF_BARE:g} of the bare loop's rate. {_met(of_bare >= OF_BARE)}: by CPU "
        f"time {of_bare:.2f} of the loop that takes messages in batches, "
        f"{race.speed(FILROUGE, POLLED):.2f} of the one that takes them one by one.",
        f"Aim: at least {TIMES_PLAIN:g} times the plain way. {_met(times >= TIMES_PLAIN)}: "
        f"{times:.1f} times by CPU time; {race.speed(FILROUGE, WITHOUT_LOGS):.1f} times when the "
        "plain way leaves log records out, which in Filrouge the collector makes.",
        f"Aim: ahead of every peer. {_met(race.speed(FILROUGE, best) > 1)}: "
        f"{race.speed(FILROUGE, best):.1f} times the best of them, {best.title}.",
    ]


def _together(race: Race) -> str:
    return (
        f"With {race.processes} partitions and processes: {race.per_s(FILROUGE):,.0f} records/s, "
        f"{race.speed(FILROUGE, BARE):.2f} of the bare loop's rate and "
        f"{race.speed(FILROUGE, PLAIN):.1f} times the plain way's, by CPU time."
    )


def _taken(found: Found) -> str:
    told = [
        f"{form} {found.requests.per_s(form, GATEWAY):,.0f} records/s, "
        f"{found.requests.per_s(form, GATEWAY) / found.requests.per_s(form, ECHO):.2f} of the "
        f"echo's, p99 {found.requests.p99_ms(form, GATEWAY):.0f} ms"
        for form in FORMS
    ]
    return f"Ingestion: {'; '.join(told)}."


def _kept(found: Found) -> str:
    told = [f"{each.records / each.wall_s:,.0f} into {name}" for name, each in found.kept.items()]
    return f"Monitoring, records/s: {', '.join(told)}."


def _flat(found: Found) -> str:
    told = []
    readings = {"processing": found.processed, **found.kept}
    for name, each in readings.items():
        marks, grown = growth(each.memory)
        megabytes = each.memory[marks[-1]] / _MEGABYTE
        told.append(f"{name} {megabytes:.0f} MB at {marks[-1]:,} records, {grown:+.0%} since half")
    return f"Resident memory: {'; '.join(told)}."


def _met(is_met: bool) -> str:
    return "Met" if is_met else "Not met"
