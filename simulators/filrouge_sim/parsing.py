"""Reads what people type on the command line; raises ValueError with what was expected."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

__all__ = ["parse_faults", "parse_interval", "parse_start", "parse_timezone"]

FAULT_CHANCE = 0.01


def parse_interval(text: str) -> timedelta:
    """The time meant by "15m", "1h", "1h30m", "90s"."""
    match = re.fullmatch(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?", text)
    if not text or not match:
        raise ValueError(f"{text!r} is no interval: expected hours, minutes, seconds like 1h30m")
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def parse_start(text: str) -> datetime:
    """The date and time written in ISO 8601, aware only if it names an offset."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no time: expected one like 2025-09-05T16:45") from None


def parse_timezone(text: str) -> ZoneInfo:
    """The time zone of that IANA name."""
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):  # unknown; not a plain name; a folder of zones
        raise ValueError(f"no time zone {text!r}: expected a name like America/Toronto") from None


def parse_faults(text: str) -> dict[str, float]:
    """Chances by fault from "duplicate=0.02,late"; a name alone means a chance of 1 %."""
    faults = {}
    for part in filter(None, text.split(",")):
        name, _, chance = part.partition("=")
        try:
            faults[name.strip()] = float(chance) if chance else FAULT_CHANCE
        except ValueError:
            raise ValueError(f"{part!r} is no fault with its chance: expected late=0.01") from None
    return faults
