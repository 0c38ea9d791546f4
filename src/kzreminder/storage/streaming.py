"""All cards, however many: a thousand at a time, each thousand in a short read of its own.

No read stays open between them: on SQLite it would keep the log from being taken into the file, on
PostgreSQL old rows from being swept. So a card that changes meanwhile is given as it was before or
as it is after, each card once.

Not here: which cards are meant (wanted).
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Engine,
    Select,
    func,
    select,
    type_coerce,
)

from kzreminder.core.card import Card
from kzreminder.storage.engine import reading
from kzreminder.storage.finding import cards_among, cards_of
from kzreminder.storage.messages import chunks
from kzreminder.storage.tables import cards
from kzreminder.storage.wanted import Wanted, clauses

BATCH = 1000
MOST = 1 << 53
"Whoever asks for more asks for all: no database counts far beyond."
SHORTEST_MONTH = 28
LAST = datetime.max.replace(tzinfo=UTC)


class Sort(StrEnum):
    URGENCY = "urgency"
    LABEL = "label"
    OPERATOR = "operator"
    ADDED = "added"


_URGENCY = (cards.c.urgent_at.is_(None), cards.c.urgent_at, cards.c.id)
_URGENT_AT = type_coerce(cards.c.urgent_at, BigInteger)
_ORDERS: dict[Sort, tuple[ColumnElement[Any], ...]] = {
    Sort.LABEL: (cards.c.label_key, *_URGENCY),
    Sort.OPERATOR: (cards.c.operator.is_(None), cards.c.operator, *_URGENCY),
    Sort.ADDED: (cards.c.id,),
}


class Streaming:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def batches(
        self, wanted: Wanted, *also: ColumnElement[Any]
    ) -> Generator[list[Card], None, None]:
        """In the order in which they were registered; never an empty list."""
        query = select(cards).where(*clauses(wanted), *also).order_by(cards.c.id)
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

    def ids(
        self, wanted: Wanted, sort: Sort = Sort.URGENCY, *, limit: int | None = None, after: int = 0
    ) -> Sequence[int]:
        """Those that are meant, in order: `limit` of them, without the first `after`. Eight bytes
        each, so that all of a million can be gone through in order."""
        query = select(cards.c.id).where(*clauses(wanted))
        limit, after = None if limit is None else min(limit, MOST), min(after, MOST)
        with reading(self._engine) as connection:
            if sort is not Sort.URGENCY:
                return _all(connection, query.order_by(*_ORDERS[sort]).limit(limit).offset(after))
            if wanted.are_most:
                return _by_urgency(connection, query, limit, after)
            # few of many are sooner found, and then sorted, than met one by one in order
            sorted_ids = query.order_by(cards.c.urgent_at.is_(None), _URGENT_AT + 0, cards.c.id)
            return _all(connection, sorted_ids.limit(limit).offset(after))

    def labelled(self, labels: Collection[str], wanted: Wanted) -> Sequence[int]:
        """Those of these labels, the most urgent first."""
        found: list[Any] = []
        with reading(self._engine) as connection:
            for chunk in chunks(list(labels)):
                query = select(cards.c.urgent_at, cards.c.id).where(cards.c.label.in_(chunk))
                found += connection.execute(query.where(*clauses(wanted))).all()
        return [card_id for _, card_id in sorted(found, key=lambda row: (row[0] or LAST, row[1]))]

    def of(self, ids: Sequence[int]) -> Iterator[list[Card]]:
        """The cards in that order; one that was removed meanwhile is passed over."""
        for start in range(0, len(ids), BATCH):
            with reading(self._engine) as connection:
                found = cards_among(connection, ids[start : start + BATCH])
            yield [found[card_id] for card_id in ids[start : start + BATCH] if card_id in found]

    def count(self, wanted: Wanted) -> int:
        """How many there are, as of now."""
        query = select(func.count()).select_from(cards).where(*clauses(wanted))
        with reading(self._engine) as connection:
            return connection.scalar(query) or 0


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


def _by_urgency(
    connection: Connection, query: Select[Any], limit: int | None, after: int
) -> Sequence[int]:
    """In two: so that each comes from the index in its order, and nothing is sorted."""
    dated, undated = cards.c.urgent_at.is_not(None), cards.c.urgent_at.is_(None)
    first = query.where(dated).order_by(cards.c.urgent_at, cards.c.id)
    ids = _all(connection, first.limit(None if limit is None else after + limit))
    if limit is None or len(ids) < after + limit:
        left = None if limit is None else after + limit - len(ids)
        ids += _all(connection, query.where(undated).order_by(cards.c.id).limit(left))
    return ids[after:]


def _all(connection: Connection, query: Select[Any]) -> array[int]:
    told = connection.execution_options(yield_per=BATCH * 10).execute(query)
    return array("q", told.scalars())
