"""How sources stand now, as monitoring tells of each that is expected or known, always."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import Panel

from filrouge.telemetry import names
from grafana.generate import palette, queries
from grafana.generate.links import Uid, to_dashboard, to_lane
from grafana.generate.palette import SOURCE_STATES, Colour
from grafana.generate.panels import DOWN, Clock, Column, Look, Says, bars, figure, rows, upto

_AGE = f"(time() - {queries.of_lanes(names.LAST_RECORD)})"
_SUCCESS_AGE = f"(time() - {queries.of_lanes(names.LAST_SUCCESS)})"
_SILENCE = queries.of_lanes(names.SILENCE_LIMIT)
_FRESHNESS = queries.of_lanes(names.FRESHNESS_LIMIT)
_FAILING = queries.of_lanes(names.FAILING_TIME)
_NEVER = f"(sum without ({queries.OUTCOME}) ({queries.of_lanes(names.LANE_TASKS)}) == 0)"
_AT = {name: at for at, (name, _) in enumerate(SOURCE_STATES)}

_STATE = " or ".join(
    (
        f"((({_AGE} > {_SILENCE}) * 0) + {_AT['silent']})",
        f"((({_SUCCESS_AGE} > {_FRESHNESS}) * 0) + {_AT['stale']})",
        f"((({_FAILING} and {_SILENCE}) > 0) * 0 + {_AT['failing']})",
        f"(({_NEVER} and {_SILENCE}) + {_AT['not come yet']})",
        f"({_SILENCE} * 0 + {_AT['fresh']})",
        f"({_AGE} * 0 + {_AT['not expected']})",
    )
)
"""The worst that holds of each source, by its place among the states."""
_EMPTY = "No source is known: is monitoring up?"


def _by_lane(expression: str) -> str:
    return f"max by ({queries.LANE}) ({expression})"


def by_state() -> list[Panel]:
    """How many sources are fresh, failing, stale, silent: a figure each."""
    bad = {
        "fresh": "fewer than there are sources.",
        "failing": "above 0: the newest runs of so many sources were no success.",
        "stale": "above 0: so many sources have not succeeded within their limit.",
        "silent": "above 0: of so many sources nothing came within their limit.",
    }
    colours = dict(SOURCE_STATES)
    return [_count(state, colours[state], sentence) for state, sentence in bad.items()]


def _count(state: str, colour: Colour, bad: str) -> Panel:
    steps = ((None, Colour.UNKNOWN), (1, colour))
    expression = f"count(({_STATE}) == {_AT[state]}) or 0 * count({_STATE})"
    return figure(
        f"{state.capitalize()} sources",
        Says(
            f"Expected sources that are {state}; each counts once, by the worst that holds.",
            bad,
            "the table of sources on Health.",
            Clock.NOW,
            _EMPTY,
        ),
        Look(steps=steps),
        [queries.now(expression)],
        [to_dashboard("Sources", Uid.HEALTH)],
    )


def table() -> Panel:
    """A row for each source: its state and why."""
    state = Look(mappings=(palette.words(*SOURCE_STATES),))
    values = (
        _STATE,
        _AGE,
        _SUCCESS_AGE,
        _SILENCE,
        _FAILING,
        queries.of_lanes(names.COMPLETENESS),
    )
    age, share = Look("s", decimals=0), Look("percentunit", decimals=0)
    return rows(
        "Sources now",
        Says(
            "The state of each source and how long ago it came and succeeded. Silent: no record "
            "within its limit. Stale: no success within it. Failing: the newest run was no "
            "success. Objects: the share of the expected ones that the newest run brought. Of a "
            "source that never came, the times are since when it is expected.",
            "any state but fresh.",
            "the source: its runs; from there the trace of the failed one.",
            Clock.NOW,
            _EMPTY,
        ),
        [
            Column("Value #A", "State", state, coloured=True, width=110),
            Column(
                queries.SOURCE,
                "Source",
                links=(to_lane("Runs", Uid.RUNS), to_lane("Performance", Uid.PERFORMANCE)),
            ),
            Column(queries.COMPANY, "Company"),
            Column(queries.ZONE, "Zone"),
            Column("Value #B", "Last record, ago", age),
            Column("Value #C", "Last success, ago", age),
            Column("Value #D", "Silent after", age),
            Column("Value #E", "Failing for", age),
            Column("Value #F", "Objects", share),
        ],
        [queries.now(_by_lane(value), table=True) for value in values],
        [to_dashboard("Runs", Uid.RUNS)],
        sort=[("State", DOWN)],
    )


def freshness() -> Panel:
    """How much of its limit each source has used up."""
    return bars(
        "Time since the last success, as a share of the limit",
        Says(
            "The age of each expected source's last success, divided by its freshness limit "
            "(75 minutes, unless expectations say otherwise).",
            "100 % or more: the source is stale, and its objective is being missed.",
            "a bar: the source's runs.",
            Clock.NOW,
            "No source is expected",
        ),
        upto(1, "percentunit", near=0.8),
        [
            queries.now(
                f"sort_desc({_by_lane(f'{_SUCCESS_AGE} / ({_FRESHNESS} > 0)')})",
                f"{{{{{queries.COMPANY}}}}} {{{{{queries.ZONE}}}}} {{{{{queries.SOURCE}}}}}",
            )
        ],
        [to_dashboard("Runs", Uid.RUNS)],
    )


def recovery() -> Panel:
    """Mean time to recovery of each source."""
    whole = Look("s", decimals=0)
    failing = Look("s", ((None, Colour.GOOD), (1, Colour.BAD)), decimals=0)
    return rows(
        "Time to recovery",
        Says(
            "Mean time from the end of the first run that was no success to the end of the next "
            "that was, over the last 101 runs of each source; and for how long it fails now.",
            "a source that fails now, or whose recovery takes longer than one run.",
            "the source: its runs.",
            Clock.NOW,
            "No source has failed and recovered yet",
        ),
        [
            Column(queries.SOURCE, "Source", links=(to_lane("Runs", Uid.RUNS),)),
            Column(queries.COMPANY, "Company"),
            Column(queries.ZONE, "Zone"),
            Column("Value #A", "Mean time to recovery", whole),
            Column("Value #B", "Failing for", failing, coloured=True),
        ],
        [
            queries.now(_by_lane(queries.of_lanes(names.RECOVERY_TIME)), table=True),
            queries.now(_by_lane(_FAILING), table=True),
        ],
        [to_dashboard("Runs", Uid.RUNS)],
        sort=[("Mean time to recovery", DOWN)],
    )


def completeness() -> Panel:
    """The share of its expected objects that each source brought."""
    return bars(
        "Objects of the newest run, as a share of those expected",
        Says(
            "Expected objects that succeeded in each source's newest closed run.",
            "below 100 %: an object failed or did not come.",
            "a bar: the source's runs.",
            Clock.NOW,
            "No source is known by its objects yet",
        ),
        Look(
            "percentunit", ((None, Colour.BAD), (0.95, Colour.WARNING), (1, Colour.GOOD)), least=0
        ),
        [
            queries.now(
                f"sort({_by_lane(queries.of_lanes(names.COMPLETENESS))})",
                f"{{{{{queries.COMPANY}}}}} {{{{{queries.ZONE}}}}} {{{{{queries.SOURCE}}}}}",
            )
        ],
        [to_dashboard("Runs", Uid.RUNS)],
    )
