"""How to renew: the steps for one operator and its methods, filled in for a card, in one language.

Not here: reading the words (book), knowing the operator (catalogue), drawing the page (pages).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from kzreminder.core.card import Card, Kind
from kzreminder.core.typed import money_shown
from kzreminder.errors import N_, BadValue
from kzreminder.operators.book import Book, ClerkBook, MethodText
from kzreminder.operators.facts import Fact, Method, MethodKind, Operator, Status
from kzreminder.operators.numbers import masked, spaced


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
    cautions: tuple[str, ...]
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
    language: str
    "that of the words, which may be another than was asked for"
    best: str
    methods: tuple[GuideMethod, ...]
    "the best first"
    balance: tuple[Fact, ...]
    clerk: ClerkSentence
    cautions: tuple[str, ...]
    facts: tuple[Fact, ...]
    "what else is known of the operator"
    not_found: tuple[str, ...]
    "what was looked for in vain"


def guide_for(
    operator: Operator,
    card: Card | None,
    book: Book,
    clerk: ClerkBook,
    *,
    amount: Decimal | None = None,
    method_id: str | None = None,
    advice: str | None = None,
) -> Guide:
    """The amount is the plan's price unless another is given; the number is shown in full.

    `advice` (see `shop_advice`) is said with each method that needs an open shop.
    """
    number = spaced(card.number) if card and card.number else None
    pay = _amount(card, amount)
    known = _fields(operator, book, number, pay)
    methods = _wanted(operator, method_id)
    return Guide(
        operator_id=operator.id,
        operator_name=operator.name(book.language),
        status=operator.status,
        card=card.id or None if card else None,
        language=book.language,
        best=operator.best,
        methods=tuple(_method(operator, method, book, known, advice) for method in methods),
        balance=tuple(_told(fact, book) for fact in operator.balance),
        clerk=_clerk(operator, clerk, number, pay),
        cautions=_cautions(operator, card, book, known),
        facts=tuple(_told(fact, book) for fact in operator.facts),
        not_found=operator.not_found,
    )


def short(
    operator: Operator,
    card: Card | None,
    book: Book,
    *,
    amount: Decimal | None = None,
    mask: bool = True,
) -> str:
    """One sentence for a notification: the operator, the best method, the amount, the number."""
    number = card.number if card else None
    shown = None if number is None else masked(number) if mask else spaced(number)
    pay = _amount(card, amount)
    forms = book.short if operator.is_found else book.short_not_found
    text = book.method(operator.best, operator.id)
    return forms.pick(shown, pay).format(
        operator=operator.name(book.language),
        masked=shown,
        amount=pay,
        where=text.where if text else operator.best,
    )


def shop_advice(last_day: date, today: date, book: Book) -> str | None:
    """To go to a shop earlier than on the last day, and why; None where that day is open."""
    from kzreminder.operators.opening import go_earlier

    earlier = go_earlier(last_day, today)
    if earlier is None:
        return None
    phrase = book.phrases[f"closed_{earlier.why}"]
    return phrase.format(closed_on=earlier.closed_on, open_on=earlier.open_on)


def read_by(operator: Operator, book: Book) -> str | None:
    """The code to dial for the balance, with a mark where no source states it; None: unknown."""
    code = operator.fact("balance_code")
    if code is None:
        return None
    return code.value if code.is_sourced else f"{code.value} ({book.phrases['not_confirmed']})"


def method_name(operator: Operator, method_id: str, book: Book) -> str:
    """What to call a method; one that only the user's own file knows stands for itself."""
    text = book.method(method_id, operator.id)
    if text is None:
        return method_id
    return text.name.format(**_fields(operator, book, None, None))


def _wanted(operator: Operator, method_id: str | None) -> tuple[Method, ...]:
    """One method, or all with the best at the head."""
    if method_id is None:
        return tuple(sorted(operator.methods, key=lambda method: method.id != operator.best))
    method = operator.method(method_id)
    if method is None:
        raise BadValue(
            N_("{operator} has no method called {method}"),
            hint=N_("Known methods: {known}"),
            operator=operator.name("en"),
            method=method_id,
            known=", ".join(method.id for method in operator.methods),
        )
    return (method,)


