"""What is asked of many cards at once: nothing is read twice, nothing is lost between drawn and
counted, what was taken back was not paid."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

import pytest

from kzreminder.core.card import Card
from kzreminder.core.moves import Renewal, archive, renew, top_up
from kzreminder.core.payments import How
from kzreminder.core.planning import urgent_at
from kzreminder.core.timeline import PASSED
from kzreminder.core.zone import almaty_day
from kzreminder.storage.store import Store
from kzreminder.storage.wanted import Wanted
from tests.storage.conftest import ON_BOTH
from tests.storage.samples import NOW, POLICY, TODAY, a_card, ending

UNTIL = TODAY + timedelta(days=60)
DAYS_LEFT = (-300, -30, -2, -1, 0, 1, 3, 6, 7, 13, 14, 40, 60, 61, 200)
OPERATORS = ("kcell", "beeline", None)


@pytest.fixture
def fleet(store: Store) -> list[Card]:
    """One card a day left, two for the last; one archived, one without any deadline."""
    told = [
        ending(f"Card {nth}", in_days=left, operator=OPERATORS[nth % 3], tags=("a%",) * (nth % 2))
        for nth, left in enumerate((*DAYS_LEFT, DAYS_LEFT[-1]))
    ]
    for card in (*told, ending("Away"), a_card("Bare")):
        store.add(card, NOW)
    away = store.find("Away")
    store.change(away.id, "archived", archive, NOW)
    return [card for card in store.cards() if card.label != "Bare"]


def week_of(card: Card) -> int:
    at = urgent_at(card, NOW)
    assert at is not None
    return PASSED if at < NOW else (almaty_day(at) - TODAY).days // 7


@pytest.mark.parametrize("chosen", [Wanted(), Wanted("kcell"), Wanted(tag="a%")])
@ON_BOTH
def test_what_is_not_drawn_is_counted_by_operator_and_week(
    store: Store, fleet: list[Card], chosen: Wanted
) -> None:
    meant = [
        card for card in fleet
        if chosen.operator in (None, card.operator) and chosen.tag in (None, *card.tags)
    ]  # fmt: skip
    in_sight = [card for card in meant if card.plan.last_good_on <= UNTIL]  # type: ignore[operator]
    for limit in (1, 2, 3, 5, 8, 13, 14, 50):
        found = store.surveys.urgent(chosen, NOW, UNTIL, limit)
        assert len(found.cards) == min(limit, len(in_sight))
        drawn = {card.id for card in found.cards}
        rest = Counter((c.operator, week_of(c)) for c in in_sight if c.id not in drawn)
        assert found.rest == dict(rest), limit
        assert found.total == len(meant) + (chosen == Wanted())  # and Bare


@ON_BOTH
def test_the_nearest_to_today_are_drawn_and_what_is_long_over_leaves_room(
    store: Store, fleet: list[Card]
) -> None:
    found = store.surveys.urgent(Wanted(), NOW, UNTIL, 4)
    left = [(card.plan.last_good_on - TODAY).days for card in found.cards]  # type: ignore[operator]
    assert left == [-1, -2, 0, 1]


@ON_BOTH
def test_a_low_balance_is_seen_wherever_the_plan_ends(store: Store) -> None:
    store.add(ending(in_days=200, balance=Decimal(10), threshold=Decimal(50)), NOW)
    assert len(store.surveys.urgent(Wanted(), NOW, UNTIL, 10).cards) == 1


@ON_BOTH
def test_no_sign_in_a_tag_stands_for_others(store: Store, fleet: list[Card]) -> None:
    for tag in ("%", "_", "a_", "\udcff"):
        assert store.surveys.urgent(Wanted(tag=tag), NOW, UNTIL, 10).total == 0


def pay(store: Store, card: Card, on: date, **details: str) -> None:
    if "amount" in details:
        amount = Decimal(details["amount"])
        move = partial(top_up, amount=amount, on=on, policy=POLICY, now=NOW)
        store.change(card.id, "topped_up", move, NOW, {"on": on.isoformat(), **details})
    else:
        move = partial(renew, renewal=Renewal(on), now=NOW)
        store.change(card.id, "renewed", move, NOW, {"on": on.isoformat(), **details})


@ON_BOTH
def test_payments_are_told_newest_first_and_what_was_undone_is_not(store: Store) -> None:
    card = store.add(ending(in_days=9, operator="kcell"), NOW)
    pay(store, card, TODAY, paid="4990")
    pay(store, card, TODAY, paid="1")
    store.undo(card.id, NOW)
    pay(store, card, TODAY - timedelta(days=9), amount="12.50")
    pay(store, card, TODAY)
    told = [
        (one.label, one.operator, one.how, one.on, one.amount)
        for one in store.surveys.payments(Wanted(), TODAY)
    ]
    assert told == [
        ("Mum", "kcell", How.RENEWED, TODAY, None),
        ("Mum", "kcell", How.TOPPED_UP, TODAY - timedelta(days=9), Decimal("12.50")),
        ("Mum", "kcell", How.RENEWED, TODAY, Decimal(4990)),
    ]


@ON_BOTH
def test_payments_are_those_of_the_chosen_cards_and_of_the_time(store: Store) -> None:
    for label, operator in (("Mum", "kcell"), ("Dad", "beeline")):
        pay(store, store.add(ending(label, operator=operator), NOW), TODAY, paid="10")
    assert [one.label for one in store.surveys.payments(Wanted("kcell"), TODAY)] == ["Mum"]
    assert list(store.surveys.payments(Wanted(), TODAY + timedelta(days=60))) == []


@ON_BOTH
def test_the_living_are_not_archived(store: Store, fleet: list[Card]) -> None:
    assert len(list(store.surveys.living(Wanted()))) == len(fleet) + 1
    assert {card.operator for card in store.surveys.living(Wanted("kcell"))} == {"kcell"}
