"""Which of the cards that were laid by cannot be registered beside another one.

Not here: laying them by, and registering them (incoming).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, Table, func, select, union

from kzreminder.storage.tables import cards

MOST_CLASHES = 100
"Told, of each kind; whoever has more has enough to mend."
_COLUMNS = ("label", "number")


@dataclass(frozen=True, slots=True)
class Clash:
    """A card that cannot be registered beside another one."""

    line: int
    column: str
    "label or number"
    value: str
    earlier: int | None = None
    "the line that has it already"
    known_as: str | None = None
    "the label of the card that has it"


def clashes_in(connection: Connection, laid_by: Table) -> Iterator[Clash]:
    """The first hundred of each kind."""
    for column in _COLUMNS:
        for line, text, earlier in _first(connection, _twice(laid_by, column)):
            yield Clash(line, column, text, earlier=earlier)
        for line, text, label in _first(connection, _known(laid_by, column)):
            yield Clash(line, column, text, known_as=label)
    for line, label, earlier in _first(connection, _corrected_twice(laid_by)):
        yield Clash(line, "", label, earlier=earlier)


def clashing_in(connection: Connection, laid_by: Table) -> int:
    """How many lines clash."""
    kinds = [of(laid_by, column) for column in _COLUMNS for of in (_twice, _known)]
    found = [query.subquery() for query in (*kinds, _corrected_twice(laid_by))]
    lines = union(*(select(one.c.line) for one in found)).subquery()
    return connection.scalar(select(func.count()).select_from(lines)) or 0


def _first(connection: Connection, query: Select[Any]) -> Iterator[Any]:
    yield from connection.execute(query.order_by("line").limit(MOST_CLASHES))


def _twice(laid_by: Table, column: str) -> Select[Any]:
    value = laid_by.c[column]
    first = func.min(laid_by.c.line).label("first")
    several = select(value, first).group_by(value).having(func.count() > 1).subquery()
    return (
        select(laid_by.c.line, value, several.c.first)
        .join(several, several.c[column] == value)
        .where(laid_by.c.line > several.c.first)
    )


def _known(laid_by: Table, column: str) -> Select[Any]:
    return (
        select(laid_by.c.line, laid_by.c[column], cards.c.label.label("known_as"))
        .join(cards, cards.c[column] == laid_by.c[column])
        .where(laid_by.c.card_id.is_distinct_from(cards.c.id))
    )


def _corrected_twice(laid_by: Table) -> Select[Any]:
    """By its number in one line and by its label in another."""
    line = laid_by.c.line
    return (
        select(func.max(line).label("line"), cards.c.label, func.min(line).label("first"))
        .join(cards, cards.c.id == laid_by.c.card_id)
        .group_by(cards.c.id, cards.c.label)
        .having(func.count() > 1)
    )
