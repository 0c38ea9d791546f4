"""On which days a shop may be closed: weekends and Kazakhstan's public holidays.

Not here: opening hours of any one shop, which nobody has collected. The calendar is the library's
`holidays`, which works out moved days and marks those of the moon's calendar as estimated.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from holidays import HolidayBase

SATURDAY = 5


class Why(StrEnum):
    WEEKEND = "weekend"
    HOLIDAY = "holiday"


class Earlier(NamedTuple):
    """Advice to go earlier than the last day that is left."""

    open_on: date
    "the last day on which a shop is likely to be open"
    closed_on: date
    "the day after it, from which on it may be closed"
    why: Why


def go_earlier(last_day: date, today: date) -> Earlier | None:
    """The day to go by instead of `last_day`; None where that day is open, or none is left."""
    day = last_day
    while day > today and why_closed(day) is not None:
        day -= timedelta(days=1)
    closed_on = day + timedelta(days=1)
    why = why_closed(closed_on)
    if day == last_day or why is None or why_closed(day) is not None:
        return None
    return Earlier(day, closed_on, why)


def closed_through(today: date, last_day: date) -> bool:
    """Whether every day that is left, today and the last one included, may find shops closed."""
    day = today
    while why_closed(day) is not None:
        if day >= last_day:
            return True
        day += timedelta(days=1)
    return False


def why_closed(day: date) -> Why | None:
    """None: a working day."""
    if day in _holidays():
        return Why.HOLIDAY
    return Why.WEEKEND if day.weekday() >= SATURDAY else None


@cache
def _holidays() -> HolidayBase:
    import holidays

    return holidays.country_holidays("KZ")  # it works out a year when first asked for it
