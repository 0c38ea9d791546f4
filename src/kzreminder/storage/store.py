"""The cards and their history: find, add, change, remove; each change in one transaction.

Not here: claiming and confirming what is sent (delivery).
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from kzreminder.core.card import Card
from kzreminder.core.planning import Mark, urgent_at
from kzreminder.errors import N_, AlreadyExists, CardNotFound, SeveralCardsMatch
from kzreminder.storage.delivery import CHUNK, LAST_CHANGE, Delivery, marks_by_card, remember
from kzreminder.storage.engine import MakeFolder, open_engine, reading, writing
from kzreminder.storage.rows import card_of, changes_between, row_of, to_json
from kzreminder.storage.tables import SCHEMA, cards, events, marks, messages

CANDIDATES = 8
LEAST_DIGITS = 3

Move = Callable[[Card], Card]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of history: an event, or a message with the reminders it carried."""

    at: datetime
    card_id: int | None
    kind: str
    "event or message"
    fields: Mapping[str, Any]


class Store:
    """One database. Safe to use from several threads."""

    def __init__(self, url: str, make_folder: MakeFolder) -> None:
        self._engine = open_engine(url, make_folder)
        self.delivery = Delivery(self._engine)

    def close(self) -> None:
        self._engine.dispose()

    @property
    def shown_url(self) -> str:
        """The database's address without its password."""
        return self._engine.url.render_as_string()

    @property
    def identity(self) -> str:
        """The same for every name of one SQLite file."""
        url = self._engine.url
        if url.get_backend_name() == "sqlite" and url.database:
            return str(Path(url.database).resolve())
        return url.render_as_string()

    @property
    def schema(self) -> int:
        return SCHEMA

    def cards(
        self, *, operator: str | None = None, tag: str | None = None, archived: bool = False
    ) -> list[Card]:
        """The registered cards, the earliest deadline first; archived ones only when asked for."""
        query = select(cards).order_by(cards.c.urgent_at.is_(None), cards.c.urgent_at, cards.c.id)
        if operator is not None:
            query = query.where(cards.c.operator == operator)
        if tag is not None:
            if not _is_text(tag):
                return []
            composed = unicodedata.normalize("NFC", tag)
            query = query.where(cards.c.tags.contains(f"|{composed}|", autoescape=True))
        if not archived:
            query = query.where(~cards.c.archived)
        with reading(self._engine) as connection:
            return _cards(connection, query)

    def count(self) -> int:
        with reading(self._engine) as connection:
            return connection.scalar(select(func.count()).select_from(cards)) or 0

    def find(self, wanted: str) -> Card:
        """The card that `wanted` names: by label, id, start of the label, last digits.

        The first of these that finds something decides; nothing or several is an error.
        """
        with reading(self._engine) as connection:
            # labels are kept composed; a Mac gives й in two signs
            for clause in _readings(unicodedata.normalize("NFC", wanted)):
                found = _cards(connection, select(cards).where(clause).limit(CANDIDATES))
                if len(found) == 1:
                    return found[0]
                if found:
                    raise SeveralCardsMatch(wanted, tuple(card.label for card in found))
            near = connection.scalars(
                select(cards.c.label).order_by(cards.c.label_key).limit(CANDIDATES)
            )
            raise CardNotFound(wanted, tuple(near))

    def marks_of(self, card_ids: Sequence[int], target: str) -> dict[int, list[Mark]]:
        """What was told of each card on the target; a card of which nothing was told is absent."""
        with reading(self._engine) as connection:
            return marks_by_card(connection, card_ids, target)

    def add(self, card: Card, now: datetime) -> Card:
        with writing(self._engine) as connection:
            _check_unique(connection, card)
            values = row_of(card) | _attention(card, now)
            result = connection.execute(cards.insert().values(**values))
            assert result.inserted_primary_key is not None
            added = replace(card, id=result.inserted_primary_key[0])
            _record(connection, added.id, "added", "{}", {}, now)
            return added

    def change(
        self,
        card_id: int,
        what: str,
        move: Move,
        now: datetime,
        details: Mapping[str, object] | None = None,
    ) -> Card:
        """Read the card, apply the move, save it with its event: one transaction."""
        with writing(self._engine) as connection:
            before = _card(connection, card_id)
            after = replace(move(before), version=before.version + 1)
            if (after.label, after.number) != (before.label, before.number):
                _check_unique(connection, after)
            values = row_of(after) | _attention(after, now)
            connection.execute(cards.update().where(cards.c.id == card_id).values(**values))
            _record(connection, card_id, what, changes_between(before, after), details or {}, now)
            return after

    def remove(self, card_id: int) -> None:
        """Delete the card with its history."""
        with writing(self._engine) as connection:
            _card(connection, card_id)
            connection.execute(cards.delete().where(cards.c.id == card_id))

    def history(self, card_id: int | None = None, limit: int | None = None) -> list[Entry]:
        """Events and messages, newest first."""
        with reading(self._engine) as connection:
            entries = [
                *_events(connection, card_id, limit),
                *_messages(connection, card_id, limit),
            ]
        entries.sort(key=lambda entry: entry.at, reverse=True)
        return entries[:limit]


def _cards(connection: Connection, query: Select[Any]) -> list[Card]:
    return [card_of(row) for row in connection.execute(query).mappings()]


def _card(connection: Connection, card_id: int) -> Card:
    found = _cards(connection, select(cards).where(cards.c.id == card_id))
    if not found:
        raise CardNotFound(str(card_id))
    return found[0]


def _readings(wanted: str) -> Iterator[ColumnElement[bool]]:
    """The ways to understand what names a card, in the order in which they are tried."""
    if not _is_text(wanted):
        return
    yield cards.c.label == wanted
    if re.fullmatch(r"[0-9]{1,18}", wanted):
        yield cards.c.id == int(wanted)
    if wanted.strip():
        yield cards.c.label_key.startswith(wanted.strip().casefold(), autoescape=True)
    digits = re.sub(r"[\s()+-]", "", wanted)
    if re.fullmatch(rf"[0-9]{{{LEAST_DIGITS},18}}", digits):
        if len(digits) == 11 and digits.startswith("8"):
            digits = digits[1:]  # 8 701 ... is how +7 701 ... is dialled inside the country
        yield cards.c.number.endswith(digits)


def _is_text(wanted: str) -> bool:
    """A word that is no UTF-8 reaches us as halves of surrogate pairs, and fits nothing stored."""
    return not any("\ud800" <= sign <= "\udfff" for sign in wanted)


def _attention(card: Card, now: datetime) -> dict[str, Any]:
    """A changed card is looked at by the very next pass, whose policy decides what follows."""
    return {
        "wake_at": None if card.archived else now,
        "urgent_at": None if card.archived else urgent_at(card, now),
        "claim_token": None,
        "attempts": 0,
    }


def _check_unique(connection: Connection, card: Card) -> None:
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


def _record(
    connection: Connection,
    card_id: int,
    what: str,
    changes: str,
    details: Mapping[str, object],
    now: datetime,
) -> None:
    remember(connection, LAST_CHANGE, now.isoformat())
    connection.execute(
        events.insert().values(
            card_id=card_id, at=now, what=what, changes=changes, details=to_json(dict(details))
        )
    )


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


def _messages(connection: Connection, card_id: int | None, limit: int | None) -> Iterator[Entry]:
    query = select(messages).order_by(messages.c.id.desc()).limit(limit)
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
