"""What a card spends a day, the day it runs low, and whether the next charge will be covered.

Not here: readings themselves (moves), the reminder that a forecast brings forward (episodes).
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import accumulate, combinations
from statistics import median

from kzreminder.core.card import Card, Plan, Spending
from kzreminder.core.rolling import affordable, charge_at, count_charges
from kzreminder.core.zone import almaty_day, end_of_day

LEAST_SPANS = 2
LEAST_TIME = timedelta(days=2)
"Less than this between the first and the last reading says nothing of a day."
FARTHEST = 3650
"Days: beyond ten years no balance is foreseen."
_CENT = Decimal("0.01")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Forecast:
    """From the readings alone; the same whenever it is asked for, until the next one."""

    per_day: Decimal
    "tenge spent a day, to the tiyn; what the plan takes is not part of it"
    runs_low_on: date | None
    "the Almaty day at whose end the balance is under the threshold; None: none, or none in sight"
    short_by: Decimal | None
    "tenge that will be missing when the next charge is taken, zero if none; None: not known"


def forecast_of(card: Card) -> Forecast | None:
    """None where there are not enough readings: two spans between readings, and two days.

    The rate is the median of the slopes between all pairs of readings (Theil and Sen): one odd
    reading, a day of much use or a top-up that nobody recorded does not move it.
    """
    balance = card.balance
    if balance.amount is None or balance.read_at is None or not balance.spendings:
        return None
    per_day = spent_a_day(card.balance.spendings)
    if per_day is None:
        return None
    low_on = _runs_low_on(card, balance.amount, balance.read_at, per_day)
    return Forecast(per_day, low_on, _short_by(card.plan, balance.amount, balance.read_at, per_day))


def spent_a_day(spendings: tuple[Spending, ...]) -> Decimal | None:
    """Tenge a day; None while the readings do not say."""
    lengths = [one.until - one.since for one in spendings]
    if len(lengths) < LEAST_SPANS or sum(lengths, timedelta()) < LEAST_TIME:
        return None
    ends = [timedelta(), *accumulate(lengths)]
    spent = [Decimal(0), *accumulate(one.amount for one in spendings)]
    slopes = [
        (spent[later] - spent[earlier]) / _days(ends[later] - ends[earlier])
        for earlier, later in combinations(range(len(ends)), 2)
    ]
    return median(slopes).quantize(_CENT, ROUND_HALF_UP)


def _short_by(plan: Plan, amount: Decimal, read_at: datetime, per_day: Decimal) -> Decimal | None:
    due_at = charge_at(plan)
    if due_at is None or plan.price is None:
        return None
    return max(plan.price - amount + _spent(per_day, read_at, due_at), Decimal(0))


def _runs_low_on(card: Card, amount: Decimal, read_at: datetime, per_day: Decimal) -> date | None:
    """The first day at whose end spending and charges have brought it under the threshold.

    A charge counts while the known balance covers it, as it does when it comes: see `as_of`.
    """
    threshold, plan = card.balance.threshold, card.plan
    if threshold is None:
        return None
    price = plan.price or Decimal(0)
    charges = affordable(plan.price, amount, FARTHEST) if plan.price else 0

    def is_low(day: date) -> bool:
        day_ends_at = end_of_day(day)
        coming = min(count_charges(plan, day), charges) * price
        # A charge that came after this day is no part of what there is by its end.
        after = [change.amount for change in card.balance.changes if change.at > day_ends_at]
        later = sum(after, Decimal(0))
        return amount - later - coming - _spent(per_day, read_at, day_ends_at) < threshold

    added_at = [change.at for change in card.balance.changes if change.amount > 0]
    begins_on = almaty_day(max([read_at, *added_at]))  # from the last top-up on it only falls
    nth = bisect_left(range(FARTHEST), True, key=lambda ahead: is_low(begins_on + ahead * _DAY))
    return begins_on + nth * _DAY if nth < FARTHEST else None


def _spent(per_day: Decimal, since: datetime, until: datetime) -> Decimal:
    return per_day * _days(max(until - since, timedelta()))


def _days(length: timedelta) -> Decimal:
    return Decimal(length // timedelta(microseconds=1)) / Decimal(86_400_000_000)
