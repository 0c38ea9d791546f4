"""The tables `[targets.NAME]`: whom else to tell, of what, and where the address is kept.

Not here: what is told to whom (core), the address itself (secret), sending (channels).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from kzreminder.core.deadlines import DeadlineKind
from kzreminder.core.reminder import Severity
from kzreminder.core.routing import Route
from kzreminder.core.typed import read_language, read_tag
from kzreminder.errors import N_, BadValue, Fault
from kzreminder.settings.lines import fault_of, line_of, line_of_table
from kzreminder.settings.secret import Address, Secret, is_one_address, is_open_to_others
from kzreminder.settings.values import choice, text, whole, yes_or_no

TABLE = "targets"
ADDRESSES = ("url", "url_file", "url_env", "url_credential")
RESERVED = ("desktop", "push", "all")
"Names that mean something else where a target is named."
LEAST_WAIT, LONGEST_WAIT = timedelta(minutes=15), timedelta(days=14)
_NAME = re.compile(r"[a-z0-9_-]{1,30}")
_KEY = re.compile(r"\w{1,40}")
_ADDRESS = re.compile(r"[A-Za-z][\w+.-]+:|.*://", re.DOTALL)
"C: alone is a drive."


@dataclass(frozen=True, slots=True)
class TargetSettings:
    """One target beside the desktop."""

    name: str
    address: Address
    deadlines: tuple[DeadlineKind, ...] = tuple(DeadlineKind)
    severity: Severity = Severity.INFO
    "the least that is told there"
    tags: tuple[str, ...] = ()
    "only cards with one of these; none: every card"
    after: timedelta | None = None
    "only what nobody has acknowledged this long after it was told on the desktop; None: at once"
    digest: bool = False
    "everything of one pass in one message"
    max_messages: int | None = None
    "None: as many as on the desktop"
    language: str | None = None
    show_numbers: bool = False

    @property
    def target(self) -> str:
        return f"push:{self.name}"

    @property
    def route(self) -> Route:
        kinds, tags = frozenset(self.deadlines), frozenset(self.tags)
        return Route(self.target, kinds, self.severity, tags, self.after)


def read_targets(
    tables: object, written: str, path: Path
) -> tuple[tuple[TargetSettings, ...], list[Fault]]:
    """All of them in the file's order, and all that is wrong with any."""
    if not isinstance(tables, Mapping):
        line = line_of(written, TABLE)
        return (), [Fault(str(path), line, TABLE, N_("must be a table"))]
    targets, faults = [], list[Fault]()
    for name, table in tables.items():
        target, wrong = _Reader(name, written, path).read(table)
        faults += wrong
        targets += [target] if target is not None else []
    return tuple(targets), faults


