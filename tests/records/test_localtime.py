from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filrouge.errors import RejectedRecord
from filrouge.records.localtime import LocalClock
from filrouge.records.record import Remark
from filrouge.records.rejection import Reason

TORONTO = LocalClock(ZoneInfo("America/Toronto"))
LORD_HOWE = LocalClock(ZoneInfo("Australia/Lord_Howe"))
CLOCKS = {
    name: LocalClock(ZoneInfo(name))
    for name in (
        "America/Toronto",
        "Australia/Lord_Howe",  # sets its clock by half an hour
        "UTC",
        "Asia/Kathmandu",  # 05:45 ahead
        "Africa/Casablanca",  # sets its clock for Ramadan
        "America/Caracas",  # has changed its offset by half an hour, twice
        "Pacific/Apia",  # has left out a whole day
    )
}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TWICE = (Remark.AMBIGUOUS_LOCAL_TIME,)
NEVER = (Remark.NONEXISTENT_LOCAL_TIME,)


def ns(utc: str) -> int:
    since = datetime.fromisoformat(utc).replace(tzinfo=UTC) - EPOCH
    return (since.days * 86_400 + since.seconds) * 10**9 + since.microseconds * 1000


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("05-09-2025 16:45:26", "2025-09-05 20:45:26"),
        ("05-09-2025 16:45:26.1", "2025-09-05 20:45:26.100"),
        ("05-09-2025 16:45:26.191702", "2025-09-05 20:45:26.191702"),
        ("05-01-2026 16:45:26.191702", "2026-01-05 21:45:26.191702"),
        ("29-02-2024 23:59:59.999999", "2024-03-01 04:59:59.999999"),
    ],
)
def test_local_time_is_an_instant(text: str, utc: str) -> None:
    assert TORONTO.interval(text, text, None) == (ns(utc), ns(utc), ())


def test_nine_decimals_are_kept() -> None:
    start_ns, end_ns, _ = TORONTO.interval(
        "05-09-2025 16:45:26.000000001", "05-09-2025 16:45:26.123456789", None
    )

    assert (start_ns % 10**9, end_ns % 10**9) == (1, 123_456_789)


# Toronto's clock went from 02:00 EDT back to 01:00 EST on 2 November 2025, at 06:00 UTC.
SECOND_OF_NOVEMBER = [
    # what                      Debut         Fin           reported  UTC                        odd
    ("before the hour", "00:59:59.9", "00:59:59.9", None, "04:59:59.9", "04:59:59.9", ()),
    ("no duration: the first", "01:00:00", "01:30:00", None, "05:00:00", "05:30:00", TWICE),
    ("it fits both hours", "01:00:00", "01:30:00", 1800, "05:00:00", "05:30:00", TWICE),
    ("over both hours", "01:00:00", "01:30:00", 5400, "05:00:00", "06:30:00", TWICE),
    ("rounded to tenths", "01:10:00.04", "01:10:00.06", 3600, "05:10:00.04", "06:10:00.06", TWICE),
    ("end looks earlier", "01:50:00", "01:10:00", None, "05:50:00", "06:10:00", TWICE),
    ("so, with its length", "01:50:00", "01:10:00", 1200, "05:50:00", "06:10:00", TWICE),
    ("into the hour", "00:30:00", "01:30:00", 7200, "04:30:00", "06:30:00", TWICE),
    ("out of the hour", "01:30:00", "02:30:00", 3600, "06:30:00", "07:30:00", TWICE),
    ("so, without duration", "01:30:00", "02:30:00", None, "05:30:00", "07:30:00", TWICE),
    ("across it", "00:30:00", "02:30:00", 10_800, "04:30:00", "07:30:00", ()),
    ("by the wall clock", "00:30:00", "02:30:00", 7200, "04:30:00", "07:30:00", ()),
    ("after it", "02:00:00", "02:00:01", 1, "07:00:00", "07:00:01", ()),
]  # fmt: skip


