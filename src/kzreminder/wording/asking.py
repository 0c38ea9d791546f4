"""A message to forward to the relative, friend or agent who pays.

Not here: its templates (config/guides), which way to pay is best (operators.best).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kzreminder.core.standing import Stage, last_safe_day
from kzreminder.core.zone import almaty_day
from kzreminder.operators.best import choose, for_payer
from kzreminder.operators.book import Book
from kzreminder.operators.brief import method_name
from kzreminder.operators.case import Case
from kzreminder.operators.facts import Method, Operator
from kzreminder.wording.language import Words


@dataclass(frozen=True, slots=True)
class Asked:
    text: str
    method: str | None
    "the id of the way that is named; None where nobody knows whose card it is"
    pay_by: date | None
    "the last safe day; None where there is no deadline, or it has passed"


def ask_for(operator: Operator, case: Case, book: Book, words: Words) -> Asked:
    """Number and amount in full: whoever pays needs both. The user's own wishes do not count."""
    name = operator.name(book.language)
    more = book.ask_more
    request = book.ask.pick(case.number, case.shown_amount)
    lines = [request.format(number=case.number, amount=case.shown_amount, operator=name)]
    method = None
    if operator.is_found:
        best = for_payer(choose(operator, case.at_home.situation))
        method = best.id
        lines.append(more["way"].format(method=_marked_name(operator, best, book)))
    else:
        lines.insert(0, more["whose"].format(operator=name))
    if case.card is not None and case.card.operator_guessed:
        lines.append(book.phrases["operator_guessed"].format(operator=name))
    if case.standing.stage is Stage.LONG_AFTER:
        # Money may be lost on a number that is lost.
        lines.insert(0, more["silent"].format(operator=name))
    pay_by, when = _when(case, book, words)
    return Asked("\n".join([*lines, *when, more["back"], more["never"]]), method, pay_by)


def _marked_name(operator: Operator, method: Method, book: Book) -> str:
    name = method_name(operator, method.id, book)
    return name if method.is_confirmed else f"{name} ({book.phrases['not_confirmed']})"


def _when(case: Case, book: Book, words: Words) -> tuple[date | None, list[str]]:
    deadline, now = case.standing.deadline, case.now
    if deadline is None or now is None or case.standing.stage is Stage.LONG_AFTER:
        return None, []
    today = almaty_day(now)
    if deadline.at < now:
        day = words.day(deadline.last_day, today)
        return None, [book.ask_more["at_once"].format(last_day=day)]
    pay_by = last_safe_day(deadline, today)
    return pay_by, [book.ask_more["by"].format(last_day=words.day(pay_by, today))]
