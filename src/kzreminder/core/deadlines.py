"""What a card can lose, and when: deadlines derived from the card and the instant, never stored.

Not here: when to speak of them (planning), or in which words (wording).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from kzreminder.core.card import Card
from kzreminder.core.period import after_use
from kzreminder.core.zone import end_of_day, start_of_day

STALE_AFTER = timedelta(days=14)
"A covering balance read longer ago than this is not believed to cover the charge."
DEVICE_GRACE = timedelta(days=30)
"""An unregistered phone is blocked 30 days after entry, for devices brought in since 2025-03-25.

Source: press of 2025-08-27, rus.baq.kz "Vash telefon budet zablokirovan cherez 30 dney" (medium).
"""


class DeadlineKind(StrEnum):
    """In the order of urgency: the first one due is the headline."""

    CHARGE = "charge"
    PLAN = "plan"
    DEVICE = "device"
    IDLE = "idle"
    BALANCE = "balance"


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


def deadlines_of(card: Card, now: datetime) -> tuple[Deadline, ...]:
    """The card's deadlines as they stand at `now`, most urgent kind first; at most one a kind."""
    found = (_charge(card, now), _plan(card), _device(card), _idle(card), _balance(card))
    return tuple(deadline for deadline in found if deadline is not None)


def turns_stale_at(card: Card) -> datetime | None:
    """When a balance that covers the coming charge will be too old to believe; None if never."""
    charge_at = _charge_at(card)
    read_at = card.balance.read_at
    if charge_at is None or read_at is None or _missing(card) != 0:
        return None
    stale_at = read_at + STALE_AFTER
    return stale_at if stale_at < charge_at else None


def _charge_at(card: Card) -> datetime | None:
    """The operator's hour is not known: it is taken to be 00:00 after the last good day."""
    if not card.plan.auto_renew or card.plan.last_good_on is None:
        return None
    return start_of_day(card.plan.last_good_on + timedelta(days=1))


def _missing(card: Card) -> Decimal | None:
    """Tenge that the known balance lacks for the price; None while either is unknown."""
    if card.plan.price is None or card.balance.amount is None:
        return None
    return max(card.plan.price - card.balance.amount, Decimal(0))


def _charge(card: Card, now: datetime) -> Deadline | None:
    at = _charge_at(card)
    if at is None or card.plan.charged_on == card.plan.last_good_on:
        return None
    missing = _missing(card)
    if missing:
        doubt = Doubt.SHORT
    elif now >= at:
        return None  # what was not known to be short is taken to have been charged
    elif missing is None:
        doubt = Doubt.UNKNOWN
    elif (stale_at := turns_stale_at(card)) is not None and now >= stale_at:
        doubt = Doubt.STALE
    else:
        return None
    first_on = card.plan.started_on
    return Deadline(DeadlineKind.CHARGE, at, first_on, doubt, missing or None)


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


def idle_due_on(card: Card) -> date | None:
    """The day by which the number must be used, by the user's own keep-alive rule."""
    kept = card.keep_alive
    if kept.period is None or kept.last_used_on is None:
        return None
    return after_use(kept.last_used_on, kept.period)


def _idle(card: Card) -> Deadline | None:
    due_on = idle_due_on(card)
    if due_on is None:
        return None
    return Deadline(DeadlineKind.IDLE, end_of_day(due_on), card.keep_alive.last_used_on)


def _balance(card: Card) -> Deadline | None:
    if card.balance.low_since is None:
        return None
    return Deadline(DeadlineKind.BALANCE, card.balance.low_since)