@pytest.mark.parametrize(
    ("start", "end", "duration_s", "start_utc", "end_utc", "remarks"),
    [case[1:] for case in SECOND_OF_NOVEMBER],
    ids=[case[0] for case in SECOND_OF_NOVEMBER],
)
def test_time_that_is_twice_is_read_by_the_stated_rule(
    start: str,
    end: str,
    duration_s: float | None,
    start_utc: str,
    end_utc: str,
    remarks: tuple[Remark, ...],
) -> None:
    assert TORONTO.interval(f"02-11-2025 {start}", f"02-11-2025 {end}", duration_s) == (
        ns(f"2025-11-02 {start_utc}"),
        ns(f"2025-11-02 {end_utc}"),
        remarks,
    )


# Toronto's clock went from 02:00 EST on to 03:00 EDT on 9 March 2025, at 07:00 UTC.
@pytest.mark.parametrize(
    ("start", "end", "duration_s", "start_utc", "end_utc", "remarks"),
    [
        ("01:59:59", "03:00:00", 1, "06:59:59", "07:00:00", ()),
        ("02:30:00", "02:30:05", 5, "07:30:00", "07:30:05", NEVER),
        ("01:30:00", "02:30:00", 3600, "06:30:00", "07:30:00", NEVER),
        ("02:30:00", "03:40:00", 600, "07:30:00", "07:40:00", NEVER),
        ("02:30:00", "03:40:00", 4200, "06:30:00", "07:40:00", NEVER),
        ("02:59:00", "03:05:00", None, "06:59:00", "07:05:00", NEVER),
        ("01:00:00", "04:00:00", 7200, "06:00:00", "08:00:00", ()),
        ("01:00:00", "04:00:00", 10_800, "06:00:00", "08:00:00", ()),
    ],
    ids=[
        "over the gap",
        "in it",
        "into it",
        "out of it",
        "out of it, had the clock been set before",
        "out of it, which is possible in one way only",
        "across it",
        "across it, by the wall clock",
    ],
)
def test_time_that_never_was_is_read_by_the_stated_rule(
    start: str,
    end: str,
    duration_s: float | None,
    start_utc: str,
    end_utc: str,
    remarks: tuple[Remark, ...],
) -> None:
    assert TORONTO.interval(f"09-03-2025 {start}", f"09-03-2025 {end}", duration_s) == (
        ns(f"2025-03-09 {start_utc}"),
        ns(f"2025-03-09 {end_utc}"),
        remarks,
    )


# Lord Howe's clock went from 02:00 (+11) back to 01:30 (+10:30) on 6 April 2025, at 15:00 UTC the
# day before, and from 02:00 (+10:30) on to 02:30 (+11) on 5 October 2025, at 15:30 UTC.
@pytest.mark.parametrize(
    ("start", "end", "duration_s", "expected"),
    [
        (
            "06-04-2025 01:29:59",
            "06-04-2025 01:30:00",
            None,
            ("2025-04-05 14:29:59", "2025-04-05 14:30:00", TWICE),
        ),
        (
            "06-04-2025 01:45:00",
            "06-04-2025 01:45:00",
            1800,
            ("2025-04-05 14:45:00", "2025-04-05 15:15:00", TWICE),
        ),
        (
            "06-04-2025 01:00:00",
            "06-04-2025 02:00:00",
            5400,
            ("2025-04-05 14:00:00", "2025-04-05 15:30:00", ()),
        ),
        (
            "05-10-2025 02:15:00",
            "05-10-2025 02:45:00",
            0,
            ("2025-10-04 15:45:00", "2025-10-04 15:45:00", NEVER),
        ),
    ],
    ids=["into the half hour", "from one to the other", "across it", "in the gap"],
)
def test_clock_set_by_half_an_hour_follows_the_same_rule(
    start: str, end: str, duration_s: float | None, expected: tuple[str, str, tuple[Remark, ...]]
) -> None:
    start_utc, end_utc, remarks = expected

    assert LORD_HOWE.interval(start, end, duration_s) == (ns(start_utc), ns(end_utc), remarks)


@given(
    st.sampled_from(sorted(CLOCKS)),
    st.datetimes(datetime(1970, 1, 3), datetime(2200, 1, 1)),  # noqa: DTZ001 - local time
    st.timedeltas(timedelta(0), timedelta(days=1)),
)
def test_times_that_are_once_agree_with_zoneinfo(
    zone: str, start: datetime, length: timedelta
) -> None:
    end = start + length
    instants = [
        {at.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1)}
        for at in (start, end)
    ]
    start_ns, end_ns, remarks = CLOCKS[zone].interval(wall(start), wall(end), None)

    assert start_ns <= end_ns
    if all(len(each) == 1 for each in instants):
        assert remarks == ()
        assert [utc(start_ns), utc(end_ns)] == [each.pop() for each in instants]
    else:
        assert remarks
        assert utc(start_ns) in instants[0]
        assert utc(end_ns) in instants[1]


