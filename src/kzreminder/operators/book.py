"""The words of the guides in one language, and the clerk's sentences: read from TOML and checked.

Not here: choosing and filling them for a card (guide), what is known of an operator (facts).
"""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kzreminder.errors import N_, ConfigurationInvalid, Fault

FIELDS = frozenset({"operator", "number", "masked", "amount", "app", "site", "topup_page",
                    "where", "code", "finding", "closed_on", "open_on"})  # fmt: skip
PHRASES = frozenset({"number_unknown", "amount_unknown", "app_unknown", "site_unknown",
                     "topup_page_unknown", "real_operator", "not_confirmed",
                     "method_not_confirmed", "balance_not_confirmed", "operator_guessed",
                     "esim", "finding", "closed_weekend", "closed_holiday"})  # fmt: skip
_TOP = {"language", "phrases", "short", "short_not_found", "identify", "cautions", "methods",
        "fact_names"}  # fmt: skip
_METHOD = {"name", "where", "steps", "needs", "cautions"}
CLERK_FILE = "clerk.toml"
FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class Fourfold:
    """One sentence in the four forms that knowing the number and the amount makes."""

    both: str
    no_amount: str
    no_number: str
    neither: str

    def pick(self, number: object, amount: object) -> str:
        if number:
            return self.both if amount else self.no_amount
        return self.no_number if amount else self.neither


@dataclass(frozen=True, slots=True)
class MethodText:
    name: str
    where: str
    "how a short sentence names it: `in Kaspi.kz`"
    steps: tuple[str, ...]
    needs: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Book:
    """All templates of one language; the fields in braces are filled by the guide."""

    language: str
    phrases: Mapping[str, str]
    short: Fourfold
    short_not_found: Fourfold
    identify: tuple[str, ...]
    "the first steps where nobody knows whose card it really is"
    cautions: tuple[str, ...]
    methods: Mapping[str, MethodText]
    special: Mapping[tuple[str, str], MethodText]
    "(method, operator): where an operator's own words replace the general ones"
    fact_names: Mapping[str, str]

    def method(self, method_id: str, operator_id: str = "") -> MethodText | None:
        return self.special.get((method_id, operator_id)) or self.methods.get(method_id)

    def fact_name(self, key: str) -> str:
        """What to call a fact; a key of the user's own stands for itself."""
        return self.fact_names.get(key, key.replace("_", " "))


@dataclass(frozen=True, slots=True)
class ClerkBook:
    """What to show at the counter, in the two languages spoken there."""

    ru: Fourfold
    kk: Fourfold
    ru_not_found: Fourfold
    kk_not_found: Fourfold


def read_book(path: Path) -> Book:
    """Refuses with all faults at once."""
    reader = _Reader(path)
    table = reader.table
    reader.only(table, _TOP, "")
    phrases = reader.sub(table, "phrases")
    reader.only(phrases, set(PHRASES), "phrases")
    methods: dict[str, MethodText] = {}
    special: dict[tuple[str, str], MethodText] = {}
    for method_id, given in reader.sub(table, "methods").items():
        where = f"methods.{method_id}"
        own = given if isinstance(given, dict) else {}
        general = {key: value for key, value in own.items() if key != "for"}
        methods[method_id] = reader.method(general, where)
        for operator_id, changed in reader.sub(own, "for", where).items():
            merged = general | (changed if isinstance(changed, dict) else {})
            text = reader.method(merged, f"{where}.for.{operator_id}")
            special[method_id, operator_id] = text
    if not methods:
        reader.wrong("methods", N_("at least one method is needed"))
    names = reader.sub(table, "fact_names")
    book = Book(
        language=reader.text(table, "language", "language"),
        phrases={key: reader.text(phrases, key, f"phrases.{key}") for key in sorted(PHRASES)},
        short=reader.fourfold(table, "short"),
        short_not_found=reader.fourfold(table, "short_not_found"),
        identify=reader.texts(table, "identify", ""),
        cautions=reader.texts(table, "cautions", ""),
        methods=methods,
        special=special,
        fact_names={key: reader.text(names, key, f"fact_names.{key}") for key in names},
    )
    reader.finish()
    return book


