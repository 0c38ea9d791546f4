"""When each lead of each deadline is due: the table of the README, reckoned by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kzreminder.core.card import Card
from kzreminder.core.correcting import correct, register
from kzreminder.core.deadlines import Deadline, DeadlineKind, Doubt, deadlines_of
from kzreminder.core.leads import Lead, lead_times
from kzreminder.core.moves import read_balance
from kzreminder.core.period import days, months
from kzreminder.core.planning import State, due, next_wake, state_of
from kzreminder.core.policy import Policy
from kzreminder.core.reminder import Severity
from tests.core.cards import ALMATY, HOSTS, POLICY, losing_or_low

TODAY = date(2026, 11, 21)
NOON = datetime(2026, 11, 21, 12, tzinfo=ALMATY).astimezone(UTC)
BEFORE_AND_AFTER = ["14d", "7d", "3d", "1d", "0d", "+1d", "+2d", "+3d", "+4d", "+5d", "+6d", "+7d"]
WEEKLY = ["+14d", "+21d", "+28d", "+35d", "+42d", "+49d", "+56d", "+60d"]


def a_card(**told: Any) -> Card:
    return register({"label": "Mum", **told}, POLICY, NOON)


def the(kind: DeadlineKind, card: Card, now: datetime = NOON) -> Deadline:
    [deadline] = [one for one in deadlines_of(card, now) if one.kind is kind]
    return deadline


def wall(deadline: Deadline, card: Card, policy: Policy = POLICY) -> dict[str, str]:
    """Each lead and the user's wall clock at it; of the endless low balance the first 25."""
    found: dict[str, str] = {}
    for lead, at in lead_times(card, deadline, policy):
        found[str(lead)] = f"{at.astimezone(policy.zone):%Y-%m-%d %H:%M}"
        if len(found) == 25:
            break
    return found


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (DeadlineKind.PLAN, {"expires": date(2027, 3, 20)}),
        (DeadlineKind.IDLE, {"keep_alive": days(90), "last_used": date(2026, 12, 20)}),
        (DeadlineKind.DEVICE, {"device_entered": date(2027, 2, 18)}),
    ],
)
def test_what_is_lost_at_the_end_of_a_day_is_told_before_and_after(
    kind: DeadlineKind, told: dict[str, Any]
) -> None:
    card = a_card(**told)
    deadline = the(kind, card)
    assert deadline.at == datetime(2027, 3, 20, 18, 59, 59, tzinfo=UTC)
    times = wall(deadline, card)
    assert list(times) == BEFORE_AND_AFTER + WEEKLY
    assert times["14d"] == "2027-03-06 10:00"
    assert times["1d"] == "2027-03-19 10:00"
    assert times["0d"] == "2027-03-20 10:00"
    assert times["+1d"] == "2027-03-21 10:00"
    assert times["+7d"] == "2027-03-27 10:00"
    assert times["+14d"] == "2027-04-03 10:00"
    assert times["+60d"] == "2027-05-19 10:00"


def test_a_charge_that_is_short_is_told_from_three_days_before_and_in_the_evening() -> None:
    card = a_card(
        expires=date(2026, 12, 20), price=Decimal(3990), auto_renew=True, balance=Decimal(1000)
    )
    deadline = the(DeadlineKind.CHARGE, card)
    assert deadline.doubt is Doubt.SHORT
    assert deadline.missing == Decimal(2990)
    assert deadline.at == datetime(2026, 12, 20, 19, tzinfo=UTC)
    times = wall(deadline, card)
    assert list(times) == [*BEFORE_AND_AFTER[2:], *WEEKLY]
    assert times["3d"] == "2026-12-17 10:00"
    assert times["1d"] == "2026-12-19 10:00"
    assert times["0d"] == "2026-12-20 18:00"
    assert times["+1d"] == "2026-12-21 10:00"


@pytest.mark.parametrize("told", [{"balance": Decimal(1)}, {"price": Decimal(3990)}, {}])
def test_a_charge_of_which_too_little_is_known_is_told_twice_and_then_over(
    told: dict[str, Any],
) -> None:
    card = a_card(expires=date(2026, 12, 20), auto_renew=True, **told)
    deadline = the(DeadlineKind.CHARGE, card)
    assert deadline.doubt is Doubt.UNKNOWN
    assert list(wall(deadline, card)) == ["1d", "0d"]
    assert not losing_or_low(card, deadline.at)
    assert state_of(card, POLICY, deadline.at + timedelta(days=90)) is State.OK


