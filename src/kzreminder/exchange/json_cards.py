"""The cards of a JSON file: what each key of `list --json` says, and what only follows from others.

Not here: where one object ends (json_text), what the texts mean (the readers that are given).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, BinaryIO

from kzreminder.core.card import Kind
from kzreminder.core.typed import read_tag, read_target, read_watcher, refused
from kzreminder.core.zone import almaty
from kzreminder.errors import N_, BadValue, printable
from kzreminder.exchange.batch import Batch, Registrar, Row, Unreadable
from kzreminder.exchange.instants import read_instant_text
from kzreminder.exchange.json_text import JsonObjects, Number
from kzreminder.exchange.rows import Reader, Rows

_TEXTS = {
    "label": "label",
    "number": "number",
    "operator": "operator",
    "kind": "kind",
    "plan.name": "plan",
    "plan.period": "period",
    "plan.started_on": "started",
    "plan.ends_at": "expires",
    "plan.price": "price",
    "balance.amount": "balance",
    "balance.threshold": "threshold",
    "balance.read_at": "balance_at",
    "keep_alive.period": "keep_alive",
    "keep_alive.last_used_on": "last_used",
    "device_entered_on": "device_entered",
    "protects": "protects",
    "leads": "leads",
    "muted_until": "muted_until",
    "snoozed_until": "snoozed_until",
    "lang": "lang",
    "watcher": "watcher",
    "note": "note",
}
_FLAGS = {
    "operator_guessed": "operator_guessed",
    "plan.auto_renew": "auto_renew",
    "balance.estimated": "estimated",
    "muted": "muted",
    "archived": "archived",
}
_NAMES = {"tags": "tags", "targets": "targets"}
_NUMBERS = {"plan.keeps_day": "keeps_day"}
_COLUMNS = _TEXTS | _FLAGS | _NAMES | _NUMBERS
_PLACES = {path: place for place, path in enumerate(_COLUMNS)}
_OBJECTS = ("plan", "balance", "keep_alive")
_FOLLOWING = frozenset(
    ("id", "state", "deadlines", "next_reminder", "balance.runs_low_on", "keep_alive.due_on")
)
"What is known when the rest is."
_NEVER_NULL = {path: _TEXTS[path] for path in ("label", "kind")}
_ABSENT = object()
_KEY = 60
"Characters of a strange key that are shown."

_DAYS_OF_MONTH = frozenset(map(str, range(1, 32)))


def _is_text(value: object) -> bool:
    return isinstance(value, str) and not isinstance(value, Number)


_EXPECTED: tuple[tuple[Mapping[str, str], Callable[[object], bool], str], ...] = (
    (
        _TEXTS,
        lambda value: value is None or _is_text(value),
        N_("a text in quotes is expected here, or null"),
    ),
    (_NEVER_NULL, _is_text, N_("a text in quotes is expected here")),
    (_FLAGS, lambda value: isinstance(value, bool), N_("true or false is expected here")),
    (
        _NAMES,
        lambda value: isinstance(value, list) and all(map(_is_text, value)),
        N_("a list of texts in quotes is expected here"),
    ),
    (
        _NUMBERS,
        lambda value: value is None or (isinstance(value, Number) and value in _DAYS_OF_MONTH),
        N_("a day of the month is expected here, 1 to 31"),
    ),
)
_WRONG = {path: (fits, sentence) for paths, fits, sentence in _EXPECTED for path in paths}


def read_json(
    stream: BinaryIO, batch: Batch, readers: Mapping[str, Reader], registrar: Registrar
) -> Iterator[Row]:
    """Every card of the file, one by one, and every fault into the batch, with the card's ordinal
    number and the key. `readers` as for a CSV file.

    Raises OSError where the stream breaks.
    """
    columns = [(column, path) for path, column in _COLUMNS.items()]
    rows = Rows(batch, columns, _value_readers(readers), registrar, nothing=_ABSENT)
    try:
        for ordinal, card in enumerate(JsonObjects(stream), start=1):
            faults = batch.count
            row = rows.read(ordinal, _cells(batch, ordinal, card))
            yield row if batch.count == faults else replace(row, alike=None)
    except Unreadable as end:
        batch.breaks_off(end)


def _cells(batch: Batch, ordinal: int, card: dict[str, Any]) -> list[Any]:
    """What stands under each known key; what is wrong with the others goes into the batch."""
    cells: list[Any] = [_ABSENT] * len(_COLUMNS)
    for path, value in _flat(batch, ordinal, card):
        if path in _FOLLOWING:
            continue
        if path not in _WRONG:
            batch.wrong(ordinal, printable(path[:_KEY]), N_("there is no such key"))
            continue
        fits, sentence = _WRONG[path]
        if fits(value):
            cells[_PLACES[path]] = tuple(value) if isinstance(value, list) else value
        else:
            batch.refuses(ordinal, path, BadValue(sentence), _as_written(value))
    until, muted = _PLACES["muted_until"], _PLACES["muted"]
    if cells[until] is None and cells[muted] is _ABSENT:
        cells[muted] = card.get("state") == "muted"  # without an end
    return cells


def _flat(batch: Batch, ordinal: int, card: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in card.items():
        if key not in _OBJECTS:
            yield (key if "." not in key else f'"{key}"'), value  # no path of ours
        elif isinstance(value, dict):
            for inner, one in value.items():
                yield f"{key}.{inner}", one
        else:
            wrong = BadValue(N_("an object in braces is expected here"))
            batch.refuses(ordinal, key, wrong, _as_written(value))


def _as_written(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return (
        "{...}" if isinstance(value, dict) else "[...]" if isinstance(value, list) else str(value)
    )


def _value_readers(readers: Mapping[str, Reader]) -> dict[str, Reader]:
    found = dict(readers) | {
        "kind": _read_kind,
        "expires": partial(_read_end, readers["expires"]),
        "snoozed_until": read_instant_text,
        "muted_until": readers["expires"],
        "watcher": read_watcher,
    }
    found = {
        column: reader if column in _NEVER_NULL.values() else partial(_unless_null, reader)
        for column, reader in found.items()
    }
    for column in _FLAGS.values():
        found[column] = bool
    found["tags"] = partial(_read_names, read_tag)
    found["targets"] = partial(_read_names, read_target)
    found["keeps_day"] = partial(_unless_null, int)
    return found


def _unless_null(reader: Reader, value: str | None) -> object:
    return None if value is None else reader(value)


def _read_names(reader: Callable[[str], str], names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(reader(name) for name in names))


def _read_kind(text: str) -> Kind:
    try:
        return Kind(text)
    except ValueError:
        raise refused(N_('"{text}" is neither sim nor esim'), text) from None


def _read_end(read_day: Reader, text: str) -> object:
    """The last good day, written as its last second."""
    try:
        at = read_instant_text(text).astimezone(almaty())
    except BadValue:
        return read_day(text)
    if (at.hour, at.minute, at.second) != (23, 59, 59):
        raise refused(N_("a plan ends at 23:59:59 in Almaty, not at {text}"), text)
    return at.date()
