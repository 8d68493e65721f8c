"""When a run closes. Pure: what was heard and when, and a clock, give the state.

open ──silence──► stalled      the producer said that more is to come, and nothing comes
  │                  │
  └──────► closed ◄──┘         it said that the run is over, or it was silent long enough
              │
              └─late record─►  stays closed; after a grace period the run is told of again
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from filrouge.records.utctime import NS_PER_S
from filrouge.settings import Settings


class State(StrEnum):
    """Where a run is in its life; how it ended is its outcome."""

    OPEN = "open"
    STALLED = "stalled"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Policy:
    """How long is waited, in nanoseconds.

    Attributes:
        grace_ns: after the producer's closing, and after a late record.
        silence_ns: for a run of which nobody says when it ends.
        stalled_ns: for a run whose producer said that more is to come.
        history_ns: what is older than this when it is heard of is history, and counts for nothing
            that is about the present.
        burst_ns: within which failures of one object are counted together.
    """

    grace_ns: int
    silence_ns: int
    stalled_ns: int
    history_ns: int = 21_600 * NS_PER_S
    burst_ns: int = 600 * NS_PER_S

    @staticmethod
    def of(settings: Settings) -> Policy:
        """As the settings have it."""
        return Policy(
            round(settings.run_grace_s * NS_PER_S),
            round(settings.run_silence_s * NS_PER_S),
            round(max(settings.run_stalled_s, settings.run_silence_s) * NS_PER_S),
            round(settings.history_s * NS_PER_S),
            round(settings.burst_window_s * NS_PER_S),
        )

    def is_live(self, instant_ns: int, heard_ns: int) -> bool:
        """Whether what happened at an instant and was heard of then is of the present."""
        return instant_ns >= heard_ns - self.history_ns


@dataclass(frozen=True, slots=True)
class Heard:
    """What is known of a run when it is asked whether it is over.

    Attributes:
        last_ns: when its last record was heard of.
        waiting_since_ns: when the first record was that no closing has told of; None: there is
            none, and nothing to do.
        was_closed: whether it was closed before.
        completed: whether the producer said that it is over.
        more_to_come: whether the producer said that there is more: a run or a task begun and not
            ended, or more tasks announced than are there.
    """

    last_ns: int
    waiting_since_ns: int | None
    was_closed: bool = False
    completed: bool = False
    more_to_come: bool = False


def closes_at(heard: Heard, policy: Policy) -> int | None:
    """When the run closes, if no more is heard until then; None: it is closed, with all it has."""
    if heard.waiting_since_ns is None:
        return None
    if heard.was_closed:
        # A stream of late records must not put it off for ever.
        return min(heard.last_ns + policy.grace_ns, heard.waiting_since_ns + policy.silence_ns)
    if heard.completed:
        return heard.last_ns + policy.grace_ns
    return heard.last_ns + (policy.stalled_ns if heard.more_to_come else policy.silence_ns)


def state(heard: Heard, policy: Policy, now_ns: int) -> State:
    """The state at an instant; `CLOSED` for an open run says that it is to be closed now."""
    due_ns = closes_at(heard, policy)
    if heard.was_closed or due_ns is None or now_ns >= due_ns:
        return State.CLOSED
    silent = now_ns >= heard.last_ns + policy.silence_ns
    return State.STALLED if silent and not heard.completed else State.OPEN


def next_look_ns(heard: Heard, policy: Policy) -> int | None:
    """When its state changes next by silence alone; None: never.

    Args:
        heard: as it was when its last record came.
        policy: how long is waited.
    """
    due_ns = closes_at(heard, policy)
    if due_ns is None or heard.was_closed or heard.completed:
        return due_ns
    return min(due_ns, heard.last_ns + policy.silence_ns)
