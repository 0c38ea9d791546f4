"""The guide in a sentence, for a notification: what to do, where to read the balance, when to go.

Not here: the whole guide (guide).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from kzreminder.operators.book import Book
from kzreminder.operators.case import Case
from kzreminder.operators.facts import Method, Operator
from kzreminder.operators.filling import fill, marked
from kzreminder.operators.numbers import masked, spaced
from kzreminder.operators.opening import closed_through, go_earlier


def short(operator: Operator, best: Method, case: Case, book: Book, *, mask: bool = True) -> str:
    """One sentence for a notification: the operator, the best method, the amount, the number."""
    number = case.card.number if case.card else None
    shown = None if number is None else masked(number) if mask else spaced(number)
    forms = book.short if operator.is_found else book.short_not_found
    text = book.methods.get(best.id)
    return forms.pick(shown, case.shown_amount).format(
        operator=operator.name(book.language),
        masked=shown,
        amount=case.shown_amount,
        where=text.where if text else f"({best.name or best.id})",
    )


def shop_advice(
    last_day: date, today: date, book: Book, say_day: Callable[[date], str] = str
) -> str | None:
    """To go to a shop earlier than on the last day, and why; None where that day is open."""
    if closed_through(today, last_day):
        return book.phrases["closed_throughout"]
    earlier = go_earlier(last_day, today)
    if earlier is None:
        return None
    phrase = book.phrases[f"closed_{earlier.why}"]
    return phrase.format(closed_on=say_day(earlier.closed_on), open_on=say_day(earlier.open_on))


def read_by(operator: Operator, book: Book) -> str | None:
    """The code to dial for the balance, marked where it is not to be relied on; None: unknown."""
    code = operator.fact("balance_code")
    return None if code is None else marked(code, book)


def method_name(operator: Operator, method_id: str, book: Book) -> str:
    """What to call a method; one that only the user's own file knows stands for itself."""
    text, method = book.methods.get(method_id), operator.method(method_id)
    if text is None:
        return (method.name if method else None) or method_id
    return text.name.format(**fill(operator, book, None, None))
