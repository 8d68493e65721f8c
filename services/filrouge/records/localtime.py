"""Local wall-clock times of one zone, as schema 1 writes them, turned into instants.

The rule where a zone's clock is set back or forward (the same in words in `docs/records.md`):

A time that exists twice (clock set back) or never (clock set forward) can be read in two ways: with
the offset before the change, and with the one after it. Of the pairs of start and end that do not
run backwards, the one whose length is nearest to the reported duration is taken; without a reported
duration, or when several are as near, the offset before the change, for the start first.

Either is remarked on the record, and so on the span.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import product
from typing import Final
from zoneinfo import ZoneInfo

from filrouge.errors import RejectedRecord
from filrouge.records.record import Remark
from filrouge.records.rejection import Reason
from filrouge.records.utctime import NS_PER_S

WALL_TIME: Final = r"^[0-9]{2}-[0-9]{2}-[0-9]{4} [0-9]{2}:[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?$"
"""Day-month-year, such as `05-09-2025 16:45:26.191702`; up to nine decimals are kept."""

_NS_PER_MINUTE: Final = 60 * NS_PER_S
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_YEAR, _LAST_YEAR = "1970", "2261"  # what signed 64 bits of nanoseconds can hold
_ALMOST_AN_HOUR: Final = timedelta(minutes=59, seconds=59)
_HOURS_KEPT: Final = 4096  # half a year in order, 0.6 MB; a miss costs about 20 µs
_MINUTES_KEPT: Final = 16_384  # those of a thousand runs in disorder, 3 MB; a miss costs 1 µs
_TOLERANCE_NS: Final = 100_000_000
"""A reported duration may differ by this much: producers round to tenths."""


class LocalClock:
    """The wall clock of one time zone.

    Args:
        zone: the zone in which producers write their times.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._hour_start_ns = lru_cache(maxsize=_HOURS_KEPT)(self._regular_hour)
        self._minute_start_ns = lru_cache(maxsize=_MINUTES_KEPT)(self._regular_minute)

    def interval(
        self, start: str, end: str, duration_s: float | None
    ) -> tuple[int, int, tuple[Remark, ...]]:
        """Start and end in nanoseconds since 1970 UTC, and what was odd about them.

        Args:
            start: a text of the form `WALL_TIME`, which the caller has checked.
            end: the same form.
            duration_s: what the producer says it took, in seconds, or None.

        Raises:
            RejectedRecord: a text is no day of the calendar, or the end lies before the start.
        """
        try:
            start_ns, end_ns = self._regular(start), self._regular(end)
        except ValueError:
            raise _not_in_calendar(start, end) from None
        remarks: tuple[Remark, ...] = ()
        if start_ns is None or end_ns is None:
            start_ns, end_ns, remarks = self._irregular(start, end, duration_s)
        if not 0 <= start_ns <= end_ns:
            raise _out_of_order(start, start_ns, end)
        if (
            duration_s is not None
            and abs(end_ns - start_ns - duration_s * NS_PER_S) > _TOLERANCE_NS
        ):
            remarks += _contradiction(start, end, duration_s)
        return start_ns, end_ns, remarks

    def _regular(self, text: str) -> int | None:
        """The instant of a time in an hour that exists once; None in an hour that does not."""
        minute_start_ns = self._minute_start_ns(text[:16])
        if minute_start_ns is None:
            return None
        return minute_start_ns + int(text[17:19] + text[20:].ljust(9, "0"))

    def _regular_minute(self, minute: str) -> int | None:
        """When a minute such as `05-09-2025 16:45` begins, or None if the clock is set near it."""
        hour_start_ns = self._hour_start_ns(minute[:13])
        return None if hour_start_ns is None else hour_start_ns + int(minute[14:]) * _NS_PER_MINUTE

    def _regular_hour(self, hour: str) -> int | None:
        """When an hour such as `05-09-2025 16` begins, or None if the clock is set in it."""
        first = _naive(f"{hour}:00:00")
        last = first + _ALMOST_AN_HOUR  # no zone ever set its clock twice within an hour
        offsets = {self._offset(at, fold) for at in (first, last) for fold in (0, 1)}
        return _ns(first, offsets.pop()) if len(offsets) == 1 else None

    def _irregular(
        self, start: str, end: str, duration_s: float | None
    ) -> tuple[int, int, tuple[Remark, ...]]:
        starts, start_remarks = self._candidates(start)
        ends, end_remarks = self._candidates(end)
        pairs = [pair for pair in product(starts, ends) if pair[0] <= pair[1]]

        def distance(pair: tuple[int, int]) -> float:
            return abs(pair[1] - pair[0] - duration_s * NS_PER_S) if duration_s is not None else 0

        # min() keeps the first of equals, and the offset before the change comes first.
        start_ns, end_ns = min(pairs, key=distance, default=(starts[0], ends[0]))
        return start_ns, end_ns, tuple(dict.fromkeys(start_remarks + end_remarks))

    def _candidates(self, text: str) -> tuple[list[int], tuple[Remark, ...]]:
        """Every instant that the text may mean, and what is odd about it."""
        naive, past_second_ns = _naive(text), _past_second_ns(text)
        before, after = self._offset(naive, 0), self._offset(naive, 1)
        if before == after:
            return [_ns(naive, before) + past_second_ns], ()
        instants = [_ns(naive, offset) + past_second_ns for offset in (before, after)]
        set_back = before > after
        odd = Remark.AMBIGUOUS_LOCAL_TIME if set_back else Remark.NONEXISTENT_LOCAL_TIME
        return instants, (odd,)

    def _offset(self, naive: datetime, fold: int) -> timedelta:
        instant = naive.replace(tzinfo=self._zone, fold=fold).astimezone(UTC)
        return naive - instant.replace(tzinfo=None)


