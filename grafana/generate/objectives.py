"""Objectives and their error budgets, from the rules that Sloth makes (prometheus/slo)."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.models.dashboard import Panel

from filrouge.telemetry import names
from grafana.generate import queries
from grafana.generate.links import Uid, to_dashboard, to_lane
from grafana.generate.palette import Colour
from grafana.generate.panels import UP, Clock, Column, Look, Says, bars, columns, lines, rows

_OF_US: Final = f"{{sloth_service=`filrouge`, {queries.COMPANY}=~`${{company:regex}}`}}"
_LEFT: Final = f"slo:period_error_budget_remaining:ratio{_OF_US}"
_BURN: Final = f"slo:current_burn_rate:ratio{_OF_US}"
_KEYS: Final = f"sloth_slo, {queries.LANE}"
_BUDGET: Final = Look(
    "percentunit",
    ((None, Colour.BAD), (0.0001, Colour.WARNING), (0.25, Colour.GOOD)),
    decimals=1,
    least=0,
    most=1,
)
_EMPTY: Final = "No objective yet: the rules run once a minute"


def least_budget() -> Panel:
    """What is left of each objective's budget where the least is."""
    return bars(
        "Error budget left, worst of each objective",
        Says(
            "What is left of the error budget of 30 days: 100 % is untouched, 0 % is spent, below "
            "it the objective is missed. Of each objective the source or company with the least.",
            "below 25 %; negative: the objective is missed.",
            "Reliability: which source spent it.",
            Clock.LIVE,
            _EMPTY,
        ),
        _BUDGET,
        [queries.now(f"sort(min by (sloth_slo) ({_LEFT}))", "{{sloth_slo}}")],
        [to_dashboard("Reliability", Uid.RELIABILITY)],
    )


def table() -> Panel:
    """A row for each objective of each source or company."""
    burn = Look("short", ((None, Colour.GOOD), (1, Colour.WARNING), (6, Colour.BAD)), decimals=1)
    share = Look("percentunit", decimals=2)
    return rows(
        "Objectives",
        Says(
            "Each objective for each source (or company, where it is about all of them): what it "
            "asks for, the share of bad over 30 days, the budget that is left, and how fast it is "
            "spent now. 1 spends it just within 30 days.",
            "a negative budget, or a burn rate over 1 for long.",
            "the objective: runs of that source.",
            Clock.LIVE,
            _EMPTY,
        ),
        [
            Column(
                "sloth_slo",
                "Objective",
                links=(to_lane("Runs", Uid.RUNS), to_lane("Health", Uid.HEALTH)),
            ),
            Column(queries.COMPANY, "Company"),
            Column(queries.ZONE, "Zone"),
            Column(queries.SOURCE, "Source"),
            Column("Value #A", "Bad, 30 days", share),
            Column("Value #B", "Budget left", _BUDGET, coloured=True),
            Column("Value #C", "Burn rate now", burn, coloured=True),
        ],
        [
            queries.now(f"max by ({_KEYS}) ({expression})", table=True)
            for expression in (f"slo:sli_error:ratio_rate30d{_OF_US}", _LEFT, _BURN)
        ],
        [to_dashboard("Runs", Uid.RUNS)],
        sort=[("Budget left", UP)],
    )


def budget_over_time() -> Panel:
    """What was left of each budget when."""
    return lines(
        "Error budget left",
        Says(
            "What is left of each objective's budget of 30 days, where the least is.",
            "a line that falls; a step is one bad run.",
            "the table of objectives: which source.",
            Clock.LIVE,
            _EMPTY,
        ),
        Look("percentunit"),
        [queries.over_time(f"min by (sloth_slo) ({_LEFT})", "{{sloth_slo}}")],
        [to_dashboard("Runs", Uid.RUNS)],
    )


def burn_over_time() -> Panel:
    """How fast each budget was spent."""
    return lines(
        "Burn rate, worst of each objective",
        Says(
            "How many times as fast as allowed each budget is spent, over the shortest window.",
            "over 1 for hours, or over 14 at all: then an alert fires.",
            "the table of objectives: which source.",
            Clock.LIVE,
            _EMPTY,
        ),
        Look("short", ((None, Colour.GOOD), (1, Colour.WARNING))),
        [queries.over_time(f"max by (sloth_slo) ({_BURN})", "{{sloth_slo}}")],
        [to_dashboard("Runs", Uid.RUNS)],
    )


def deadlines() -> Panel:
    """Runs by how they kept their deadline."""
    due = queries.of_companies(names.RUNS_DUE)
    return columns(
        "Runs by their deadline",
        Says(
            "Runs that were due, by how they kept their deadline. Missed: none began before the "
            "next was due. Needs a `deadline` in the expectations file.",
            "late or missed.",
            "Runs: those of that time.",
            Clock.LIVE,
            "No run was due, or none has a deadline: see docs/expectations.md",
        ),
        Look("short", decimals=0),
        [
            queries.over_time(
                f"round(sum by ({queries.TIMELINESS}) (increase({due}[$__rate_interval]))) > 0",
                f"{{{{{queries.TIMELINESS}}}}}",
                least="5m",
            )
        ],
        [to_dashboard("Runs", Uid.RUNS)],
    )
