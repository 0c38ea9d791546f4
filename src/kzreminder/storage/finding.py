"""Which card is meant: by its label, its id, the start of its label, its last digits.

Not here: changing a card (store).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select, and_, select

from kzreminder.core.card import Card
from kzreminder.errors import CardNotFound, SeveralCardsMatch
from kzreminder.storage.dialects import is_shared
from kzreminder.storage.messages import chunks
from kzreminder.storage.rows import card_of
from kzreminder.storage.tables import cards

CANDIDATES = 8
LEAST_DIGITS = 3
BEYOND = "\U0010ffff"
"Sorts after whatever may follow the start of a label."


def found_as(connection: Connection, wanted: str) -> Card:
    """The first way to understand `wanted` that finds something decides.

    Raises CardNotFound, SeveralCardsMatch.
    """
    # labels are kept composed; a Mac gives й in two signs
    for clause in _readings(connection, unicodedata.normalize("NFC", wanted)):
        # by their ids: last digits have no index, and that of the numbers is sooner read than all
        meant = connection.scalars(select(cards.c.id).where(clause).limit(CANDIDATES)).all()
        by_id = cards_among(connection, meant)
        found = [by_id[card_id] for card_id in meant]
        if len(found) == 1:
            return found[0]
        if found:
            raise SeveralCardsMatch(wanted, tuple(card.label for card in found))
    near = connection.scalars(select(cards.c.label).order_by(cards.c.label_key).limit(CANDIDATES))
    raise CardNotFound(wanted, tuple(near))


def cards_of(connection: Connection, query: Select[Any]) -> list[Card]:
    return [card_of(row) for row in connection.execute(query).mappings()]


def cards_among(connection: Connection, ids: Sequence[int]) -> dict[int, Card]:
    """By id; what is not there is absent."""
    found: dict[int, Card] = {}
    for chunk in chunks(ids):
        query = select(cards).where(cards.c.id.in_(list(chunk)))
        found.update((card.id, card) for card in cards_of(connection, query))
    return found


def owners(connection: Connection, column: Column[Any], wanted: Collection[str]) -> dict[str, str]:
    """Of these labels or numbers those that are taken, each with its card's label."""
    found: dict[str, str] = {}
    for chunk in chunks(list(wanted)):
        rows = connection.execute(select(column, cards.c.label).where(column.in_(chunk)))
        found.update((value, label) for value, label in rows)
    return found


def _readings(connection: Connection, wanted: str) -> Iterator[ColumnElement[bool]]:
    """The ways to understand what names a card, in the order in which they are tried."""
    if not is_text(wanted):
        return
    yield cards.c.label == wanted
    if re.fullmatch(r"[0-9]{1,18}", wanted):
        yield cards.c.id == int(wanted)
    if wanted.strip():
        yield _begins(connection, wanted.strip().casefold())
    digits = re.sub(r"[\s()+-]", "", wanted)
    if re.fullmatch(rf"[0-9]{{{LEAST_DIGITS},18}}", digits):
        if len(digits) == 11 and digits.startswith("8"):
            digits = digits[1:]  # 8 701 ... is how +7 701 ... is dialled inside the country
        yield cards.c.number.in_((f"+{digits}", f"+7{digits}"))  # all of it: its index finds it
        yield cards.c.number.endswith(digits)


def _begins(connection: Connection, key: str) -> ColumnElement[bool]:
    begins = cards.c.label_key.startswith(key, autoescape=True)
    if is_shared(connection):
        return begins
    # in SQLite only a range is found by the index; a server may sort by a language's alphabet
    return and_(cards.c.label_key >= key, cards.c.label_key < key + BEYOND, begins)


def is_text(wanted: str) -> bool:
    """A word that is no UTF-8 reaches us as halves of surrogate pairs, and fits nothing stored; nor
    does a NUL, which a server does not even take."""
    return not any("\ud800" <= sign <= "\udfff" or sign == "\0" for sign in wanted)
