"""Auto-renewal: the card as it stands at an instant, after the charges that passed unseen.

Not here: warning of a charge (deadlines), what the user tells (moves). Derived, never stored by a
pass: a move stores it together with what it changes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from kzreminder.core.card import Balance, Card, Change, Plan
from kzreminder.core.period import (
    NO_PERIOD,
    count_ended,
    keeps_anchor,
    last_good_day,
    nth_last_good_day,
)
from kzreminder.core.zone import almaty_day, start_of_day

CHANGES_KEPT = 12
"Top-ups and charges since a reading that a reading dated among them can be told apart from."
LAST_DAY = date(2299, 12, 31)
"No plan ends later: a typed year beyond is a slip, and arithmetic after it must not overflow."


def as_of(card: Card, now: datetime) -> Card:
    """The card after each charge that has passed by `now` and was not known to fail.

    A charge passes at 00:00 after the last good day. What was known to be covered comes off the
    balance; where balance or price is unknown it is taken to have gone well. The first that is
    known to be short ends it: the plan stays at that end. Without a period the next end is unknown.
    """
    plan, balance = card.plan, card.balance
    made = affordable(plan.price, balance.amount, count_charges(plan, almaty_day(now)))
    if made == 0:
        return card
    if balance.amount is not None and plan.price is not None:
        charges = _charges(plan, plan.price, made)
        balance = changed(balance, charges)
    return replace(card, plan=_rolled(plan, made), balance=replace(balance, estimated=True))


def changed(balance: Balance, changes: Iterable[Change]) -> Balance:
    """The known balance with that added, and kept in mind until it is read again.

    Only the newest changes are kept apart; older ones are one with the oldest of them.
    """
    assert balance.amount is not None
    kept = sorted((*balance.changes, *changes), key=lambda change: change.at)
    amount = balance.amount + sum((change.amount for change in changes), Decimal(0))
    older, newest = kept[: -CHANGES_KEPT + 1], kept[-CHANGES_KEPT + 1 :]
    if older:
        newest = [Change(older[-1].at, sum((one.amount for one in older), Decimal(0))), *newest]
    return replace(balance, amount=amount, changes=tuple(newest))


def charge_day(plan: Plan) -> date | None:
    """The day at whose 00:00 the coming charge is taken; None for a plan without one.

    The operator's hour is not known: it is taken to be 00:00 after the last good day.
    """
    if not plan.auto_renew or plan.last_good_on is None:
        return None
    return plan.last_good_on + timedelta(days=1)


def charge_at(plan: Plan) -> datetime | None:
    """The instant of the coming charge, UTC."""
    day = charge_day(plan)
    return start_of_day(day) if day is not None else None


def missing(card: Card) -> Decimal | None:
    """Tenge that the known balance lacks for the price; None while either is unknown."""
    if card.plan.price is None or card.balance.amount is None:
        return None
    return max(card.plan.price - card.balance.amount, Decimal(0))


def rolls_at(card: Card) -> datetime | None:
    """When the plan next goes on by itself; None while its charge is known to fail."""
    return None if missing(card) else charge_at(card.plan)


def affordable(price: Decimal | None, amount: Decimal | None, most: int) -> int:
    """How many charges the balance covers, at most `most`; all of them while it is unknown."""
    if price is None or amount is None:
        return most
    return min(max(int(amount // price), 0), most)


def count_charges(plan: Plan, until: date) -> int:
    """How many charges fall on or before that day, if each is made; one without a period."""
    charge_on = charge_day(plan)
    if charge_on is None or charge_on > until:
        return 0
    if plan.period is None or plan.period == NO_PERIOD:
        return 1
    return 1 + count_ended(charge_on, plan.period, _anchor(plan, charge_on), until)


def nth_charge_day(plan: Plan, nth: int) -> date:
    """The day of the `nth` coming charge, from 1. Only for a plan that goes on after the first."""
    charge_on = charge_day(plan)
    assert charge_on is not None
    if nth == 1:
        return charge_on
    assert plan.period is not None
    anchor_day = _anchor(plan, charge_on)
    return nth_last_good_day(charge_on, plan.period, anchor_day, nth - 1) + timedelta(days=1)


def _charges(plan: Plan, price: Decimal, made: int) -> list[Change]:
    """The charges made, each at its instant; of very many all but the newest as one."""
    first_apart = max(made - CHANGES_KEPT, 1)
    together = Change(start_of_day(nth_charge_day(plan, first_apart)), -price * first_apart)
    return [together] + [
        Change(start_of_day(nth_charge_day(plan, nth)), -price)
        for nth in range(first_apart + 1, made + 1)
    ]


def _anchor(plan: Plan, charge_on: date) -> int:
    """The day to keep; of a plan whose first day is not known it is the day of the charge."""
    return keeps_anchor(charge_on, plan.anchor_day if plan.started_on is not None else None)


def _rolled(plan: Plan, times: int) -> Plan:
    """The plan in the period that the last of so many charges paid for."""
    started_on = nth_charge_day(plan, times)
    anchor_day = keeps_anchor(started_on, _anchor(plan, nth_charge_day(plan, 1)))
    last_good_on = last_good_day(started_on, plan.period, anchor_day) if plan.period else None
    return replace(plan, started_on=started_on, last_good_on=last_good_on, anchor_day=anchor_day)
