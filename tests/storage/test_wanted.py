"""What is looked at for a state leaves no card out that is in it, whatever has passed since."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from kzreminder.core.card import Card
from kzreminder.core.correcting import correct
from kzreminder.core.moves import archive
from kzreminder.core.narrowing import narrowed
from kzreminder.core.planning import State, state_of
from kzreminder.core.silence import mute
from kzreminder.storage.streaming import Sort
from kzreminder.storage.wanted import Wanted
from tests.passes import House, house
from tests.storage.samples import NOW, POLICY, a_card, add_all, ending

__all__ = ["house"]

DAY = timedelta(days=1)
LATER = [timedelta(0), DAY, 12 * DAY, 16 * DAY, 45 * DAY, 100 * DAY]


def fleet() -> list[Card]:
    """Cards of every kind that time may change."""
    made = []
    kinds = product((True, False), (None, 600, 2500), (None, 1000), (None, 700), (-70, -2, 5, 40))
    for nth, (renews, balance, price, threshold, in_days) in enumerate(kinds):
        known: dict[str, Any] = {
            "auto_renew": renews,
            "balance": None if balance is None else Decimal(balance),
            "price": None if price is None else Decimal(price),
            "threshold": None if threshold is None else Decimal(threshold),
            "leads": (60, 0) if nth % 7 == 0 else None,
            "watcher": "shop" if nth % 5 == 0 else None,
        }
        told: dict[str, Any] = {key: value for key, value in known.items() if value is not None}
        made.append(ending(f"Card {nth}", in_days=in_days, **told))
    return [*made, a_card("Bare"), mute(ending("Muted", in_days=-2), None), archive(a_card("Old"))]


def of_state(house: House, state: State, now: datetime) -> list[str]:
    streaming = house.store.streaming
    wanted = Wanted(state=narrowed([state], POLICY, now))
    found = [card for batch in streaming.of(streaming.ids(wanted)) for card in batch]
    return [card.label for card in found if state_of(card, POLICY, now) is state]


def looked_through(house: House, now: datetime) -> dict[State, list[str]]:
    cards = house.store.cards(archived=True)
    return {
        state: [card.label for card in cards if state_of(card, POLICY, now) is state]
        for state in State
    }


@pytest.mark.parametrize("passes_are_made", [True, False])
def test_each_state_is_found_as_by_looking_through_all(
    house: House, *, passes_are_made: bool
) -> None:
    add_all(house.store, fleet(), NOW)
    met: Counter[State] = Counter()
    for later in LATER:
        now = NOW + later
        expected = looked_through(house, now)
        assert {state: of_state(house, state, now) for state in State} == expected
        met.update(state for state, labels in expected.items() if labels)
        if passes_are_made:
            house.tell(now)
    assert set(met) == set(State)


def test_few_are_looked_at(house: House) -> None:
    many = [ending(f"Card {nth}", in_days=100 + nth % 50) for nth in range(200)]
    add_all(house.store, [*many, ending("Over", in_days=-1), ending("Soon", in_days=5)], NOW)
    now = NOW + DAY  # and no pass was made
    streaming = house.store.streaming
    counts = {
        state: streaming.count(Wanted(state=narrowed([state], POLICY, now))) for state in State
    }
    assert counts == {
        **dict.fromkeys(State, 0),
        State.LAPSED: 1,
        State.OVERDUE: 1,
        State.ENDING: 1,
        State.OK: 202,
    }


def test_a_page_is_a_part_of_the_whole_in_every_order(house: House) -> None:
    add_all(house.store, fleet(), NOW)
    streaming = house.store.streaming
    for sort, wanted in product(Sort, (Wanted(), Wanted(archived=False), Wanted(operator="x"))):
        whole = list(streaming.ids(wanted, sort))
        assert len(whole) == streaming.count(wanted)
        for limit, after in product((1, 7, 500), (0, 3, 90, 98, 400)):
            page = list(streaming.ids(wanted, sort, limit=limit, after=after))
            assert page == whole[after : after + limit]


def test_indexes_find_what_is_urgent(house: House, tmp_path: Path) -> None:
    """Else it would be slow, and nothing else would tell."""
    add_all(house.store, fleet(), NOW)
    move = partial(correct, told={"note": "x"}, policy=POLICY, now=NOW)
    house.store.change_all([1, 2, 3], "edited", move, NOW)
    from sqlalchemy import select

    from kzreminder.storage.engine import connect
    from kzreminder.storage.tables import cards
    from kzreminder.storage.wanted import clauses
    from tests.storage.samples import url_of

    engine = connect(url_of(tmp_path))
    for state in (State.OVERDUE, State.LAPSED, State.ENDING):
        wanted = Wanted(state=narrowed([state], POLICY, NOW))
        query = select(cards.c.id).where(*clauses(wanted))
        sql = str(query.compile(engine, compile_kwargs={"literal_binds": True}))
        plan = [str(row[3]) for row in house.rows(f"explain query plan {sql}")]
        assert not any(step.startswith("SCAN cards") for step in plan), plan
    engine.dispose()
