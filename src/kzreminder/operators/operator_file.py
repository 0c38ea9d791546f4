"""What one operator's TOML must hold: checked, and made into an Operator.

Not here: reading and laying over (layers), what two operators may not share (catalogue).
"""

from __future__ import annotations

import re
from collections.abc import Set
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from kzreminder.errors import N_, Fault
from kzreminder.operators.facts import (
    Confidence,
    Country,
    Fact,
    Method,
    MethodKind,
    Operator,
    Status,
)
from kzreminder.operators.layers import Layers, Table

LONGEST = 600
"Signs of a value or a note: it stands on a page, in a table, in a line of a terminal."
_KEY = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z]{2,4})?")
_COUNTRY = {"id", "not_found", "facts", "methods"}
_TOP = {"id", "status", "best", "aliases", "not_found", "names", "network", "prefixes", "balance",
        "facts", "methods"}  # fmt: skip
_PROVENANCE = {"source", "checked_on", "confidence", "note"}
_FACT = _PROVENANCE | {"value"}

Choice = TypeVar("Choice", bound=StrEnum)


def build(layers: Layers, faults: list[Fault]) -> Operator | None:
    """The operator, or None when a fault was found."""
    return _Builder(layers, faults).operator()


def build_country(layers: Layers, faults: list[Fault]) -> Country:
    """What lies under every operator; its methods are checked here too."""
    return _Builder(layers, faults).country()


