"""All cards, however many: a thousand at a time, each thousand in a short read of its own.

No read stays open between them: on SQLite it would keep the log from being taken into the file, on
PostgreSQL old rows from being swept. So a card that changes meanwhile is given as it was before or
as it is after, each card once.

Not here: a list in the order of urgency (store).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Engine, func, select

from kzreminder.core.card import Card
from kzreminder.storage.engine import reading
from kzreminder.storage.finding import cards_of, is_text
from kzreminder.storage.tables import cards

BATCH = 1000
SHORTEST_MONTH = 28


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cards; all of them unless something is said."""

    operator: str | None = None
    tag: str | None = None
    archived: bool = True
    "archived ones too"


class Streaming:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def batches(
        self, wanted: Wanted, *also: ColumnElement[Any]
    ) -> Generator[list[Card], None, None]:
        """In the order in which they were registered; never an empty list."""
        query = select(cards).where(*_clauses(wanted), *also).order_by(cards.c.id)
        last = 0
        while True:
            with reading(self._engine) as connection:
                found = cards_of(connection, query.where(cards.c.id > last).limit(BATCH))
            if found:
                yield found
                last = found[-1].id
            if len(found) < BATCH:
                return

    def some(self, wanted: Wanted, seldom: str, fits: Callable[[Card], bool]) -> bool:
        """Whether a card fits that could have what `seldom` names; few can."""
        with closing(self.batches(wanted, _SELDOM[seldom])) as found:
            return any(fits(card) for batch in found for card in batch)

    def count(self, wanted: Wanted) -> int:
        """How many there are, as of now."""
        query = select(func.count()).select_from(cards).where(*_clauses(wanted))
        with reading(self._engine) as connection:
            return connection.scalar(query) or 0


def _clauses(wanted: Wanted) -> list[ColumnElement[Any]]:
    clauses: list[ColumnElement[Any]] = []
    if wanted.operator is not None:
        clauses.append(cards.c.operator == wanted.operator)
    if wanted.tag is not None:
        composed = unicodedata.normalize("NFC", wanted.tag) if is_text(wanted.tag) else "|"
        clauses.append(cards.c.tags.contains(f"|{composed}|", autoescape=True))  # ||| is in none
    if not wanted.archived:
        clauses.append(~cards.c.archived)
    return clauses


_SELDOM: dict[str, ColumnElement[Any]] = {
    "balance_at": cards.c.balance.is_not(None),
    "estimated": cards.c.estimated | cards.c.auto_renew,
    "keeps_day": cards.c.anchor_day > SHORTEST_MONTH,
    "muted": cards.c.muted,
    "muted_until": cards.c.muted,
    "snoozed_until": cards.c.snoozed_until.is_not(None),
    "targets": cards.c.targets != "",
    "watcher": cards.c.watcher.is_not(None),
}
"Which cards could have it."
