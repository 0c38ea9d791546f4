"""A change of one card or many, inside somebody's transaction: read, moved, kept with its event.

Not here: whose transaction it is (store).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, bindparam, select, update

from kzreminder.core.card import Card, Move
from kzreminder.core.planning import urgent_at
from kzreminder.errors import N_, AlreadyExists, CardNotFound
from kzreminder.storage.dialects import time_there
from kzreminder.storage.finding import cards_among, cards_of
from kzreminder.storage.messages import chunks, hold
from kzreminder.storage.notes import note_change
from kzreminder.storage.rows import changes_between, row_of, to_json
from kzreminder.storage.tables import cards, events
from kzreminder.storage.toasts import outdate_of_cards


def change_card(
    connection: Connection,
    card_id: int,
    what: str,
    move: Move,
    now: datetime,
    details: Mapping[str, object],
) -> Card:
    [changed] = change_cards(connection, [card_id], what, move, now, details)
    return changed


def change_cards(
    connection: Connection,
    card_ids: Sequence[int],
    what: str,
    move: Move,
    now: datetime,
    details: Mapping[str, object],
) -> list[Card]:
    """The same for each of them, in their order. Raises CardNotFound, and what the move raises."""
    hold(connection, card_ids)
    kept = _Keeping(connection, what, now, to_json(dict(details)))
    changed: list[Card] = []
    for ids in chunks(card_ids):
        found = cards_among(connection, ids)
        for card_id in ids:
            if card_id not in found:
                raise CardNotFound(str(card_id))
            old = found[card_id]
            new = replace(move(old), version=old.version + 1)
            if (new.label, new.number) != (old.label, old.number):
                kept.write()  # so that it is seen beside those before it
                check_unique(connection, new)
            kept.add(old, new)
            changed.append(new)
        kept.write()
        outdate_of_cards(connection, ids)
    note_change(connection, now)
    return changed


class _Keeping:
    """Cards that were moved, written with their events in a few statements for all of them."""

    def __init__(self, connection: Connection, what: str, now: datetime, details: str) -> None:
        self._connection = connection
        self._now = now
        self._there = time_there(connection, now)
        self._event = {"at": now, "what": what, "details": details}
        self._cards: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        "by the columns that change: few are the same for all"
        self._events: list[dict[str, Any]] = []

    def add(self, old: Card, new: Card) -> None:
        before, after = row_of(old), row_of(new)
        values = {name: value for name, value in after.items() if value != before[name]}
        values |= attention(new, self._now, self._there)
        row = {f"new_{name}": value for name, value in values.items()}
        self._cards.setdefault(tuple(values), []).append(row | {"card": old.id})
        changes = changes_between(before, after)
        self._events.append(self._event | {"card_id": old.id, "changes": changes})

    def write(self) -> None:
        for columns, rows in self._cards.items():
            values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in columns}
            ours = update(cards).where(cards.c.id == bindparam("card")).values(values)
            self._connection.execute(ours, rows)
        if self._events:
            self._connection.execute(events.insert(), self._events)
        self._cards.clear()
        self._events.clear()


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