def _method(
    operator: Operator, method: Method, book: Book, known: dict[str, str], advice: str | None
) -> GuideMethod:
    text = book.method(method.id, operator.id) or _wordless(method, book)
    steps = [step.format(**known) for step in text.steps]
    cautions = [caution.format(**known) for caution in text.cautions]
    if not operator.is_found:
        named = known | {"operator": operator.name(book.language)}
        steps = [step.format(**named) for step in book.identify] + steps
    if advice is not None and method.kind is MethodKind.SHOP:
        cautions.insert(0, advice)
    if not method.is_confirmed:
        cautions.append(book.phrases["method_not_confirmed"].format(**known))
    return GuideMethod(
        id=method.id,
        name=text.name.format(**known),
        kind=method.kind,
        steps=tuple(steps),
        needs=tuple(need.format(**known) for need in text.needs),
        fee=_value(method.fact("fee"), book),
        credited_in=_value(method.fact("credited_in"), book),
        works_abroad=method.works_abroad,
        cautions=tuple(cautions),
        facts=tuple(_told(fact, book) for fact in method.facts),
    )


def _wordless(method: Method, book: Book) -> MethodText:
    """A method of the user's own file is told by its own `offered` fact."""
    offered = method.fact("offered")
    said = offered.in_language(book.language).value if offered else method.id
    # Its braces are the user's text, not ours to fill.
    step = "{operator}, {number}, {amount}: " + said.replace("{", "{{").replace("}", "}}")
    return MethodText(name=method.id, where=method.id, steps=(step,))


def _fields(
    operator: Operator, book: Book, number: str | None, amount: str | None
) -> dict[str, str]:
    """What the templates may name, each with a phrase in its place where it is unknown."""
    name = operator.name(book.language) if operator.is_found else book.phrases["real_operator"]
    known = {"operator": name, "number": number, "amount": amount}
    for key in ("app", "site", "topup_page"):
        fact = operator.fact(key)
        # A link or a name that no source states is listed as a fact, never put into a step.
        known[key] = fact.value if fact and fact.is_sourced else None
    return {
        key: value or book.phrases[f"{key}_unknown"].format(operator=name)
        for key, value in known.items()
    }


def _cautions(
    operator: Operator, card: Card | None, book: Book, known: dict[str, str]
) -> tuple[str, ...]:
    cautions = []
    finding = operator.fact("finding")
    if finding is not None:
        said = finding.in_language(book.language).value
        cautions.append(book.phrases["finding"].format(finding=said))
    if card is not None and card.operator_guessed:
        cautions.append(book.phrases["operator_guessed"].format(**known))
    cautions += [
        book.phrases["balance_not_confirmed"].format(code=fact.value, **known)
        for fact in operator.balance
        if not fact.is_sourced
    ]
    if card is not None and card.kind is Kind.ESIM:
        cautions.append(book.phrases["esim"].format(**known))
    return (*cautions, *(caution.format(**known) for caution in book.cautions))


def _clerk(
    operator: Operator, book: ClerkBook, number: str | None, amount: str | None
) -> ClerkSentence:
    ru, kk = (book.ru, book.kk) if operator.is_found else (book.ru_not_found, book.kk_not_found)
    return ClerkSentence(
        ru=ru.pick(number, amount).format(
            number=number, amount=amount, operator=operator.name("ru")
        ),
        kk=kk.pick(number, amount).format(
            number=number, amount=amount, operator=operator.name("kk")
        ),
    )


def _told(fact: Fact, book: Book) -> Fact:
    """The fact in the book's language; one without a source says so wherever it is shown."""
    told = fact.in_language(book.language)
    if fact.is_sourced:
        return told
    mark = book.phrases["not_confirmed"]
    return replace(told, note=f"{mark}: {told.note}" if told.note else mark)


def _value(fact: Fact | None, book: Book) -> str | None:
    return None if fact is None else fact.in_language(book.language).value


def _amount(card: Card | None, amount: Decimal | None) -> str | None:
    """The given amount, else the plan's price; None is unknown."""
    if amount is None and card is not None:
        amount = card.plan.price
    return None if amount is None else money_shown(amount)
