from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from filrouge_sim.stamps import stamp

ZONE_NAMES = ["UTC", "America/Toronto", "America/St_Johns", "Asia/Kathmandu", "Pacific/Chatham"]
MOMENTS = st.datetimes(
    min_value=datetime(1973, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001 - likewise
    timezones=st.just(UTC),
)


@given(MOMENTS, st.sampled_from(ZONE_NAMES))
def test_stamp_writes_what_strftime_writes(moment: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    at_us = int(moment.replace(microsecond=0).timestamp()) * 1_000_000 + moment.microsecond
    write = stamp(zone, "%d-%m-%Y %H:%M:", "Z")
    assert write(at_us) == moment.astimezone(zone).strftime("%d-%m-%Y %H:%M:%S.%fZ")