@pytest.mark.parametrize("zone", sorted(CLOCKS))
def test_every_minute_around_a_change_of_the_clock_agrees_with_zoneinfo(zone: str) -> None:
    clock, info = CLOCKS[zone], ZoneInfo(zone)
    for year in (1972, 1999, 2011, 2016, 2025):
        day = datetime(year, 1, 1, tzinfo=UTC)
        changes = [
            day + timedelta(days=count)
            for count in range(366)
            if (day + timedelta(days=count)).astimezone(info).utcoffset()
            != (day + timedelta(days=count + 1)).astimezone(info).utcoffset()
        ]
        for change in changes:
            for minute in range(0, 1440, 5):
                at = (change + timedelta(minutes=minute, seconds=59)).astimezone(info)
                start_ns, _, remarks = clock.interval(wall(at), wall(at), None)
                assert remarks or utc(start_ns) == at
                assert not remarks or utc(start_ns) <= at


@pytest.mark.parametrize(
    ("duration_s", "remarks"),
    [
        (None, ()),
        (2.25, ()),
        (2.34, ()),
        (2.36, (Remark.DURATION_CONTRADICTS_TIMES,)),
        (0, (Remark.DURATION_CONTRADICTS_TIMES,)),
        (-2.25, (Remark.DURATION_CONTRADICTS_TIMES,)),
        (1e300, (Remark.DURATION_CONTRADICTS_TIMES,)),
    ],
)
def test_duration_that_fits_no_reading_of_the_times_is_remarked(
    duration_s: float | None, remarks: tuple[Remark, ...]
) -> None:
    interval = TORONTO.interval("05-09-2025 16:45:26", "05-09-2025 16:45:28.25", duration_s)

    assert interval[2] == remarks


@pytest.mark.parametrize(
    ("start", "end", "reason", "message"),
    [
        (
            "31-04-2025 10:00:00",
            "01-05-2025 10:00:00",
            Reason.INVALID_TIME,
            "Debut is '31-04-2025 10:00:00', which is in no calendar or clock",
        ),
        (
            "01-05-2025 10:00:00",
            "01-13-2025 10:00:00",
            Reason.INVALID_TIME,
            "Fin is '01-13-2025 10:00:00', which is in no calendar or clock",
        ),
        (
            "01-05-2025 10:00:00",
            "01-05-2025 25:00:00",
            Reason.INVALID_TIME,
            "Fin is '01-05-2025 25:00:00', which is in no calendar or clock",
        ),
        (
            "01-05-1969 10:00:00",
            "01-05-2025 10:00:00",
            Reason.OUT_OF_RANGE,
            "Debut is '01-05-1969 10:00:00'; expected a time from 1970 to 2261",
        ),
        (
            "01-05-2025 10:00:00",
            "01-05-2025 09:59:59.999999999",
            Reason.END_BEFORE_START,
            "Fin 01-05-2025 09:59:59.999999999 lies before Debut 01-05-2025 10:00:00",
        ),
    ],
)
def test_times_that_make_no_interval_are_refused(
    start: str, end: str, reason: Reason, message: str
) -> None:
    with pytest.raises(RejectedRecord) as refusal:
        TORONTO.interval(start, end, None)

    assert (refusal.value.reason, str(refusal.value)) == (reason, message)
    assert refusal.value.field == message.partition(" ")[0]


def test_start_before_1970_in_utc_is_refused() -> None:
    with pytest.raises(RejectedRecord, match="which lies before 1970 in UTC"):
        LORD_HOWE.interval("01-01-1970 00:00:00", "01-01-1970 12:00:00", None)


def wall(at: datetime) -> str:
    return at.strftime(f"%d-%m-{at.year:04d} %H:%M:%S.%f")


def utc(instant_ns: int) -> datetime:
    return EPOCH + timedelta(microseconds=instant_ns // 1000)