def _naive(text: str) -> datetime:
    """The wall-clock time to the second; ValueError if the calendar, or our range, has none."""
    if not _FIRST_YEAR <= text[6:10] <= _LAST_YEAR:
        raise ValueError
    return datetime.fromisoformat(f"{text[6:10]}-{text[3:5]}-{text[:2]}T{text[11:19]}")


def _ns(naive: datetime, offset: timedelta) -> int:
    since = naive.replace(tzinfo=UTC) - offset - _EPOCH
    return (since.days * 86_400 + since.seconds) * NS_PER_S


def _past_second_ns(text: str) -> int:
    return int(text[20:].ljust(9, "0"))


def _wall_ns(text: str) -> int:
    """What the wall clock shows, as if it were UTC."""
    return _ns(_naive(text), timedelta(0)) + _past_second_ns(text)


def _contradiction(start: str, end: str, duration_s: float) -> tuple[Remark, ...]:
    """The remark on a duration that does not fit the wall clock's difference either."""
    wall_ns = _wall_ns(end) - _wall_ns(start)
    fits = abs(wall_ns - duration_s * NS_PER_S) <= _TOLERANCE_NS
    return () if fits else (Remark.DURATION_CONTRADICTS_TIMES,)


def _not_in_calendar(start: str, end: str) -> RejectedRecord:
    field, text = ("Fin", end) if _is_in_calendar(start) else ("Debut", start)
    if _FIRST_YEAR <= text[6:10] <= _LAST_YEAR:
        return RejectedRecord(
            Reason.INVALID_TIME, f"{field} is {text!r}, which is in no calendar or clock", field
        )
    return RejectedRecord(
        Reason.OUT_OF_RANGE, f"{field} is {text!r}; expected a time from 1970 to 2261", field
    )


def _is_in_calendar(text: str) -> bool:
    try:
        _naive(text)
    except ValueError:
        return False
    return True


def _out_of_order(start: str, start_ns: int, end: str) -> RejectedRecord:
    if start_ns < 0:
        return RejectedRecord(
            Reason.OUT_OF_RANGE, f"Debut is {start!r}, which lies before 1970 in UTC", "Debut"
        )
    return RejectedRecord(Reason.END_BEFORE_START, f"Fin {end} lies before Debut {start}", "Fin")
