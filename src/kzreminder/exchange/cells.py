"""What the cells of a CSV file say, with the habits of whatever spreadsheet has saved them.

Not here: rows and quotes (csv_lines), which columns a file has (csv_cards).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial

from kzreminder.core import spellings
from kzreminder.core.typed import read_tag, read_target, read_watcher, refused
from kzreminder.errors import N_, BadValue
from kzreminder.exchange.instants import read_instant_text
from kzreminder.exchange.spreadsheet_cells import unshielded

Reader = Callable[[str], object]

COLUMNS = (
    *("number", "label", "operator", "esim", "plan", "period", "started", "expires", "price"),
    *("auto_renew", "balance", "threshold", "keep_alive", "last_used", "device_entered"),
    *("protects", "leads", "lang", "tags", "note", "archived"),
)
SHARED = ("targets", "watcher")
"Of nobody's concern who has one desktop."
SELDOM = ("balance_at", "estimated", "keeps_day", "muted", "muted_until", "snoozed_until", *SHARED)
"Written where a card has one of them."
CLEARED = "-"
"""A cell that says: this is known to be unknown, as `edit` takes it. A text that is one dash is
shielded, so the two cannot be mistaken."""
BETWEEN_TAGS = "|"

_TEXTS = ("label", "plan", "protects", "note", "watcher")
_YES_OR_NO = ("esim", "auto_renew", "archived", "estimated", "muted")
_NAMES = ("tags", "targets")
_DAYS = ("started", "expires", "last_used", "device_entered", "muted_until")
_NEVER_CLEARED = ("label", *_YES_OR_NO)

_YES_NO = {
    **dict.fromkeys(("true", "yes", "1", "истина", "да", "ақиқат", "иә", "是", "真"), True),
    **dict.fromkeys(("false", "no", "0", "ложь", "нет", "жалған", "жоқ", "否", "假"), False),
}
_FORMULA = re.compile(r'\s*="((?:[^"]|"")*)"\s*')
"How spreadsheets are made to keep the digits of a number: it is a text and calculates nothing."
_PLAIN_NUMBER = re.compile(r"\+?[0-9 ()-]+")
_SCIENTIFIC = re.compile(r"\+?[0-9](?:[.,][0-9]+)?[eEеЕ]\+?[0-9]{1,2}")
_WHOLE = re.compile(r"(\+?[0-9]{10,15})[.,]0+")
_MIDNIGHT = re.compile(r"(?<=[0-9])[T ]0?0:00(?::00(?:[.,]0+)?)?$")
"A spreadsheet's day is an instant, and other programs write it as one."


def cell_readers(readers: Mapping[str, Reader]) -> dict[str, Reader]:
    """For every column, out of those for what people type: they know all but yes-no ones and lists
    of names."""
    found = dict(readers) | dict.fromkeys(_YES_OR_NO, read_yes_no)
    found |= {
        "tags": partial(_read_names, read_tag),
        "targets": partial(_read_names, read_target),
        "watcher": read_watcher,
        "keeps_day": _read_day_of_month,
        "muted_until": readers["expires"],
        "snoozed_until": read_instant_text,
    }
    put_right = {
        **dict.fromkeys(_TEXTS, unshielded),
        **dict.fromkeys((*_DAYS, "balance_at", "snoozed_until"), _without_midnight),
        "number": _written_number,
    }
    for column, as_meant in put_right.items():
        if column in found:
            found[column] = _after(as_meant, found[column])
    return {
        column: reader if column in _NEVER_CLEARED else partial(_unless_cleared, column, reader)
        for column, reader in found.items()
    }


def _after(put_right: Callable[[str], str], reader: Reader) -> Reader:
    return lambda cell: reader(put_right(cell))


def _unless_cleared(column: str, reader: Reader, cell: str) -> object:
    if cell.strip() != CLEARED:
        return reader(cell)
    return () if column in _NAMES else None


def _written_number(cell: str) -> str:
    """The digits as they were before a spreadsheet took them for an amount."""
    if _PLAIN_NUMBER.fullmatch(cell):
        return cell
    if formula := _FORMULA.fullmatch(cell):
        cell = formula[1].replace('""', '"')
    if _SCIENTIFIC.fullmatch(cell.strip()):
        raise BadValue(
            N_('"{text}" has lost digits: the spreadsheet took the number for an amount'),
            hint=N_("Format the column as text there, and write the numbers again"),
            text=cell.strip(),
        )
    if whole := _WHOLE.fullmatch(cell.strip()):
        return whole[1]
    return cell.strip().removeprefix("'")


def _without_midnight(cell: str) -> str:
    return _MIDNIGHT.sub("", cell.strip())


def read_yes_no(text: str) -> bool:
    said = _YES_NO.get(spellings.plain(text))
    if said is None:
        raise refused(N_('"{text}" is neither true nor false'), text, N_("Write true or false"))
    return said


def _read_names(reader: Callable[[str], str], cell: str) -> tuple[str, ...]:
    parts = (reader(part) for part in unshielded(cell).split(BETWEEN_TAGS) if part.strip())
    return tuple(dict.fromkeys(parts))


def _read_day_of_month(text: str) -> int:
    plain = spellings.plain(text)
    if not re.fullmatch(r"[0-9]{1,2}", plain) or not 1 <= int(plain) <= 31:
        raise refused(N_('"{text}" is no day of the month, 1 to 31'), text)
    return int(plain)
