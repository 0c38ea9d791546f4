"""What happened and what was told, read back: events and messages as lines of history.

Not here: writing them (store, delivery).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from kzreminder.storage.messages import CHUNK
from kzreminder.storage.tables import events, marks, messages


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of history: an event, or a message with the reminders it carried."""

    at: datetime
    card_id: int | None
    kind: str
    "event or message"
    fields: Mapping[str, Any]


def entries_of(connection: Connection, card_id: int | None, limit: int | None) -> list[Entry]:
    """Events and messages, newest first."""
    found = [*_events(connection, card_id, limit), *_messages(connection, card_id, limit)]
    found.sort(key=lambda entry: entry.at, reverse=True)
    return found[:limit]


def last_message(connection: Connection, card_id: int, target: str | None = None) -> Entry | None:
    """The newest message that spoke of the card, or was to; there, or anywhere."""
    return next(_messages(connection, card_id, 1, target), None)


def _events(connection: Connection, card_id: int | None, limit: int | None) -> Iterator[Entry]:
    query = select(events).order_by(events.c.id.desc()).limit(limit)
    if card_id is not None:
        query = query.where(events.c.card_id == card_id)
    for row in connection.execute(query).mappings():
        fields = {
            "what": row["what"],
            "changes": json.loads(row["changes"]),
            "details": json.loads(row["details"]),
        }
        yield Entry(row["at"], row["card_id"], "event", fields)


def _messages(
    connection: Connection, card_id: int | None, limit: int | None, target: str | None = None
) -> Iterator[Entry]:
    query = select(messages).order_by(messages.c.id.desc()).limit(limit)
    if target is not None:
        query = query.where(messages.c.target == target)
    if card_id is not None:
        carried = select(marks.c.message_id).where(marks.c.card_id == card_id)
        query = query.where(messages.c.id.in_(carried))
    rows = connection.execute(query).mappings().all()
    carried_by = _carried(connection, [row["id"] for row in rows], card_id)
    for row in rows:
        names = ("target", "outcome", "error", "attempt", "notification_id", "title", "body")
        fields = {name: row[name] for name in names}
        fields["reminders"] = carried_by.get(row["id"], [])
        yield Entry(row["at"], row["card_id"], "message", fields)


def _carried(
    connection: Connection, message_ids: Iterable[int], card_id: int | None
) -> dict[int, list[dict[str, Any]]]:
    """The reminders of each message; of a digest only those of the card that is asked for."""
    ids = list(message_ids)
    found: dict[int, list[dict[str, Any]]] = {}
    for start in range(0, len(ids), CHUNK):
        query = select(marks).where(marks.c.message_id.in_(ids[start : start + CHUNK]))
        if card_id is not None:
            query = query.where(marks.c.card_id == card_id)
        for row in connection.execute(query.order_by(marks.c.id)).mappings():
            found.setdefault(row["message_id"], []).append(
                {
                    "card": row["card_id"],
                    "deadline": row["kind"],
                    "deadline_at": row["deadline_at"],
                    "lead": row["lead"],
                }
            )
    return found
