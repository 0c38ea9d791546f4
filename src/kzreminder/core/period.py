"""How a plan's validity is counted: the last good day of a period, and where the next one begins.

Not here: what the end of a period means for a card (deadlines), or when to speak of it (planning).
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache


class Unit(StrEnum):
    DAYS = "days"
    MONTHS = "months"
    MONTH_START = "month-start"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Period:
    """`30d`, `1mo`, `1y`, `month-start` or `none`; `count`: days or calendar months, from 1."""

    unit: Unit
    count: int = 0

    def __post_init__(self) -> None:
        counted = self.unit in (Unit.DAYS, Unit.MONTHS)
        if counted != (self.count >= 1):
            raise AssertionError(f"{self.unit} cannot have the count {self.count}")

    def __str__(self) -> str:
        if self.unit is Unit.DAYS:
            return f"{self.count}d"
        if self.unit is Unit.MONTHS:
            years, rest = divmod(self.count, 12)
            return f"{self.count}mo" if rest else f"{years}y"
        return self.unit.value


NO_PERIOD = Period(Unit.NONE)
MONTH_START = Period(Unit.MONTH_START)


def days(count: int) -> Period:
    return Period(Unit.DAYS, count)


def months(count: int) -> Period:
    return Period(Unit.MONTHS, count)


@lru_cache(maxsize=512)
def parse_stored(text: str) -> Period:
    """The period that `str` wrote; a text it never writes is a bug, not a user's fault."""
    if text.endswith("mo"):
        return months(int(text[:-2]))
    if text.endswith("y"):
        return months(12 * int(text[:-1]))
    if text.endswith("d"):
        return days(int(text[:-1]))
    return Period(Unit(text))


def day_in_month(year: int, month: int, anchor_day: int) -> date:
    """The anchor day of that month, or the month's last day where the month is shorter."""
    return date(year, month, min(anchor_day, calendar.monthrange(year, month)[1]))


def months_later(day: date, count: int, anchor_day: int) -> date:
    """`count` calendar months on, kept on the anchor day: the 31st comes back after February."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + count, 12)
    return day_in_month(year, month0 + 1, anchor_day)


def keeps_anchor(first: date, anchor_day: int | None) -> int:
    """The day of the month to count from: the anchor while `first` still stands on it."""
    if anchor_day is not None and first == day_in_month(first.year, first.month, anchor_day):
        return anchor_day
    return first.day


def last_good_day(first: date, period: Period, anchor_day: int | None = None) -> date | None:
    """The last day that a period beginning on `first` is good for; None for a period of none.

    The first day counts: 30 days from 21 November are good through 20 December.
    """
    return None if period == NO_PERIOD else nth_last_good_day(first, period, anchor_day, 1)


def nth_last_good_day(first: date, period: Period, anchor_day: int | None, nth: int) -> date:
    """The last day of the `nth` period, from 1, of those that follow each other from `first` on.

    Not for a period of none: nothing follows it.
    """
    if period.unit is Unit.DAYS:
        return first + timedelta(days=period.count * nth - 1)
    if period.unit is Unit.MONTHS:
        anchor = keeps_anchor(first, anchor_day)
        return months_later(first, period.count * nth, anchor) - timedelta(days=1)
    assert period.unit is Unit.MONTH_START, "a period of none has no next one"
    return months_later(first, nth - 1, 31)


def count_ended(first: date, period: Period, anchor_day: int | None, today: date) -> int:
    """How many of the periods that follow each other from `first` on have ended before `today`."""
    if period.unit is Unit.DAYS:
        return max((today - first).days // period.count, 0)
    length = period.count if period.unit is Unit.MONTHS else 1
    passed = (today.year - first.year) * 12 + today.month - first.month
    count = max(passed // length + 1, 0)  # never too few: the last of them may not have ended
    while count > 0 and nth_last_good_day(first, period, anchor_day, count) >= today:
        count -= 1
    return count


def after_use(used_on: date, period: Period) -> date:
    """The day by which a number must be used again: day of use + period."""
    if period.unit is Unit.DAYS:
        return used_on + timedelta(days=period.count)
    if period.unit is Unit.MONTHS:
        return months_later(used_on, period.count, used_on.day)
    raise AssertionError(f"a keep-alive period cannot be {period}")
