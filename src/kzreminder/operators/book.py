"""The words of the guides in one language, and the clerk's sentences: templates to be filled.

Not here: reading them (book_file), choosing and filling them for a card (guide).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from kzreminder.core.standing import Stage
from kzreminder.operators.best import Because
from kzreminder.operators.facts import Fact

TOPICS = ("arrived", "swindle", "blocked", "biometric", "imei", "esim", "roaming", "throttling",
          "moved")  # fmt: skip
"What else is good to know, in the order in which it is told."
NOTHING_DUE = "nothing"


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
    nearest: str | None = None
    "how to find the nearest one"
    facts: Mapping[str, str] = field(default_factory=dict)
    "a sentence for each fact of that key, where the operator has it"


@dataclass(frozen=True, slots=True)
class StageText:
    title: str
    steps: tuple[str, ...]
    special: Mapping[str, tuple[str, ...]]
    "by kind of deadline, where its steps are others; NOTHING_DUE where there is none"

    def steps_for(self, kind: str | None) -> tuple[str, ...]:
        return self.special.get(kind or "", self.steps)


@dataclass(frozen=True, slots=True)
class TopicText:
    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Book:
    """All templates of one language; the fields in braces are filled by the guide."""

    language: str
    phrases: Mapping[str, str]
    because: Mapping[Because, str]
    short: Fourfold
    short_not_found: Fourfold
    ask: Fourfold
    ask_more: Mapping[str, str]
    identify: tuple[str, ...]
    "the first steps where nobody knows whose card it really is"
    cautions: tuple[str, ...]
    methods: Mapping[str, MethodText]
    stages: Mapping[Stage, StageText]
    topics: Mapping[str, TopicText]
    fact_names: Mapping[str, str]
    said: Mapping[str, str]
    "the words of facts: the English of the operator files to this language"

    def fact_name(self, key: str) -> str:
        """What to call a fact; a key of the user's own stands for itself."""
        return self.fact_names.get(key, key.replace("_", " "))

    def told(self, fact: Fact) -> Fact:
        """The fact with its words in this language; what is not translated stays as it is."""
        return replace(
            fact,
            name=self.fact_name(fact.key),
            value=self.said.get(fact.value, fact.value),
            note=self.said.get(fact.note, fact.note) if fact.note else None,
        )


@dataclass(frozen=True, slots=True)
class ClerkBook:
    """What to show at the counter, in the two languages spoken there."""

    ru: Fourfold
    kk: Fourfold
    ru_not_found: Fourfold
    kk_not_found: Fourfold
    ru_silent: Fourfold
    "where the card may be blocked or lost"
    kk_silent: Fourfold
