"""What a server is told in one statement is what a file is told row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from kzreminder import places
from kzreminder.storage.delivery import LEASE, Attention, Awaits
from kzreminder.storage.engine import reading, writing
from kzreminder.storage.store import Store
from kzreminder.storage.tables import cards
from tests.postgres import ON_POSTGRES, Timed
from tests.storage.samples import NOW, a_card, a_store

pytestmark = ON_POSTGRES
LATER, SECOND = NOW + timedelta(days=1), timedelta(seconds=1)
WRITTEN = [cards.c[one] for one in ("wake_at", "urgent_at", "awaits", "attempts", "claim_token")]
STOOD: tuple[dict[str, Any], ...] = (
    {},
    {"claim_token": "ours"},
    {"claim_token": "ours", "wake_at": NOW + 2 * LEASE},
    {"claim_token": "theirs"},
    {"claim_token": "theirs", "wake_at": NOW + LEASE + SECOND},
    {"attempts": 4},
    {"version": 2},
    *({"awaits": one} for one in Awaits),
    {"awaits": Awaits.DESKTOP, "claim_token": "ours"},
)
"Each card before, where it is not as it was registered."
WRITES: tuple[Callable[[Store, Sequence[Attention]], None], ...] = (
    lambda store, told: store.delivery.settle(told, "ours"),
    lambda store, told: store.replanning.keep([(one, 1) for one in told], "f", 99, NOW),
)


@pytest.fixture
def stores(tmp_path: Path, timed: Timed) -> Iterator[tuple[Store, Store]]:
    with (
        closing(a_store(tmp_path)) as file,
        closing(Store(timed.emptied(NOW), places.make_private)) as server,
    ):
        yield file, server


@pytest.mark.parametrize("write", WRITES, ids=["put back", "keep"])
def test_both_write_the_same(
    stores: tuple[Store, Store], write: Callable[[Store, Sequence[Attention]], None]
) -> None:
    file, server = (written(store, write) for store in stores)
    assert file == server
    assert len(set(file)) > 5, "they differ from card to card"


def written(
    store: Store, write: Callable[[Store, Sequence[Attention]], None]
) -> list[tuple[Any, ...]]:
    """What stands in each row after it."""
    waits = [None, *Awaits]
    ids = [store.add(a_card(f"Card {number}"), NOW).id for number in range(len(STOOD))]
    with writing(store._engine) as connection:
        for card_id, stood in zip(ids, STOOD, strict=True):
            row = {"wake_at": NOW, "version": 1, **stood}
            connection.execute(cards.update().where(cards.c.id == card_id).values(**row))
    told = [
        Attention(one, LATER + one * SECOND, LATER, waits[one % len(waits)], attempts=one)
        for one in reversed(ids)
    ]
    write(store, [*told[:-1], Attention(ids[0], None, None)])
    with reading(store._engine) as connection:
        return [tuple(row) for row in connection.execute(select(*WRITTEN).order_by(cards.c.id))]
