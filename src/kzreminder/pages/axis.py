"""The days of a picture from left to right, and what is written along them: months and weeks.

Not here: cells, points, ink (timeline_lines, timeline_svg).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

_MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60)
_WEEK_STEPS = (1, 2)
_SHORTEST_MONTH = 28


@dataclass(frozen=True, slots=True)
class Axis:
    """Days from left to right; places on it are counted from its first day, which is 0."""

    first_on: date
    days: int
    "the number of its last day; at least 1"
    today: int
    month_names: tuple[str, ...]
    year_pattern: str
    "with {month} and {year}"

    def months(self, apart: float) -> list[tuple[int, str]]:
        """The first days of months, at least so many days apart; January with its year. Years
        alone where months do not fit."""
        for step in _MONTH_STEPS:
            if step * _SHORTEST_MONTH >= apart:
                break
        else:
            return []
        found = []
        number = self.first_on.year * 12 + self.first_on.month - 1
        while (place := (_first_day(number) - self.first_on).days) <= self.days:
            if place >= 0 and number % step == 0:
                found.append((place, self._month(number, step)))
            number += 1
        if found and found[0][0] >= apart:  # room for the month in which it begins
            number = self.first_on.year * 12 + self.first_on.month - 1
            found.insert(0, (0, self._month(number, step)))
        return found

    def weeks(self, apart: float) -> list[tuple[int, str]]:
        """Mondays by their day of the month, at least so many days apart; none if they crowd."""
        first = -self.first_on.weekday() % 7
        mondays = range(first, self.days + 1, 7)
        for step in _WEEK_STEPS:
            if step * 7 >= apart:
                return [(n, str((self.first_on + timedelta(days=n)).day)) for n in mondays[::step]]
        return []

    def _month(self, number: int, step: int) -> str:
        year, month0 = divmod(number, 12)
        name = self.month_names[month0]
        if step >= 12:
            return str(year)
        if month0 == 0:
            return self.year_pattern.format(month=name, year=year)
        return name


def _first_day(number: int) -> date:
    """Of the month with that number, counted from the year 0."""
    year, month0 = divmod(number, 12)
    return date(year, month0 + 1, 1)
