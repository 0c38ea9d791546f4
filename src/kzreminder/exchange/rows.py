"""Turns what the columns of one card say into a card; what is alike is made once.

Not here: where the columns come from (csv_cards, json_cards).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from kzreminder.core.card import Card, Kind
from kzreminder.core.correcting import Told
from kzreminder.errors import BadValue, KzreminderError
from kzreminder.exchange.batch import Batch, Registrar, Row

Reader = Callable[[Any], object]

MOST_ALIKE = 20_000
"Kept in mind: some tens of megabytes."
_OWN = ("number", "label", "note", "balance", "balance_at", "estimated")
"What differs from card to card where all else is alike."
_OF_THE_BALANCE = ("balance", "balance_at", "estimated")
_SELDOM_ALIKE = ("number", "label", "note")


class Rows:
    """Reads rows of the same columns. What all but a few cells say is made into a card once."""

    def __init__(
        self,
        batch: Batch,
        columns: Sequence[tuple[str, str]],
        readers: Mapping[str, Reader],
        registrar: Registrar,
        nothing: object,
    ) -> None:
        """`columns`: what each is, and how the file calls it. `nothing`: a cell that tells none."""
        self.width = len(columns)
        self._batch = batch
        self._registrar = registrar
        self._nothing = nothing
        placed = [
            (place, column, named, _quick(column, readers[column]))
            for place, (column, named) in enumerate(columns)
        ]
        self._own = [one for one in placed if one[1] in _OWN]
        self._rest = [one for one in placed if one[1] not in _OWN]
        self._key = itemgetter(*(one[0] for one in self._rest)) if self._rest else lambda _cells: ()
        self._alike: dict[Hashable, tuple[Told, Card]] = {}

    def read(self, line: int, cells: Sequence[Any]) -> Row:
        mine, is_sound = self._told(line, cells, self._own)
        key = self._key(cells)
        alike = self._alike.get(key) or self._begun(line, cells, key)
        if not is_sound or alike is None:
            return Row(line, None, mine, mine, {})
        told, card = alike
        try:
            own: Told = mine
            if not mine.keys().isdisjoint(_OF_THE_BALANCE):
                own = {name: mine[name] for name in mine if name not in _OF_THE_BALANCE}
                card = self._registrar.with_balance(
                    card,
                    mine.get("balance"),
                    mine.get("balance_at"),
                    estimated=mine.get("estimated", False),
                )
            own = self._registrar.own(own, told)
        except BadValue as error:
            self._batch.refuses(line, "", error)
            return Row(line, None, mine, mine, told)
        return Row(line, card, own, mine, told)

    def _begun(self, line: int, cells: Sequence[Any], key: Hashable) -> tuple[Told, Card] | None:
        told, is_sound = self._told(line, cells, self._rest)
        if not is_sound:
            return None
        if "esim" in told:
            told["kind"] = Kind.ESIM if told.pop("esim") else Kind.SIM
        try:
            card = self._registrar.card(told)
        except BadValue as error:
            self._batch.refuses(line, "", error)
            return None
        if len(self._alike) >= MOST_ALIKE:
            self._alike.clear()
        made = told, card
        self._alike[key] = made
        return made

    def _told(
        self, line: int, cells: Sequence[Any], readers: Sequence[tuple[int, str, str, Reader]]
    ) -> tuple[dict[str, Any], bool]:
        """What the cells say, and whether each says something."""
        told: dict[str, Any] = {}
        is_sound = True
        nothing = self._nothing
        for place, column, named, reader in readers:
            cell = cells[place]
            if cell == nothing:
                continue
            try:
                told[column] = reader(cell)
            except KzreminderError as error:
                self._batch.refuses(line, named, error, cell)
                is_sound = False
        return told, is_sound


def _quick(column: str, reader: Reader) -> Reader:
    """The reader, remembering what it read: a file repeats its plans, prices and days."""
    return reader if column in _SELDOM_ALIKE else lru_cache(maxsize=16_384)(reader)
