"""What a card can lose, and when: deadlines derived from the card and the instant, never stored.

Not here: when to speak of them (leads, planning), or in which words (wording).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum

from kzreminder.core.card import Card
from kzreminder.core.period import after_use
from kzreminder.core.rolling import as_of, charge_at, missing
from kzreminder.core.zone import almaty, almaty_day, at_wall_time, end_of_day

STALE_AFTER = timedelta(days=14)
"A balance read longer ago than this is to be looked at, and not believed to cover the charge."
DEVICE_GRACE = timedelta(days=30)
"""An unregistered phone is blocked 30 days after entry, for devices brought in since 2025-03-25.

Source: press of 2025-08-27, rus.baq.kz "Vash telefon budet zablokirovan cherez 30 dney" (medium).
"""
ARRIVAL_HOUR = time(10, 0)
"In Almaty, on the day after a payment: by then it should have arrived."


class DeadlineKind(StrEnum):
    """In the order of urgency: the first one due is the headline."""

    CHARGE = "charge"
    PLAN = "plan"
    DEVICE = "device"
    IDLE = "idle"
    BALANCE = "balance"
    CHECK = "check"
    ARRIVAL = "arrival"


URGENCY = {kind: rank for rank, kind in enumerate(DeadlineKind)}
LOSING = (DeadlineKind.CHARGE, DeadlineKind.PLAN, DeadlineKind.DEVICE, DeadlineKind.IDLE)
"Kinds at whose instant something is really lost; the state of a card looks at these."


class Doubt(StrEnum):
    """Why a charge may fail."""

    SHORT = "short"
    UNKNOWN = "unknown"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Deadline:
    kind: DeadlineKind
    at: datetime
    "UTC; the 23:59:59 or 00:00 in Almaty at which it happens"
    first_on: date | None = None
    "first day of the period that ends here, where known: nothing is said before it"
    doubt: Doubt | None = None
    "charge only"
    missing: Decimal | None = None
    "charge, short: tenge that the balance lacks"

    @property
    def last_day(self) -> date:
        """The Almaty day that it ends: a charge at 00:00 belongs to the evening before."""
        return almaty_day(self.at - timedelta(seconds=1))


def deadlines_of(card: Card, now: datetime) -> tuple[Deadline, ...]:
    """The card's deadlines as they stand at `now`, most urgent kind first; at most one a kind."""
    card = as_of(card, now)
    found = (
        _charge(card, now),
        _plan(card),
        _device(card),
        _idle(card),
        _balance(card),
        _check(card, now),
        _arrival(card),
    )
    return tuple(deadline for deadline in found if deadline is not None)


def next_loss(card: Card, now: datetime) -> Deadline | None:
    """The earliest deadline still ahead at which something is lost."""
    ahead = [one for one in deadlines_of(card, now) if one.kind in LOSING and one.at >= now]
    return min(ahead, key=lambda one: one.at, default=None)


def turns_stale_at(card: Card) -> datetime | None:
    """When a balance that covers the coming charge will be too old to believe; None if never."""
    at = charge_at(card.plan)
    read_at = card.balance.read_at
    if at is None or read_at is None or missing(card) != 0:
        return None
    stale_at = read_at + STALE_AFTER
    return stale_at if stale_at < at else None


def to_check_at(card: Card) -> datetime | None:
    """When the balance should have been looked at anew; None where nothing hangs on it."""
    if card.balance.threshold is None and not card.plan.auto_renew:
        return None
    return (card.balance.read_at or card.registered_at) + STALE_AFTER


def idle_due_on(card: Card) -> date | None:
    """The day by which the number must be used, by the user's own keep-alive rule."""
    kept = card.keep_alive
    if kept.period is None or kept.last_used_on is None:
        return None
    return after_use(kept.last_used_on, kept.period)


def _charge(card: Card, now: datetime) -> Deadline | None:
    at = charge_at(card.plan)
    if at is None:
        return None
    lacking = missing(card)
    if lacking:
        doubt = Doubt.SHORT
    elif lacking is None:
        doubt = Doubt.UNKNOWN
    elif (stale_at := turns_stale_at(card)) is not None and now >= stale_at:
        doubt = Doubt.STALE
    else:
        return None
    return Deadline(DeadlineKind.CHARGE, at, card.plan.started_on, doubt, lacking or None)


def _plan(card: Card) -> Deadline | None:
    plan = card.plan
    if plan.auto_renew or plan.last_good_on is None:
        return None
    return Deadline(DeadlineKind.PLAN, end_of_day(plan.last_good_on), plan.started_on)


def _device(card: Card) -> Deadline | None:
    if card.device_entered_on is None:
        return None
    at = end_of_day(card.device_entered_on + DEVICE_GRACE)
    return Deadline(DeadlineKind.DEVICE, at, card.device_entered_on)


def _idle(card: Card) -> Deadline | None:
    due_on = idle_due_on(card)
    if due_on is None:
        return None
    return Deadline(DeadlineKind.IDLE, end_of_day(due_on), card.keep_alive.last_used_on)


def _balance(card: Card) -> Deadline | None:
    if card.balance.low_since is None:
        return None
    return Deadline(DeadlineKind.BALANCE, card.balance.low_since)


def _check(card: Card, now: datetime) -> Deadline | None:
    at = to_check_at(card)
    return Deadline(DeadlineKind.CHECK, at) if at is not None and at <= now else None


def _arrival(card: Card) -> Deadline | None:
    if card.paid_on is None:
        return None
    at = at_wall_time(card.paid_on + timedelta(days=1), ARRIVAL_HOUR, almaty())
    return Deadline(DeadlineKind.ARRIVAL, at)
