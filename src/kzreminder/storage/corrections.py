"""Very many registered cards corrected at once: laid by as they are to be, beside the database, and
taken over with a few statements.

Not here: what a correction is (core), new cards and whose transaction it is (incoming).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    MetaData,
    Table,
    Text,
    case,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)

from kzreminder.core.card import Card
from kzreminder.core.planning import urgent_at
from kzreminder.errors import N_, KzreminderError
from kzreminder.storage.dialects import is_shared
from kzreminder.storage.rows import changes_between, row_of
from kzreminder.storage.tables import ID, cards, events
from kzreminder.storage.toasts import outdate_of_cards

CHUNK = 500

_NEVER_CORRECTED = {"registered_at", "version"}
_COLUMNS = tuple(
    name
    for name in (*row_of(Card("", datetime.min.replace(tzinfo=UTC))), "urgent_at")
    if name not in _NEVER_CORRECTED
)
_corrected = Table(
    "corrected",
    MetaData(),
    Column("card_id", ID, index=True),
    Column("as_read", Integer),
    Column("difference", Text),
    *(Column(name, cards.c[name].type) for name in _COLUMNS),
    prefixes=["TEMPORARY"],
)


class Corrections:
    """Cards as they are to be, each with the version of which that was told."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now
        self._rows: list[dict[str, Any]] = []
        self.count = 0

    def lay_by(self, old: Card, new: Card) -> None:
        before, row = row_of(old), row_of(new)
        difference = changes_between(before, row)
        row["urgent_at"] = None if new.archived else urgent_at(new, self._now)
        told = {"card_id": old.id, "as_read": old.version, "difference": difference}
        self._rows.append({name: row[name] for name in _COLUMNS} | told)
        self.count += 1
        if len(self._rows) >= CHUNK:
            self.lay()

    def lay(self) -> None:
        if not self._rows:
            return
        if self.count == len(self._rows):
            _corrected.create(self._connection)
        self._connection.execute(insert(_corrected), self._rows)
        self._rows.clear()

    def take_over(
        self, connection: Connection, wake_at: ColumnElement[Any], awaits: ColumnElement[Any]
    ) -> None:
        """Every card as it was laid by, with its event. Refuses where one was changed meanwhile."""
        self._hold(connection)
        self._refuse_outrun(connection)
        is_spoken_of = _corrected.c.archived.is_not(True)
        values: dict[str, Any] = {name: _corrected.c[name] for name in _COLUMNS}
        values |= {
            "version": cards.c.version + 1,
            "wake_at": case((is_spoken_of, wake_at)),
            "awaits": case((is_spoken_of, awaits)),
            "claim_token": null(),
            "attempts": 0,
        }
        connection.execute(update(cards).where(cards.c.id == _corrected.c.card_id).values(values))
        outdate_of_cards(connection, select(_corrected.c.card_id))
        told = select(
            _corrected.c.card_id,
            literal(self._now, events.c.at.type),
            literal("edited"),
            _corrected.c.difference,
            literal("{}"),
        ).order_by(_corrected.c.card_id)
        names = ("card_id", "at", "what", "changes", "details")
        connection.execute(insert(events).from_select(names, told))

    def _hold(self, connection: Connection) -> None:
        """Nobody else changes them until this ends. Of a file the write lock says so."""
        if is_shared(connection):
            theirs = cards.c.id.in_(select(_corrected.c.card_id))
            held = select(cards.c.id).where(theirs).order_by(cards.c.id)
            connection.execute(held.with_for_update(key_share=True)).all()

    def before_first(self, connection: Connection, otherwise: int) -> int:
        """An id below that of each card here."""
        if not self.count:
            return otherwise
        return (connection.scalar(select(func.min(_corrected.c.card_id))) or 1) - 1

    def _refuse_outrun(self, connection: Connection) -> None:
        joined = _corrected.outerjoin(cards, cards.c.id == _corrected.c.card_id)
        outrun = or_(cards.c.id.is_(None), cards.c.version != _corrected.c.as_read)
        label = connection.scalar(
            select(_corrected.c.label).select_from(joined).where(outrun).limit(1)
        )
        if label is not None:
            raise KzreminderError(
                N_("{label} was changed meanwhile; nothing of the file was taken over"),
                hint=N_("Import it again."),
                label=label,
            )
