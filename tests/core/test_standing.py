"""Where a card stands, what is to be paid, and the last day on which that is safe."""

from __future__ import annotations

import pytest

from kzreminder.core.deadlines import LOSING, DeadlineKind
from kzreminder.core.period import days
from kzreminder.core.planning import State, state_of
from kzreminder.core.standing import BY_TOPPING_UP, Stage, last_safe_day, standing_of, to_pay
from tests.core.cards import POLICY, a_card, at, on, tenge

PLAN = a_card(started_on="2026-12-05", ends_on="2026-12-20", period=days(16), price=4990)


@pytest.mark.parametrize(
    ("now", "stage"),
    [
        ("2026-12-05 09:00", Stage.BEFORE),
        ("2026-12-19 23:59", Stage.BEFORE),
        ("2026-12-20 00:00", Stage.ON_DAY),
        ("2026-12-20 23:59", Stage.ON_DAY),
        ("2026-12-21 00:00", Stage.AFTER),
        ("2027-02-18 09:59", Stage.AFTER),
        ("2027-02-18 10:00", Stage.LONG_AFTER),  # the 60th day: the last reminder is due
        ("2029-01-01 10:00", Stage.LONG_AFTER),
    ],
)
def test_the_stage_follows_from_the_dates(now: str, stage: Stage) -> None:
    standing = standing_of(PLAN, POLICY, at(now))
    assert standing.stage is stage
    assert standing.deadline is not None
    assert standing.deadline.kind is DeadlineKind.PLAN


def test_a_charge_at_midnight_is_of_the_evening_before() -> None:
    card = a_card(ends_on="2026-12-20", period=days(30), price=4990, balance=1000, auto_renew=True,
                  read_at="2026-12-18 10:00")  # fmt: skip
    standing = standing_of(card, POLICY, at("2026-12-20 08:00"))
    assert standing.stage is Stage.ON_DAY
    assert to_pay(card, standing.deadline) == tenge(3990)


def test_a_card_without_deadlines_stands_before_nothing() -> None:
    standing = standing_of(a_card(price=4990), POLICY, at("2026-12-20 08:00"))
    assert (standing.stage, standing.deadline) == (Stage.BEFORE, None)
    assert to_pay(a_card(price=4990), None) == tenge(4990)


def test_what_is_overdue_decides_before_what_is_ahead() -> None:
    card = a_card(ends_on="2026-12-20", keep_alive=days(90), last_used_on="2026-09-01")
    standing = standing_of(card, POLICY, at("2026-12-05 08:00"))
    assert standing.stage is Stage.AFTER
    assert standing.deadline is not None
    assert standing.deadline.kind is DeadlineKind.IDLE


def test_of_two_that_are_overdue_the_more_urgent_kind_decides() -> None:
    card = a_card(ends_on="2026-12-20", keep_alive=days(90), last_used_on="2026-09-01")
    standing = standing_of(card, POLICY, at("2026-12-25 08:00"))
    assert standing.deadline is not None
    assert standing.deadline.kind is DeadlineKind.PLAN


def test_of_two_ahead_the_earlier_decides() -> None:
    card = a_card(ends_on="2026-12-20", keep_alive=days(90), last_used_on="2026-09-17")
    standing = standing_of(card, POLICY, at("2026-12-05 08:00"))
    assert standing.deadline is not None
    assert standing.deadline.kind is DeadlineKind.IDLE


def test_an_unused_number_asks_for_no_sum() -> None:
    card = a_card(keep_alive=days(90), last_used_on="2026-12-01", price=4990)
    assert to_pay(card, standing_of(card, POLICY, at("2026-12-05 08:00")).deadline) is None


@pytest.mark.parametrize(
    ("balance", "price", "pay"),
    [(20000, 4990, None), (4990, 4990, None), (1000, 4990, 3990), (None, 4990, 4990),
     (1000, None, None)],
)  # fmt: skip
def test_a_plan_that_renews_itself_asks_for_what_the_balance_lacks(
    balance: int | None, price: int | None, pay: int | None
) -> None:
    card = a_card(ends_on="2026-12-20", period=days(30), price=price, balance=balance,
                  read_at="2026-11-21 10:00", auto_renew=True)  # fmt: skip
    standing = standing_of(card, POLICY, at("2026-12-19 12:00"))
    assert to_pay(card, standing.deadline) == tenge(pay)
    assert to_pay(card, None) == tenge(pay)


def test_what_paying_cannot_settle_can_be_left_out() -> None:
    card = a_card(ends_on="2026-12-20", device_entered_on="2026-11-17", price=4990)
    now = at("2026-12-10 12:00")
    for kinds, kind in ((LOSING, DeadlineKind.DEVICE), (BY_TOPPING_UP, DeadlineKind.PLAN)):
        deadline = standing_of(card, POLICY, now, kinds).deadline
        assert deadline is not None
        assert deadline.kind is kind


def test_long_after_is_when_nothing_that_is_overdue_is_told_any_more() -> None:
    card = a_card(ends_on="2026-12-20", keep_alive=days(90), last_used_on="2026-11-21")
    now = at("2027-02-21 12:00")  # 63 days after the plan, 2 after the 90 days
    standing = standing_of(card, POLICY, now)
    assert standing.stage is Stage.AFTER
    assert standing.deadline is not None
    assert standing.deadline.kind is DeadlineKind.IDLE
    assert state_of(card, POLICY, now) is State.OVERDUE


def test_a_balance_to_be_read_is_no_stage() -> None:
    card = a_card(balance=100, threshold=500, read_at="2026-11-01 10:00", low_since="2026-11-01")
    standing = standing_of(card, POLICY, at("2026-12-05 08:00"))
    assert (standing.stage, standing.deadline) == (Stage.BEFORE, None)


@pytest.mark.parametrize(
    ("today", "safe"),
    [("2026-12-01", "2026-12-19"), ("2026-12-19", "2026-12-19"), ("2026-12-20", "2026-12-20")],
)
def test_the_last_safe_day_is_the_day_before_or_today(today: str, safe: str) -> None:
    deadline = standing_of(PLAN, POLICY, at(f"{today} 08:00")).deadline
    assert deadline is not None
    assert last_safe_day(deadline, on(today)) == on(safe)
