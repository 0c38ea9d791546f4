"""A message to forward to the relative, friend or agent who pays.

Not here: its templates (config/guides), which way to pay is best (operators.best).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from kzreminder.core.standing import last_safe_day
from kzreminder.core.typed import money_shown
from kzreminder.core.zone import almaty_day
from kzreminder.operators.best import choose, for_payer
from kzreminder.operators.book import Book
from kzreminder.operators.brief import method_name
from kzreminder.operators.case import Case
from kzreminder.operators.facts import Operator
from kzreminder.wording.language import Words


@dataclass(frozen=True, slots=True)
class Asked:
    text: str
    method: str | None
    "the id of the way that is named; None where nobody knows whose card it is"
    pay_by: date | None
    "the last safe day; None where there is no deadline, or it has passed"


def ask_for(operator: Operator, case: Case, book: Book, words: Words, now: datetime) -> Asked:
    """Number and amount in full: whoever pays needs both. The user's own wishes do not count."""
    name = operator.name(book.language)
    amount = None if case.amount is None else money_shown(case.amount)
    request = book.ask.pick(case.number, amount)
    lines = [request.format(number=case.number, amount=amount, operator=name)]
    method = None
    if operator.is_found:
        situation = case.at_home.situation
        method = for_payer(choose(operator, situation)).id
        way = method_name(operator, method, book)
        lines.append(book.ask_more["way"].format(method=way))
    else:
        lines.insert(0, book.ask_more["whose"].format(operator=name))
    pay_by, when = _when(case, book, words, now)
    lines += [*when, book.ask_more["back"], book.ask_more["never"]]
    return Asked("\n".join(lines), method, pay_by)


def _when(case: Case, book: Book, words: Words, now: datetime) -> tuple[date | None, list[str]]:
    deadline, today = case.standing.deadline, almaty_day(now)
    if deadline is None:
        return None, []
    if deadline.at < now:
        day = words.day(deadline.last_day, today)
        return None, [book.ask_more["at_once"].format(last_day=day)]
    pay_by = last_safe_day(deadline, today)
    return pay_by, [book.ask_more["by"].format(last_day=words.day(pay_by, today))]
