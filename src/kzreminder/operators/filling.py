"""What the braces of a guide are filled with: what is known, else a phrase in its place.

Not here: the templates themselves (book), which of them are said (guide).
"""

from __future__ import annotations

from kzreminder.operators.book import Book
from kzreminder.operators.facts import Confidence, Fact, Method, Operator

LINKED = ("app", "site", "topup_page")
"A link or a name that no source states is listed as a fact, never put into a step."
MARKED = ("hotline", "balance_code", "package_code")
"Said with how sure they are."
OF_METHOD = ("menu", "loan_code")


def of_method(method: Method, book: Book) -> dict[str, str]:
    """What only the method knows."""
    known = {key: method.fact(key) for key in OF_METHOD}
    return {key: marked(book.told(fact), book) for key, fact in known.items() if fact}


def fill(operator: Operator, book: Book, number: str | None, amount: str | None) -> dict[str, str]:
    """The operator that nobody knows is not named: whoever reads goes on with the one found."""
    name = operator.name(book.language) if operator.is_found else book.phrases["real_operator"]
    known: dict[str, str | None] = {"operator": name, "number": number, "amount": amount}
    for key in LINKED:
        fact = operator.fact(key)
        known[key] = fact.value if fact and fact.is_sourced else None
    for key in MARKED:
        fact = operator.fact(key)
        phrase = book.phrases[f"{key}_known"]
        known[key] = phrase.format(value=marked(fact, book)) if fact else None
    known |= dict.fromkeys(OF_METHOD)
    return {
        key: value or book.phrases[f"{key}_unknown"].format(operator=name)
        for key, value in known.items()
    }


def marked(fact: Fact, book: Book) -> str:
    """The value, with a word where it is not to be relied on."""
    if fact.confidence is Confidence.UNSOURCED:
        return f"{fact.value} ({book.phrases['not_confirmed']})"
    if fact.confidence is Confidence.LOW:
        return f"{fact.value} ({book.phrases['doubtful']})"
    return fact.value
