"""What is asked of many cards at once: the most urgent, how many others there are, what was paid.

Not here: one card's ways (store).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
    Select,
    and_,
    case,
    func,
    or_,
    select,
    type_coerce,
)

from kzreminder.core.card import Card
from kzreminder.core.payments import How, Payment
from kzreminder.core.timeline import PASSED, WEEK, Rest, shared_room
from kzreminder.core.zone import almaty_day, end_of_day, start_of_day
from kzreminder.storage.engine import reading
from kzreminder.storage.rows import card_of
from kzreminder.storage.tables import cards, events, microseconds
from kzreminder.storage.wanted import Wanted, clauses

AT_ONCE = 1000
"Rows that are held in memory while many are read."
DATED_AHEAD = timedelta(days=31)
UNDONE = "undone"
_PAYMENT = (
    *(events.c.id, events.c.card_id, events.c.at, events.c.what, events.c.details),
    *(cards.c.label, cards.c.operator),
)


@dataclass(frozen=True, slots=True)
class Urgent:
    cards: tuple[Card, ...]
    "the earliest deadline first"
    rest: Rest
    total: int
    "all that were chosen, whatever their deadlines"


class Surveys:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def urgent(self, wanted: Wanted, now: datetime, until: date, limit: int) -> Urgent:
        """The cards whose deadline or low balance falls on or before that day: `limit` of them,
        the others counted by operator and by week. Cards lost long ago leave room for the rest."""
        meant = and_(~cards.c.archived, *clauses(wanted))
        ends_at = end_of_day(until)
        in_sight = and_(meant, or_(cards.c.urgent_at <= ends_at, cards.c.low_since <= ends_at))
        passed, ahead = _Side(cards.c.urgent_at < now, -1), _Side(cards.c.urgent_at >= now, 1)
        with reading(self._engine) as connection:
            before = passed.nearest(connection, in_sight, limit)
            after = ahead.nearest(connection, in_sight, limit)
            shares = shared_room(len(before), len(after), limit)
            shown = [*before[: shares[0]], *after[: shares[1]]]
            rest: Rest = {}
            if len(before) + len(after) > len(shown) or limit in (len(before), len(after)):
                beyond = or_(passed.beyond(before[: shares[0]]), ahead.beyond(after[: shares[1]]))
                rest = _by_operator_and_week(connection, and_(in_sight, beyond), now)
            total = connection.scalar(select(func.count()).select_from(cards).where(meant)) or 0
        return Urgent(tuple(card_of(row) for row in shown), rest, total)

    def payments(self, wanted: Wanted, since: date) -> Iterator[Payment]:
        """What was paid from that day on, the newest first, without what was taken back; some of
        what was paid before it too. A payment dated ahead counts where it is a month at most."""
        kept_since = start_of_day(since) - DATED_AHEAD
        query = (
            select(*_PAYMENT)
            .join(cards, cards.c.id == events.c.card_id)
            .where(events.c.what.in_((*How, UNDONE)), events.c.at >= kept_since)
            .where(*clauses(wanted))
            .order_by(events.c.id.desc())
        )
        undone = set()
        for row in self._streamed(query):
            details = json.loads(row["details"])
            if row["what"] == UNDONE:
                undone.add(details["undoes"])
            elif row["id"] not in undone:
                yield _payment(row, details)

    def living(self, wanted: Wanted) -> Iterator[Card]:
        """The cards that are not archived, by their ids."""
        query = select(cards).where(~cards.c.archived, *clauses(wanted)).order_by(cards.c.id)
        return map(card_of, self._streamed(query))

    def _streamed(self, query: Select[Any]) -> Iterator[RowMapping]:
        with reading(self._engine) as connection:
            told = connection.execution_options(yield_per=AT_ONCE).execute(query)
            yield from told.mappings()


def _payment(row: RowMapping, details: Mapping[str, str]) -> Payment:
    how = How(row["what"])
    on = date.fromisoformat(details["on"]) if "on" in details else almaty_day(row["at"])
    amount = details.get("paid" if how is How.RENEWED else "amount")
    paid = Decimal(amount) if amount is not None else None
    return Payment(row["card_id"], row["label"], row["operator"], how, on, paid)


@dataclass(frozen=True, slots=True)
class _Side:
    """What has passed, or what lies ahead; the nearest to now is told first."""

    clause: ColumnElement[bool]
    sign: int

    def nearest(
        self, connection: Connection, clause: ColumnElement[bool], limit: int
    ) -> list[RowMapping]:
        order = [one.asc() if self.sign > 0 else one.desc() for one in _ORDER]
        query = select(cards).where(clause, self.clause).order_by(*order).limit(limit)
        return list(connection.execute(query).mappings())

    def beyond(self, shown: Sequence[RowMapping]) -> ColumnElement[bool]:
        """What is farther from now than all that is shown."""
        if not shown:
            return self.clause
        last_at, last_id = shown[-1]["urgent_at"], shown[-1]["id"]
        if self.sign > 0:
            follows = or_(
                cards.c.urgent_at > last_at,
                and_(cards.c.urgent_at == last_at, cards.c.id > last_id),
            )
        else:
            follows = or_(
                cards.c.urgent_at < last_at,
                and_(cards.c.urgent_at == last_at, cards.c.id < last_id),
            )
        return and_(self.clause, follows)


_ORDER = (cards.c.urgent_at, cards.c.id)


def _by_operator_and_week(
    connection: Connection, clause: ColumnElement[bool], now: datetime
) -> dict[tuple[str | None, int], int]:
    since = type_coerce(cards.c.urgent_at, BigInteger) - microseconds(start_of_day(almaty_day(now)))
    length = timedelta(days=WEEK) // timedelta(microseconds=1)
    week = case((cards.c.urgent_at < now, PASSED), else_=since // length).label("week")
    query = select(cards.c.operator, week, func.count()).where(clause).group_by("operator", "week")
    return {(operator, week): count for operator, week, count in connection.execute(query)}
