"""Plans that renew themselves: what has passed unseen, and what is taken off the balance."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kzreminder.core.card import Card
from kzreminder.core.deadlines import DeadlineKind
from kzreminder.core.moves import Renewal, read_balance, renew, top_up
from kzreminder.core.period import MONTH_START, NO_PERIOD, Period, days, last_good_day, months
from kzreminder.core.planning import State, next_wake, state_of
from kzreminder.core.rolling import CHANGES_KEPT, as_of, rolls_at
from kzreminder.core.zone import almaty_day
from tests.core.cards import POLICY, a_card, at, losing_or_low, on, tenge

PERIODS = [days(1), days(7), days(30), months(1), months(3), months(12), MONTH_START]


def a_plan(
    period: Period | None = days(30),
    *,
    price: int | None = 1000,
    balance: int | None = 3500,
    ends_on: str = "2026-12-20",
    started_on: str | None = "2026-11-21",
) -> Card:
    return a_card(
        started_on=started_on,
        ends_on=ends_on,
        period=period,
        auto_renew=True,
        price=price,
        balance=balance,
        read_at="2026-12-19 12:00",
    )


def term(card: Card) -> tuple[str, str]:
    return str(card.plan.started_on), str(card.plan.last_good_on)


@pytest.mark.parametrize(
    ("now", "term_then", "left", "estimated"),
    [
        ("2026-12-20 23:59:59", ("2026-11-21", "2026-12-20"), 3500, False),
        ("2026-12-21 00:00", ("2026-12-21", "2027-01-19"), 2500, True),
        ("2027-01-19 23:59:59", ("2026-12-21", "2027-01-19"), 2500, True),
        ("2027-01-20 00:00", ("2027-01-20", "2027-02-18"), 1500, True),
        ("2027-02-19 00:00", ("2027-02-19", "2027-03-20"), 500, True),
        # then it is short, and stays so
        ("2027-03-21 00:00", ("2027-02-19", "2027-03-20"), 500, True),
        ("2037-03-21 00:00", ("2027-02-19", "2027-03-20"), 500, True),
    ],
)
def test_a_covered_plan_goes_on_by_itself_until_the_balance_is_short(
    now: str, term_then: tuple[str, str], left: int, estimated: bool
) -> None:
    card = as_of(a_plan(), at(now))
    assert (term(card), card.balance.amount) == (term_then, Decimal(left))
    assert card.balance.estimated is estimated
    assert card.keep_alive == a_plan().keep_alive  # no activity: nobody saw it


@pytest.mark.parametrize("unknown", [a_plan(price=None), a_plan(balance=None)])
def test_where_balance_or_price_is_unknown_the_charge_is_taken_to_have_gone_well(
    unknown: Card,
) -> None:
    card = as_of(unknown, at("2027-06-01 12:00"))
    assert term(card) == ("2027-05-20", "2027-06-18")
    assert card.balance.amount == unknown.balance.amount
    assert card.balance.estimated


@pytest.mark.parametrize("period", [None, NO_PERIOD])
def test_without_a_period_the_end_after_a_charge_is_not_known(period: Period | None) -> None:
    card = as_of(a_plan(period), at("2027-06-01 12:00"))
    assert (card.plan.started_on, card.plan.last_good_on) == (on("2026-12-21"), None)
    assert card.balance.amount == Decimal(2500)
    assert losing_or_low(card, at("2027-06-01 12:00")) == ()


def test_the_day_to_keep_survives_february_unseen() -> None:
    card = a_plan(months(1), started_on="2026-12-31", ends_on="2027-01-30", balance=None)
    ends = [str(as_of(card, at(f"2027-{m:02}-15 12:00")).plan.last_good_on) for m in range(2, 7)]
    assert ends == ["2027-02-27", "2027-03-30", "2027-04-29", "2027-05-30", "2027-06-29"]
    told_end = a_plan(months(1), started_on=None, ends_on="2027-01-30", balance=None)
    ends = [str(as_of(told_end, at(f"2027-{m:02}-15 12:00")).plan.last_good_on) for m in (2, 3, 4)]
    assert ends == ["2027-02-27", "2027-03-30", "2027-04-29"]


@given(
    period=st.sampled_from(PERIODS),
    amount=st.none() | st.integers(0, 9000).map(Decimal),
    price=st.none() | st.integers(1, 3000).map(Decimal),
    ends_on=st.dates(date(2026, 1, 1), date(2028, 12, 31)),
    later=st.integers(0, 800),
)
def test_many_periods_at_once_are_the_same_as_one_after_the_other(
    period: Period, amount: Decimal | None, price: Decimal | None, ends_on: date, later: int
) -> None:
    card = a_plan(period, started_on=None, ends_on=str(ends_on))
    card = replace(card, plan=replace(card.plan, price=price))
    card = replace(card, balance=replace(card.balance, amount=amount))
    today = ends_on + timedelta(days=later)
    slow = card
    first, anchor = ends_on + timedelta(days=1), None
    while first <= today and not (price and amount is not None and amount < price):
        anchor = anchor or first.day
        ends = last_good_day(first, period, anchor)
        assert ends is not None
        slow = replace(slow, plan=replace(slow.plan, started_on=first, last_good_on=ends))
        amount = amount - price if amount is not None and price is not None else amount
        first = ends + timedelta(days=1)
    now = at(f"{today} 12:00")
    fast = as_of(card, now)
    assert (term(fast), fast.balance.amount) == (term(slow), amount)
    assert as_of(fast, now) == fast
    assert as_of(as_of(card, at(f"{ends_on} 12:00")), now) == fast


SHORT = a_plan(balance=300)
AFTER = at("2026-12-25 12:00")


def test_a_failed_charge_stays_overdue_until_somebody_acts() -> None:
    [deadline] = losing_or_low(SHORT, AFTER)
    assert (deadline.kind, deadline.missing) == (DeadlineKind.CHARGE, Decimal(700))
    assert state_of(SHORT, POLICY, AFTER) is State.OVERDUE
    assert rolls_at(SHORT) is None


def test_a_top_up_that_covers_it_begins_a_new_period_that_day() -> None:
    card = top_up(SHORT, Decimal(1000), on("2026-12-25"), POLICY, AFTER)
    assert term(card) == ("2026-12-25", "2027-01-23")
    assert (card.balance.amount, card.balance.estimated) == (Decimal(300), True)
    assert card.plan.anchor_day == 25


def test_a_top_up_that_does_not_cover_it_changes_no_date() -> None:
    card = top_up(SHORT, Decimal(699), on("2026-12-25"), POLICY, AFTER)
    assert term(card) == term(SHORT)
    assert card.balance.amount == Decimal(999)


def test_a_top_up_made_before_the_charge_and_told_after_it_was_there_in_time() -> None:
    card = top_up(SHORT, Decimal(1000), on("2026-12-20"), POLICY, AFTER)
    assert term(as_of(card, AFTER)) == ("2026-12-21", "2027-01-19")
    assert as_of(card, AFTER).balance.amount == Decimal(300)


def test_a_reading_that_covers_it_begins_a_new_period_that_day() -> None:
    card = read_balance(SHORT, Decimal(1300), AFTER, POLICY)
    assert term(card) == ("2026-12-25", "2027-01-23")
    assert (card.balance.amount, card.balance.estimated) == (Decimal(300), True)


def test_a_reading_before_the_charge_told_after_it_decides_whether_it_was_covered() -> None:
    read_at = at("2026-12-20 18:00")
    covered = as_of(read_balance(SHORT, Decimal(1300), read_at, POLICY), AFTER)
    assert (term(covered), covered.balance.amount) == (("2026-12-21", "2027-01-19"), Decimal(300))
    assert term(as_of(read_balance(SHORT, Decimal(999), read_at, POLICY), AFTER)) == term(SHORT)


def test_a_reading_corrects_the_estimate() -> None:
    card = read_balance(a_plan(), Decimal(2450), AFTER, POLICY)
    assert term(card) == ("2026-12-21", "2027-01-19")
    assert (card.balance.amount, card.balance.estimated) == (Decimal(2450), False)


def test_a_renewal_before_the_charge_moves_it_and_leaves_the_balance_alone() -> None:
    card = renew(a_plan(), Renewal(on=on("2026-12-15")), at("2026-12-15 12:00"))
    assert (term(card), card.balance.amount) == (("2026-12-21", "2027-01-19"), Decimal(3500))


def test_a_charge_that_cannot_be_late_without_price_amount_or_period() -> None:
    unpriced = replace(SHORT, plan=replace(SHORT.plan, period=None))
    card = top_up(unpriced, Decimal(5000), on("2026-12-25"), POLICY, AFTER)
    assert card.plan.last_good_on == on("2026-12-20")
    assert card.balance.amount == tenge(5300)


def test_a_card_wakes_when_its_plan_goes_on() -> None:
    assert next_wake(a_plan(balance=90_000), POLICY, (), at("2026-12-19 12:00")) == at(
        "2026-12-21 00:00"
    )
    assert almaty_day(rolls_at(a_plan()) or AFTER) == on("2026-12-21")


def test_a_reading_of_before_a_charge_that_is_stored_has_the_charge_taken_off() -> None:
    """The same in whichever order it is told: the roll was stored by the top-up."""
    read_at = at("2026-12-19 18:00")
    now = at("2026-12-22 12:00")
    card = top_up(a_plan(balance=6000), Decimal(1000), on("2026-12-22"), POLICY, now)
    assert term(card) == ("2026-12-21", "2027-01-19")
    late_word = read_balance(card, Decimal(5900), read_at, POLICY)
    assert (late_word.balance.amount, late_word.balance.estimated) == (Decimal(5900), True)
    in_order = read_balance(a_plan(balance=6000), Decimal(5900), read_at, POLICY)
    in_order = top_up(in_order, Decimal(1000), on("2026-12-22"), POLICY, now)
    assert in_order.balance.amount == late_word.balance.amount
    assert in_order.plan == late_word.plan


def test_a_renewal_told_late_counts_from_the_plan_of_the_day_it_was_paid() -> None:
    paid = Renewal(on=on("2026-12-20"))
    in_time = renew(a_plan(balance=None), paid, at("2026-12-20 12:00"))
    told_late = renew(a_plan(balance=None), paid, at("2026-12-21 09:00"))
    assert term(in_time) == term(told_late) == ("2026-12-21", "2027-01-19")


def test_of_very_many_charges_the_newest_are_kept_apart() -> None:
    daily = a_plan(days(1), price=1, balance=5000)
    card = as_of(daily, at("2027-12-31 12:00"))
    assert len(card.balance.changes) == CHANGES_KEPT
    assert sum(change.amount for change in card.balance.changes) == Decimal(-376)
    assert card.balance.amount == Decimal(5000 - 376)
    step_by_step = daily
    for day in range(1, 377, 5):
        step_by_step = as_of(step_by_step, at("2026-12-20 12:00") + timedelta(days=day))
    assert as_of(step_by_step, at("2027-12-31 12:00")) == card