def read_clerk(path: Path) -> ClerkBook:
    """Refuses with all faults at once."""
    reader = _Reader(path)
    reader.only(reader.table, set(ClerkBook.__dataclass_fields__), "")
    clerk = ClerkBook(
        ru=reader.fourfold(reader.table, "ru"),
        kk=reader.fourfold(reader.table, "kk"),
        ru_not_found=reader.fourfold(reader.table, "ru_not_found"),
        kk_not_found=reader.fourfold(reader.table, "kk_not_found"),
    )
    reader.finish()
    return clerk


def book_path(folder: Path, language: str) -> Path:
    """The file of that language, else of its base language, else the English one."""
    for wanted in (language, language.partition("-")[0]):
        # Compared with what is there, so that no language can name a path elsewhere.
        for path in sorted(folder.glob("*.toml")):
            if path.stem.casefold() == wanted.casefold() and path.name != CLERK_FILE:
                return path
    return folder / f"{FALLBACK}.toml"


class _Reader:
    """One guide file; every check that fails adds a fault and reading goes on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.faults: list[Fault] = []
        self.lines: list[str] = []
        self.table: dict[str, Any] = {}
        try:
            text = path.read_bytes().decode("utf-8-sig")
            self.lines = text.splitlines()
            self.table = tomllib.loads(text)
        except OSError as error:
            self.wrong("", N_("cannot be read: {reason}"), reason=error.strerror)
            self.finish()
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            self.wrong("", N_("is not TOML: {reason}"), reason=str(error))
            self.finish()

    def method(self, table: dict[str, Any], path: str) -> MethodText:
        self.only(table, _METHOD, path)
        return MethodText(
            name=self.text(table, "name", f"{path}.name"),
            where=self.text(table, "where", f"{path}.where"),
            steps=self.texts(table, "steps", path),
            needs=self.texts(table, "needs", path, at_least=0),
            cautions=self.texts(table, "cautions", path, at_least=0),
        )

    def fourfold(self, table: dict[str, Any], key: str) -> Fourfold:
        forms = self.sub(table, key)
        known = list(Fourfold.__dataclass_fields__)
        self.only(forms, set(known), key)
        return Fourfold(*(self.text(forms, form, f"{key}.{form}") for form in known))

    def texts(
        self, table: dict[str, Any], key: str, parent: str, at_least: int = 1
    ) -> tuple[str, ...]:
        path = f"{parent}.{key}" if parent else key
        value = table.get(key, [])
        if not isinstance(value, list) or len(value) < at_least:
            self.wrong(path, N_("a list of texts is needed here"))
            return ()
        return tuple(self.template(text, path) for text in value)

    def text(self, table: dict[str, Any], key: str, path: str) -> str:
        return self.template(table.get(key), path)

    def template(self, text: object, path: str) -> str:
        if not isinstance(text, str) or not text.strip():
            self.wrong(path, N_("a text of one line is needed here"))
            return ""
        try:
            fields = [
                field for _, field, _, _ in string.Formatter().parse(text) if field is not None
            ]
        except ValueError:
            fields = ["{"]
        for field in fields:
            if field not in FIELDS:
                self.wrong(path, N_("{field} is not a field that can be filled"), field=field)
        return text

    def sub(self, table: dict[str, Any], key: str, parent: str = "") -> dict[str, Any]:
        value = table.get(key, {})
        if isinstance(value, dict):
            return value
        self.wrong(f"{parent}.{key}" if parent else key, N_("a table is needed here"))
        return {}

    def only(self, table: dict[str, Any], known: set[str], path: str) -> None:
        for key in table:
            if key not in known:
                self.wrong(f"{path}.{key}" if path else key, N_("{key} is not known here"), key=key)

    def wrong(self, key: str, sentence: str, /, **values: object) -> None:
        # The last part that is found by eye; the heading of its table where the key is missing.
        line = None
        for part in reversed(key.split(".") if key else []):
            entry = re.compile(rf"\s*{re.escape(part)}\s*=|\s*\[(.*\.)?{re.escape(part)}\]")
            line = next((n for n, text in enumerate(self.lines, 1) if entry.match(text)), None)
            if line:
                break
        self.faults.append(Fault(str(self.path), line, key, sentence, tuple(values.items())))

    def finish(self) -> None:
        if self.faults:
            raise ConfigurationInvalid(tuple(self.faults))
