"""Deadlines are days in Kazakhstan; reminders are hours on the user's clock, anywhere."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from kzreminder.core.card import Card
from kzreminder.core.correcting import register
from kzreminder.core.deadlines import LOSING, deadlines_of
from kzreminder.core.leads import zero_at
from kzreminder.core.period import days, months
from kzreminder.core.planning import due, next_wake, upcoming
from kzreminder.core.policy import Policy
from kzreminder.core.reminder import Mark, marked
from tests.core.cards import HOSTS, POLICY, a_card, at

FOUR_HOURS = timedelta(hours=4)
MINUTE = timedelta(minutes=1)
ADDED = ("2026-11-21 00:30", "2026-11-21 23:30", "2027-03-28 00:30", "2027-10-31 23:30")


def policy_of(host: str) -> Policy:
    return Policy(zone=ZoneInfo(host))


def cards_added(clock: str, host: str) -> list[Card]:
    """Of every kind of deadline at which something is lost, added at that time of Almaty."""
    policy, now = policy_of(host), at(clock)
    plan = register({"label": "Plan", "period": days(30)}, policy, now)
    monthly = register({"label": "Monthly", "period": months(1)}, policy, now)
    charge = register(
        {"label": "Charge", "period": days(30), "auto_renew": True, "price": Decimal(4990)},
        policy,
        now,
    )
    idle = register({"label": "Idle", "keep_alive": days(60)}, policy, now)
    device = register({"label": "Device", "device_entered": now.date()}, policy, now)
    return [plan, monthly, charge, idle, device]


def test_there_are_at_least_twelve_hosts() -> None:
    assert len(set(HOSTS)) >= 12


@pytest.mark.parametrize("clock", ADDED)
def test_a_card_has_the_same_deadlines_on_every_host(clock: str) -> None:
    now = at(clock)
    found = {
        tuple((d.kind, d.at) for card in cards_added(clock, host) for d in deadlines_of(card, now))
        for host in HOSTS
    }
    assert len(found) == 1
    assert len(next(iter(found))) == 5


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("clock", ADDED)
def test_the_last_call_leaves_four_hours_and_comes_by_day(clock: str, host: str) -> None:
    policy, now = policy_of(host), at(clock)
    for card in cards_added(clock, host):
        for deadline in deadlines_of(card, now):
            assert deadline.kind in LOSING
            last_call_at = zero_at(deadline, policy)
            assert last_call_at <= deadline.at - FOUR_HOURS
            assert last_call_at > deadline.at - FOUR_HOURS - timedelta(days=1, hours=2)
            assert policy.quiet_around(last_call_at) is None
            told = {
                (reminder.deadline.kind, str(reminder.lead)): instant
                for instant, reminders in upcoming(card, policy, (), now, deadline.at)
                for reminder in reminders
            }
            assert told[deadline.kind, "0d"] == last_call_at


def test_a_traveller_is_told_nothing_twice_and_misses_nothing() -> None:
    """The host's zone changes between two passes, there and back."""
    card = a_card(ends_on="2026-12-20")
    marks: list[Mark] = []
    told: list[str] = []
    hosts = ["Asia/Almaty", "Pacific/Honolulu", "Pacific/Kiritimati", "Europe/Berlin"]
    now, hours = at("2026-12-05 00:00"), 0
    while now < at("2026-12-23 00:00"):
        policy = replace(POLICY, zone=ZoneInfo(hosts[hours // 31 % len(hosts)]))
        reminders = due(card, policy, marks, now)
        told += [str(reminder.lead) for reminder in reminders]
        marks += [marked(reminder, now) for reminder in reminders]
        now, hours = now + timedelta(hours=1), hours + 1
    assert told[:4] == ["14d", "7d", "3d", "1d"]
    assert "0d" in told
    assert len(told) == len(set(told))


def passes_of_a_year(
    card: Card, policy: Policy, start: datetime
) -> list[tuple[datetime, str, str]]:
    """A pass at every minute; as real ones do, it looks at the card only once its time has come."""
    marks: list[Mark] = []
    told = []
    wake_at: datetime | None = start
    while wake_at is not None:
        now = start + math.ceil((wake_at - start) / MINUTE) * MINUTE
        if now >= start + 366 * 24 * 60 * MINUTE:
            break
        for reminder in due(card, policy, marks, now):
            told.append((now, reminder.deadline.kind.value, str(reminder.lead)))
            marks.append(marked(reminder, now))
        wake_at = next_wake(card, policy, marks, now)
        assert wake_at is None or wake_at > now
    return told


YEAR_OF = {
    "plan": a_card(ends_on="2026-12-20"),
    "monthly charge, unknown": a_card(
        ends_on="2026-12-20", period=months(1), auto_renew=True, threshold=100
    ),
    "covered, then short": a_card(
        ends_on="2026-11-30", period=days(30), auto_renew=True, price=1000, balance=4200,
        threshold=500, read_at="2026-11-20 12:00",
    ),
    "low, unused and abroad": a_card(
        balance=100, threshold=500, low_since="2026-11-21 12:00", read_at="2026-11-21 12:00",
        keep_alive=days(90), last_used_on="2026-11-01", device_entered_on="2026-11-11",
    ),
    "daily": a_card(ends_on="2026-11-25", period=days(1), auto_renew=True, price=50, balance=3000,
        read_at="2026-11-21 12:00"),
}  # fmt: skip
POLICIES = {
    "usual": POLICY,
    "at night": replace(POLICY, zone=ZoneInfo("America/New_York"), hour=POLICY.hour.replace(23)),
    "never quiet": replace(POLICY, zone=ZoneInfo("Asia/Kathmandu"), quiet=None, repeats=(1, 30)),
}


@pytest.mark.parametrize("card", YEAR_OF.values(), ids=YEAR_OF.keys())
@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES.keys())
def test_what_is_said_to_come_in_a_year_is_what_passes_at_every_minute_tell(
    card: Card, policy: Policy
) -> None:
    start = at("2026-11-21 12:00")
    until = start + timedelta(minutes=366 * 24 * 60 - 1)
    foreseen = [
        (instant.astimezone(UTC), reminder.deadline.kind.value, str(reminder.lead))
        for instant, reminders in upcoming(card, policy, (), start, until)
        for reminder in reminders
    ]
    assert foreseen == passes_of_a_year(card, policy, start)
    assert len(foreseen) > 5