def test_a_balance_that_covers_is_believed_for_two_weeks() -> None:
    card = a_card(
        expires=date(2026, 12, 20), price=Decimal(3990), auto_renew=True, balance=Decimal(3990)
    )
    stale_at = NOON + timedelta(days=14)
    assert not deadlines_of(card, stale_at - timedelta(seconds=1))
    assert next_wake(card, POLICY, (), NOON) == stale_at
    deadline = the(DeadlineKind.CHARGE, card, stale_at)
    assert deadline.doubt is Doubt.STALE
    assert list(wall(deadline, card)) == ["1d", "0d"]


def test_a_low_balance_is_told_at_once_then_every_three_days_then_every_thirty() -> None:
    card = a_card(balance=Decimal(100), threshold=Decimal(500))
    times = wall(the(DeadlineKind.BALANCE, card), card)
    threes = [f"+{count}d" for count in range(3, 61, 3)]
    assert list(times) == ["0d", *threes, "+90d", "+120d", "+150d", "+180d"]
    assert times["0d"] == "2026-11-21 12:00"
    assert times["+3d"] == "2026-11-24 10:00"
    assert times["+60d"] == "2027-01-20 10:00"
    assert times["+90d"] == "2027-02-19 10:00"


@pytest.mark.parametrize(
    ("readings", "low_since"),
    [
        ([499], "21 12:00"),
        ([500], None),
        ([499, 549], "21 12:00"),
        ([499, 550], None),
        ([499, 550, 499], "22 10:00"),
        ([499, 550, 499, 550, 499], "22 10:00"),
    ],
)
def test_a_balance_that_wavers_opens_one_episode_a_day(
    readings: list[int], low_since: str | None
) -> None:
    card = a_card(threshold=Decimal(500))
    for minute, amount in enumerate(readings):
        card = read_balance(card, Decimal(amount), NOON + timedelta(minutes=minute), POLICY)
    found = card.balance.low_since
    assert (f"{found.astimezone(ALMATY):%d %H:%M}" if found else None) == low_since


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("expires", [date(2027, 3, 28), date(2027, 10, 31), date(2026, 12, 20)])
def test_the_last_call_leaves_four_hours_on_any_host(host: str, expires: date) -> None:
    policy = Policy(zone=ZoneInfo(host))
    short = {"price": Decimal(3990), "auto_renew": True, "balance": Decimal(0)}
    for kind, told in ((DeadlineKind.PLAN, {}), (DeadlineKind.CHARGE, short)):
        card = a_card(expires=expires, **told)
        deadline = the(kind, card)
        [last] = [at for lead, at in lead_times(card, deadline, policy) if str(lead) == "0d"]
        left = deadline.at - last
        assert timedelta(hours=4) <= left <= timedelta(hours=29)
        hour = 18 if kind is DeadlineKind.CHARGE else 10
        assert last.astimezone(policy.zone).hour == hour


def test_nothing_is_said_before_the_period_begins() -> None:
    card = a_card(period=days(7))
    times = wall(the(DeadlineKind.PLAN, card), card)
    assert list(times)[:3] == ["3d", "1d", "0d"]
    one_day = a_card(period=days(1))
    assert next(iter(wall(the(DeadlineKind.PLAN, one_day), one_day))) == "0d"


def test_the_cards_own_leads_replace_those_before_the_deadline() -> None:
    card = a_card(period=months(1), leads=(5, 2))
    times = wall(the(DeadlineKind.PLAN, card), card)
    assert list(times) == ["5d", "2d", *BEFORE_AND_AFTER[5:], *WEEKLY]


def test_the_most_urgent_kind_is_the_headline() -> None:
    card = a_card(
        expires=TODAY,
        keep_alive=days(30),
        last_used=TODAY - timedelta(days=29),
        device_entered=TODAY - timedelta(days=29),
        balance=Decimal(1),
        threshold=Decimal(500),
        price=Decimal(3990),
        auto_renew=True,
    )
    told = due(card, POLICY, (), NOON)
    assert [one.deadline.kind.value for one in told] == ["charge", "device", "idle", "balance"]
    assert told[0].severity is Severity.CRITICAL


