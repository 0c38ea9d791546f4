"""A card and what happens to it: every move takes a card and returns a new one.

Not here: what people type (typed), dates at which something is lost (deadlines), keeping (storage).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from kzreminder.core.period import Period, keeps_anchor, last_good_day
from kzreminder.core.policy import Policy
from kzreminder.core.zone import at_wall_time, start_of_day
from kzreminder.errors import N_, BadValue

LAST_DAY = date(2299, 12, 31)
"No plan ends later: a typed year beyond is a slip, and arithmetic after it must not overflow."


class Kind(StrEnum):
    SIM = "sim"
    ESIM = "esim"


@dataclass(frozen=True, slots=True)
class Plan:
    name: str | None = None
    period: Period | None = None
    started_on: date | None = None
    "first day of the period that runs now; None where only its end was told"
    last_good_on: date | None = None
    "the plan is good through this day, 23:59:59 Asia/Almaty"
    anchor_day: int | None = None
    "day of the month that a monthly plan comes back to, 1 to 31"
    price: Decimal | None = None
    "tenge"
    auto_renew: bool = False
    charged_on: date | None = None
    "last good day after which the charge is taken to have been made: it was not known to be short"


@dataclass(frozen=True, slots=True)
class Balance:
    amount: Decimal | None = None
    "tenge; None is unknown, never zero"
    threshold: Decimal | None = None
    read_at: datetime | None = None
    low_since: datetime | None = None
    "start of the low episode that is open: the reading that opened it; it names the episode"
    low_before: datetime | None = None
    "start of the newest low episode that began and closed: the next on that day waits a night"


@dataclass(frozen=True, slots=True)
class KeepAlive:
    period: Period | None = None
    "the user's own rule, never called the operator's"
    last_used_on: date | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """A SIM or eSIM that the user registered. Days are days in Asia/Almaty, instants aware UTC."""

    label: str
    registered_at: datetime
    id: int = 0
    "0 until it is stored"
    number: str | None = None
    "E.164"
    operator: str | None = None
    operator_guessed: bool = False
    "from the prefix; numbers are portable"
    kind: Kind = Kind.SIM
    plan: Plan = field(default_factory=Plan)
    balance: Balance = field(default_factory=Balance)
    keep_alive: KeepAlive = field(default_factory=KeepAlive)
    device_entered_on: date | None = None
    protects: str | None = None
    leads: tuple[int, ...] | None = None
    "own days before a deadline, longest first, in place of the policy's"
    tags: tuple[str, ...] = ()
    lang: str | None = None
    note: str | None = None
    archived: bool = False
    version: int = 1


@dataclass(frozen=True, slots=True)
class Renewal:
    """How a plan was renewed; what is None follows the contract's default."""

    on: date
    "the day paid, in Almaty"
    until: date | None = None
    period: Period | None = None
    from_expiry: bool | None = None


def renew(card: Card, renewal: Renewal) -> Card:
    """Begin the next period; counts as activity and leaves the balance alone.

    From expiry when paid on or before the last good day, else from the day paid. Refuses an end
    before the beginning, and a plan of which neither period nor new end is known.
    """
    plan = card.plan
    from_expiry = renewal.from_expiry
    if from_expiry is None:
        from_expiry = plan.last_good_on is not None and renewal.on <= plan.last_good_on
    if from_expiry and plan.last_good_on is None:
        raise BadValue(
            N_("the end of this plan is not known, so it cannot be renewed from there"),
            hint=N_("Say --from today, or tell the end first: kzreminder edit CARD --expires DATE"),
        )
    first = renewal.on
    if from_expiry and plan.last_good_on is not None:
        first = plan.last_good_on + timedelta(days=1)
    keeps_day = from_expiry and plan.started_on is not None
    anchor_day = keeps_anchor(first, plan.anchor_day if keeps_day else None)
    last_good_on = renewal.until
    if last_good_on is None:
        period = renewal.period or plan.period
        last_good_on = last_good_day(first, period, anchor_day) if period else None
    if last_good_on is None:
        raise BadValue(
            N_("how long the plan now lasts is not known"),
            hint=N_("Say it: --until 2027-01-31, or --for 30d"),
        )
    renewed = replace(plan, started_on=first, last_good_on=last_good_on, anchor_day=anchor_day)
    return use(replace(card, plan=_sound(renewed)), renewal.on)


