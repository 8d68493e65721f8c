from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filrouge.errors import RejectedRecord
from filrouge.records.rejection import Reason
from filrouge.records.utctime import instant_ns

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected_ns"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:01.5Z", 1_500_000_000),
        ("1970-01-01 00:00:00.000000001z", 1),
        ("1970-01-01t01:00:00.123456789+01:00", 123_456_789),
        ("1969-12-31T19:00:00-05:00", 0),
        ("1970-01-01T00:00:00-00:00", 0),
        ("2261-12-31T23:59:59.999999999Z", 9_214_646_399_999_999_999),
    ],
)
def test_rfc_3339_time_is_an_instant(text: str, expected_ns: int) -> None:
    assert instant_ns(text, "data.started_at") == expected_ns


@given(
    st.datetimes(datetime(1970, 1, 2), datetime(2261, 1, 1)),  # noqa: DTZ001 - zone comes next
    st.integers(-23 * 60, 23 * 60),
)
def test_instant_agrees_with_datetime(naive: datetime, offset_min: int) -> None:
    moment = naive.replace(tzinfo=timezone(timedelta(minutes=offset_min)))

    assert (
        instant_ns(moment.isoformat(), "f") == (moment - EPOCH) // timedelta(microseconds=1) * 1000
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2025-09-05T20:45:26",
        "2025-09-05T20:45Z",
        "2025-09-05T20:45:26.Z",
        "2025-09-05T20:45:26.1234567891Z",
        "2025-02-30T20:45:26Z",
        "2025-09-05T20:45:60Z",
        "2025-09-05T25:45:26Z",
        "2025-09-05T20:45:26+99:00",
        "٢٠٢٥-09-05T20:45:26Z",
        "2025-09-05T20:45:26Z\n",
    ],
)
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(RejectedRecord) as refusal:
        instant_ns(text, "data.started_at")

    assert (refusal.value.reason, refusal.value.field) == (Reason.INVALID_TIME, "data.started_at")
    assert str(refusal.value) == (
        f"data.started_at is {text!r}; expected RFC 3339 with offset, such as 2025-09-05T20:45:26Z"
    )


@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01T00:00:00+23:59",
        "1969-12-31T23:59:59.999999999Z",
        "2262-01-01T00:00:00Z",
        "9999-12-31T23:59:59-23:59",
    ],
)
def test_time_that_nanoseconds_cannot_tell_is_refused(text: str) -> None:
    with pytest.raises(RejectedRecord) as refusal:
        instant_ns(text, "data.started_at")

    assert refusal.value.reason == Reason.OUT_OF_RANGE
    assert str(refusal.value) == (f"data.started_at is {text!r}; expected a time from 1970 to 2261")
