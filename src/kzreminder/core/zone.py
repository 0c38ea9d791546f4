"""Where days become instants: Asia/Almaty for deadlines, the user's wall clock for reminders.

Not here: reading any clock. Every function takes its day or instant.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

ALMATY_NAME = "Asia/Almaty"
END_OF_DAY = time(23, 59, 59)


def almaty() -> tzinfo:
    """All Kazakhstan since 1 March 2024: UTC+5, no summer time. ZoneInfo keeps it once read."""
    return ZoneInfo(ALMATY_NAME)


@lru_cache(maxsize=1024)
def almaty_day(instant: datetime) -> date:
    return instant.astimezone(almaty()).date()


def at_wall_time(day: date, wall: time, zone: tzinfo) -> datetime:
    """The UTC instant at which clocks in `zone` show `wall` on `day`.

    Shown twice in autumn: the first. Skipped in spring: as much later as clocks were put forward.
    """
    return datetime.combine(day, wall, zone).astimezone(UTC)


@lru_cache(maxsize=1024)
def end_of_day(day: date) -> datetime:
    """23:59:59 in Almaty, as UTC."""
    return at_wall_time(day, END_OF_DAY, almaty())


@lru_cache(maxsize=1024)
def start_of_day(day: date) -> datetime:
    return at_wall_time(day, time(0), almaty())


def last_wall_time_before(limit: datetime, wall: time, zone: tzinfo) -> date:
    """The latest day in `zone` on which its clocks show `wall` no later than `limit`."""
    day = limit.astimezone(zone).date()
    return day if at_wall_time(day, wall, zone) <= limit else day - timedelta(days=1)


def first_wall_time_after(instant: datetime, wall: time, zone: tzinfo) -> date:
    """The first day in `zone` on which its clocks show `wall` later than `instant`."""
    day = instant.astimezone(zone).date()
    return day if at_wall_time(day, wall, zone) > instant else day + timedelta(days=1)
