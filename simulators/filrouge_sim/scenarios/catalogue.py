"""Every scenario by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from filrouge_sim.scenarios import troubles
from filrouge_sim.scenarios.scenario import Scenario

__all__ = ["QUIET", "SCENARIOS"]

QUIET: Final = "quiet"

SCENARIOS: Final[Mapping[str, Scenario]] = MappingProxyType(
    {
        QUIET: Scenario(
            "Nothing goes wrong.",
            "Every run closes as a success.",
        ),
        "failure": Scenario(
            "One task fails, of the last of 4 runs.",
            "IngestionTaskFailed; the run is partial. Under 2 % of the tasks fail.",
            runs=4,
            tasks=troubles.one_failure,
        ),
        "failure-rate": Scenario(
            "Some 3.5 % of all tasks fail, never the same object soon again; 80 runs, which is "
            "20 minutes at a speed of 60.",
            "IngestionFailureRate, after 15 minutes; and IngestionTaskFailed, as tasks fail.",
            runs=80,
            tasks=troubles.many_failures,
        ),
        "silent": Scenario(
            f"{troubles.SILENT} came 90 minutes ago, and is missing from 3 runs since. Nobody "
            "says so: the totals that are announced leave it out.",
            "IngestionSourceSilent. Every run is a success.",
            runs=4,
            least_runs=2,
            tasks=troubles.a_source_less,
            ago_s=troubles.long_ago,
        ),
        "slow": Scenario(
            f"The calls to {troubles.SLOW} take 4 times as long in the last of 8 runs.",
            "IngestionSlow. Every run is a success.",
            runs=8,
            least_runs=6,  # a baseline takes 5
            tasks=troubles.slowness,
        ),
        "heavy": Scenario(
            f"The calls to {troubles.HEAVY} take 170 MB of memory each.",
            "IngestionHeavy. Every run is a success.",
            tasks=troubles.heaviness,
        ),
        "burst": Scenario(
            "One object is tried 5 times within 3 minutes and fails each time, in the last of 6 "
            "runs.",
            "IngestionErrorBurst; and IngestionTaskFailed, as tasks fail.",
            runs=6,
            tasks=troubles.a_burst,
        ),
        "late": Scenario(
            f"Some records of {troubles.FAILING} come 45 seconds (real ones) after the run is "
            "over.",
            "The run closes as partial, and is a success once they are there.",
            needs_schema_2=True,
            straggles=troubles.straggles,
        ),
        "duplicates": Scenario(
            "Every fifth record comes twice.",
            "Records that count once. Every run is a success.",
            deliveries=troubles.duplicates,
        ),
        "poison": Scenario(
            "Lines that are no records come between the good ones, some 6 % of them.",
            "FilrougeDeadLetters; no record is lost, and every run is a success.",
            deliveries=troubles.poison,
        ),
        "out-of-order": Scenario(
            "Every third record is overtaken by younger ones.",
            "Nothing: the run is the same as in order.",
            deliveries=troubles.out_of_order,
        ),
        "clock-skew": Scenario(
            "The clock of standardization is 7 minutes slow.",
            "Stages that overlap, though each began after the one before. No alert.",
            clocks_s={"2-Standard": -420.0},
        ),
        "never-ends": Scenario(
            "The last of 2 runs stops in the middle: tasks are begun and never end.",
            "IngestionRunStalled, after the silence of the setting run_silence_s.",
            runs=2,
            needs_schema_2=True,
            attempts=troubles.cut_short,
        ),
        "retried": Scenario(
            "A run is given up in the middle, and done again under its name as attempt 2.",
            "Two traces: attempt 1 is a failure without a failed task, attempt 2 a success.",
            needs_schema_2=True,
            attempts=troubles.tried_again,
        ),
    }
)