class _Builder:
    """Reads one merged table; every check that fails adds a fault and reading goes on."""

    def __init__(self, layers: Layers, faults: list[Fault]) -> None:
        self.layers = layers
        self.faults = faults
        self.before = len(faults)
        self.table = layers.merged()

    def operator(self) -> Operator | None:
        table = self.table
        self.only(table, _TOP, "")
        names = self.names()
        status = self.choice(table, "status", Status, Status.SERVES, "")
        methods = self.methods()
        best = self.text(table, "best", "best") if "best" in table else ""
        if methods and best and best not in {method.id for method in methods}:
            self.wrong("best", N_("{best} is not among the methods"), best=best)
        prefixes = self.sub("prefixes", "numbers")
        numbers = self.strings(prefixes, "numbers", "prefixes.numbers")
        for number in numbers:
            if not re.fullmatch(r"7\d\d", number):
                self.wrong("prefixes.numbers", N_("a prefix has three digits and begins with 7"))
        network = self.sub("network", "codes", "modem_names")
        codes = self.strings(network, "codes", "network.codes")
        self.strings(network, "modem_names", "network.modem_names")
        balance = self.facts(table.get("balance", {}), "balance")
        facts = self.facts(table.get("facts", {}), "facts")
        made = Operator(
            id=self.layers.pages[-1].operator_id,
            names=names,
            status=status,
            best=best or None,
            methods=methods,
            aliases=self.strings(table, "aliases", "aliases"),
            prefixes=numbers,
            prefix_fact=self.stated("prefixes", prefixes, " ".join(numbers)),
            network_fact=self.stated("network", network, " ".join(codes)),
            balance=balance,
            facts=facts,
            not_found=self.unknown(balance + facts),
            own=any(page.own for page in self.layers.pages),
        )
        return made if len(self.faults) == self.before else None

    def country(self) -> Country:
        self.only(self.table, _COUNTRY, "")
        self.methods()
        facts = self.facts(self.table.get("facts", {}), "facts")
        return Country(facts, self.unknown(facts))

    def unknown(self, facts: tuple[Fact, ...]) -> tuple[str, ...]:
        """Whoever found something out writes the fact down, and need not mend the list."""
        known = {fact.key for fact in facts}
        unknown = self.strings(self.table, "not_found", "not_found")
        for key in unknown:
            if key in known and not self.is_own(key):
                self.wrong("not_found", N_("{key} has a value and is not-found too"), key=key)
        return tuple(dict.fromkeys(key for key in unknown if key not in known))

    def is_own(self, key: str) -> bool:
        return any(self.layers.is_own(f"{part}.{key}") for part in ("facts", "balance"))

    def names(self) -> dict[str, str]:
        table = self.mapping(self.table.get("names", {}), "names")
        names = {}
        for language in table:
            key = f"names.{language}"
            if not _LANGUAGE.fullmatch(language):
                self.wrong(key, N_("{key} is not known here"), key=language)
            names[language] = self.text(table, language, key)
        if "en" not in names:
            self.wrong("names.en", N_("a name in English is needed"))
        return names

    def methods(self) -> tuple[Method, ...]:
        table = self.mapping(self.table.get("methods", {}), "methods")
        if not table:
            self.wrong("methods", N_("at least one method is needed"))
        return tuple(self.method(method_id, value) for method_id, value in table.items())

    def method(self, method_id: str, value: object) -> Method:
        path = f"methods.{method_id}"
        table = self.mapping(value, path)
        if not _KEY.fullmatch(method_id):
            self.wrong(path, N_("a key is written with small letters, digits and underscores"))
        kind = self.choice(table, "kind", MethodKind, None, path)
        note = self.text(table, "note", f"{path}.note") if "note" in table else None
        name = self.text(table, "name", f"{path}.name") if "name" in table else None
        said = {key: fact for key, fact in table.items() if key not in ("kind", "note", "name")}
        facts = self.facts(said, path)
        if "offered" not in table:
            self.wrong(f"{path}.offered", N_("who says that it is offered? a fact is needed"))
        return Method(method_id, kind, facts, note, name)

    def facts(self, value: object, path: str) -> tuple[Fact, ...]:
        table = self.mapping(value, path)
        read = [self.fact(f"{path}.{key}", key, table[key]) for key in table]
        return tuple(fact for fact in read if fact is not None)

    def fact(self, path: str, key: str, value: object) -> Fact | None:
        if not _KEY.fullmatch(key):
            self.wrong(path, N_("a key is written with small letters, digits and underscores"))
        if not isinstance(value, dict):
            self.wrong(path, N_("a fact is a table with value, source, checked_on, confidence"))
            return None
        self.only(value, _FACT, path)
        return self.provenance(path, key, value, self.text(value, "value", f"{path}.value"))

    def stated(self, key: str, table: Table, value: str) -> Fact | None:
        return self.provenance(key, key, table, value) if table else None

    def provenance(self, path: str, key: str, table: Table, value: str) -> Fact:
        confidence = self.choice(table, "confidence", Confidence, None, path)
        source = self.text(table, "source", f"{path}.source") if "source" in table else None
        if source is None and confidence is not Confidence.UNSOURCED and "confidence" in table:
            self.wrong(f"{path}.source", N_('a source is needed, or confidence = "unsourced"'))
        if source is not None and confidence is Confidence.UNSOURCED:
            self.wrong(f"{path}.source", N_('a fact with a source is not "unsourced"'))
        checked_on = table.get("checked_on")
        if isinstance(checked_on, datetime) or not isinstance(checked_on, date):
            self.wrong(f"{path}.checked_on", N_("a day is needed, written like 2026-11-21"))
            checked_on = date.min
        note = self.text(table, "note", f"{path}.note") if "note" in table else None
        own = self.layers.is_own(path)
        return Fact(key, value, source, checked_on, confidence, note, own)

    def sub(self, key: str, *fields: str) -> Table:
        table = self.mapping(self.table.get(key, {}), key)
        self.only(table, {*fields, *_PROVENANCE}, key)
        return table

    def mapping(self, value: object, path: str) -> Table:
        if isinstance(value, dict):
            return value
        self.wrong(path, N_("a table is needed here"))
        return {}

    def text(self, table: Table, key: str, path: str) -> str:
        value = table.get(key)
        if isinstance(value, str) and value.strip() and value.isprintable():
            if len(value) > LONGEST:
                self.wrong(path, N_("is longer than {most} signs"), most=LONGEST)
            return value
        self.wrong(path, N_("a text of one line is needed here"))
        return ""

    def strings(self, table: Table, key: str, path: str) -> tuple[str, ...]:
        value = table.get(key, [])
        if isinstance(value, list) and all(
            isinstance(x, str) and x.strip() and x.isprintable() for x in value
        ):
            return tuple(value)
        self.wrong(path, N_("a list of texts is needed here"))
        return ()

    def choice(
        self, table: Table, key: str, choices: type[Choice], otherwise: Choice | None, path: str
    ) -> Choice:
        value: Any = table.get(key)
        if value is None and otherwise is not None:
            return otherwise
        try:
            return choices(value)
        except ValueError:
            known = ", ".join(choices)
            self.wrong(f"{path}.{key}" if path else key, N_("must be one of: {known}"), known=known)
            return next(iter(choices))

    def only(self, table: Table, known: Set[str], path: str) -> None:
        for key in table:
            if key not in known:
                where = f"{path}.{key}" if path else key
                self.wrong(where, N_("{key} is not known here"), key=key)

    def wrong(self, key: str, sentence: str, /, **values: object) -> None:
        self.faults.append(self.layers.fault(key, sentence, **values))
