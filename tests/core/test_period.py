"""The end of a period, against a calculation that walks through the calendar day by day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kzreminder.core.period import (
    MONTH_START,
    NO_PERIOD,
    Period,
    Unit,
    after_use,
    count_ended,
    days,
    keeps_anchor,
    last_good_day,
    months,
    parse_stored,
)

ONE_DAY = timedelta(days=1)
any_day = st.dates(date(2000, 1, 1), date(2199, 12, 31))


def month_of(day: date) -> list[date]:
    """All days of that month, found by walking."""
    first = day
    while first.day > 1:
        first -= ONE_DAY
    found = [first]
    while (found[-1] + ONE_DAY).month == first.month:
        found.append(found[-1] + ONE_DAY)
    return found


def first_days(start: date, cycles: int) -> list[date]:
    """Where the monthly periods of a plan begun on `start` begin, each counted from the start."""
    firsts = [start]
    month = month_of(start)
    for _ in range(cycles):
        month = month_of(month[-1] + ONE_DAY)
        firsts.append(month[min(start.day, len(month)) - 1])
    return firsts


def renewed(start: date, period: Period, cycles: int) -> list[date]:
    """The last good days of a plan that is renewed from its expiry again and again."""
    first, anchor_day = start, start.day
    ends = []
    for _ in range(cycles):
        end = last_good_day(first, period, anchor_day)
        assert end is not None
        ends.append(end)
        first = end + ONE_DAY
        anchor_day = keeps_anchor(first, anchor_day)
    return ends


@pytest.mark.parametrize(
    ("first", "period", "last"),
    [
        (date(2026, 11, 21), days(30), date(2026, 12, 20)),
        (date(2026, 11, 21), days(1), date(2026, 11, 21)),
        (date(2026, 11, 21), months(1), date(2026, 12, 20)),
        (date(2026, 12, 1), months(1), date(2026, 12, 31)),
        (date(2027, 1, 31), months(1), date(2027, 2, 27)),
        (date(2028, 1, 31), months(1), date(2028, 2, 28)),
        (date(2027, 1, 30), months(1), date(2027, 2, 27)),
        (date(2028, 1, 30), months(1), date(2028, 2, 28)),
        (date(2027, 1, 31), months(3), date(2027, 4, 29)),
        (date(2028, 2, 29), months(12), date(2029, 2, 27)),
        (date(2026, 11, 21), MONTH_START, date(2026, 11, 30)),
        (date(2026, 11, 30), MONTH_START, date(2026, 11, 30)),
        (date(2028, 2, 1), MONTH_START, date(2028, 2, 29)),
        (date(2026, 11, 21), NO_PERIOD, None),
    ],
)
def test_the_first_day_counts(first: date, period: Period, last: date | None) -> None:
    assert last_good_day(first, period) == last


def test_a_monthly_plan_comes_back_to_the_31st() -> None:
    assert renewed(date(2027, 1, 31), months(1), 4) == [
        date(2027, 2, 27),
        date(2027, 3, 30),
        date(2027, 4, 29),
        date(2027, 5, 30),
    ]


def test_a_yearly_plan_comes_back_to_the_29th_of_february() -> None:
    assert renewed(date(2028, 2, 29), months(12), 4)[-1] == date(2032, 2, 28)


@pytest.mark.parametrize("start_month", range(1, 13))
@pytest.mark.parametrize("anchor_day", [28, 29, 30, 31])
def test_36_renewals_never_lose_the_day(anchor_day: int, start_month: int) -> None:
    month = month_of(date(2026, start_month, 1))
    start = month[min(anchor_day, len(month)) - 1]
    firsts = first_days(start, 36)
    assert renewed(start, months(1), 36) == [first - ONE_DAY for first in firsts[1:]]


@settings(deadline=None)
@given(start=any_day, every=st.integers(1, 24), cycles=st.integers(1, 6))
def test_renewals_of_any_number_of_months_end_where_counting_from_the_start_ends(
    start: date, every: int, cycles: int
) -> None:
    firsts = first_days(start, every * cycles)
    assert renewed(start, months(every), cycles) == [
        first - ONE_DAY for first in firsts[every::every]
    ]


@settings(deadline=None)
@given(first=any_day, count=st.integers(1, 400))
def test_a_period_of_days_is_good_for_that_many_days(first: date, count: int) -> None:
    good = [first]
    while len(good) < count:
        good.append(good[-1] + ONE_DAY)
    assert last_good_day(first, days(count)) == good[-1]


@settings(deadline=None)
@given(any_day)
def test_month_start_is_good_through_the_last_day_of_the_month(first: date) -> None:
    assert last_good_day(first, MONTH_START) == month_of(first)[-1]


@settings(deadline=None)
@given(first=any_day, anchor_day=st.integers(1, 31))
def test_an_anchor_holds_only_while_the_first_day_stands_on_it(
    first: date, anchor_day: int
) -> None:
    month = month_of(first)
    stands = first == month[min(anchor_day, len(month)) - 1]
    assert keeps_anchor(first, anchor_day) == (anchor_day if stands else first.day)
    assert keeps_anchor(first, None) == first.day


def test_a_renewal_on_another_day_takes_that_day_as_the_new_one() -> None:
    assert last_good_day(date(2027, 3, 5), months(1), 31) == date(2027, 4, 4)


@settings(deadline=None)
@given(used_on=any_day, count=st.integers(1, 24))
def test_the_idle_clock_ends_on_the_day_of_use_plus_the_period(used_on: date, count: int) -> None:
    assert after_use(used_on, months(count)) == first_days(used_on, count)[-1]
    assert after_use(used_on, days(count)) - used_on == timedelta(days=count)


def test_the_idle_clock_of_the_contract() -> None:
    assert after_use(date(2026, 11, 21), days(90)) == date(2027, 2, 19)


@pytest.mark.parametrize("period", [MONTH_START, NO_PERIOD])
def test_an_idle_clock_runs_for_days_or_months_only(period: Period) -> None:
    with pytest.raises(AssertionError):
        after_use(date(2026, 11, 21), period)


@pytest.mark.parametrize(
    ("unit", "count"),
    [(Unit.DAYS, 0), (Unit.MONTHS, -1), (Unit.MONTH_START, 1), (Unit.NONE, 3)],
)
def test_a_period_without_sense_cannot_be_made(unit: Unit, count: int) -> None:
    with pytest.raises(AssertionError):
        Period(unit, count)


@pytest.mark.parametrize(
    ("period", "text"),
    [
        (days(30), "30d"),
        (months(1), "1mo"),
        (months(3), "3mo"),
        (months(12), "1y"),
        (months(18), "18mo"),
        (months(36), "3y"),
        (months(120), "10y"),
        (MONTH_START, "month-start"),
        (NO_PERIOD, "none"),
    ],
)
def test_a_period_is_stored_as_short_words(period: Period, text: str) -> None:
    assert str(period) == text
    assert parse_stored(text) == period


@pytest.mark.parametrize(
    ("first", "period", "anchor_day", "today", "ended"),
    [
        ("2026-12-01", days(30), None, "2026-11-01", 0),
        ("2026-12-01", days(30), None, "2026-12-30", 0),
        ("2026-12-01", days(30), None, "2026-12-31", 1),
        ("2026-12-01", months(1), None, "2026-10-01", 0),
        ("2026-12-01", months(1), None, "2026-12-31", 0),
        ("2026-12-01", months(1), None, "2027-01-01", 1),
        ("2027-02-28", months(1), 31, "2027-03-29", 0),  # good through 30 March
        ("2027-02-28", months(1), 31, "2027-03-31", 1),
        ("2026-12-15", months(3), None, "2028-03-14", 4),
        ("2026-12-15", months(3), None, "2028-03-15", 5),
        ("2026-12-15", MONTH_START, None, "2026-12-31", 0),
        ("2026-12-15", MONTH_START, None, "2027-03-01", 3),
    ],
)
def test_the_periods_that_have_ended_are_counted(
    first: str, period: Period, anchor_day: int | None, today: str, ended: int
) -> None:
    counted = count_ended(date.fromisoformat(first), period, anchor_day, date.fromisoformat(today))
    assert counted == ended
