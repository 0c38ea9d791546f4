"""What a pass has claimed, read card by card where one of them cannot be read.

Not here: claiming (delivery), the columns (rows).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, exc, func, or_, select

from kzreminder.core.card import Card
from kzreminder.core.narrowing import matters_since
from kzreminder.core.reminder import Mark
from kzreminder.storage.faults import UNREADABLE, is_undecodable
from kzreminder.storage.messages import chunks
from kzreminder.storage.rows import MARK, card_of, mark_of
from kzreminder.storage.tables import cards, marks

MANY = 60
"Marks of one card: so many are told in a year."
EVER = datetime.min.replace(tzinfo=UTC)


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


def read_claimed(
    connection: Connection, card_ids: Sequence[int], now: datetime, longest_lead: int
) -> list[Claimed | Unreadable]:
    """`longest_lead`: of any reminder by which they may be planned, in days."""
    try:
        return [*_read(connection, card_ids, now, longest_lead)]
    except (exc.DBAPIError, *UNREADABLE) as error:
        _refuse_worse(error)
    return [_read_one(connection, card_id, now, longest_lead) for card_id in card_ids]


def _read_one(
    connection: Connection, card_id: int, now: datetime, longest_lead: int
) -> Claimed | Unreadable:
    try:
        [one] = _read(connection, [card_id], now, longest_lead)
    except (exc.DBAPIError, *UNREADABLE) as error:
        _refuse_worse(error)
        return Unreadable(card_id, error)
    return one


def _refuse_worse(error: Exception) -> None:
    """What is wrong with the database, and not with the text of one row."""
    if isinstance(error, exc.DBAPIError) and not is_undecodable(error.orig):
        raise error


def _read(
    connection: Connection, card_ids: Sequence[int], now: datetime, longest_lead: int
) -> list[Claimed]:
    found = []
    for chunk in chunks(card_ids):
        query = select(cards).where(cards.c.id.in_(chunk)).order_by(cards.c.id)
        rows = connection.execute(query).mappings()
        found += [(card_of(row), row["attempts"]) for row in rows]
    told = _marks_that_matter(connection, [card for card, _ in found], now, longest_lead)
    return [Claimed(card, tuple(told.get(card.id, ())), attempts) for card, attempts in found]


def marks_by_card(connection: Connection, card_ids: Sequence[int]) -> dict[int, list[Mark]]:
    """What was told of each card, on any target; a card of which nothing was told is absent."""
    return _marks(connection, [(chunk, None) for chunk in chunks(card_ids)])


def _marks_that_matter(
    connection: Connection, found: Sequence[Card], now: datetime, longest_lead: int
) -> dict[int, list[Mark]]:
    """Of a card of which much was told in years, only what can still silence something."""
    ids = [card.id for card in found]
    many = {
        card_id
        for chunk in chunks(ids)
        for card_id in connection.scalars(
            select(marks.c.card_id)
            .where(marks.c.card_id.in_(chunk), marks.c.believed)
            .group_by(marks.c.card_id)
            .having(func.count() > MANY)
        )
    }
    asked: list[Asked] = [
        (chunk, None) for chunk in chunks([one for one in ids if one not in many])
    ]
    since = sorted((_since(card, now, longest_lead), card.id) for card in found if card.id in many)
    asked += [  # together with those of which it matters about as long
        ([card_id for _, card_id in chunk], chunk[0][0]) for chunk in chunks(since)
    ]
    return _marks(connection, asked)


def _since(card: Card, now: datetime, longest_lead: int) -> datetime:
    try:
        return matters_since(card, now, longest_lead)
    except Exception:  # noqa: BLE001 - the pass that plans it meets this again, and puts it off
        return EVER


Asked = tuple[Sequence[int], datetime | None]
"Cards, and since when what was told of them is asked for; None: ever."


def _marks(connection: Connection, asked: Sequence[Asked]) -> dict[int, list[Mark]]:
    found: dict[int, list[Mark]] = {}
    for card_ids, since in asked:
        if not card_ids:
            continue
        query = select(marks.c.card_id, *MARK).where(
            marks.c.card_id.in_(list(card_ids)), marks.c.believed
        )
        if since is not None:
            query = query.where(or_(marks.c.told_at >= since, marks.c.deadline_at >= since))
        for card_id, *row in connection.execute(query):
            found.setdefault(card_id, []).append(mark_of(*row))
    return found
