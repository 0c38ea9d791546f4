"""The patterns of operators' messages: read from TOML, checked, the user's own laid over.

Not here: how text and patterns are spelled (sms_text), what a message says (messages).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

from kzreminder.errors import N_, ConfigurationInvalid, Fault
from kzreminder.operators.layers import Page, read_page
from kzreminder.operators.sms_text import UnknownMacro, expand, fold

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
LISTS = ("strangers", "ways", "labels")
"Of expressions; a user's own list takes the place of the shipped one."
_KEYS = {"kind", "operator", "language", "source", "made_up", "says", "unless"}


class SmsKind(StrEnum):
    """What a message is about; where several fit, the first of these counts.

    What costs most when overlooked stands first. A failed charge is told with the words of a charge
    to come, and that with the words of one that was made; each of them names the balance beside it.
    """

    NUMBER_CLOSING = "number_closing"
    CHARGE_FAILED = "charge_failed"
    CHARGE_DUE = "charge_due"
    CHARGE_DONE = "charge_done"
    TOPPED_UP = "topped_up"
    LOW_BALANCE = "low_balance"
    BALANCE = "balance"
    PACKAGE_LEFT = "package_left"
    ADVERT = "advert"
    ONE_TIME_CODE = "one_time_code"


@dataclass(frozen=True)
class Pattern:
    id: str
    kind: SmsKind
    says: tuple[str, ...]
    unless: tuple[str, ...] = ()
    "where one of these stands in the text, the pattern does not count"
    operator: str | None = None
    own: bool = False
    "the user's: believed before the shipped ones"

    @cached_property
    def _says(self) -> list[re.Pattern[str]]:
        return [re.compile(expand(one)) for one in self.says]

    @cached_property
    def _unless(self) -> list[re.Pattern[str]]:
        return [re.compile(expand(one)) for one in self.unless]

    def found_in(self, text: str) -> Iterator[re.Match[str]]:
        """Of a folded text in which money and days are marked."""
        if not any(one.search(text) for one in self._unless):
            for one in self._says:
                yield from one.finditer(text)


@dataclass(frozen=True, slots=True)
class Patterns:
    """All patterns, and the names by which messages call the operators."""

    patterns: tuple[Pattern, ...]
    strangers: tuple[str, ...] = ()
    "where one of these stands, the text is no operator's, or about somebody else's money"
    ways: tuple[str, ...] = ()
    "how money came to an operator: no bank's message for naming one"
    labels: tuple[str, ...] = ()
    "what may stand before the first colon of an operator's message; else that is a sender"
    names: tuple[tuple[str, re.Pattern[str]], ...] = ()
    "operator id, and what finds one of its names in a folded text"


def load(shipped: Path, own: Path, operators: Mapping[str, Iterable[str]]) -> Patterns:
    """The shipped patterns with the user's own laid over; refuses with all faults at once.

    `operators`: the ids there are, each with its names.
    """
    named = {one: [fold(name) for name in names] for one, names in operators.items()}
    faults: list[Fault] = []
    found: dict[str, Pattern] = {}
    lists: dict[str, tuple[str, ...]] = dict.fromkeys(LISTS, ())
    for path, is_own in ((shipped, False), (own, True)):
        if is_own and not path.exists():
            continue
        page = read_page(path, is_own, faults)
        if page is not None:
            reader = _Reader(page, set(named), faults)
            found |= {one.id: one for one in reader.patterns()}
            lists = {name: reader.listed(name, lists[name]) for name in LISTS}
    if faults:
        raise ConfigurationInvalid(tuple(faults))
    expressions = [
        (one, re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(names)))})\b"))
        for one, names in named.items()
        if names
    ]
    return Patterns(tuple(found.values()), **lists, names=tuple(expressions))


class _Reader:
    """One file; every check that fails adds a fault and reading goes on."""

    def __init__(self, page: Page, operators: set[str], faults: list[Fault]) -> None:
        self.page = page
        self.operators = operators
        self.faults = faults

    def patterns(self) -> Iterator[Pattern]:
        for key in self.page.table:
            if key not in ("patterns", *LISTS):
                self.wrong(key, N_("{key} is not known here"), key=key)
        tables = self.page.table.get("patterns", {})
        if not isinstance(tables, dict):
            self.wrong("patterns", N_("a table is needed here"))
            return
        for pattern_id, table in tables.items():
            where = f"patterns.{pattern_id}"
            if not _ID.fullmatch(pattern_id):
                self.wrong(where, N_("an id is written with small letters, digits and dashes"))
            elif not isinstance(table, dict):
                self.wrong(where, N_("a table is needed here"))
            elif (pattern := self.pattern(pattern_id, table, where)) is not None:
                yield pattern

    def listed(self, key: str, otherwise: tuple[str, ...]) -> tuple[str, ...]:
        """The page's own list; where it has none, the other."""
        return self.expressions(self.page.table[key], key) if key in self.page.table else otherwise

    def pattern(self, pattern_id: str, table: dict[str, Any], where: str) -> Pattern | None:
        before = len(self.faults)
        for key in table:
            if key not in _KEYS:
                self.wrong(f"{where}.{key}", N_("{key} is not known here"), key=key)
        kind = self.kind(table.get("kind"), f"{where}.kind")
        operator = self.operator(table.get("operator"), f"{where}.operator")
        says = self.expressions(table.get("says"), f"{where}.says")
        unless = self.expressions(table.get("unless", []), f"{where}.unless")
        if kind is None or len(self.faults) > before:
            return None
        return Pattern(pattern_id, kind, says, unless, operator, self.page.own)

    def kind(self, value: object, where: str) -> SmsKind | None:
        # One-time codes are not found by patterns: no file may unsay what is one.
        known = [kind for kind in SmsKind if kind is not SmsKind.ONE_TIME_CODE]
        found = next((kind for kind in known if kind == value), None)
        if found is None:
            self.wrong(where, N_("must be one of: {known}"), known=", ".join(known))
        return found

    def operator(self, value: object, where: str) -> str | None:
        if value is None or value in self.operators:
            return value if isinstance(value, str) else None
        self.wrong(where, N_("must be one of: {known}"), known=", ".join(sorted(self.operators)))
        return None

    def expressions(self, value: object, where: str) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            self.wrong(where, N_("a list of texts is needed here"))
            return ()
        if self.page.own:  # the shipped ones are compiled by a test, and here only when used
            for one in value:
                self.check(one, where)
        return tuple(value)

    def check(self, expression: str, where: str) -> None:
        try:
            compiled = re.compile(expand(expression))
        except UnknownMacro as error:
            self.wrong(where, N_("{macro} is not known here"), macro=str(error))
        except (re.error, RecursionError, OverflowError) as error:
            reason = getattr(error, "msg", type(error).__name__)
            self.wrong(where, N_("is no regular expression: {reason}"), reason=reason)
        else:
            if compiled.match(""):
                self.wrong(where, N_("fits an empty text, and so every text"))

    def wrong(self, key: str, sentence: str, /, **values: object) -> None:
        self.faults.append(self.page.fault(key, sentence, **values))
