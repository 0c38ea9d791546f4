"""Cards, clocks and passes for tests of the rules: only what matters is said."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from kzreminder.core.card import Balance, Card, KeepAlive, Plan
from kzreminder.core.deadlines import Deadline, DeadlineKind, deadlines_of
from kzreminder.core.period import Period
from kzreminder.core.planning import due
from kzreminder.core.policy import Policy
from kzreminder.core.reminder import Mark, Reminder, marked

ALMATY = ZoneInfo("Asia/Almaty")
POLICY = Policy(zone=ALMATY)
HOSTS = [
    "Pacific/Honolulu",
    "America/New_York",
    "America/St_Johns",
    "UTC",
    "Europe/London",
    "Africa/Casablanca",
    "Europe/Berlin",
    "Asia/Almaty",
    "Asia/Kathmandu",
    "Asia/Shanghai",
    "Australia/Lord_Howe",
    "Pacific/Kiritimati",
]
"Zones of the user's wall clock: both ends of the day, summer times, odd offsets."


def on(text: str) -> date:
    return date.fromisoformat(text)


def at(text: str, zone: str = "Asia/Almaty") -> datetime:
    """The UTC instant of what a clock in that zone shows; shown twice in autumn: the first."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def tenge(amount: int | str | None) -> Decimal | None:
    return None if amount is None else Decimal(amount)


def a_card(
    *,
    ends_on: str | None = None,
    started_on: str | None = None,
    anchor_day: int | None = None,
    period: Period | None = None,
    price: int | None = None,
    auto_renew: bool = False,
    balance: int | str | None = None,
    threshold: int | None = None,
    read_at: str | None = None,
    low_since: str | None = None,
    keep_alive: Period | None = None,
    last_used_on: str | None = None,
    device_entered_on: str | None = None,
    leads: tuple[int, ...] | None = None,
    registered_at: str = "2026-01-01 12:00",
    id: int = 1,  # noqa: A002 - the card's own word
) -> Card:
    """Put together by hand, so that no rule has had its say; times are on the clock of Almaty."""
    first = on(started_on) if started_on else None
    plan = Plan(
        period=period,
        started_on=first,
        last_good_on=on(ends_on) if ends_on else None,
        anchor_day=anchor_day or (first.day if first else None),
        price=tenge(price),
        auto_renew=auto_renew,
    )
    known = Balance(
        amount=tenge(balance),
        threshold=tenge(threshold),
        read_at=at(read_at) if read_at else None,
        low_since=at(low_since) if low_since else None,
    )
    return Card(
        label="Mum",
        registered_at=at(registered_at),
        id=id,
        plan=plan,
        balance=known,
        keep_alive=KeepAlive(keep_alive, on(last_used_on) if last_used_on else None),
        device_entered_on=on(device_entered_on) if device_entered_on else None,
        leads=leads,
    )


def losing_or_low(card: Card, now: datetime) -> tuple[Deadline, ...]:
    """The deadlines, without the word that a balance should be looked at."""
    return tuple(one for one in deadlines_of(card, now) if one.kind is not DeadlineKind.CHECK)


class Told(NamedTuple):
    """What one pass told of a card, on the wall clock of the policy."""

    clock: str
    kind: str
    lead: str


def told_by(
    card: Card, passes: Iterable[datetime], policy: Policy = POLICY, marks: list[Mark] | None = None
) -> list[Told]:
    """What passes at these instants tell, one after the other; `marks` is continued.

    Without the word that a balance should be looked at, which has tests of its own.
    """
    marks = [] if marks is None else marks
    told = []
    for now in passes:
        for reminder in due(card, policy, tuple(marks), now):
            if reminder.deadline.kind is not DeadlineKind.CHECK:
                told.append(shown(reminder, now, policy))
            marks.append(marked(reminder, now))
    return told


def shown(reminder: Reminder, now: datetime, policy: Policy = POLICY) -> Told:
    clock = f"{now.astimezone(policy.zone):%Y-%m-%d %H:%M}"
    return Told(clock, reminder.deadline.kind.value, str(reminder.lead))
