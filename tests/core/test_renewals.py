"""Renewals worked out a second time, slowly and plainly: day by day, as one would on a calendar."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import pytest

from kzreminder.core.card import Card, Plan
from kzreminder.core.moves import Renewal, begin_plan, renew
from kzreminder.core.period import MONTH_START, Period, Unit, days, months
from tests.core.cards import a_card, at, on

DAY = timedelta(days=1)

STARTS = [
    "2026-11-21",
    "2026-12-31",
    "2027-01-29",
    "2027-01-30",
    "2027-01-31",
    "2027-02-28",
    "2028-02-29",
    "2027-10-01",
]
PERIODS = [days(1), days(7), days(28), days(30), days(90), months(1), months(3), months(12)]
PAID = {"early": -5, "on the last day": 0, "a day late": 1, "after a gap": 20}
RULES = {"as usual": None, "from expiry": True, "from today": False}


def walked_end(first: date, period: Period, anchor: int) -> date:
    """Walk the calendar from the first day on, one day a step, until the period is over."""
    if period.unit is Unit.DAYS:
        last = first
        for _ in range(period.count - 1):
            last += DAY
        return last
    if period.unit is Unit.MONTH_START:
        last = first
        while (last + DAY).month == first.month:
            last += DAY
        return last
    day, months_begun = first, 0
    while months_begun < period.count:
        day += DAY
        if day.day == 1:
            months_begun += 1
    # `day` is the first of the month in which the next period begins: on its anchor day, or on
    # its last day where it is shorter.
    while day.day < anchor and (day + DAY).month == day.month:
        day += DAY
    return day - DAY


def started(text: str, period: Period) -> Card:
    return a_card_of(begin_plan(Plan(period=period), on(text), None))


def a_card_of(plan: Plan) -> Card:
    assert plan.started_on is not None
    assert plan.last_good_on is not None
    return a_card(
        started_on=str(plan.started_on),
        ends_on=str(plan.last_good_on),
        anchor_day=plan.anchor_day,
        period=plan.period,
    )


@pytest.mark.parametrize(
    ("start", "period", "paid", "rule"),
    [
        pytest.param(start, period, PAID[paid], RULES[rule], id=f"{start} {period} {paid} {rule}")
        for start, period, paid, rule in product(STARTS, [*PERIODS, MONTH_START], PAID, RULES)
    ],
)
def test_a_renewal_ends_where_the_calendar_says(
    start: str, period: Period, paid: int, rule: bool | None
) -> None:
    card = started(start, period)
    ended_on = walked_end(on(start), period, on(start).day)
    assert card.plan.last_good_on == ended_on
    paid_on = ended_on + paid * DAY
    from_expiry = paid_on <= ended_on if rule is None else rule
    first = ended_on + DAY if from_expiry else paid_on
    # From expiry the old day is kept while the month is long enough for it; else a new one is.
    kept = on(start).day
    longest = first
    while (longest + DAY).month == first.month and longest.day < kept:
        longest += DAY
    anchor = kept if from_expiry and longest == first and first.day <= kept else first.day
    renewed = renew(card, Renewal(on=paid_on, from_expiry=rule), at(f"{paid_on} 12:00")).plan
    assert renewed.started_on == first
    assert renewed.last_good_on == walked_end(first, period, anchor)


@pytest.mark.parametrize("anchor", [28, 29, 30, 31])
@pytest.mark.parametrize("count", [1, 3])
def test_an_anchor_survives_short_months_and_any_number_of_renewals(
    anchor: int, count: int
) -> None:
    card = started(f"2026-12-{anchor}", months(count))
    first = date(2026, 12, anchor)
    for _ in range(36):
        ended_on = walked_end(first, months(count), anchor)
        assert (card.plan.started_on, card.plan.last_good_on) == (first, ended_on)
        card = renew(card, Renewal(on=ended_on), at(f"{ended_on} 12:00"))
        first = ended_on + DAY


@pytest.mark.parametrize("length", [28, 30])
def test_cycles_of_days_are_exact_for_three_years(length: int) -> None:
    card = started("2026-11-21", days(length))
    for nth in range(1, 40):
        assert card.plan.last_good_on == on("2026-11-21") + (nth * length - 1) * DAY
        card = renew(card, Renewal(on=card.plan.last_good_on), at("2026-11-21 12:00"))
