"""The cards of a CSV file: what each column says, and all that is wrong with them.

Not here: rows and quotes (csv_lines), the meaning of what is told (core.correcting), whether the
database knows a card already (storage).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any, BinaryIO

from kzreminder.core import spellings
from kzreminder.core.card import Card, Kind
from kzreminder.core.correcting import Told
from kzreminder.core.moves import archive
from kzreminder.core.typed import read_tag, refused
from kzreminder.errors import N_, BadValue, Fault, KzreminderError, printable
from kzreminder.exchange.csv_lines import CsvRows, Unreadable

Reader = Callable[[str], object]

COLUMNS = (
    *("number", "label", "operator", "esim", "plan", "period", "started", "expires", "price"),
    *("auto_renew", "balance", "threshold", "keep_alive", "last_used", "device_entered"),
    *("protects", "leads", "lang", "tags", "note", "archived"),
)
MOST_FAULTS = 100
"kept and shown; the rest are counted"
_NAME = 60
"Characters of a strange column that are shown."
_SELDOM_ALIKE = ("number", "label", "note")


@dataclass
class Batch:
    """What a file holds: cards, or faults. Lines count from 1, the header's."""

    file: str
    cards: list[Card] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    count: int = 0
    "of all faults, those not kept too"
    labels: dict[str, int] = field(default_factory=dict)
    "label -> line"
    numbers: dict[str, int] = field(default_factory=dict)

    def wrong(self, line: int, column: str, sentence: str, /, **values: object) -> None:
        self.count += 1
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(self.file, line, column, sentence, tuple(values.items())))

    def refuses(self, line: int, column: str, error: KzreminderError) -> None:
        self.wrong(line, column, error.sentence, **error.values)

    def are_registered(self, labels: Collection[str], numbers: Mapping[str, str]) -> None:
        """Those are known already; each number with the label that it goes by. One fault a row."""
        found: dict[int, Callable[[], None]] = {}
        for label in labels:
            sentence = N_("a card called {label} is registered already")
            line = self.labels[label]
            found[line] = partial(self.wrong, line, "label", sentence, label=label)
        for number, label in numbers.items():
            sentence = N_("the number {number} is registered already, as {label}")
            line = self.numbers[number]
            found[line] = partial(self.wrong, line, "number", sentence, number=number, label=label)
        for line in sorted(found):
            found[line]()


def read_cards(
    stream: BinaryIO, file: str, readers: Mapping[str, Reader], new_card: Callable[[Told], Card]
) -> Batch:
    """Every card of the file, and every fault. `readers` know all columns but yes-no ones and tags.

    Raises OSError where the stream breaks.
    """
    batch = Batch(file)
    known = _quick(dict(readers) | _OWN_READERS)
    columns: list[str] = []
    try:
        for line, cells in CsvRows(stream):
            if not columns:
                columns = _columns(batch, line, cells)
                if batch.faults:
                    return batch
            elif len(cells) < len(columns) or any(map(str.strip, cells[len(columns) :])):
                # a comma too many or too few: each cell may stand under a wrong name
                batch.wrong(
                    line,
                    "",
                    N_("the header names {columns} columns, and here are {cells} cells"),
                    columns=len(columns),
                    cells=len(cells),
                )
            else:
                _read_row(batch, line, dict(zip(columns, cells, strict=False)), known, new_card)
    except Unreadable as end:
        batch.refuses(end.line, "", end)
    if not columns and not batch.faults:
        batch.wrong(1, "", N_("there is no header: the first line names the columns"))
    return batch


def _columns(batch: Batch, line: int, cells: Sequence[str]) -> list[str]:
    columns = [cell.strip().lower() for cell in cells]
    while not columns[-1]:
        columns.pop()
    for place, column in enumerate(columns):
        named = printable(cells[place].strip()[:_NAME])
        if column not in COLUMNS:
            batch.wrong(line, named, N_("there is no such column"))
        elif column in columns[:place]:
            batch.wrong(line, named, N_("the column stands here twice"))
    if not {"number", "label"} & set(columns):
        batch.wrong(line, "", N_("a column number or label is needed"))
    return columns


def _read_row(
    batch: Batch,
    line: int,
    row: Mapping[str, str],
    readers: Mapping[str, Reader],
    new_card: Callable[[Told], Card],
) -> None:
    told: dict[str, Any] = {}
    is_sound = True
    for column, text in row.items():
        if not text.strip():
            continue
        try:
            told[column] = readers[column](text)
        except KzreminderError as error:
            batch.refuses(line, column, error)
            is_sound = False
    if "esim" in told:
        told["kind"] = Kind.ESIM if told.pop("esim") else Kind.SIM
    is_archived = told.pop("archived", False)
    if not is_sound:
        _once(batch, line, told.get("label"), told.get("number"))
        return
    try:
        card = new_card(told)
    except BadValue as error:
        batch.refuses(line, "", error)
        return
    if _once(batch, line, card.label, card.number):
        batch.cards.append(archive(card) if is_archived else card)


def _once(batch: Batch, line: int, label: str | None, number: str | None) -> bool:
    """Whether label and number are the first of their kind in the file."""
    is_first = True
    for column, value, lines in (("label", label, batch.labels), ("number", number, batch.numbers)):
        if value is not None and lines.setdefault(value, line) != line:
            is_first = False
            batch.wrong(
                line,
                column,
                N_("{value} stands in line {earlier} already"),
                value=value,
                earlier=lines[value],
            )
    return is_first


def _read_yes_no(text: str) -> bool:
    said = _YES_NO.get(spellings.plain(text))
    if said is None:
        raise refused(N_('"{text}" is neither true nor false'), text)
    return said


def _read_tags(text: str) -> tuple[str, ...]:
    tags = (read_tag(part) for part in text.split("|") if part.strip())
    return tuple(dict.fromkeys(tags))


_YES_NO = {
    **dict.fromkeys(("true", "yes", "1"), True),
    **dict.fromkeys(("false", "no", "0"), False),
}
_OWN_READERS: dict[str, Reader] = {
    "esim": _read_yes_no,
    "auto_renew": _read_yes_no,
    "archived": _read_yes_no,
    "tags": _read_tags,
}


def _quick(readers: Mapping[str, Reader]) -> dict[str, Reader]:
    """The readers, remembering what they read: a file repeats its plans, prices and days."""
    return {
        column: reader if column in _SELDOM_ALIKE else lru_cache(maxsize=4096)(reader)
        for column, reader in readers.items()
    }
