"""Turns instants (microseconds since the epoch) into the text of a record, fast."""

from collections.abc import Callable
from datetime import datetime, tzinfo
from functools import lru_cache

__all__ = ["stamp"]

MINUTE_US = 60_000_000


def stamp(zone: tzinfo, pattern: str, suffix: str = "") -> Callable[[int], str]:
    """A function that writes an instant as local time of `zone`.

    It writes `pattern` up to the minute, then seconds with microseconds, then `suffix`.
    strftime takes longer than all else in a record, and many records share a minute: the part
    up to the minute is kept. This holds from 1972 on, when the last zone whose offset was not
    in whole minutes gave it up.
    """

    @lru_cache(maxsize=256)
    def up_to_minute(minute: int) -> str:
        return datetime.fromtimestamp(minute * 60, zone).strftime(pattern)

    def write(at_us: int) -> str:
        minute, rest_us = divmod(at_us, MINUTE_US)
        digits = str(rest_us + 100_000_000)  # "1SSffffff": cheaper than padding with a format
        return f"{up_to_minute(minute)}{digits[1:3]}.{digits[3:]}{suffix}"

    return write
