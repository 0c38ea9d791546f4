"""Very many new cards: laid by first, beside the database, looked through, and registered at once.

While they are laid by nobody waits for a lock; then they go in with a few statements, all or none.

Not here: reading them (exchange), one card's ways (store).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    case,
    func,
    insert,
    literal,
    select,
)
from sqlalchemy.exc import IntegrityError

from kzreminder.core.card import Card
from kzreminder.core.planning import urgent_at
from kzreminder.errors import N_, AlreadyExists
from kzreminder.storage.clashes import Clash, clashes_in, clashing_in
from kzreminder.storage.corrections import Corrections
from kzreminder.storage.delivery import Awaits
from kzreminder.storage.dialects import is_shared, time_there
from kzreminder.storage.engine import reading
from kzreminder.storage.faults import translated
from kzreminder.storage.finding import cards_of
from kzreminder.storage.messages import chunks
from kzreminder.storage.notes import note_change
from kzreminder.storage.replanning import AT_THE_LATEST, begin_after
from kzreminder.storage.rows import row_of
from kzreminder.storage.tables import ID, Instant, cards, events

CHUNK = 1000
MOST_ALIKE = 4096
MANY = 1000
"More than these are planned in steps, as after a change of the policy, and not in one pass."

_GIVEN = {"wake_at", "awaits", "attempts", "version", "registered_at"}
"The same for all of them, and said when they are registered."
_LATER = {"id", "claim_token", "claim_owner", "low_before", "spendings", "changes", "acked_at"}
"Comes by what happens to a card."
_COLUMNS = tuple(
    column.name for column in cards.columns if column.name not in _GIVEN | _LATER | {"paid_on"}
)
_incoming = Table(
    "incoming",
    MetaData(),
    Column("line", Integer),
    Column("card_id", ID),  # of the registered card that the line corrects
    *(Column(name, cards.c[name].type) for name in _COLUMNS),
    prefixes=["TEMPORARY"],
)


class Incoming:
    """New cards, each with the line that it stands in. They are gone with the connection."""

    def __init__(self, engine: Engine, connection: Connection, now: datetime) -> None:
        self._engine = engine
        self._connection = connection
        self._now = now
        self._rows: list[list[Any]] = []
        self._alike: dict[int, tuple[Card, list[Any]]] = {}
        self._sql, self._processes = _raw(connection)
        self._corrections = Corrections(connection, now)
        self.count = 0
        self.is_registered = False

    def lay_by(self, line: int, card: Card, own: Mapping[str, Any] | None = None) -> None:
        """`own`: label, number, operator, operator_guessed, note in place of the card's: of very
        many cards most are like another one but for these."""
        row = self._row_of(card)
        row[0] = line
        if own:
            for name, value in own.items():
                row[_PLACES[name]] = value
            row[_PLACES["label_key"]] = own["label"].casefold()
        self.count += 1
        self._add(row)

    def _row_of(self, card: Card) -> list[Any]:
        known = self._alike.get(id(card))
        if known is None:
            told = row_of(card)
            told["urgent_at"] = None if card.archived else urgent_at(card, self._now)
            row = [0, None, *_IN_ORDER(told)]
            for place, process in self._processes:
                if row[place] is not None:
                    row[place] = process(row[place])
            if len(self._alike) >= MOST_ALIKE:
                self._alike.clear()
            known = self._alike[id(card)] = card, row  # while the card lives its id is its
        return known[1].copy()

    def name(
        self, line: int, label: str | None, number: str | None, card_id: int | None = None
    ) -> None:
        """Of a line that makes no new card: another one may have its label or number, too."""
        row: list[Any] = [None] * len(_PLACES)
        row[0], row[1] = line, card_id
        row[_PLACES["label"]], row[_PLACES["number"]] = label, number
        self._add(row)

    @property
    def corrected(self) -> int:
        return self._corrections.count

    def registered(
        self, labels: Collection[str], numbers: Collection[str]
    ) -> tuple[dict[str, Card], dict[str, Card]]:
        """The cards that have these labels and these numbers now; a label that no card has is that
        of the one card which has it but for its case. Read apart, and at once let go: a long file
        keeps no snapshot of the database."""
        keys = {label.casefold() for label in labels}
        with reading(self._engine) as connection:
            named = list(_having(connection, cards.c.label_key, keys))
            numbered = _having(connection, cards.c.number, numbers)
            return _called(labels, named), {card.number or "": card for card in numbered}

    def correct(self, old: Card, new: Card) -> None:
        """The registered card is to be as that; its line is named beside."""
        self._corrections.lay_by(old, new)

    def clashes(self) -> list[Clash]:
        """The first of those that stand twice among them, or are registered already."""
        self._lay()
        return list(clashes_in(self._connection, _incoming))

    def clashing(self) -> int:
        """How many lines those are, however many."""
        return clashing_in(self._connection, _incoming)

    def register(self) -> int:
        """All of them, in the order in which they were laid by, and what was corrected; how many
        are new."""
        self._lay()
        self._corrections.lay()
        self._connection.commit()
        if not self.count and not self.corrected:
            return 0
        connection = self._connection.execution_options(kz_writes=True)
        try:
            with connection.begin():
                self._take_over(connection, time_there(connection, self._now))
        except IntegrityError:
            connection.execution_options(kz_writes=False)
            if not any(clash.known_as for clash in self.clashes()):
                raise
            raise AlreadyExists(
                N_("one of these labels or numbers was registered meanwhile; no card was added")
            ) from None
        self.is_registered = True
        return self.count

    def _take_over(self, connection: Connection, there: datetime) -> None:
        before = connection.scalar(select(func.coalesce(func.max(cards.c.id), 0))) or 0
        wake_at, awaits = there, None
        if self.count + self.corrected > MANY and not is_shared(connection):
            wake_at, awaits = there + AT_THE_LATEST, Awaits.REPLAN.value
            begin_after(connection, self._corrections.before_first(connection, before))
        given = literal(wake_at, Instant), literal(awaits, String)
        if self.corrected:
            self._corrections.take_over(connection, *given)
        if self.count:
            self._insert(connection, before, *given)
        note_change(connection, self._now)

    def _insert(
        self,
        connection: Connection,
        before: int,
        wake_at: ColumnElement[Any],
        awaits: ColumnElement[Any],
    ) -> None:
        is_told_of = _incoming.c.archived.is_not(True)
        given: dict[str, ColumnElement[Any]] = {
            "wake_at": case((is_told_of, wake_at)),
            "awaits": case((is_told_of, awaits)),
            "attempts": literal(0),
            "version": literal(1),
            "registered_at": literal(self._now, Instant),
        }
        values = select(*(_incoming.c[name] for name in _COLUMNS), *given.values())
        new_ones = values.where(_incoming.c.card_id.is_(None)).order_by(_incoming.c.line)
        added = insert(cards).from_select([*_COLUMNS, *given], new_ones)
        told = (literal(self._now, Instant), literal("added"), literal("{}"), literal("{}"))
        if is_shared(connection):
            new = added.returning(cards.c.id).cte("added")
            ids = select(new.c.id, *told)
        else:
            connection.execute(added)
            ids = select(cards.c.id, *told).where(cards.c.id > before)
        connection.execute(insert(events).from_select(_EVENT, ids))

    def _add(self, row: list[Any]) -> None:
        self._rows.append(row)
        if len(self._rows) >= CHUNK:
            self._lay()

    def _lay(self) -> None:
        if not self._rows:
            return
        if self._sql is None:
            names = tuple(_PLACES)
            rows = [dict(zip(names, row, strict=True)) for row in self._rows]
            self._connection.execute(insert(_incoming), rows)
        else:
            self._connection.exec_driver_sql(self._sql, [tuple(row) for row in self._rows])
        self._rows.clear()


def _having(connection: Connection, column: Column[Any], wanted: Collection[str]) -> Iterator[Card]:
    for chunk in chunks(list(wanted)):
        yield from cards_of(connection, select(cards).where(column.in_(chunk)))


def _called(labels: Collection[str], found: Collection[Card]) -> dict[str, Card]:
    exactly = {card.label: card for card in found}
    alike: dict[str, list[Card]] = {}
    for card in found:
        alike.setdefault(card.label.casefold(), []).append(card)
    called = {}
    for label in labels:
        near = alike.get(label.casefold(), ())
        if label in exactly:
            called[label] = exactly[label]
        elif len(near) == 1:
            called[label] = near[0]
    return called


@contextmanager
def laid_by(engine: Engine, now: datetime) -> Iterator[Incoming]:
    with translated(engine), engine.connect() as connection:
        _incoming.create(connection)
        try:
            yield Incoming(engine, connection, now)
        finally:
            connection.invalidate()  # it would keep the cards for whoever gets it next


Process = Callable[[Any], Any]


def _raw(connection: Connection) -> tuple[str | None, list[tuple[int, Process]]]:
    """How SQLite is told rows as it keeps them: SQLAlchemy would take most of the time for values
    that are not there. None: by SQLAlchemy."""
    if is_shared(connection):
        return None, []
    dialect = connection.dialect
    processes: list[tuple[int, Process]] = []
    for name in _COLUMNS:
        kind = _incoming.c[name].type.dialect_impl(dialect)
        process = kind.bind_processor(dialect)
        if process is not None and not isinstance(kind, Boolean):  # SQLite takes these as they are
            processes.append((_PLACES[name], process))
    return str(insert(_incoming).compile(dialect=dialect)), processes


_EVENT = ("card_id", "at", "what", "changes", "details")
_IN_ORDER = itemgetter(*_COLUMNS)
_PLACES = {name: place for place, name in enumerate(("line", "card_id", *_COLUMNS))}
