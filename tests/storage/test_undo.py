"""Undo puts back what was, newest first; many cards change together or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest

from kzreminder.core.card import Card
from kzreminder.core.correcting import correct
from kzreminder.core.moves import Renewal, archive, read_balance, renew, top_up, use
from kzreminder.core.silence import acknowledge, mute, snooze
from kzreminder.errors import AlreadyExists, BadValue, NothingToUndo
from kzreminder.storage.store import Store
from tests.storage.conftest import ON_BOTH
from tests.storage.samples import NOW, POLICY, TODAY, a_card, ending, full_card

LATER = NOW + timedelta(days=2)
MOVES: dict[str, Callable[[Card], Card]] = {
    "renewed": partial(renew, renewal=Renewal(TODAY, method="kaspi"), now=LATER),
    "topped_up": partial(top_up, amount=Decimal(50), on=TODAY, policy=POLICY, now=LATER),
    "balance_read": partial(read_balance, amount=Decimal(5), at=LATER, policy=POLICY),
    "used": partial(use, on=TODAY + timedelta(days=1)),
    "edited": partial(
        correct, told={"label": "Dad", "tags": ("x",), "leads": None}, policy=POLICY, now=LATER
    ),
    "acknowledged": partial(acknowledge, now=LATER),
    "snoozed": partial(snooze, until=LATER, now=NOW),
    "muted": partial(mute, until=TODAY),
    "archived": archive,
}


def known(card: Card) -> Card:
    return replace(card, version=0)


@pytest.mark.parametrize("card", [full_card(), ending(in_days=9)], ids=["full", "plan"])
@ON_BOTH
def test_every_change_is_taken_back_whole_and_newest_first(store: Store, card: Card) -> None:
    before = [store.add(card, NOW)]
    for what, move in MOVES.items():
        before.append(store.change(before[-1].id, what, move, LATER))
    for what in reversed(MOVES):
        before.pop()
        undone, taken_back = store.undo(before[-1].id, LATER)
        assert taken_back == what
        assert known(undone) == known(before[-1]), what
        assert known(store.cards(archived=True)[0]) == known(before[-1])
    with pytest.raises(NothingToUndo):
        store.undo(before[-1].id, LATER)
    assert len(store.history()) == 2 * len(MOVES) + 1


@ON_BOTH
def test_after_an_undo_the_next_change_is_the_newest_again(store: Store) -> None:
    card = store.add(ending(in_days=3), NOW)
    store.change(card.id, "muted", partial(mute, until=None), NOW)
    store.undo(card.id, NOW)
    store.change(card.id, "used", partial(use, on=TODAY), NOW)
    assert store.undo(card.id, NOW)[1] == "used"
    with pytest.raises(NothingToUndo):
        store.undo(card.id, NOW)


@ON_BOTH
def test_an_undo_wakes_the_card_and_says_what_it_took_back(store: Store) -> None:
    card = store.add(ending(in_days=3), NOW)
    changed = store.change(card.id, "muted", partial(mute, until=None), NOW)
    undone, _ = store.undo(card.id, LATER)
    assert undone.version == changed.version + 1
    assert store.delivery.next_wake_at() == LATER
    entry = store.history(card.id)[0]
    assert entry.fields["what"] == "undone"
    assert entry.fields["details"] == {"undoes": 2, "what": "muted"}
    assert entry.fields["changes"] == {"muted": [True, False]}


@ON_BOTH
def test_a_label_that_is_taken_meanwhile_is_not_put_back(store: Store) -> None:
    card = store.add(a_card("Mum"), NOW)
    store.change(card.id, "edited", lambda one: replace(one, label="Dad"), NOW)
    store.add(a_card("Mum"), NOW)
    with pytest.raises(AlreadyExists):
        store.undo(card.id, NOW)
    assert [entry.fields["what"] for entry in store.history(card.id)] == ["edited", "added"]


@ON_BOTH
def test_many_cards_change_together_or_not_at_all(store: Store) -> None:
    ids = [store.add(ending(f"Card {n}"), NOW).id for n in range(3)]
    muted = store.change_all(ids, "muted", partial(mute, until=None), NOW)
    assert [card.silence.muted for card in muted] == [True] * 3

    def refuse_the_last(card: Card) -> Card:
        if card.id == ids[-1]:
            raise BadValue("no")
        return replace(card, note="changed")

    with pytest.raises(BadValue):
        store.change_all(ids, "edited", refuse_the_last, NOW)
    assert {card.note for card in store.cards()} == {None}
    assert len(store.history()) == 6
