"""What the cards will take in a month to come: plans by their price, and what goes from balances.

Not here: what was paid (payments), the forecast of one card (forecast).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from kzreminder.core.card import Card, Plan
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

    A plan that does not renew itself is taken to be renewed each time it ends.
    """
    renewals = unpriced = ended = balances = unknown = 0
    plans = from_balances = Decimal(0)
    days, today = (month_after(month) - month).days, almaty_day(now)
    for card in cards:
        plan = as_of(card, now).plan
        if plan.last_good_on is not None and plan.last_good_on < today:
            ended += 1
        elif plan.price is None:
            unpriced += renewals_in(plan, month)
        elif count := renewals_in(plan, month):
            renewals += count
            plans += plan.price * count
        if card.balance.amount is None:
            continue
        per_day = spent_a_day(card.balance.spendings)
        if per_day is None:
            unknown += 1
        else:
            balances += 1
            from_balances += per_day * days
    return Expected(month, renewals, plans, unpriced, ended, balances, from_balances, unknown)


def renewals_in(plan: Plan, month: date) -> int:
    """How often the plan is paid for in that month, if it goes on as it does now.

    What renews itself is paid at the midnight after its last good day, the rest on that day.
    """
    if plan.last_good_on is None:
        return 0
    later = timedelta(0) if plan.auto_renew else _DAY
    renewing = replace(plan, auto_renew=True)
    begins, ends = month - _DAY + later, month_after(month) - _DAY + later
    return count_charges(renewing, ends) - count_charges(renewing, begins)
