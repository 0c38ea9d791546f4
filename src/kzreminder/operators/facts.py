"""What is known about an operator, each piece with its source, its day and how sure it is.

Not here: reading the files (catalogue), what to tell the user to do with it (guide).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Confidence(StrEnum):
    """How sure a fact is, the surest first."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    UNSOURCED = "unsourced"


RANKS = {confidence: rank for rank, confidence in enumerate(Confidence)}


class Status(StrEnum):
    SERVES = "serves"
    NOT_FOUND = "not-found"
    "sold under this name, but no such operator was found in Kazakhstan"


class MethodKind(StrEnum):
    APP = "app"
    "the operator's own app"
    SITE = "site"
    "the operator's own site, with or without signing in"
    BANK_APP = "bank_app"
    TERMINAL = "terminal"
    SHOP = "shop"
    "the operator's own"
    AGENT = "agent"
    "another shop that takes payments for the operator"
    AUTOPAY = "autopay"
    FOREIGN_CARD = "foreign_card"
    INTERNATIONAL = "international"
    VOUCHER = "voucher"
    PERSON = "person"
    "somebody else pays"
    RESELLER = "reseller"
    LOAN = "loan"
    "the operator lends: a trust payment"


ONLY_IN_KAZAKHSTAN = frozenset({MethodKind.TERMINAL, MethodKind.SHOP, MethodKind.AGENT})
COUNTERS = frozenset({MethodKind.SHOP, MethodKind.AGENT})
"Somebody has to be there to serve: opening hours matter."


@dataclass(frozen=True, slots=True)
class Fact:
    key: str
    value: str
    source: str | None
    "None only where the confidence is `unsourced`"
    checked_on: date
    confidence: Confidence
    note: str | None = None
    "what the source does not say, or where it holds"
    own: bool = False
    "from the user's own file"
    name: str = ""
    "what to call it, in the language in which it is told; empty until it is"

    @property
    def is_sourced(self) -> bool:
        return self.confidence is not Confidence.UNSOURCED


@dataclass(frozen=True, slots=True)
class Method:
    id: str
    kind: MethodKind
    facts: tuple[Fact, ...]
    "one of them, `offered`, says who states that this operator can be paid this way"
    note: str | None = None
    "the user's own, such as a promotion"
    name: str | None = None
    "of a way that only the user's own file knows; the others are named in the guides"

    @property
    def confidence(self) -> Confidence:
        """How sure it is that this operator can be paid this way."""
        offered = self.fact("offered")
        return offered.confidence if offered else Confidence.UNSOURCED

    @property
    def is_confirmed(self) -> bool:
        return self.confidence is not Confidence.UNSOURCED

    @property
    def works_abroad(self) -> bool | None:
        """False where one must be in Kazakhstan; None is unknown: no source says it works."""
        if self.kind in ONLY_IN_KAZAKHSTAN:
            return False
        return True if self.kind is MethodKind.PERSON else None

    @property
    def has_opening_hours(self) -> bool | None:
        """None is unknown: a terminal may stand in the street or inside a shop."""
        return None if self.kind is MethodKind.TERMINAL else self.kind in COUNTERS

    def fact(self, key: str) -> Fact | None:
        return _by_key(self.facts, key)


@dataclass(frozen=True, slots=True)
class Operator:
    id: str
    names: Mapping[str, str]
    status: Status
    methods: tuple[Method, ...]
    "in the order in which they are named where nothing else decides"
    best: str | None = None
    "the method that its file wants to be named first"
    aliases: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    "first three digits after +7; a hint only, numbers are portable"
    prefix_fact: Fact | None = None
    network_fact: Fact | None = None
    "MCC-MNC as a phone shows them, `401-02`"
    balance: tuple[Fact, ...] = ()
    "codes to dial and other ways to learn the balance"
    facts: tuple[Fact, ...] = ()
    not_found: tuple[str, ...] = ()
    "keys that were looked for in vain: unknown, never to be guessed"
    own: bool = False
    "the user's own file had a part in it"

    def name(self, language: str) -> str:
        """The name in that language, else the English one."""
        return _spoken(self.names, language, self.names["en"])

    @property
    def called(self) -> tuple[str, ...]:
        """What people call it."""
        return (*self.names.values(), *self.aliases)

    def method(self, method_id: str) -> Method | None:
        return next((method for method in self.methods if method.id == method_id), None)

    def fact(self, key: str) -> Fact | None:
        return _by_key(self.balance + self.facts, key)

    @property
    def is_found(self) -> bool:
        return self.status is Status.SERVES

    @property
    def about_numbers(self) -> tuple[Fact, ...]:
        return tuple(fact for fact in (self.prefix_fact, self.network_fact) if fact)

    @property
    def own_facts(self) -> tuple[Fact, ...]:
        """What is known of the operator itself, whichever way one pays."""
        return self.about_numbers + self.balance + self.facts

    @property
    def all_facts(self) -> tuple[Fact, ...]:
        """Every fact of the operator and of its methods, for lists of what has grown old."""
        return self.own_facts + tuple(fact for method in self.methods for fact in method.facts)


@dataclass(frozen=True, slots=True)
class Country:
    """What holds whichever operator a card is of."""

    facts: tuple[Fact, ...]
    not_found: tuple[str, ...] = ()

    def about(self, topic: str) -> tuple[Fact, ...]:
        """The facts of one topic of the guide: the first part of their key names it."""
        return tuple(fact for fact in self.facts if fact.key.startswith(f"{topic}_"))


def _by_key(facts: tuple[Fact, ...], key: str) -> Fact | None:
    return next((fact for fact in facts if fact.key == key), None)


def _spoken(said: Mapping[str, str], language: str, otherwise: str) -> str:
    return said.get(language) or said.get(language.partition("-")[0]) or otherwise
