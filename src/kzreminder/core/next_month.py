"""What the cards will take in a month to come: plans by their price, and what goes from balances.

Not here: what was paid (payments), the forecast of one card (forecast).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from kzreminder.core.card import Card
from kzreminder.core.forecast import spent_a_day
from kzreminder.core.payments import known_sum, month_after
from kzreminder.core.rolling import as_of, count_charges
from kzreminder.core.zone import almaty_day

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Expected:
    """Of one month; each part is known apart from the others."""

    month: date
    "its first day"
    renewals: int = 0
    "of plans whose price is known, by themselves or by their owners"
    plans: Decimal = Decimal(0)
    "tenge that these take"
    renewals_unpriced: int = 0
    "of plans whose price is not known"
    plans_ended: int = 0
    "plans that have ended by now and were not renewed: nobody knows whether they will be"
    balances: int = 0
    "balances whose readings say what is spent a day"
    from_balances: Decimal = Decimal(0)
    "tenge that these will spend, besides what plans take"
    balances_unknown: int = 0
    "balances that were read, but not often enough"

    @property
    def total(self) -> Decimal | None:
        """Without what is not known; None where nothing is known of what there is."""
        unknown = self.renewals_unpriced + self.plans_ended + self.balances_unknown
        known = self.renewals + self.balances
        return known_sum(self.plans + self.from_balances, known, unknown)

    @property
    def known_plans(self) -> Decimal | None:
        return known_sum(self.plans, self.renewals, self.renewals_unpriced + self.plans_ended)

    @property
    def known_from_balances(self) -> Decimal | None:
        return known_sum(self.from_balances, self.balances, self.balances_unknown)


def expected_in(cards: Iterable[Card], month: date, now: datetime) -> Expected:
    """Of the month that begins on that day, ahead of now; archived cards are not to be among them.

    A plan that does not renew itself is taken to be renewed on its last good day, again and again.
    """
    found = Expected(month)
    for card in cards:
        found = _with_balance(_with_plan(found, as_of(card, now), almaty_day(now)), card)
    return found


def _with_plan(found: Expected, card: Card, today: date) -> Expected:
    plan = card.plan
    if plan.last_good_on is None:
        return found
    if plan.last_good_on < today:
        return replace(found, plans_ended=found.plans_ended + 1)
    # What its owner renews is paid on its last good day, what renews itself at the midnight after.
    later = timedelta(0) if plan.auto_renew else _DAY
    renewing = replace(plan, auto_renew=True)
    begins, ends = found.month - _DAY + later, month_after(found.month) - _DAY + later
    count = count_charges(renewing, ends) - count_charges(renewing, begins)
    if plan.price is None:
        return replace(found, renewals_unpriced=found.renewals_unpriced + count)
    plans = found.plans + plan.price * count
    return replace(found, renewals=found.renewals + count, plans=plans)


def _with_balance(found: Expected, card: Card) -> Expected:
    if card.balance.amount is None:
        return found
    per_day = spent_a_day(card.balance.spendings)
    if per_day is None:
        return replace(found, balances_unknown=found.balances_unknown + 1)
    days = (month_after(found.month) - found.month).days
    spent = found.from_balances + per_day * days
    return replace(found, balances=found.balances + 1, from_balances=spent)
