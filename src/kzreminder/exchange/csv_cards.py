"""The cards of a CSV file: what each column says, and all that is wrong with them.

Not here: rows and quotes (csv_lines), the meaning of what is told (core.correcting), whether the
database knows a card already (storage).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any, BinaryIO, Protocol

from kzreminder.core import spellings
from kzreminder.core.card import Card, Kind
from kzreminder.core.correcting import Told
from kzreminder.core.moves import archive
from kzreminder.core.typed import read_tag, refused
from kzreminder.errors import N_, BadValue, Fault, KzreminderError, printable
from kzreminder.exchange.csv_lines import CsvRows, Unreadable
from kzreminder.exchange.spreadsheet_cells import unshielded

Reader = Callable[[str], object]

SHARED = ("targets", "watcher")
"Of nobody's concern who has one desktop: written where a card has one of them."
COLUMNS = (
    *("number", "label", "operator", "esim", "plan", "period", "started", "expires", "price"),
    *("auto_renew", "balance", "threshold", "keep_alive", "last_used", "device_entered"),
    *("protects", "leads", "lang", "tags", "note", "archived"),
)
MOST_FAULTS = 100
"kept and shown; the rest are counted"
_NAME = 60
"Characters of a strange column that are shown."
_TEXTS = ("label", "plan", "protects", "note")
CLEARED = "-"
"""A cell that says: this is known to be unknown, as `edit` takes it. A text that is one dash is
shielded, so the two cannot be mistaken."""
_SELDOM_ALIKE = ("number", "label", "note")
_OWN = ("number", "label", "note", "balance")
"What differs from card to card where all else is alike."
MOST_ALIKE = 20_000
"Kept in mind: some tens of megabytes."


@dataclass
class Batch:
    """What is wrong with a file of cards. Lines count from 1, the header's."""

    file: str
    faults: list[Fault] = field(default_factory=list)
    count: int = 0
    "of all faults, those not kept too"

    def wrong(self, line: int, column: str, sentence: str, /, **values: object) -> None:
        self.count += 1
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(self.file, line, column, sentence, tuple(values.items())))

    def refuses(self, line: int, column: str, error: KzreminderError) -> None:
        self.wrong(line, column, error.sentence, **error.values)


@dataclass(frozen=True, slots=True)
class Row:
    """One card of the file; where something is wrong with it that has been noted."""

    line: int
    alike: Card | None
    "a card like it but for its own; most rows of a file share one. None: it cannot be registered"
    own: Mapping[str, Any]
    "label, number, note, operator and operator_guessed, in place of that card's"


class Registrar(Protocol):
    """Makes cards of what is told of them."""

    def own(self, own: Told, told: Told) -> Told:
        """A card's own, of what is told as that and of all else that is told. Raises BadValue where
        it has neither label nor number."""

    def card(self, told: Told) -> Card:
        """A card of which all but its own is told, and not its balance. Raises BadValue."""

    def with_balance(self, card: Card, balance: Decimal) -> Card:
        """The card with that read now."""


def read_cards(
    stream: BinaryIO, batch: Batch, readers: Mapping[str, Reader], registrar: Registrar
) -> Iterator[Row]:
    """Every card of the file, one by one, and every fault into the batch. `readers` know all
    columns but yes-no ones and lists of names.

    Raises OSError where the stream breaks.
    """
    rows: Rows | None = None
    try:
        for line, cells in CsvRows(stream):
            if rows is None:
                columns = _columns(batch, line, cells)
                if batch.faults:
                    return
                rows = Rows(batch, columns, dict(readers) | _READERS, registrar)
            elif len(cells) < rows.width or any(map(str.strip, cells[rows.width :])):
                # a comma too many or too few: each cell may stand under a wrong name
                batch.wrong(
                    line,
                    "",
                    N_("the header names {columns} columns, and here are {cells} cells"),
                    columns=rows.width,
                    cells=len(cells),
                )
            else:
                yield rows.read(line, cells)
    except Unreadable as end:
        batch.refuses(end.line, "", end)
    if rows is None and not batch.faults:
        batch.wrong(1, "", N_("there is no header: the first line names the columns"))


