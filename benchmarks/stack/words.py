"""What the figures say, in sentences; written by the run, so that they are never out of date."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.stack.pipelines import KAFKA, KINDS, WHOLE, Costs
from benchmarks.stack.summary import busiest
from benchmarks.stack.throughput import Passage
from benchmarks.stack.ways import Way


def sentences(passed: Sequence[Passage], costs: Costs, cores: int) -> list[str]:
    """The bottleneck and the growth of each way, and the dearest pipeline."""
    told = []
    for way in Way:
        of_way = sorted((each for each in passed if each.way is way), key=lambda each: each.records)
        if of_way:
            told.append(bottleneck(of_way[-1], cores))
        if len(of_way) > 1:
            told.append(growth(of_way[0], of_way[-1]))
    wrong = [differences(each) for each in passed if each.verified.differ]
    return [*wrong, *told, dearest(costs)]


def differences(passage: Passage) -> str:
    """What verify found not to be exactly once."""
    found = passage.verified
    faults = ", ".join(f"{count:,} {fault}" for fault, count in sorted(found.faults.items()))
    return (
        f"{_sentence(passage.way)}, {passage.records:,} records: {found.differ:,} of "
        f"{found.runs:,} runs were not everywhere exactly once: {faults}."
    )


def bottleneck(passage: Passage, cores: int) -> str:
    """How fast a file went through, and what was in its way."""
    most = busiest(passage.cpu_s, passage.stored_s, cores)
    times = passage.visible_s / passage.bare_sender.wall_s
    return (
        f"{_sentence(passage.way)}: {passage.records:,} records at "
        f"{passage.records / passage.visible_s:,.0f} records/s until visible, {times:.1f} times "
        f"the time of a replay into the bare collector. Sender and stack kept the {cores} cores "
        f"{most.busy:.0%} busy; {most.name} took most, {most.share:.0%} of it."
    )


def growth(small: Passage, large: Passage) -> str:
    """What became of time, CPU and memory as the number of records grew."""
    memory = sum(used.peak_bytes for used in large.parts.values()) / sum(
        used.peak_bytes for used in small.parts.values()
    )
    cpu = sum(large.cpu_s.values()) / sum(small.cpu_s.values())
    return (
        f"{_sentence(large.way)}: from {small.records:,} records to {large.records:,}, "
        f"{large.records / small.records:.0f} times as many, the time until visible grew "
        f"{large.visible_s / small.visible_s:.0f}-fold, CPU time {cpu:.0f}-fold, verify's time "
        f"{large.verify.wall_s / small.verify.wall_s:.0f}-fold, the parts' memory "
        f"{memory:.1f}-fold."
    )


def dearest(costs: Costs) -> str:
    """The pipeline that takes most CPU time of the collector."""
    kind = max((*KINDS, KAFKA), key=lambda each: costs.median_us(each, WHOLE))
    return (
        f"The dearest pipeline of the collector is {kind.title}: "
        f"{costs.median_us(kind, WHOLE):.0f} µs of CPU a record, "
        f"{costs.ratio(kind, WHOLE):.0f} times the bare collector's."
    )


def _sentence(words: str) -> str:
    """With a capital, and the others as they stand."""
    return words[:1].upper() + words[1:]
