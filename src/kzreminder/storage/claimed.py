"""What a pass has claimed, read card by card where one of them cannot be read.

Not here: claiming (delivery), the columns (rows).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, exc, select

from kzreminder.core.card import Card
from kzreminder.core.reminder import Mark
from kzreminder.storage.faults import UNREADABLE, is_undecodable
from kzreminder.storage.messages import chunks
from kzreminder.storage.rows import card_of, mark_of
from kzreminder.storage.tables import cards, marks


@dataclass(frozen=True, slots=True)
class Claimed:
    card: Card
    marks: tuple[Mark, ...]
    attempts: int
    "sends of this card that failed since the last that did not"

    @property
    def card_id(self) -> int:
        return self.card.id


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A card of which something that is stored means nothing; the others are none the worse."""

    card_id: int
    error: Exception


def read_claimed(connection: Connection, card_ids: Sequence[int]) -> list[Claimed | Unreadable]:
    try:
        return [*_read(connection, card_ids)]
    except (exc.DBAPIError, *UNREADABLE) as error:
        _refuse_worse(error)
    return [_read_one(connection, card_id) for card_id in card_ids]


def _read_one(connection: Connection, card_id: int) -> Claimed | Unreadable:
    try:
        [one] = _read(connection, [card_id])
    except (exc.DBAPIError, *UNREADABLE) as error:
        _refuse_worse(error)
        return Unreadable(card_id, error)
    return one


def _refuse_worse(error: Exception) -> None:
    """What is wrong with the database, and not with the text of one row."""
    if isinstance(error, exc.DBAPIError) and not is_undecodable(error.orig):
        raise error


def _read(connection: Connection, card_ids: Sequence[int]) -> list[Claimed]:
    told = marks_by_card(connection, card_ids)
    found = []
    for chunk in chunks(card_ids):
        query = select(cards).where(cards.c.id.in_(chunk)).order_by(cards.c.id)
        found += [
            Claimed(card_of(row), tuple(told.get(row["id"], ())), row["attempts"])
            for row in connection.execute(query).mappings()
        ]
    return found


def marks_by_card(connection: Connection, card_ids: Sequence[int]) -> dict[int, list[Mark]]:
    """What was told of each card, on any target; a card of which nothing was told is absent."""
    found: dict[int, list[Mark]] = {}
    for chunk in chunks(card_ids):
        query = select(marks).where(marks.c.card_id.in_(chunk), marks.c.believed)
        for row in connection.execute(query).mappings():
            found.setdefault(row["card_id"], []).append(mark_of(row))
    return found