@pytest.mark.parametrize(
    ("told", "now", "state"),
    [
        ({}, NOON, State.OK),
        ({"expires": TODAY + timedelta(days=15)}, NOON, State.OK),
        ({"expires": TODAY + timedelta(days=14)}, NOON, State.ENDING),
        ({"balance": Decimal(1), "threshold": Decimal(2)}, NOON, State.LOW),
        ({"balance": Decimal(2), "threshold": Decimal(2)}, NOON, State.OK),
        ({"expires": TODAY - timedelta(days=1)}, NOON, State.OVERDUE),
        ({"expires": TODAY - timedelta(days=59)}, NOON, State.OVERDUE),
        ({"expires": TODAY - timedelta(days=60)}, NOON, State.LAPSED),
    ],
)
def test_the_state_follows_from_the_dates(
    told: dict[str, Any], now: datetime, state: State
) -> None:
    assert state_of(a_card(**told), POLICY, now) is state


@pytest.mark.parametrize("known", [{"price": Decimal(4990), "balance": Decimal(5200)}, {}])
def test_what_is_left_after_a_charge_that_was_not_short_makes_it_no_failure(
    known: dict[str, Any],
) -> None:
    card = a_card(expires=TODAY + timedelta(days=4), auto_renew=True, **known)
    later = NOON + timedelta(days=6)
    card = read_balance(card, Decimal(210), later, POLICY)
    assert not deadlines_of(card, later)
    assert (
        state_of(correct(card, {"price": Decimal(4990)}, POLICY, later), POLICY, later) is State.OK
    )


def test_a_charge_that_was_short_stays_overdue_until_a_reading_covers_it() -> None:
    card = a_card(expires=TODAY, auto_renew=True, price=Decimal(4990), balance=Decimal(100))
    later = NOON + timedelta(days=2)
    card = read_balance(card, Decimal(210), later, POLICY)
    assert state_of(card, POLICY, later) is State.OVERDUE
    card = read_balance(card, Decimal(5000), later, POLICY)
    assert state_of(card, POLICY, later) is State.OK


def test_a_new_period_leaves_a_told_end_alone() -> None:
    told = a_card(started=date(2026, 11, 1), expires=date(2027, 6, 30), period=days(30))
    assert correct(told, {"period": days(28)}, POLICY, NOON).plan.last_good_on == date(2027, 6, 30)
    reckoned = a_card(period=days(30))
    changed = correct(reckoned, {"period": days(28)}, POLICY, NOON)
    assert changed.plan.last_good_on == TODAY + timedelta(days=27)


def test_a_kind_may_have_leads_and_repeats_of_its_own_and_a_card_s_own_come_first() -> None:
    policy = replace(
        POLICY,
        leads_of={"plan": (9, 0), "charge": (9, 2)},
        repeats_of={"plan": (2, 30)},
    )
    card = a_card(expires=date(2026, 12, 20))
    told = [str(lead) for lead, _ in lead_times(card, the(DeadlineKind.PLAN, card), policy)]
    assert told == ["9d", "0d", "+2d", "+30d"]
    own = replace(card, leads=(5,))
    told = [str(lead) for lead, _ in lead_times(own, the(DeadlineKind.PLAN, own), policy)]
    assert told == ["5d", "+2d", "+30d"]
    short = a_card(
        expires=date(2026, 12, 20), auto_renew=True, price=Decimal(9), balance=Decimal(1)
    )
    charge = the(DeadlineKind.CHARGE, short)
    assert [str(lead) for lead, _ in lead_times(short, charge, policy)][:3] == ["9d", "2d", "+1d"]
    own = replace(short, leads=(9, 3, 1))
    assert [str(lead) for lead, _ in lead_times(own, charge, policy)][:3] == ["3d", "1d", "+1d"]


@pytest.mark.parametrize("stored", ["14d", "0d", "+1d", "+60d", "snooze"])
def test_a_lead_is_read_back_as_it_was_written(stored: str) -> None:
    assert str(Lead.parse(stored)) == stored
