"""How long a reminder may wait for a person: to the last call, or less than a day."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kzreminder.core.card import Card
from kzreminder.core.deadlines import LOSING
from kzreminder.core.leads import out_of_quiet, zero_at
from kzreminder.core.moves import Renewal, renew
from kzreminder.core.period import days
from kzreminder.core.planning import due
from kzreminder.core.policy import Policy
from kzreminder.core.reminder import Reminder, marked
from kzreminder.core.waiting import waits_until
from tests.core.cards import POLICY, a_card, at, on
from tests.core.test_planning_properties import START, cards, policies

DAY = timedelta(days=1)
ENDING = a_card(ends_on="2026-12-20")
AUTO = a_card(
    ends_on="2026-12-20", auto_renew=True, price=4990, balance=0, read_at="2026-12-10 12:00"
)
LOW = a_card(balance=10, threshold=100, low_since="2026-12-01 12:00", read_at="2026-12-01 12:00")
ASKED = a_card(balance=500, threshold=100, read_at="2026-12-01 12:00")
IDLE = a_card(keep_alive=days(30), last_used_on="2026-11-20")
PAID = renew(
    a_card(ends_on="2026-12-20", period=days(30)),
    Renewal(on("2026-12-10"), method="kaspi"),
    at("2026-12-10 12:00"),
)


def clock(instant: datetime, policy: Policy = POLICY) -> str:
    return f"{instant.astimezone(policy.zone):%Y-%m-%d %H:%M}"


def due_of(card: Card, now: datetime, policy: Policy = POLICY) -> tuple[Reminder, ...]:
    reminders = due(card, policy, (), now)
    assert reminders
    return reminders


@pytest.mark.parametrize(
    ("card", "now", "expected"),
    [
        # ahead: the last call
        (ENDING, "2026-12-06 10:00", "2026-12-20 10:00"),
        (ENDING, "2026-12-19 10:00", "2026-12-20 10:00"),
        (ENDING, "2026-12-20 10:00", "2026-12-20 10:00"),
        (ENDING, "2026-12-20 21:00", "2026-12-20 10:00"),
        (AUTO, "2026-12-17 10:00", "2026-12-20 18:00"),
        (IDLE, "2026-12-15 10:00", "2026-12-20 10:00"),
        # overdue: almost a day after its time
        (ENDING, "2026-12-21 10:00", "2026-12-22 09:45"),
        (ENDING, "2026-12-22 09:00", "2026-12-22 09:45"),
        (ENDING, "2026-12-22 10:00", "2026-12-23 09:45"),
        (ENDING, "2026-12-21 09:00", "2026-12-21 09:45"),  # the last call, late
        (ENDING, "2027-02-18 10:00", "2027-02-19 09:45"),  # the last word
        # nothing is lost
        (LOW, "2026-12-01 12:00", "2026-12-02 11:45"),
        (LOW, "2026-12-04 10:00", "2026-12-05 09:45"),
        (ASKED, "2026-12-16 10:00", "2026-12-17 09:45"),
        (PAID, "2026-12-11 10:00", "2026-12-12 09:45"),
    ],
)
def test_a_reminder_waits_until(card: Card, now: str, expected: str) -> None:
    assert clock(waits_until(due_of(card, at(now)), POLICY, at(now))) == expected


@pytest.mark.parametrize(
    ("policy", "now", "expected"),
    [
        # its time is the end of the quiet hours, a day after which lies in them again
        (replace(POLICY, quiet=(time(23), time(11))), "2026-12-21 11:00", "2026-12-21 22:45"),
        (replace(POLICY, quiet=(time(9), time(9, 50))), "2026-12-21 10:00", "2026-12-22 08:45"),
        (replace(POLICY, quiet=None), "2026-12-21 10:00", "2026-12-22 09:45"),
        # the last call itself is put off, or brought forward, by the quiet hours
        (replace(POLICY, quiet=(time(9), time(11))), "2026-12-19 11:00", "2026-12-20 11:00"),
        (
            replace(POLICY, hour=time(19), quiet=(time(18), time(6))),
            "2026-12-19 17:45",
            "2026-12-20 17:45",
        ),
    ],
)
def test_it_waits_into_no_quiet_hours(policy: Policy, now: str, expected: str) -> None:
    reminders = due_of(ENDING, at(now), policy)
    assert clock(waits_until(reminders, policy, at(now))) == expected


def test_of_several_the_first_that_can_wait_no_longer_decides() -> None:
    card = replace(ENDING, balance=LOW.balance)
    now = at("2026-12-07 10:00")
    reminders = due_of(card, now)
    assert [one.deadline.kind.value for one in reminders] == ["plan", "balance"]
    assert clock(waits_until(reminders, POLICY, now)) == "2026-12-08 09:45"


def test_each_day_that_is_overdue_is_told_before_the_next_takes_its_place() -> None:
    now = at("2026-12-21 10:00")
    told: list[tuple[Reminder, datetime]] = []
    for _ in range(7):
        reminders = due(ENDING, POLICY, [marked(one, when) for one, when in told], now)
        until = waits_until(reminders, POLICY, now)
        assert until < now + DAY
        told += [(one, until) for one in reminders]
        now += DAY
    assert [str(one.lead) for one, _ in told] == [f"+{number}d" for number in range(1, 8)]


moments = st.timedeltas(timedelta(days=-60), timedelta(days=200)).map(lambda since: START + since)


@given(cards(), policies, moments)
def test_what_is_ahead_waits_for_its_last_call_and_no_longer(
    card: Card, policy: Policy, now: datetime
) -> None:
    for reminder in due(card, policy, (), now):
        until = waits_until([reminder], policy, now)
        deadline = reminder.deadline
        if deadline.kind in LOSING and deadline.at > now:
            last_call = out_of_quiet(zero_at(deadline, policy), deadline, policy)
            assert until == last_call < deadline.at
        else:
            assert until < reminder.at + DAY


@given(cards(), policies, moments)
def test_at_its_last_call_it_waits_no_longer(card: Card, policy: Policy, now: datetime) -> None:
    for reminder in due(card, policy, (), now):
        until = waits_until([reminder], policy, now)
        for later in (max(now, until), max(now, until) + DAY):
            assert waits_until([reminder], policy, later) <= later


@given(cards(), policies, moments, st.randoms(use_true_random=False))
def test_the_order_of_reminders_does_not_matter(
    card: Card, policy: Policy, now: datetime, chance: random.Random
) -> None:
    reminders = list(due(card, policy, (), now))
    if not reminders:
        return
    shuffled = reminders[:]
    chance.shuffle(shuffled)
    until = waits_until(reminders, policy, now)
    assert waits_until(shuffled, policy, now) == until
    assert until == min(waits_until([one], policy, now) for one in reminders)
