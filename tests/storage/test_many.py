"""Many cards at once are stored as one by one, all or none, whoever else writes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from kzreminder.core.card import Card
from kzreminder.core.correcting import correct
from kzreminder.core.moves import archive
from kzreminder.errors import AlreadyExists, KzreminderError
from kzreminder.storage.incoming import CHUNK
from kzreminder.storage.messages import Sent
from kzreminder.storage.store import Store
from kzreminder.storage.toasts import CHANGED
from tests.cli.running import contents_of
from tests.storage.samples import (
    NOW,
    POLICY,
    TARGET,
    a_card,
    a_reminder,
    a_store,
    add_all,
    full_card,
)

MANY = [full_card(), *(a_card(f"Card {number}") for number in range(2 * CHUNK))]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = a_store(tmp_path)
    yield made
    made.close()


def contents(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    return contents_of(folder / "cards.db")


def test_many_are_stored_as_one_by_one(store: Store, tmp_path: Path) -> None:
    by_one = tmp_path / "by one"
    by_one.mkdir()
    other = a_store(by_one)
    for card in MANY[:3]:
        other.add(card, NOW)
    other.close()
    assert add_all(store, MANY[:3], NOW) == 3
    assert contents(tmp_path) == contents(by_one)


def test_each_begins_with_one_event_however_many_they_are(store: Store) -> None:
    assert add_all(store, MANY, NOW) == len(MANY)
    cards = store.cards()
    assert {card.label for card in cards} == {card.label for card in MANY}
    begun = [(entry.card_id, entry.fields["what"]) for entry in store.history()]
    assert sorted(begun) == sorted((card.id, "added") for card in cards)


@pytest.mark.parametrize("place", [0, CHUNK, 2 * CHUNK])
def test_one_that_is_there_already_keeps_all_out(store: Store, tmp_path: Path, place: int) -> None:
    store.add(a_card(MANY[place].label), NOW)
    before = contents(tmp_path)
    with pytest.raises(AlreadyExists):
        add_all(store, MANY, NOW)
    assert contents(tmp_path) == before


def test_a_number_that_is_there_already_keeps_all_out(store: Store) -> None:
    store.add(a_card("Mother", number="+77011234567"), NOW)
    with pytest.raises(AlreadyExists):
        add_all(store, MANY, NOW)
    assert store.count() == 1


def test_two_of_one_label_are_a_bug_and_show_as_one(store: Store) -> None:
    twice: list[Card] = [a_card("Mum"), a_card("Mum")]
    with pytest.raises(IntegrityError):
        add_all(store, twice, NOW)
    assert store.count() == 0


def test_none_is_stored_without_a_trace(store: Store, tmp_path: Path) -> None:
    before = contents(tmp_path)
    assert add_all(store, [], NOW) == 0
    assert contents(tmp_path) == before


def test_what_stands_twice_and_what_is_registered_is_found_with_its_line(store: Store) -> None:
    add_all(store, [a_card("Mum", number="+77011234567"), a_card("Dad")], NOW)
    with store.incoming(NOW) as coming:
        for line, label, number in (
            (2, "Sis", "+77011234560"),
            (3, "Dad", None),
            (5, "Bro", "+77011234567"),
            (7, "Sis", "+77011234560"),
        ):
            coming.lay_by(line, a_card(label, number=number))
        coming.name(9, "Bro", None)
        found = [(one.line, one.column, one.earlier, one.known_as) for one in coming.clashes()]
    assert found == [
        (7, "label", 2, None),
        (9, "label", 5, None),
        (3, "label", None, "Dad"),
        (7, "number", 2, None),
        (5, "number", None, "Mum"),
    ]
    assert store.count() == 2


def test_those_that_are_alike_are_stored_as_one_by_one(store: Store) -> None:
    alike = a_card("", price=Decimal(4990))
    own: dict[str, Any] = {
        "label": "Mum",
        "number": "+77011234567",
        "operator": "kcell",
        "operator_guessed": True,
    }
    with store.incoming(NOW) as coming:
        coming.lay_by(1, alike, own)
        coming.register()
    assert store.cards() == [replace(alike, id=1, **own)]
    assert store.find("mum").label == "Mum"


def dearer(card: Card) -> Card:
    return correct(card, {"price": Decimal(5990), "note": None}, POLICY, NOW)


def test_many_are_corrected_as_one_by_one(store: Store, tmp_path: Path) -> None:
    by_one = tmp_path / "by one"
    by_one.mkdir()
    other = a_store(by_one)
    for one in (store, other):
        add_all(one, MANY[:4], NOW)
    for card in other.cards():
        other.change(card.id, "edited", dearer, NOW)
    other.close()
    with store.incoming(NOW) as coming:
        for card in store.cards():
            coming.correct(card, dearer(card))
        coming.register()
    assert contents(tmp_path)["cards"] == contents(by_one)["cards"]
    assert sorted(row[1:] for row in contents(tmp_path)["events"]) == sorted(
        row[1:] for row in contents(by_one)["events"]
    )


def test_new_and_corrected_cards_come_together_or_not_at_all(store: Store, tmp_path: Path) -> None:
    [mum] = [store.add(a_card("Mum"), NOW)]
    before = contents(tmp_path)
    with store.incoming(NOW) as coming:
        coming.lay_by(2, a_card("New"))
        coming.name(3, "Mum", None, mum.id)
        coming.correct(mum, dearer(mum))
        assert coming.clashes() == []
        assert contents(tmp_path) == before
        assert (coming.register(), coming.corrected) == (1, 1)
    assert [card.plan.price for card in store.cards()] == [Decimal(5990), None]


def test_what_was_changed_meanwhile_is_not_written_over(store: Store, tmp_path: Path) -> None:
    mum = store.add(a_card("Mum"), NOW)
    with store.incoming(NOW) as coming:
        coming.lay_by(2, a_card("New"))
        coming.correct(mum, dearer(mum))
        store.change(mum.id, "archived", archive, NOW)
        before = contents(tmp_path)
        with pytest.raises(KzreminderError, match="Mum was changed meanwhile"):
            coming.register()
    assert contents(tmp_path) == before


def test_a_correction_takes_no_name_that_another_card_has(store: Store) -> None:
    mum, dad = store.add(a_card("Mum"), NOW), store.add(a_card("Dad"), NOW)
    with store.incoming(NOW) as coming:
        coming.name(2, "Dad", None, mum.id)
        coming.name(3, "Dad", None, dad.id)
        coming.name(4, "Sis", None, dad.id)
        found = {(one.line, one.column, one.earlier, one.known_as) for one in coming.clashes()}
    assert found == {
        (3, "label", 2, None),
        (2, "label", None, "Dad"),
        (4, "", 3, None),
    }


def test_what_stands_on_the_screen_of_a_corrected_card_is_out_of_date(
    store: Store, tmp_path: Path
) -> None:
    card = store.add(a_card("Mum"), NOW)
    store.delivery.claim("pass", NOW, 10)
    told = Sent(TARGET, "title", "body", (a_reminder(card),), False, 1, 7, "server 1")
    store.toasts.shown(told, NOW)
    with store.incoming(NOW) as coming:
        coming.correct(card, dearer(card))
        coming.register()
    assert store.delivery.still_ours([card.id], "pass") == set()
    [message] = contents(tmp_path)["messages"]
    assert CHANGED in message
