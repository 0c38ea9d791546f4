"""Many new cards at once: which are known already, and all of them in few statements.

Not here: one card's ways (store).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, bindparam, literal, select

from kzreminder.storage.notes import note_change
from kzreminder.storage.tables import cards, events

T = TypeVar("T")

CHUNK = 500
_EVENT = ("card_id", "at", "what", "changes", "details")
_ADDED = (bindparam("at", type_=events.c.at.type), literal("added"), literal("{}"), literal("{}"))


def owners(connection: Connection, column: Column[Any], wanted: Collection[str]) -> dict[str, str]:
    """Of these labels or numbers those that are taken, each with its card's label."""
    found: dict[str, str] = {}
    for chunk in _chunks(wanted):
        rows = connection.execute(select(column, cards.c.label).where(column.in_(chunk)))
        found.update((value, label) for value, label in rows)
    return found


def insert_all(connection: Connection, rows: Iterable[dict[str, Any]], now: datetime) -> int:
    """The cards with the event that each begins with; how many."""
    count = 0
    for chunk in _chunks(rows):
        connection.execute(cards.insert(), chunk)
        labels = [row["label"] for row in chunk]
        begun = select(cards.c.id, *_ADDED).where(cards.c.label.in_(labels)).order_by(cards.c.id)
        connection.execute(events.insert().from_select(_EVENT, begun), {"at": now})
        count += len(chunk)
    if count:
        note_change(connection, now)
    return count


def _chunks(items: Iterable[T]) -> Iterator[list[T]]:
    remaining = iter(items)
    while chunk := list(islice(remaining, CHUNK)):
        yield chunk