class _Reader:
    """One table, and its faults as they are found."""

    def __init__(self, name: str, written: str, path: Path) -> None:
        self._name = name
        # Whatever else stands where a name should be may be the address itself.
        self._is_named = bool(_NAME.fullmatch(name)) and name not in RESERVED
        self._table = f"{TABLE}.{name}" if self._is_named else TABLE
        self._written = written
        self._path = path
        self._faults: list[Fault] = []

    def read(self, table: object) -> tuple[TargetSettings | None, list[Fault]]:
        if not self._is_named:
            self._refuse_name()
            return None, self._faults
        if not isinstance(table, Mapping):
            self._complain(N_("must be a table"))
            return None, self._faults
        values = {
            key: self._value(key, reader, table[key])
            for key, reader in READERS.items()
            if key in table
        }
        address = self._address(table)
        for key in table:
            if key not in READERS and key not in ADDRESSES:
                self._complain(N_("no such setting"), key if _KEY.fullmatch(key) else None)
        if self._faults or address is None:
            return None, self._faults
        return TargetSettings(self._name, address, **values), []

    def _refuse_name(self) -> None:
        if self._name in RESERVED:
            self._complain(N_("the name {name} is taken: choose another"), name=self._name)
        else:
            self._complain(N_("a target's name has small letters, digits, - and _, at most 30"))

    def _address(self, table: Mapping[str, object]) -> Address | None:
        told = [key for key in ADDRESSES if key in table]
        if len(told) != 1:
            self._complain(
                N_("must have one of {known}, and no more than one"), known=", ".join(ADDRESSES)
            )
            return None
        [key] = told
        address = self._value(key, self._read_address(key), table[key])
        return address if isinstance(address, Address) else None

    def _read_address(self, key: str) -> Callable[[object], Address]:
        def read(value: object) -> Address:
            if key == "url":
                return Address(key, secret=self._secret(value))
            place = text(value)
            if key == "url_file":
                return Address(key, str(self._path.absolute().parent / _file_name(place)))
            pattern = r"[A-Za-z_]\w{0,99}" if key == "url_env" else r"\w[\w.-]{0,99}"
            if not re.fullmatch(pattern, place, re.ASCII):
                raise BadValue(N_("must be a name, of letters, digits and _"))
            return Address(key, place)

        return read

    def _secret(self, value: object) -> Secret:
        address = text(value).strip()
        if not is_one_address(address) or not address.isprintable():
            raise BadValue(N_("must be an address such as ntfys://ntfy.sh/topic"))
        try:
            is_open = is_open_to_others(self._path.stat())
        except OSError:
            is_open = False
        if is_open:
            raise BadValue(
                N_("is a secret, and others can read this file; type: chmod 600 {file}"),
                file=self._path,
            )
        return Secret(address)

    def _value(self, key: str, reader: Callable[[object], Any], value: object) -> Any:
        try:
            return reader(value)
        except BadValue as error:
            where = f"{self._table}.{key}"
            self._faults.append(fault_of(self._path, self._line(key), where, error))
            return None

    def _complain(self, sentence: str, key: str | None = None, **values: object) -> None:
        where = f"{self._table}.{key}" if key else self._table
        told = tuple(values.items())
        self._faults.append(Fault(str(self._path), self._line(key), where, sentence, told))

    def _line(self, key: str | None) -> int | None:
        table = f"{TABLE}.{self._name}"
        line = line_of(self._written, f"{table}.{key}") if key else None
        return line or line_of_table(self._written, table) or line_of(self._written, table)


def _file_name(place: str) -> Path:
    if not place.strip() or "\0" in place:
        raise BadValue(N_("must be the name of a file"))
    if _ADDRESS.match(place.strip()):
        raise BadValue(
            N_("must be the name of a file; the address itself goes into it, or behind url")
        )
    try:
        return Path(place).expanduser()
    except RuntimeError:  # there is no such user
        return Path(place)


def _some(value: object, read: Callable[[str], Any], example: str) -> tuple[Any, ...]:
    if not isinstance(value, list) or not value:
        raise BadValue(N_("must be a list such as {example}"), example=example)
    return tuple(dict.fromkeys(read(text(one)) for one in value))


def _kinds(value: object) -> tuple[DeadlineKind, ...]:
    known = choice(*(kind.value for kind in DeadlineKind))
    return _some(value, lambda one: DeadlineKind(known(one)), '["plan", "charge"]')


def _tags(value: object) -> tuple[str, ...]:
    return _some(value, read_tag, '["family"]')


def _wait(value: object) -> timedelta:
    """A minute and a month begin alike, but nobody waits months here."""
    found = re.fullmatch(r"(\d{1,4})\s*([mhd])", text(value).strip())
    if found:
        unit = {"m": "minutes", "h": "hours", "d": "days"}[found[2]]
        wait = timedelta(**{unit: int(found[1])})
        if LEAST_WAIT <= wait <= LONGEST_WAIT:
            return wait
    raise BadValue(N_('must be from 15 minutes to 14 days, such as "30m", "6h" or "2d"'))


def wait_text(wait: timedelta) -> str:
    """As one would type it."""
    minutes = int(wait.total_seconds()) // 60
    for unit, length in (("d", 1440), ("h", 60)):
        if minutes % length == 0:
            return f"{minutes // length}{unit}"
    return f"{minutes}m"


READERS: dict[str, Callable[[object], Any]] = {
    "deadlines": _kinds,
    "severity": lambda value: Severity(choice(*(one.value for one in Severity))(value)),
    "tags": _tags,
    "after": _wait,
    "digest": yes_or_no,
    "max_messages": whole(1, 20),
    "language": lambda value: read_language(text(value)),
    "show_numbers": yes_or_no,
}
