"""The figures as tables, the same for the terminal and for STACK.md."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final

from benchmarks.results import Table
from benchmarks.stack import pipelines
from benchmarks.stack.latency import BARE, Latencies
from benchmarks.stack.pipelines import Costs, Kind
from benchmarks.stack.summary import busiest
from benchmarks.stack.throughput import Passage
from benchmarks.steps import by_themselves
from filrouge.stack.parts import PARTS

CORES: Final = os.cpu_count() or 1
_MEGABYTE: Final = 1e6
_MS_PER_S: Final = 1000
_US_PER_S: Final = 1e6


def tables(found: Sequence[Latencies], costs: Costs, passed: Sequence[Passage]) -> list[Table]:
    """All figures."""
    return [
        *map(latency_table, found),
        _passages(passed),
        _cpu(passed),
        _memory(passed),
        _pipelines(costs),
        _taken_apart(costs),
        _kafka(costs),
    ]


def latency_table(found: Latencies) -> Table:
    """Times until visible, in milliseconds."""
    load = found.load_records_per_s
    besides = f"beside {load:,.0f} records/s" if load >= 1 else "in a quiet stack"
    bare = found.spreads[BARE].p50
    rows = [
        [
            name,
            f"{spread.p50 * _MS_PER_S:,.0f}",
            f"{spread.p95 * _MS_PER_S:,.0f}",
            f"{spread.p50 / bare:.1f}",
            str(spread.samples),
        ]
        for name, spread in found.spreads.items()
    ]
    columns = ("until", "p50 ms", "p95 ms", "p50 × bare", "samples")
    return Table(f"From handing over to visible, {besides}", columns, rows)


def _passages(passed: Sequence[Passage]) -> Table:
    rows = [
        [
            each.way,
            f"{each.records:,}",
            f"{each.records / each.visible_s:,.0f}",
            f"{each.visible_s / each.bare_sender.wall_s:.2f}",
            f"{each.bare_sender.wall_s:.1f}",
            f"{each.sender.wall_s:.1f}",
            f"{each.stored_s:.1f}",
            f"{each.visible_s:.1f}",
            f"{each.verify.wall_s:.1f}",
            f"{each.verified.differ:,} of {each.verified.runs:,}",
        ]
        for each in passed
    ]
    columns = (
        "way", "records", "records/s until visible", "visible × bare", "bare s", "handed over s",
        "stored s", "visible s", "verify s", "runs that differ",
    )  # fmt: skip
    return Table("Whole files through the stack", columns, rows)


def _cpu(passed: Sequence[Passage]) -> Table:
    rows = []
    for each in passed:
        most = busiest(each.cpu_s, each.stored_s, CORES)
        per_record = {name: s / each.records * _US_PER_S for name, s in each.cpu_s.items()}
        rows.append(
            [
                each.way,
                f"{each.records:,}",
                *(f"{per_record[name]:.0f}" for name in ("sender", *PARTS)),
                f"{sum(per_record.values()):.0f}",
                f"{each.parts['collector'].cpu_s / each.bare.cpu_s:.1f}",
                f"{most.busy:.0%}",
                f"{most.name}, {most.share:.0%}",
            ]
        )
    columns = (
        "CPU µs per record", "records", "sender", *PARTS, "all", "collector × bare",
        "cores busy", "most of it",
    )  # fmt: skip
    return Table("CPU time until all is stored, and which part takes most", columns, rows)


def _memory(passed: Sequence[Passage]) -> Table:
    rows = [
        [
            each.way,
            f"{each.records:,}",
            *(f"{each.parts[name].peak_bytes / _MEGABYTE:.0f}" for name in PARTS),
            f"{each.bare.peak_bytes / _MEGABYTE:.0f}",
        ]
        for each in passed
    ]
    columns = ("peak of resident memory, MB", "records", *PARTS, "bare collector")
    return Table("Memory", columns, rows)


def _pipelines(costs: Costs) -> Table:
    rows = [_pipeline(costs, kind) for kind in (*pipelines.KINDS, pipelines.KAFKA)]
    columns = ("CPU time of the collector", "items per record", "bare µs", "all layers µs",
               "µs per item", "× bare")  # fmt: skip
    return Table("What a record costs the collector, by pipeline", columns, rows)


def _pipeline(costs: Costs, kind: Kind) -> list[str]:
    whole_us = costs.median_us(kind, pipelines.WHOLE)
    is_kafka = kind is pipelines.KAFKA
    bare_us = costs.median_us(pipelines.LOGS if is_kafka else kind, pipelines.BARE)
    return [
        kind.title,
        f"{costs.items[kind]:.2f}",
        f"{bare_us:.1f}",
        f"{whole_us:.1f}",
        f"{whole_us / costs.items[kind]:.1f}",
        f"{costs.ratio(kind, pipelines.WHOLE):.1f}",
    ]


def _taken_apart(costs: Costs) -> Table:
    rows = []
    for without in pipelines.WITHOUT:
        row = [without]
        for kind in pipelines.TAKEN_APART:
            whole_us = costs.median_us(kind, pipelines.WHOLE)
            saved_us = costs.saved_us(kind, without)
            row += [f"{saved_us:.1f}", f"{saved_us / whole_us:.0%}"]
        rows.append(row)
    columns = ("saved", *(
        part for kind in pipelines.TAKEN_APART for part in (f"{kind.title}: µs", "of all")
    ))  # fmt: skip
    return Table("What a record would cost the collector less", columns, rows)


def _kafka(costs: Costs) -> Table:
    up_to_us = {name: costs.median_us(pipelines.KAFKA, name) for name in pipelines.KAFKA_STEPS}
    rows = [
        [name, f"{only_us:.0f}", f"{only_us / up_to_us[pipelines.WHOLE]:.0%}"]
        for name, only_us in by_themselves(up_to_us).items()
    ]
    rows[-1][0] = "queued on disk instead"
    columns = ("CPU time of the collector", "µs per record", "of all")
    return Table("A log record from Kafka, step by step", columns, rows)
