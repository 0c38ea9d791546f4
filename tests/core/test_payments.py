"""What was spent is the same by card, by operator and by month; what is unknown is no zero."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kzreminder.core.payments import (
    How,
    Payment,
    Spendings,
    Spent,
    month_after,
    months_between,
    spendings_of,
)
from tests.core.cards import on

FIRST, LAST = on("2026-09-01"), on("2026-11-30")
OPERATORS = ("kcell", "beeline", None)


def paid(
    amount: str | None, day: str = "2026-11-21", card: int = 1, how: How = How.RENEWED
) -> Payment:
    known = None if amount is None else Decimal(amount)
    return Payment(card, f"Card {card}", OPERATORS[card % 3], how, on(day), known)


def counted(*payments: Payment) -> Spendings:
    return spendings_of(payments, FIRST, LAST)


def test_renewals_and_topups_are_told_apart_and_summed() -> None:
    spent = counted(paid("4990"), paid("12.50", how=How.TOPPED_UP), paid(None)).total
    assert spent == Spent(1, Decimal(4990), 1, 1, Decimal("12.50"))
    assert (spent.total, spent.known_renewed_for) == (Decimal("5002.50"), Decimal(4990))


@pytest.mark.parametrize(
    ("payments", "total", "renewed_for"),
    [
        ([], "0", "0"),
        ([paid(None)], None, None),
        ([paid(None), paid(None)], None, None),
        ([paid(None), paid("5", how=How.TOPPED_UP)], "5", None),
        ([paid(None), paid("7")], "7", "7"),
    ],
)
def test_what_nobody_said_is_neither_zero_nor_the_price(
    payments: list[Payment], total: str | None, renewed_for: str | None
) -> None:
    spent = counted(*payments).total
    assert spent.total == (None if total is None else Decimal(total))
    assert spent.known_renewed_for == (None if renewed_for is None else Decimal(renewed_for))


def test_every_month_stands_there_and_none_beside_them() -> None:
    found = counted(paid("1", "2026-08-31"), paid("2", "2026-09-01"), paid("4", "2026-11-30"),
                    paid("8", "2026-12-01"))  # fmt: skip
    told = [(month.month, str(spent.total)) for month, spent in found.months]
    assert told == [(9, "2"), (10, "0"), (11, "4")]
    assert found.total.total == 6


def test_the_most_spent_comes_first() -> None:
    found = counted(paid("1", card=1), paid("9", card=2), paid(None, card=3), paid("9", card=4))
    assert [one.card_id for one in found.cards] == [2, 4, 1, 3]
    assert [operator for operator, _ in found.operators] == ["beeline", None, "kcell"]


@pytest.mark.parametrize(
    ("day", "count", "month"),
    [
        ("2026-11-30", 1, "2026-12-01"),
        ("2026-12-31", 1, "2027-01-01"),
        ("2026-03-31", -5, "2025-10-01"),
        ("2026-01-31", 0, "2026-01-01"),
    ],
)
def test_months_follow_each_other(day: str, count: int, month: str) -> None:
    assert month_after(on(day), count) == on(month)
    assert months_between(on(month), on(month)) == [on(month)]


PAYMENTS = st.lists(
    st.builds(
        Payment,
        card_id=st.integers(1, 4),
        label=st.just("x"),
        operator=st.just("kcell"),
        how=st.sampled_from(How),
        on=st.dates(FIRST - timedelta(days=40), LAST + timedelta(days=40)),
        amount=st.none() | st.decimals(0, 100_000, places=2),
    ).map(lambda one: Payment(one.card_id, f"Card {one.card_id}", OPERATORS[one.card_id % 3],
                              one.how, one.on, one.amount)),
    max_size=20,
)  # fmt: skip


def together(parts: Iterable[Spent]) -> tuple[int, Decimal, int, int, Decimal]:
    parts = list(parts)
    return (
        sum(one.renewals for one in parts),
        sum((one.renewed_for for one in parts), Decimal(0)),
        sum(one.unknown for one in parts),
        sum(one.topups for one in parts),
        sum((one.topped_up for one in parts), Decimal(0)),
    )


@given(PAYMENTS)
def test_cards_operators_and_months_come_to_the_same(payments: list[Payment]) -> None:
    found = counted(*payments)
    whole = together([found.total])
    assert together(spent for _, spent in found.months) == whole
    assert together(spent for _, spent in found.operators) == whole
    assert together(one.spent for one in found.cards) == whole
    inside = [one for one in payments if FIRST <= one.on <= LAST]
    assert whole[0] + whole[2] + whole[3] == len(inside)


@given(PAYMENTS, st.permutations(range(20)))
def test_the_order_in_which_they_are_read_does_not_matter(
    payments: list[Payment], order: list[int]
) -> None:
    assert counted(*payments) == counted(*(payments[n] for n in order if n < len(payments)))


@given(st.dates(date(2001, 1, 1), date(2099, 1, 1)), st.integers(0, 200))
def test_there_is_a_month_for_each_day_between(first: date, length: int) -> None:
    last = first + timedelta(days=length)
    months = months_between(first, last)
    assert {first.replace(day=1), last.replace(day=1)} <= set(months)
    assert all(month_after(one) == other for one, other in pairwise(months))
