"""What was paid for cards: by month, card and operator; what is not known stays apart.

Paid is what was recorded as paid with a renewal, and what was topped up. What a plan takes from the
balance is no payment: the top-up that it comes from was one.

Not here: what is still to be paid (next_month), reading it from the history (storage).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
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
    total = _Sum()
    months = {month: _Sum() for month in months_between(first, last)}
    operators: dict[str | None, _Sum] = {}
    cards: dict[int, tuple[Payment, _Sum]] = {}
    for payment in payments:
        if not first <= payment.on <= last:
            continue
        _, of_card = cards.setdefault(payment.card_id, (payment, _Sum()))
        of_operator = operators.setdefault(payment.operator, _Sum())
        for one in (total, months[payment.on.replace(day=1)], of_card, of_operator):
            one.add(payment)
    of_cards = [
        OfCard(paid.card_id, paid.label, paid.operator, one.spent) for paid, one in cards.values()
    ]
    of_operators = [(operator, one.spent) for operator, one in operators.items()]
    return Spendings(
        total.spent,
        tuple((month, one.spent) for month, one in months.items()),
        tuple(sorted(of_cards, key=lambda one: (*_most_first(one.spent), one.card_id))),
        tuple(sorted(of_operators, key=lambda one: (*_most_first(one[1]), one[0] or ""))),
    )


class _Sum:
    """Spent while it is counted: of a million payments none may cost a new value."""

    __slots__ = ("renewals", "renewed_for", "topped_up", "topups", "unknown")

    def __init__(self) -> None:
        self.renewals = self.unknown = self.topups = 0
        self.renewed_for = self.topped_up = Decimal(0)

    def add(self, payment: Payment) -> None:
        if payment.amount is None:
            self.unknown += 1
        elif payment.how is How.RENEWED:
            self.renewals += 1
            self.renewed_for += payment.amount
        else:
            self.topups += 1
            self.topped_up += payment.amount

    @property
    def spent(self) -> Spent:
        return Spent(self.renewals, self.renewed_for, self.unknown, self.topups, self.topped_up)


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