class Rows:
    """Reads rows of the same columns. What all but a few cells say is made into a card once."""

    def __init__(
        self,
        batch: Batch,
        columns: Sequence[str],
        readers: Mapping[str, Reader],
        registrar: Registrar,
    ) -> None:
        self.width = len(columns)
        self._batch = batch
        self._registrar = registrar
        placed = [
            (place, column, _quick(column, readers[column])) for place, column in enumerate(columns)
        ]
        self._own = [one for one in placed if one[1] in _OWN]
        self._rest = [one for one in placed if one[1] not in _OWN]
        self._alike: dict[tuple[str, ...], tuple[Told, Card]] = {}

    def read(self, line: int, cells: list[str]) -> Row:
        own, is_sound = self._told(line, cells, self._own)
        balance = own.pop("balance", None)
        key = tuple([cells[place] for place, _, _ in self._rest])
        alike = self._alike.get(key) or self._begun(line, cells, key)
        if not is_sound or alike is None:
            return Row(line, None, own)
        told, card = alike
        try:
            own = dict(self._registrar.own(own, told))
            if balance is not None:
                card = self._registrar.with_balance(card, balance)
        except BadValue as error:
            self._batch.refuses(line, "", error)
            return Row(line, None, own)
        return Row(line, card, own)

    def _begun(self, line: int, cells: list[str], key: tuple[str, ...]) -> tuple[Told, Card] | None:
        told, is_sound = self._told(line, cells, self._rest)
        if not is_sound:
            return None
        if "esim" in told:
            told["kind"] = Kind.ESIM if told.pop("esim") else Kind.SIM
        is_archived = told.pop("archived", False)
        try:
            card = self._registrar.card(told)
        except BadValue as error:
            self._batch.refuses(line, "", error)
            return None
        if len(self._alike) >= MOST_ALIKE:
            self._alike.clear()
        made = told, archive(card) if is_archived else card
        self._alike[key] = made
        return made

    def _told(
        self, line: int, cells: list[str], readers: Sequence[tuple[int, str, Reader]]
    ) -> tuple[dict[str, Any], bool]:
        """What the cells say, and whether each says something."""
        told: dict[str, Any] = {}
        is_sound = True
        for place, column, reader in readers:
            text = cells[place]
            if not text or text.isspace():
                continue
            try:
                told[column] = reader(text)
            except KzreminderError as error:
                self._batch.refuses(line, column, error)
                is_sound = False
        return told, is_sound


def _columns(batch: Batch, line: int, cells: Sequence[str]) -> list[str]:
    columns = [cell.strip().lower() for cell in cells]
    while not columns[-1]:
        columns.pop()
    for place, column in enumerate(columns):
        named = printable(cells[place].strip()[:_NAME])
        if column not in (*COLUMNS, *SHARED):
            batch.wrong(line, named, N_("there is no such column"))
        elif column in columns[:place]:
            batch.wrong(line, named, N_("the column stands here twice"))
    if not {"number", "label"} & set(columns):
        batch.wrong(line, "", N_("a column number or label is needed"))
    return columns


def _quick(column: str, reader: Reader) -> Reader:
    """The reader, remembering what it read: a file repeats its plans, prices and days."""
    if column in _TEXTS:
        plain = reader

        def reader(cell: str) -> object:
            return plain(unshielded(cell))

    elif column == "started":
        told = reader

        def reader(cell: str) -> object:
            return None if cell.strip() == CLEARED else told(cell)

    return reader if column in _SELDOM_ALIKE else lru_cache(maxsize=16_384)(reader)


def _read_yes_no(text: str) -> bool:
    said = _YES_NO.get(spellings.plain(text))
    if said is None:
        raise refused(N_('"{text}" is neither true nor false'), text)
    return said


def _read_tags(text: str) -> tuple[str, ...]:
    tags = (read_tag(part) for part in unshielded(text).split("|") if part.strip())
    return tuple(dict.fromkeys(tags))


_YES_NO = {
    **dict.fromkeys(("true", "yes", "1"), True),
    **dict.fromkeys(("false", "no", "0"), False),
}
_READERS: dict[str, Reader] = {
    "esim": _read_yes_no,
    "auto_renew": _read_yes_no,
    "archived": _read_yes_no,
    "tags": _read_tags,
    "targets": _read_tags,
    "watcher": lambda cell: read_tag(unshielded(cell)),
}
