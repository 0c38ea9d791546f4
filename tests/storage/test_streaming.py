"""All cards in batches: each once, in order, whatever happens between two reads."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from kzreminder.core.moves import archive
from kzreminder.storage import streaming
from kzreminder.storage.wanted import Wanted
from tests.storage.samples import NOW, a_card, a_store, add_all


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "BATCH", 3)


@pytest.mark.parametrize("count", [0, 1, 3, 4, 6])
def test_every_card_comes_once_in_the_order_of_registration(tmp_path: Path, count: int) -> None:
    store = a_store(tmp_path)
    # the later, the more urgent: a list would begin at the other end
    ends = (NOW.date() + timedelta(days=90 - n) for n in range(count))
    add_all(store, [a_card(f"Card {n}", expires=end) for n, end in enumerate(ends)], NOW)
    batches = list(store.streaming.batches(Wanted()))
    assert [card.label for batch in batches for card in batch] == [
        f"Card {n}" for n in range(count)
    ]
    assert all(0 < len(batch) <= 3 for batch in batches)
    assert store.streaming.count(Wanted()) == count


def test_between_two_batches_the_database_is_free(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    add_all(store, [a_card(f"Card {n}") for n in range(5)], NOW)
    batches = store.streaming.batches(Wanted())
    first = next(batches)
    store.remove(first[-1].id)
    store.remove(4)
    store.change(5, "archived", archive, NOW)
    store.add(a_card("New"), NOW)
    rest = [(card.label, card.archived) for batch in batches for card in batch]
    assert rest == [("Card 4", True), ("New", False)]


def test_only_what_is_wanted_comes(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    store.add(a_card("Mum", operator="kcell", tags=("family", "100%")), NOW)
    store.add(a_card("Dad", operator="beeline", tags=("family",)), NOW)
    store.add(archive(a_card("Old", operator="kcell", tags=("fam",))), NOW)

    def labels(wanted: Wanted) -> list[str]:
        found = [card.label for batch in store.streaming.batches(wanted) for card in batch]
        assert store.streaming.count(wanted) == len(found)
        return found

    assert labels(Wanted()) == ["Mum", "Dad", "Old"]
    assert labels(Wanted(archived=False)) == ["Mum", "Dad"]
    assert labels(Wanted(operator="kcell")) == ["Mum", "Old"]
    assert labels(Wanted(tag="family")) == ["Mum", "Dad"]
    assert labels(Wanted(tag="fam")) == ["Old"]
    assert labels(Wanted(tag="%")) == []
    assert labels(Wanted(tag="\ud800")) == []
