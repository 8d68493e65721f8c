"""The figures as tables, the same for the terminal and for SERVICES.md."""

from __future__ import annotations

from typing import Final

from benchmarks.results import Table
from benchmarks.services.client import FORMS
from benchmarks.services.found import Found
from benchmarks.services.ingestion import ECHO, SERVERS, Requests
from benchmarks.services.keeping import Reading
from benchmarks.services.processing import BARE, PLAIN, Race

_MEGABYTE: Final = 1e6
_MS_PER_S: Final = 1000


def tables(found: Found) -> list[Table]:
    """All of them."""
    return [
        *map(_race, found.races),
        _requests(found.requests),
        _kept(found),
        _visible(found),
        _memory(found),
    ]


def _race(race: Race) -> Table:
    columns = (
        *("way", "CPU µs per record", "× bare loop's CPU", "of bare loop's rate by CPU"),
        *("× plain's rate by CPU", "records/s", "of bare loop's records/s", "× plain's records/s"),
    )
    rows = [
        [
            way.title,
            f"{race.cpu_us(way):.1f}",
            f"{1 / race.speed(way, BARE):.1f}",
            f"{race.speed(way, BARE):.3f}",
            f"{race.speed(way, PLAIN):.1f}",
            f"{race.per_s(way):,.0f}",
            f"{race.wall_speed(way, BARE):.3f}",
            f"{race.wall_speed(way, PLAIN):.1f}",
        ]
        for way in race.ways()
    ]
    number = race.processes
    noun = "one partition, one process" if number == 1 else f"{number} partitions and processes"
    return Table(f"Reading the topic: {noun}", columns, rows)


def _requests(requests: Requests) -> Table:
    columns = (
        *("body", "server", "records/s", "of the echo's", "p50 ms", "p99 ms", "× the echo's p99"),
        "CPU µs per record",
    )
    rows = [
        [
            f"{form}, {FORMS[form][1]} a request",
            server,
            f"{requests.per_s(form, server):,.0f}",
            f"{requests.per_s(form, server) / requests.per_s(form, ECHO):.2f}",
            f"{requests.p50_ms(form, server):.1f}",
            f"{requests.p99_ms(form, server):.1f}",
            f"{requests.p99_ms(form, server) / requests.p99_ms(form, ECHO):.1f}",
            f"{requests.cpu_us(form, server):.1f}",
        ]
        for form in FORMS
        for server in SERVERS
    ]
    return Table("Taking requests", columns, rows)


def _kept(found: Found) -> Table:
    columns = (
        "registry", "records", "records/s", "CPU µs per record", "database's CPU µs per record",
    )  # fmt: skip
    rows = [
        [
            name,
            f"{each.records:,}",
            f"{each.records / each.wall_s:,.0f}",
            f"{each.cpu_s / each.records * 1e6:.1f}",
            f"{each.database_cpu_s / each.records * 1e6:.1f}" if each.database_cpu_s else "within",
        ]
        for name, each in found.kept.items()
    ]
    return Table("Keeping records in the registry", columns, rows)


def _visible(found: Found) -> Table:
    rows = [
        [
            what,
            f"{each.p50 * _MS_PER_S:.0f}",
            f"{each.p95 * _MS_PER_S:.0f}",
            str(each.samples),
        ]
        for what, each in found.visible.items()
    ]
    return Table("From POST to visible", ("until", "p50 ms", "p95 ms", "samples"), rows)


def _memory(found: Found) -> Table:
    """A row for each mark that any reading met, nearest below."""
    readings: dict[str, Reading] = {
        "processing": found.processed,
        **{f"monitoring, {name}": each for name, each in found.kept.items()},
    }
    marks = [sorted(each.memory) for each in readings.values()]
    rows = [
        [
            str(number) if number else "at first",
            *(
                f"{each.memory[mark[number]] / _MEGABYTE:.1f} at {mark[number]:,}"
                if number < len(mark)
                else ""
                for each, mark in zip(readings.values(), marks, strict=True)
            ),
        ]
        for number in range(max(map(len, marks)))
    ]
    return Table("Resident memory, MB, as records are read", ("look", *readings), rows)