def top_up(card: Card, amount: Decimal, on: date, policy: Policy, now: datetime) -> Card:
    """Add to the balance, where it is known; counts as activity."""
    card = note_charge(card, now)
    known = card.balance.amount
    if known is not None:
        balance = replace(card.balance, amount=known + amount)
        card = replace(card, balance=watch(balance, now, policy))
    return use(card, on)


def read_balance(card: Card, amount: Decimal, at: datetime, policy: Policy) -> Card:
    """Take a reading; one dated before the newest changes nothing (it is history only)."""
    if card.balance.read_at is not None and at < card.balance.read_at:
        return card
    card = note_charge(card, at)
    balance = replace(card.balance, amount=amount, read_at=at)
    return replace(card, balance=watch(balance, at, policy))


def note_charge(card: Card, at: datetime) -> Card:
    """Before a balance or price changes: what was not known to be short when its charge passed was
    charged, and what is left of the balance afterwards makes it no failure."""
    plan, amount = card.plan, card.balance.amount
    if not plan.auto_renew or plan.last_good_on is None:
        return card
    was_short = plan.price is not None and amount is not None and amount < plan.price
    if was_short or at < start_of_day(plan.last_good_on + timedelta(days=1)):
        return card
    return replace(card, plan=replace(plan, charged_on=plan.last_good_on))


def use(card: Card, on: date) -> Card:
    """Restart the idle clock; an older day than the last known use changes nothing."""
    last = card.keep_alive.last_used_on
    if last is not None and on <= last:
        return card
    return replace(card, keep_alive=replace(card.keep_alive, last_used_on=on))


def archive(card: Card) -> Card:
    return replace(card, archived=True)


def restore(card: Card) -> Card:
    return replace(card, archived=False)


def begin_plan(plan: Plan, started_on: date | None, expires_on: date | None) -> Plan:
    """The plan with its first and last day set; a told end alone decides the end.

    Refuses an end before the beginning.
    """
    anchor_day = started_on.day if started_on else None
    if started_on == plan.started_on:
        anchor_day = plan.anchor_day  # told again in February, the 31st is still the 31st
    if expires_on is not None:
        last_good_on: date | None = expires_on
    elif started_on is not None and plan.period is not None:
        last_good_on = last_good_day(started_on, plan.period, anchor_day)
    else:
        last_good_on = None
    return _sound(
        replace(plan, started_on=started_on, last_good_on=last_good_on, anchor_day=anchor_day)
    )


def watch(balance: Balance, at: datetime, policy: Policy) -> Balance:
    """Open or close the low episode, as the amount known since `at` asks for.

    It opens under the threshold and closes a tenth above it, so that a balance which wavers round
    the threshold does not nag; a second opening on one day waits for the next morning.
    """
    amount, threshold = balance.amount, balance.threshold
    if amount is None or threshold is None:
        return _closed(balance, at)
    if balance.low_since is None and amount < threshold:
        return replace(balance, low_since=_opening(balance.low_before, at, policy))
    if balance.low_since is not None and amount >= threshold * (1 + policy.hysteresis):
        return _closed(balance, at)
    return balance


def _closed(balance: Balance, at: datetime) -> Balance:
    """What closes before its morning came has never been told: it delays no other."""
    began = balance.low_since is not None and balance.low_since <= at
    low_before = balance.low_since if began else balance.low_before
    return replace(balance, low_since=None, low_before=low_before)


def _opening(low_before: datetime | None, at: datetime, policy: Policy) -> datetime:
    day = at.astimezone(policy.zone).date()
    if low_before is None or low_before.astimezone(policy.zone).date() != day:
        return at
    return at_wall_time(day + timedelta(days=1), policy.hour, policy.zone)


def _sound(plan: Plan) -> Plan:
    """The plan itself, unless it would end before it begins or beyond the years we reckon with."""
    if plan.last_good_on is None:
        return plan
    if plan.started_on is not None and plan.last_good_on < plan.started_on:
        raise BadValue(
            N_("the plan would end on {end}, before it begins on {start}"),
            end=plan.last_good_on,
            start=plan.started_on,
        )
    if plan.last_good_on > LAST_DAY:
        raise BadValue(N_("the plan would end on {end}, too far ahead"), end=plan.last_good_on)
    return plan
