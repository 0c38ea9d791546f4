"""What a card can lose, and at which instant; instants are written in UTC by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from kzreminder.core.card import Card
from kzreminder.core.deadlines import (
    Deadline,
    DeadlineKind,
    Doubt,
    idle_due_on,
    next_loss,
    turns_stale_at,
)
from kzreminder.core.deadlines import deadlines_of as every_deadline_of
from kzreminder.core.period import days, months
from tests.core.cards import a_card, at, on
from tests.core.cards import losing_or_low as deadlines_of

NOW = at("2026-12-01 12:00")
SECOND = timedelta(seconds=1)
CHARGED_AT = datetime(2026, 12, 20, 19, tzinfo=UTC)  # 00:00 in Almaty after 20 December


def the(kind: DeadlineKind, card: Card, now: datetime = NOW) -> Deadline | None:
    found = [deadline for deadline in deadlines_of(card, now) if deadline.kind is kind]
    assert len(found) <= 1
    return found[0] if found else None


def test_a_card_of_which_nothing_is_known_has_nothing_to_lose() -> None:
    assert deadlines_of(a_card(), NOW) == ()


def test_a_plan_ends_with_the_last_second_of_its_last_good_day() -> None:
    card = a_card(started_on="2026-11-21", ends_on="2026-12-20", period=days(30))
    assert deadlines_of(card, NOW) == (
        Deadline(
            DeadlineKind.PLAN,
            datetime(2026, 12, 20, 18, 59, 59, tzinfo=UTC),
            first_on=on("2026-11-21"),
        ),
    )


@pytest.mark.parametrize("now", ["2000-01-01 00:00", "2026-12-21 00:00", "2199-12-31 23:59"])
def test_a_plan_keeps_its_deadline_until_it_is_renewed(now: str) -> None:
    card = a_card(ends_on="2026-12-20")
    assert deadlines_of(card, at(now)) == deadlines_of(card, NOW) != ()


def test_a_plan_without_a_known_end_has_no_deadline() -> None:
    assert deadlines_of(a_card(started_on="2026-11-21", period=days(30)), NOW) == ()
    assert deadlines_of(a_card(auto_renew=True, price=4990, balance=0), NOW) == ()


@pytest.mark.parametrize(
    ("used_on", "period", "due_on", "instant"),
    [
        ("2026-11-21", days(90), "2027-02-19", datetime(2027, 2, 19, 18, 59, 59, tzinfo=UTC)),
        ("2026-11-30", months(3), "2027-02-28", datetime(2027, 2, 28, 18, 59, 59, tzinfo=UTC)),
        ("2026-11-21", months(12), "2027-11-21", datetime(2027, 11, 21, 18, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_number_must_be_used_within_its_period_after_the_last_use(
    used_on: str, period: Any, due_on: str, instant: datetime
) -> None:
    card = a_card(keep_alive=period, last_used_on=used_on)
    assert idle_due_on(card) == on(due_on)
    assert the(DeadlineKind.IDLE, card) == Deadline(DeadlineKind.IDLE, instant, on(used_on))


def test_without_a_keep_alive_period_no_idle_clock_runs() -> None:
    card = a_card(last_used_on="2026-11-21")
    assert idle_due_on(card) is None
    assert deadlines_of(card, NOW) == ()


def test_a_device_is_blocked_at_the_end_of_the_30th_day_after_its_entry() -> None:
    card = a_card(device_entered_on="2026-11-21")
    assert deadlines_of(card, NOW) == (
        Deadline(
            DeadlineKind.DEVICE,
            datetime(2026, 12, 21, 18, 59, 59, tzinfo=UTC),
            first_on=on("2026-11-21"),
        ),
    )


def test_a_low_episode_is_named_by_its_opening() -> None:
    card = a_card(balance=320, threshold=500, low_since="2026-11-28 15:30")
    assert deadlines_of(card, NOW) == (
        Deadline(DeadlineKind.BALANCE, datetime(2026, 11, 28, 10, 30, tzinfo=UTC)),
    )
    assert deadlines_of(a_card(balance=320, threshold=500), NOW) == ()


# The charge of a plan that renews itself


def charged(**known: Any) -> Card:
    return a_card(ends_on="2026-12-20", started_on="2026-11-21", auto_renew=True, **known)


@pytest.mark.parametrize(
    ("known", "doubt", "missing"),
    [
        # known to be short, however old the reading
        ({"price": 4990, "balance": 1000, "read_at": "2026-12-01 10:00"}, Doubt.SHORT, 3990),
        ({"price": 4990, "balance": 4989, "read_at": "2026-12-01 10:00"}, Doubt.SHORT, 1),
        ({"price": 4990, "balance": -10, "read_at": "2026-12-01 10:00"}, Doubt.SHORT, 5000),
        ({"price": 4990, "balance": 1000, "read_at": "2025-01-01 10:00"}, Doubt.SHORT, 3990),
        # balance or price unknown
        ({"price": 4990}, Doubt.UNKNOWN, None),
        ({"balance": 4990, "read_at": "2026-12-01 10:00"}, Doubt.UNKNOWN, None),
        ({}, Doubt.UNKNOWN, None),
        # covered, but read more than 14 days ago
        ({"price": 4990, "balance": 4990, "read_at": "2026-11-17 11:59:59"}, Doubt.STALE, None),
        ({"price": 4990, "balance": 9000, "read_at": "2025-01-01 10:00"}, Doubt.STALE, None),
    ],
)
def test_a_charge_that_may_fail_is_a_deadline_at_midnight(
    known: dict[str, Any], doubt: Doubt, missing: int | None
) -> None:
    expected = Deadline(
        DeadlineKind.CHARGE,
        CHARGED_AT,
        first_on=on("2026-11-21"),
        doubt=doubt,
        missing=None if missing is None else Decimal(missing),
    )
    assert deadlines_of(charged(**known), NOW) == (expected,)


@pytest.mark.parametrize(
    "known",
    [
        {"price": 4990, "balance": 4990, "read_at": "2026-12-01 10:00"},
        {"price": 4990, "balance": 9000, "read_at": "2026-11-17 12:00:01"},
    ],
)
def test_a_covered_charge_is_no_deadline(known: dict[str, Any]) -> None:
    assert deadlines_of(charged(**known), NOW) == ()


def test_a_covering_balance_is_believed_for_14_days() -> None:
    card = charged(price=4990, balance=4990, read_at="2026-12-01 10:00")
    fortnight = at("2026-12-15 10:00")
    assert the(DeadlineKind.CHARGE, card, fortnight - SECOND) is None
    found = the(DeadlineKind.CHARGE, card, fortnight + SECOND)
    assert found is not None
    assert found.doubt is Doubt.STALE
    assert the(DeadlineKind.CHARGE, card, CHARGED_AT - SECOND) == found


def test_a_covering_balance_that_is_young_enough_at_the_charge_never_turns_stale() -> None:
    card = charged(price=4990, balance=4990, read_at="2026-12-07 00:00")
    assert turns_stale_at(card) is None
    for now in (NOW, at("2026-12-20 23:59:59"), CHARGED_AT, at("2027-12-20 12:00")):
        assert deadlines_of(card, now) == ()


@pytest.mark.parametrize(
    "card",
    [
        charged(price=4990, balance=1000, read_at="2026-11-01 10:00"),
        charged(price=4990),
        charged(balance=4990, read_at="2026-11-01 10:00"),
        a_card(ends_on="2026-12-20", price=4990, balance=4990, read_at="2026-11-01 10:00"),
        a_card(auto_renew=True, price=4990, balance=4990, read_at="2026-11-01 10:00"),
    ],
)
def test_only_a_covering_balance_turns_stale(card: Card) -> None:
    assert turns_stale_at(card) is None


@pytest.mark.parametrize(
    "known",
    [
        {"price": 4990},
        {"balance": 4990, "read_at": "2026-12-01 10:00"},
        {},
        {"price": 4990, "balance": 4990, "read_at": "2026-11-01 10:00"},
    ],
)
def test_what_was_not_known_to_be_short_is_over_when_the_charge_has_passed(
    known: dict[str, Any],
) -> None:
    card = charged(**known)
    assert the(DeadlineKind.CHARGE, card, CHARGED_AT - SECOND) is not None
    assert deadlines_of(card, CHARGED_AT) == ()
    assert deadlines_of(card, at("2027-02-20 12:00")) == ()


def test_what_is_known_to_be_short_stays_overdue() -> None:
    card = charged(price=4990, balance=1000, read_at="2026-12-01 10:00")
    [before] = deadlines_of(card, NOW)
    assert deadlines_of(card, CHARGED_AT) == (before,)
    assert deadlines_of(card, at("2028-01-01 12:00")) == (before,)


def test_a_plan_that_renews_itself_has_no_plan_deadline() -> None:
    for known in ({}, {"price": 4990, "balance": 0}, {"price": 4990, "balance": 4990}):
        assert the(DeadlineKind.PLAN, charged(**known)) is None


def test_deadlines_come_most_urgent_first() -> None:
    rest: dict[str, Any] = {
        "ends_on": "2027-03-01",
        "keep_alive": days(1),
        "last_used_on": "2026-11-01",
        "device_entered_on": "2026-11-21",
        "low_since": "2026-10-01 12:00",
    }
    kinds = [deadline.kind.value for deadline in deadlines_of(a_card(**rest), NOW)]
    assert kinds == ["plan", "device", "idle", "balance"]
    kinds = [deadline.kind.value for deadline in deadlines_of(a_card(auto_renew=True, **rest), NOW)]
    assert kinds == ["charge", "device", "idle", "balance"]


def test_a_charge_at_midnight_belongs_to_the_evening_before() -> None:
    charge = Deadline(DeadlineKind.CHARGE, CHARGED_AT)
    assert charge.last_day == on("2026-12-20")
    plan = the(DeadlineKind.PLAN, a_card(ends_on="2026-12-20"))
    assert plan is not None
    assert plan.last_day == on("2026-12-20")


def test_the_next_loss_is_the_earliest_still_ahead_whatever_its_kind() -> None:
    card = a_card(
        ends_on="2026-12-20",
        keep_alive=days(30),
        last_used_on="2026-11-10",
        device_entered_on="2026-10-01",
        balance=100,
        threshold=1000,
        read_at="2026-11-01 12:00",
        low_since="2026-11-01 12:00",
    )
    idle = datetime(2026, 12, 10, 18, 59, 59, tzinfo=UTC)
    plan = datetime(2026, 12, 20, 18, 59, 59, tzinfo=UTC)
    for now, kind in (
        (NOW, DeadlineKind.IDLE),
        (idle, DeadlineKind.IDLE),
        (idle + SECOND, DeadlineKind.PLAN),
        (plan, DeadlineKind.PLAN),
    ):
        found = next_loss(card, now)
        assert found is not None
        assert found.kind is kind
    assert next_loss(card, plan + SECOND) is None
    assert next_loss(a_card(), NOW) is None


def test_a_payment_should_have_arrived_at_ten_in_almaty_on_the_next_day() -> None:
    card = replace(a_card(), paid_on=on("2026-12-01"))
    arrival = the(DeadlineKind.ARRIVAL, card)
    assert arrival is not None
    assert arrival.at == datetime(2026, 12, 2, 5, tzinfo=UTC)


def test_a_balance_is_to_be_looked_at_from_the_second_fourteen_days_after_its_reading() -> None:
    card = a_card(balance=900, threshold=500, read_at="2026-11-21 12:00")
    stale_at = at("2026-12-05 12:00")
    assert every_deadline_of(card, stale_at - SECOND) == ()
    assert every_deadline_of(card, stale_at) == (Deadline(DeadlineKind.CHECK, stale_at),)
