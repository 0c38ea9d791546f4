"""One change of one card, inside somebody's transaction: read, moved, kept with its event.

Not here: whose transaction it is (store).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, select

from kzreminder.core.card import Card, Move
from kzreminder.core.planning import urgent_at
from kzreminder.errors import N_, AlreadyExists, CardNotFound
from kzreminder.storage.dialects import time_there
from kzreminder.storage.finding import cards_of
from kzreminder.storage.notes import note_change
from kzreminder.storage.rows import changes_between, row_of, to_json
from kzreminder.storage.tables import cards, events
from kzreminder.storage.toasts import outdate_of_card


def change_card(
    connection: Connection,
    card_id: int,
    what: str,
    move: Move,
    now: datetime,
    details: Mapping[str, object],
) -> Card:
    old = held_card(connection, card_id)
    new = replace(move(old), version=old.version + 1)
    if (new.label, new.number) != (old.label, old.number):
        check_unique(connection, new)
    values = row_of(new) | attention(new, now, time_there(connection, now))
    connection.execute(cards.update().where(cards.c.id == card_id).values(**values))
    outdate_of_card(connection, card_id)
    record(connection, card_id, what, changes_between(old, new), details, now)
    return new


def newest_change(connection: Connection, card_id: int) -> RowMapping | None:
    """The event that an undo takes back; one that was taken back is passed over."""
    query = select(events).where(events.c.card_id == card_id).order_by(events.c.id.desc())
    undone = set()
    for event in connection.execute(query).mappings():
        if event["what"] == "undone":
            undone.add(json.loads(event["details"])["undoes"])
        elif event["what"] != "added" and event["id"] not in undone:
            return event
    return None


def card_with_id(connection: Connection, card_id: int) -> Card:
    return _one(connection, select(cards).where(cards.c.id == card_id), card_id)


def held_card(connection: Connection, card_id: int) -> Card:
    """Nobody else changes it until this transaction ends."""
    whose = select(cards).where(cards.c.id == card_id)
    return _one(connection, whose.with_for_update(key_share=True), card_id)


def _one(connection: Connection, query: Select[Any], card_id: int) -> Card:
    found = cards_of(connection, query)
    if not found:
        raise CardNotFound(str(card_id))
    return found[0]


def attention(card: Card, now: datetime, there: datetime) -> dict[str, Any]:
    """A changed card is looked at by the very next pass, whose policy decides what follows.

    `there`: now, by the clock of the database."""
    return {
        "wake_at": None if card.archived else there,
        "urgent_at": None if card.archived else urgent_at(card, now),
        "claim_token": None,
        "awaits": None,
        "attempts": 0,
    }


def check_unique(connection: Connection, card: Card) -> None:
    others = cards.c.id != card.id
    label_taken = select(cards.c.id).where(cards.c.label == card.label, others)
    if connection.scalar(label_taken) is not None:
        raise AlreadyExists(
            N_("a card called {label} is registered already"),
            hint=N_("Give this one another name with --label."),
            label=card.label,
        )
    if card.number is None:
        return
    owner = connection.scalar(select(cards.c.label).where(cards.c.number == card.number, others))
    if owner is not None:
        raise AlreadyExists(
            N_("the number {number} is registered already, as {label}"),
            number=card.number,
            label=owner,
        )


def record(
    connection: Connection,
    card_id: int,
    what: str,
    changes: str,
    details: Mapping[str, object],
    now: datetime,
) -> None:
    note_change(connection, now)
    connection.execute(
        events.insert().values(
            card_id=card_id, at=now, what=what, changes=changes, details=to_json(dict(details))
        )
    )
