"""What was paid for cards: by month, card and operator; what is not known stays apart.

Paid is what was recorded as paid with a renewal, and what was topped up. What a plan takes from the
balance is no payment: the top-up that it comes from was one.

Not here: what is still to be paid (next_month), reading it from the history (storage).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum


class How(StrEnum):
    RENEWED = "renewed"
    TOPPED_UP = "topped_up"


@dataclass(frozen=True, slots=True)
class Payment:
    card_id: int
    label: str
    operator: str | None
    how: How
    on: date
    amount: Decimal | None
    "tenge; None: a renewal of which nobody said what it cost"


def known_sum(amount: Decimal, known: int, unknown: int) -> Decimal | None:
    """None where nothing but what is unknown went into it: that is no zero."""
    return None if unknown and not known else amount


@dataclass(frozen=True, slots=True)
class Spent:
    """What payments come to."""

    renewals: int = 0
    "those with an amount"
    renewed_for: Decimal = Decimal(0)
    unknown: int = 0
    "renewals without an amount"
    topups: int = 0
    topped_up: Decimal = Decimal(0)

    @property
    def total(self) -> Decimal | None:
        """Without the renewals that are not known; None where there is nothing else."""
        total = self.renewed_for + self.topped_up
        return known_sum(total, self.renewals + self.topups, self.unknown)

    @property
    def known_renewed_for(self) -> Decimal | None:
        return known_sum(self.renewed_for, self.renewals, self.unknown)

    def with_payment(self, payment: Payment) -> Spent:
        if payment.amount is None:
            return replace(self, unknown=self.unknown + 1)
        if payment.how is How.RENEWED:
            return replace(
                self, renewals=self.renewals + 1, renewed_for=self.renewed_for + payment.amount
            )
        return replace(self, topups=self.topups + 1, topped_up=self.topped_up + payment.amount)


@dataclass(frozen=True, slots=True)
class OfCard:
    card_id: int
    label: str
    operator: str | None
    spent: Spent


@dataclass(frozen=True, slots=True)
class Spendings:
    total: Spent
    months: tuple[tuple[date, Spent], ...]
    "the first day of each, oldest first; those without a payment too"
    cards: tuple[OfCard, ...]
    "the most spent first; only cards with a payment"
    operators: tuple[tuple[str | None, Spent], ...]
    "the most spent first"


def spendings_of(payments: Iterable[Payment], first: date, last: date) -> Spendings:
    """Of the payments from that day through the other; others are left out."""
    total = Spent()
    months = {month: Spent() for month in months_between(first, last)}
    cards: dict[int, OfCard] = {}
    operators: dict[str | None, Spent] = {}
    for payment in payments:
        if not first <= payment.on <= last:
            continue
        month, operator = payment.on.replace(day=1), payment.operator
        total = total.with_payment(payment)
        months[month] = months[month].with_payment(payment)
        operators[operator] = operators.get(operator, Spent()).with_payment(payment)
        known = cards.get(payment.card_id)
        spent = (known.spent if known else Spent()).with_payment(payment)
        cards[payment.card_id] = OfCard(payment.card_id, payment.label, operator, spent)
    return Spendings(
        total,
        tuple(months.items()),
        tuple(sorted(cards.values(), key=lambda one: (*_most_first(one.spent), one.card_id))),
        tuple(sorted(operators.items(), key=lambda one: (*_most_first(one[1]), one[0] or ""))),
    )


def months_between(first: date, last: date) -> list[date]:
    """The first day of each month from that of `first` to that of `last`."""
    numbers = range(_number(first), _number(last) + 1)
    return [date(number // 12, number % 12 + 1, 1) for number in numbers]


def month_after(day: date, count: int = 1) -> date:
    """The first day of the month that comes so many months after that of the day."""
    number = _number(day) + count
    return date(number // 12, number % 12 + 1, 1)


def _number(day: date) -> int:
    return day.year * 12 + day.month - 1


def _most_first(spent: Spent) -> tuple[Decimal, int]:
    return -(spent.total or Decimal(0)), -spent.unknown
