"""The smallest things that are counted, each with a key to tell it apart and words for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b

from filrouge.records.utctime import NS_PER_S

_SHOWN_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class Item:
    """One span, log line, sample or message.

    Attributes:
        key: equal for equal items, and only for them.
        words: what it is, for people.
    """

    key: tuple[str | int | float, ...]
    words: str = field(compare=False)


def span(trace_id: str, span_id: str, name: str) -> Item:
    """A span in a trace."""
    return Item((trace_id, span_id), f"span {span_id} ({name})")


def log_line(trace_id: str, span_id: str, time_ns: int, kind: str) -> Item:
    """A log line of a span; its text is left out, for secrets in it are redacted on the way."""
    return Item((trace_id, span_id, time_ns), f"{kind} at {_instant(time_ns)} of span {span_id}")


def sample(metric: str, labels: Mapping[str, str], time_ms: int, value: float) -> Item:
    """A sample of a series, whose labels are those that we gave it."""
    pairs = sorted(labels.items())
    said = ", ".join(f"{name}={text!r}" for name, text in pairs)
    return Item(
        (metric, said, time_ms, value),
        f"{metric}{{{said}}} = {value:g} at {_instant(time_ms * 1_000_000)}",
    )


def message(value: bytes) -> Item:
    """A record's bytes on the topic."""
    shown = value[:_SHOWN_CHARACTERS].decode(errors="replace")
    return Item((blake2b(value, digest_size=16).hexdigest(),), f"record {shown}")


def _instant(time_ns: int) -> str:
    seconds, past_ns = divmod(time_ns, NS_PER_S)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{past_ns:09d}Z"
