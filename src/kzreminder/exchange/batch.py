"""What a file of cards comes to: its rows, and all that is wrong with it.

Not here: reading one (csv_cards, json_cards), what is done with the rows (cli).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from kzreminder.core.card import Card
from kzreminder.core.correcting import Told
from kzreminder.errors import Fault, KzreminderError, printable

MOST_FAULTS = 100
"kept and shown; the rest are counted"
_VALUE = 40
"Characters of a value that are shown."


@dataclass
class Batch:
    """What is wrong with a file of cards. Lines count from 1, as an editor's."""

    file: str
    counts_cards: bool = False
    "places in it are the cards' ordinal numbers, not lines"
    faults: list[Fault] = field(default_factory=list)
    count: int = 0
    "of all faults, those not kept too"

    def wrong(self, place: int, column: str, sentence: str, /, **values: object) -> None:
        told = tuple(values.items())
        self._keep(Fault(self.file, place, column, sentence, told, is_card=self.counts_cards))

    def refuses(self, place: int, column: str, error: KzreminderError, value: object = "") -> None:
        """`value`: what stood there; shown where the sentence does not."""
        values = tuple(error.values.items())
        shown = printable(str(value).strip()[:_VALUE])
        if any(shown in str(known) for known in error.values.values()):
            shown = ""
        self._keep(
            Fault(
                *(self.file, place, column, error.sentence, values),
                hint=error.hint,
                value=shown,
                is_card=self.counts_cards,
            )
        )

    def breaks_off(self, error: Unreadable) -> None:
        """Nothing after this can be read."""
        values = tuple(error.values.items())
        self._keep(
            Fault(
                *(self.file, error.line, "", error.sentence, values),
                hint=error.hint,
                column=error.column,
            )
        )

    def _keep(self, fault: Fault) -> None:
        self.count += 1
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(fault)


class Unreadable(KzreminderError):
    """From this line on the file cannot be told apart into cards."""

    def __init__(
        self,
        line: int,
        sentence: str,
        *,
        column: int | None = None,
        hint: str | None = None,
        **values: object,
    ) -> None:
        self.line = line
        self.column = column
        super().__init__(sentence, hint=hint, **values)


@dataclass(frozen=True, slots=True)
class Row:
    """One card of the file; where something is wrong with it that has been noted."""

    place: int
    alike: Card | None
    "a card like it but for its own; most rows of a file share one. None: it cannot be registered"
    own: Mapping[str, Any]
    "label, number, note, operator and operator_guessed, in place of that card's"
    mine: Told
    "what was told that seldom two cards have alike"
    common: Told
    "all else that was told"


class Registrar(Protocol):
    """Makes cards of what is told of them."""

    def own(self, own: Told, told: Told) -> Told:
        """A card's own, of what is told as that and of all else that is told. Raises BadValue where
        it has neither label nor number."""

    def card(self, told: Told) -> Card:
        """A card of which all but its own is told, and not its balance. Raises BadValue."""

    def with_balance(
        self, card: Card, balance: Decimal | None, at: datetime | None, *, estimated: bool
    ) -> Card:
        """The card with that read then; now, where no time is told. Raises BadValue."""
