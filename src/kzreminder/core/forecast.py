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

from kzreminder.core.card import Card, Spending
from kzreminder.core.rolling import affordable, charge_day, count_charges, nth_charge_day
from kzreminder.core.zone import almaty_day, end_of_day, start_of_day

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
    left_at_charge: Decimal | None
    "tenge expected when the next charge is taken; None without such a charge"


def forecast_of(card: Card) -> Forecast | None:
    """None where there are not enough readings: two spans between readings, and two days.

    The rate is the median of the slopes between all pairs of readings (Theil and Sen): one odd
    reading, a day of much use or a top-up that nobody recorded does not move it.
    """
    balance = card.balance
    if balance.amount is None or balance.read_at is None:
        return None
    per_day = spent_a_day(card.balance.spendings)
    if per_day is None:
        return None
    charge_on = charge_day(card.plan)
    left = None
    if charge_on is not None:
        left = balance.amount - _spent(per_day, balance.read_at, start_of_day(charge_on))
    return Forecast(per_day, _runs_low_on(card, balance.amount, balance.read_at, per_day), left)


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


def _runs_low_on(card: Card, amount: Decimal, read_at: datetime, per_day: Decimal) -> date | None:
    threshold, plan = card.balance.threshold, card.plan
    if threshold is None:
        return None
    charges = 0
    if plan.price is not None:
        most = affordable(plan.price, amount, FARTHEST)

        def is_beyond(nth: int) -> bool:
            spent = _spent(per_day, read_at, start_of_day(nth_charge_day(plan, nth)))
            return amount - spent < nth * (plan.price or 0)

        most = min(most, count_charges(plan, almaty_day(read_at) + FARTHEST * _DAY))
        charges = bisect_left(range(1, most + 1), True, key=is_beyond)

    def is_low(day: date) -> bool:
        taken = min(count_charges(plan, day), charges) * (plan.price or 0)
        return amount - taken - _spent(per_day, read_at, end_of_day(day)) < threshold

    days = range(FARTHEST)
    first = bisect_left(days, True, key=lambda ahead: is_low(almaty_day(read_at) + ahead * _DAY))
    return almaty_day(read_at) + first * _DAY if first < FARTHEST else None


def _spent(per_day: Decimal, since: datetime, until: datetime) -> Decimal:
    return per_day * _days(max(until - since, timedelta()))


def _days(length: timedelta) -> Decimal:
    return Decimal(length // timedelta(microseconds=1)) / Decimal(86_400_000_000)
