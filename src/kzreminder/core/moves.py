"""What happens to a card: every move takes a card and returns a new one.

Not here: what was told wrongly (correcting), what the user silences (silence). A move that touches
plan or balance first takes the card as it stands by then: the charges that passed unseen are stored
with it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from kzreminder.core.card import Balance, Card, Change, Plan, Spending
from kzreminder.core.episodes import watch
from kzreminder.core.period import Period, keeps_anchor, last_good_day
from kzreminder.core.policy import Policy
from kzreminder.core.rolling import LAST_DAY, as_of, changed, charge_day, missing
from kzreminder.core.zone import almaty_day, end_of_day, start_of_day
from kzreminder.errors import N_, BadValue

SPENDINGS_KEPT = 12
"Readings that a forecast is made from: about a year where the balance is read each month."


@dataclass(frozen=True, slots=True)
class Renewal:
    """How a plan was renewed; what is None follows the default."""

    on: date
    "the day paid, in Almaty"
    until: date | None = None
    period: Period | None = None
    from_expiry: bool | None = None
    method: str | None = None
    "how it was paid: whether it arrived is asked on the next day"


def renew(card: Card, renewal: Renewal, now: datetime) -> Card:
    """Begin the next period; counts as activity and leaves the balance alone.

    From expiry when paid on or before the last good day, else from the day paid. Refuses an end
    before the beginning, and a plan of which neither period nor new end is known.
    """
    # As it stood on the day paid: what was paid for in time is no late payment for the next period.
    card = as_of(card, min(now, end_of_day(renewal.on)))
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
    card = _restart_idle(replace(card, plan=sound(renewed)), renewal.on)
    return _awaits(card, renewal.on) if renewal.method else card


def top_up(
    card: Card, amount: Decimal, on: date, policy: Policy, now: datetime, method: str | None = None
) -> Card:
    """Add to the balance, where it is known; counts as activity.

    What covers a charge that had failed begins a new period on that day, at its price.
    """
    card = as_of(card, now)
    known = card.balance
    if known.amount is not None:
        at = now if on >= almaty_day(now) else start_of_day(on)
        card = replace(card, balance=changed(known, [Change(at, amount)]))
        card = watch(_charged_late(card, on, now), known, now, policy)
    card = _restart_idle(card, on)
    return _awaits(card, on) if method else card


def read_balance(card: Card, amount: Decimal, at: datetime, policy: Policy) -> Card:
    """Take a reading; one dated before the newest changes nothing (it is history only).

    It shows that a payment arrived. What covers a charge that had failed begins a new period.
    """
    known = card.balance
    if known.read_at is not None and at < known.read_at:
        return card
    card = as_of(card, at)
    later = tuple(change for change in card.balance.changes if change.at > at)
    spendings = _spendings(card.balance, later, amount, at)
    read = Balance(
        threshold=known.threshold,
        amount=amount,
        read_at=at,
        low_since=known.low_since,
        low_before=known.low_before,
        spendings=spendings,
    )
    # What is known to have come after it comes on top of it.
    balance = replace(changed(read, later), estimated=True) if later else read
    on = almaty_day(at)
    is_shown = card.paid_on is not None and card.paid_on <= on
    card = replace(card, balance=balance, paid_on=None if is_shown else card.paid_on)
    return watch(_charged_late(card, on, at), known, at, policy)


def use(card: Card, on: date) -> Card:
    """The number was used: restarts the idle clock, and shows that a payment arrived."""
    is_shown = card.paid_on is not None and card.paid_on <= on
    return _restart_idle(replace(card, paid_on=None) if is_shown else card, on)


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
    return sound(
        replace(plan, started_on=started_on, last_good_on=last_good_on, anchor_day=anchor_day)
    )


def sound(plan: Plan) -> Plan:
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


def _restart_idle(card: Card, on: date) -> Card:
    """An older day than the last known use changes nothing."""
    last = card.keep_alive.last_used_on
    if last is not None and on <= last:
        return card
    return replace(card, keep_alive=replace(card.keep_alive, last_used_on=on))


def _charged_late(card: Card, on: date, at: datetime) -> Card:
    """After money came in: a charge that had failed is made on that day, where it now can be.

    Money that was there before the charge passed is not late: the plan then went on by itself.
    """
    charge_on = charge_day(card.plan)
    plan, price, amount = card.plan, card.plan.price, card.balance.amount
    is_late = charge_on is not None and charge_on <= on
    if not is_late or price is None or amount is None or missing(card) != 0 or plan.period is None:
        return card
    charged = replace(changed(card.balance, [Change(at, -price)]), estimated=True)
    return replace(card, plan=begin_plan(plan, on, None), balance=charged)


def _awaits(card: Card, paid_on: date) -> Card:
    """A payment of which it is to be asked whether it arrived; the newest counts."""
    return replace(card, paid_on=max(paid_on, card.paid_on or paid_on))


def _spendings(
    known: Balance, later: tuple[Change, ...], amount: Decimal, at: datetime
) -> tuple[Spending, ...]:
    """With what went since the last reading; a balance that grew is a top-up nobody recorded."""
    since = known.read_at
    if known.amount is None or since is None or since == at:
        return known.spendings
    expected = known.amount - sum((change.amount for change in later), Decimal(0))
    if amount > expected:
        return known.spendings
    return (*known.spendings, Spending(since, at, expected - amount))[-SPENDINGS_KEPT:]
