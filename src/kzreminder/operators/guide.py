"""How to renew: the steps for one operator and its methods, filled in for a card, in one language.

Not here: reading the words (book_file), which way is best (best), drawing the page (pages).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from kzreminder.core.card import Kind
from kzreminder.core.deadlines import DeadlineKind
from kzreminder.core.standing import Stage
from kzreminder.core.zone import almaty_day
from kzreminder.errors import N_, BadValue
from kzreminder.operators.best import choose
from kzreminder.operators.book import NOTHING_DUE, TOPICS, Book, ClerkBook, Fourfold, MethodText
from kzreminder.operators.brief import shop_advice
from kzreminder.operators.case import Case
from kzreminder.operators.facts import (
    COUNTERS,
    Confidence,
    Country,
    Fact,
    Method,
    MethodKind,
    Operator,
    Status,
)
from kzreminder.operators.filling import MARKED, fill, marked, of_method


@dataclass(frozen=True, slots=True)
class GuideMethod:
    id: str
    name: str
    kind: MethodKind
    steps: tuple[str, ...]
    needs: tuple[str, ...]
    fee: str | None
    "None is unknown, not free"
    credited_in: str | None
    works_abroad: bool | None
    has_opening_hours: bool | None
    nearest: str | None
    cautions: tuple[str, ...]
    note: str | None
    "the user's own"
    confidence: Confidence
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class GuideStage:
    id: Stage
    title: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GuideTopic:
    """Something else that is good to know."""

    id: str
    title: str
    lines: tuple[str, ...]
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class ClerkSentence:
    """To be shown at the counter."""

    ru: str
    kk: str


@dataclass(frozen=True, slots=True)
class Guide:
    operator_id: str
    operator_name: str
    status: Status
    card: int | None
    "the card's id; None for a guide about no card in particular"
    number: str | None
    "spaced, in full"
    amount: str | None
    "what is to be paid, as it is shown"
    language: str
    "that of the words, which may be another than was asked for"
    best: str
    because: str
    "why the best is the best, in words"
    methods: tuple[GuideMethod, ...]
    "the best first"
    stage: Stage | None
    "where the card stands; None for a guide about no card in particular"
    about: DeadlineKind | None
    "which deadline that is"
    stages: tuple[GuideStage, ...]
    "that of the card first"
    topics: tuple[GuideTopic, ...]
    balance: tuple[Fact, ...]
    clerk: ClerkSentence
    cautions: tuple[str, ...]
    facts: tuple[Fact, ...]
    "what else is known of the operator"
    not_found: tuple[str, ...]
    "what was looked for in vain, by name"


def guide_for(
    operator: Operator,
    country: Country,
    case: Case,
    book: Book,
    clerk: ClerkBook,
    *,
    method_id: str | None = None,
    say_day: Callable[[date], str] = str,
) -> Guide:
    """All ways to pay, the best first, or the one that is named; the number is shown in full."""
    card = case.card
    filled = fill(operator, book, case.number, case.shown_amount)
    choice = choose(operator, case.situation)
    methods = choice.methods if method_id is None else (_named(operator, method_id),)
    teller = _Teller(operator, book, filled, case, say_day)
    return Guide(
        operator_id=operator.id,
        operator_name=operator.name(book.language),
        status=operator.status,
        card=card.id or None if card else None,
        number=case.number,
        amount=case.shown_amount,
        language=book.language,
        best=choice.best.id,
        because=book.because[choice.because],
        methods=tuple(teller.method(method) for method in methods),
        stage=case.standing.stage if card else None,
        about=case.standing.deadline.kind if case.standing.deadline else None,
        stages=teller.stages(),
        topics=teller.topics(country),
        balance=teller.told(operator.balance),
        clerk=_clerk(operator, clerk, case),
        cautions=teller.cautions(),
        facts=teller.told(operator.about_numbers + operator.facts),
        not_found=tuple(book.fact_name(key) for key in operator.not_found),
    )


def _named(operator: Operator, method_id: str) -> Method:
    method = operator.method(method_id)
    if method is None:
        raise BadValue(
            N_("{operator} has no method called {method}"),
            hint=N_("Known methods: {known}"),
            operator=operator.name("en"),
            method=method_id,
            known=", ".join(method.id for method in operator.methods),
        )
    return method


@dataclass(frozen=True, slots=True)
class _Teller:
    """Fills the templates of a book for one operator and one case."""

    operator: Operator
    book: Book
    filled: dict[str, str]
    case: Case
    say_day: Callable[[date], str]

    def method(self, method: Method) -> GuideMethod:
        text = self.book.methods.get(method.id) or _wordless(method, self.book)
        return GuideMethod(
            id=method.id,
            name=self.say(text.name),
            kind=method.kind,
            steps=(*self.identified(), *self.steps(method, text)),
            needs=tuple(self.say(need) for need in text.needs),
            fee=self.value(method, "fee"),
            credited_in=self.value(method, "credited_in"),
            works_abroad=method.works_abroad,
            has_opening_hours=method.has_opening_hours,
            nearest=None if text.nearest is None else self.say(text.nearest),
            cautions=tuple(self.method_cautions(method, text)),
            note=method.note,
            confidence=method.confidence,
            facts=self.told(method.facts),
        )

    def steps(self, method: Method, text: MethodText) -> list[str]:
        fields = self.filled | of_method(method, self.book)
        steps = [step.format(**fields) for step in text.steps]
        for key, sentence in text.facts.items():
            fact = method.fact(key)
            if fact is not None:
                said = marked(self.book.told(fact), self.book)
                steps.append(sentence.format(**fields, value=said))
        return steps

    def identified(self) -> list[str]:
        """What comes first where nobody knows whose card it is: there its name stands."""
        if self.operator.is_found:
            return []
        name = {"operator": self.operator.name(self.book.language)}
        return [step.format(**self.filled | name) for step in self.book.identify]

    def method_cautions(self, method: Method, text: MethodText) -> list[str]:
        phrases, case = self.book.phrases, self.case
        cautions = [self.say(caution) for caution in text.cautions]
        deadline = case.standing.deadline
        if method.kind in COUNTERS and deadline is not None and case.now is not None:
            advice = shop_advice(deadline.last_day, almaty_day(case.now), self.book, self.say_day)
            cautions = [advice, *cautions] if advice else cautions
        if case.wishes.abroad and not method.works_abroad:
            is_unknown = method.works_abroad is None
            cautions.append(phrases["abroad_unknown" if is_unknown else "not_from_abroad"])
        if method.confidence is Confidence.UNSOURCED:
            cautions.append(self.say(phrases["method_not_confirmed"]))
        if method.confidence is Confidence.LOW:
            cautions.append(self.say(phrases["method_doubtful"]))
        return cautions

    def stages(self) -> tuple[GuideStage, ...]:
        standing = self.case.standing
        kind = standing.deadline.kind.value if standing.deadline else None
        if kind is None and self.case.card is not None:
            kind = NOTHING_DUE
        made = [
            GuideStage(
                id=stage,
                title=text.title,
                steps=tuple(self.say(step) for step in text.steps_for(kind)),
            )
            for stage, text in self.book.stages.items()
        ]
        return tuple(sorted(made, key=lambda each: each.id is not standing.stage))

    def topics(self, country: Country) -> tuple[GuideTopic, ...]:
        return tuple(
            GuideTopic(
                id=topic,
                title=self.book.topics[topic].title,
                lines=tuple(self.say(line) for line in self.book.topics[topic].lines),
                facts=self.told(country.about(topic)),
            )
            for topic in TOPICS
        )

    def cautions(self) -> tuple[str, ...]:
        phrases, card = self.book.phrases, self.case.card
        cautions = []
        finding = self.operator.fact("finding")
        if finding is not None:
            said = self.book.told(finding).value
            cautions.append(phrases["finding"].format(finding=said))
        if card is not None and card.operator_guessed:
            cautions.append(self.say(phrases["operator_guessed"]))
        cautions += [
            phrases["balance_not_confirmed"].format(code=fact.value, **self.filled)
            for fact in self.operator.balance
            if fact.key in MARKED and not fact.is_sourced  # those that stand in a step
        ]
        if card is not None and card.kind is Kind.ESIM:
            cautions.append(self.say(phrases["esim"]))
        return (*cautions, *(self.say(caution) for caution in self.book.cautions))

    def told(self, facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
        return tuple(self.book.told(fact) for fact in facts)

    def value(self, method: Method, key: str) -> str | None:
        fact = method.fact(key)
        return None if fact is None else self.book.told(fact).value

    def say(self, template: str) -> str:
        return template.format(**self.filled)


def _wordless(method: Method, book: Book) -> MethodText:
    """A method of the user's own file is told by its own `offered` fact."""
    offered = method.fact("offered")
    said = book.told(offered).value if offered else method.id
    name = _as_it_is(method.name or method.id)
    return MethodText(name, name, ("{operator}, {number}, {amount}: " + _as_it_is(said),))


def _as_it_is(text: str) -> str:
    """Its braces are the user's text, not ours to fill."""
    return text.replace("{", "{{").replace("}", "}}")


def _clerk(operator: Operator, book: ClerkBook, case: Case) -> ClerkSentence:
    """Whose card is it, does it still live, or simply: please top it up."""
    forms: Mapping[str, Fourfold] = {"ru": book.ru, "kk": book.kk}
    if not operator.is_found:
        forms = {"ru": book.ru_not_found, "kk": book.kk_not_found}
    elif case.card is not None and case.standing.stage is Stage.LONG_AFTER:
        forms = {"ru": book.ru_silent, "kk": book.kk_silent}
    said = {
        language: four.pick(case.number, case.shown_amount).format(
            number=case.number, amount=case.shown_amount, operator=operator.name(language)
        )
        for language, four in forms.items()
    }
    return ClerkSentence(said["ru"], said["kk"])
