"""What next month will take: each renewal that falls into it, and nothing that is only guessed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kzreminder.core.card import Card, Spending
from kzreminder.core.next_month import Expected, expected_in, renewals_in
from kzreminder.core.payments import month_after
from kzreminder.core.period import MONTH_START, NO_PERIOD, Period, days, months
from tests.core.cards import a_card, at, on, tenge

NOW = at("2026-11-21 10:00")
DECEMBER = on("2026-12-01")


def expected(*cards: Card) -> Expected:
    return expected_in(cards, DECEMBER, NOW)


@pytest.mark.parametrize(
    ("ends_on", "period", "by_itself", "count"),
    [
        ("2026-11-30", days(30), False, 1),  # paid for in November, and on 30 December
        ("2026-11-30", days(30), True, 2),  # at the midnights of 1 and of 31 December
        ("2026-12-01", days(30), False, 2),
        ("2026-12-31", months(1), False, 1),
        ("2026-12-31", months(1), True, 0),
        ("2026-12-20", months(1), True, 1),
        ("2026-12-06", days(7), False, 4),
        ("2026-12-10", days(1), False, 22),
        ("2026-11-30", MONTH_START, False, 1),
        ("2026-11-30", MONTH_START, True, 1),
        ("2026-12-20", None, False, 1),
        ("2026-12-20", NO_PERIOD, False, 1),
        ("2026-11-25", None, False, 0),
        ("2027-01-01", days(30), False, 0),
        (None, days(30), False, 0),
    ],
)
def test_a_plan_is_paid_for_on_its_last_day_or_at_the_midnight_after(
    ends_on: str | None, period: Period | None, by_itself: bool, count: int
) -> None:
    card = a_card(ends_on=ends_on, period=period, auto_renew=by_itself)
    assert renewals_in(card.plan, DECEMBER) == count


@given(
    st.dates(date(2026, 11, 21), date(2027, 3, 1)),
    st.sampled_from([days(1), days(7), days(30), months(1), months(3), MONTH_START]),
    st.booleans(),
)
def test_no_renewal_falls_between_two_months(
    ends_on: date, period: Period, by_itself: bool
) -> None:
    """So many as begin within a year, however the year is cut."""
    plan = a_card(ends_on=ends_on.isoformat(), period=period, auto_renew=by_itself).plan
    by_month = [renewals_in(plan, month_after(DECEMBER, n)) for n in range(12)]
    assert all(count >= 0 for count in by_month)
    if period.unit == days(1).unit:
        first = ends_on if not by_itself else ends_on + timedelta(days=1)
        until = month_after(DECEMBER, 12)
        paid_on = [first + timedelta(days=period.count * n) for n in range(500)]
        assert sum(by_month) == sum(DECEMBER <= one < until for one in paid_on)


def test_prices_are_summed_and_what_is_not_known_is_only_counted() -> None:
    found = expected(
        a_card(ends_on="2026-12-10", period=days(30), price=4990),
        a_card(ends_on="2026-12-10", period=days(30)),
        a_card(ends_on="2026-11-20", period=days(30), price=1000),
        a_card(balance=500, read_at="2026-11-20 10:00"),
        a_card(),
    )
    assert found == Expected(DECEMBER, 1, Decimal(4990), 1, 1, 0, Decimal(0), 1)
    assert found.total == found.known_plans == 4990
    assert found.known_from_balances is None


@pytest.mark.parametrize(
    "card",
    [
        a_card(ends_on="2026-12-10", period=days(30)),
        a_card(ends_on="2026-11-10", period=days(30), price=10),
    ],
)
def test_where_nothing_is_known_there_is_no_sum(card: Card) -> None:
    found = expected(card)
    assert (found.total, found.known_plans) == (None, None)


def test_without_cards_next_month_takes_nothing() -> None:
    assert expected().total == 0
    assert expected(a_card(price=10, period=days(30))).total == 0


def test_a_charge_that_failed_is_no_renewal_and_one_that_went_well_goes_on() -> None:
    plan = {"ends_on": "2026-11-15", "period": days(30), "auto_renew": True, "price": 1000}
    short = a_card(**plan, balance=10, read_at="2026-11-14 10:00")  # type: ignore[arg-type]
    covered = a_card(**plan, balance=5000, read_at="2026-11-14 10:00")  # type: ignore[arg-type]
    assert expected(short) == Expected(DECEMBER, plans_ended=1, balances_unknown=1)
    assert expected(covered).plans == 1000


def test_what_is_spent_a_day_is_spent_on_each_day_of_the_month() -> None:
    card = a_card(balance=5000, read_at="2026-11-20 10:00")
    clocks = [at("2026-11-01 10:00"), at("2026-11-11 10:00"), at("2026-11-20 10:00")]
    spans = (
        Spending(clocks[0], clocks[1], Decimal(100)),
        Spending(clocks[1], clocks[2], Decimal(90)),
    )
    card = replace(card, balance=replace(card.balance, spendings=spans))
    found = expected(card)
    assert found == Expected(DECEMBER, balances=1, from_balances=Decimal(310))
    assert found.total == 310
    assert expected_in([card], on("2027-02-01"), NOW).from_balances == tenge(280)
