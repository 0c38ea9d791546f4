"""Which of the cards are meant: by operator, by tag, by state; said in one way for every question.

Not here: one card that is named (finding), reading those that are meant (streaming, surveys).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, false, or_, select, union_all

from kzreminder.core.narrowing import Narrowed
from kzreminder.core.planning import State
from kzreminder.core.zone import almaty_day
from kzreminder.storage.finding import is_text
from kzreminder.storage.tables import cards

Clause = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cards; all of them unless something is said."""

    operator: str | None = None
    tag: str | None = None
    archived: bool = True
    "archived ones too"
    state: Narrowed | None = None
    "not all of these are in that state, but all that are in it are among these"


def clauses(wanted: Wanted) -> Iterator[Clause]:
    if wanted.operator is not None:
        yield cards.c.operator == wanted.operator
    if wanted.tag is not None:
        yield _is_tagged(wanted.tag)
    if not wanted.archived:
        yield ~cards.c.archived
    if wanted.state is not None:
        yield from _may_be(wanted.state)


def _is_tagged(tag: str) -> Clause:
    if not is_text(tag):
        return false()
    composed = unicodedata.normalize("NFC", tag)
    return cards.c.tags.contains(f"|{composed}|", autoescape=True)


def _may_be(narrowed: Narrowed) -> Iterator[Clause]:
    if narrowed.state is State.ARCHIVED:
        yield cards.c.archived
        return
    yield ~cards.c.archived
    if narrowed.state is State.MUTED:
        yield cards.c.muted
    elif narrowed.state is State.LOW:
        # a charge that nothing has recorded yet takes from the balance, too
        charged = and_(cards.c.auto_renew, cards.c.last_good_on < almaty_day(narrowed.now))
        yield and_(
            cards.c.threshold.is_not(None), or_(cards.c.balance < cards.c.threshold, charged)
        )
    elif narrowed.state in (State.LAPSED, State.OVERDUE):
        yield _among(one.c.urgent_at <= narrowed.now, now=narrowed)
    elif narrowed.state is State.ENDING:
        yield _among(
            one.c.urgent_at.between(narrowed.now, narrowed.ends_by),
            and_(
                one.c.leads.is_not(None),
                one.c.urgent_at.between(narrowed.now, narrowed.ends_by_own),
            ),
            now=narrowed,
        )


one = cards.alias("one")


def _among(*found: Clause, now: Narrowed) -> Clause:
    """Those, and whatever has changed since a pass last wrote down what is urgent of it: that holds
    until the card is to be looked at again. Each by an index of its own."""
    untrue = (
        and_(one.c.watcher.is_(None), one.c.wake_at <= now.now),
        and_(one.c.watcher.is_not(None), one.c.wake_at <= now.now),
        one.c.claim_token.is_not(None),
        one.c.attempts > 0,
    )
    return cards.c.id.in_(union_all(*(select(one.c.id).where(each) for each in (*found, *untrue))))
