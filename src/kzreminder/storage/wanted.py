"""Which of the cards are meant: by operator, by tag, by state; said in one way for every question.

Not here: one card that is named (finding), reading those that are meant (streaming, surveys).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, false, or_, select, true, union_all

from kzreminder.core.deadlines import STALE_AFTER
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
    "not all of these are in one of those states, but all that are in one are among these"

    @property
    def are_most(self) -> bool:
        """Nearly all of those that are kept, not the few that are looked for."""
        is_any = self.state is None or State.OK in self.state.states
        return self.operator is None and self.tag is None and is_any


def clauses(wanted: Wanted) -> Iterator[Clause]:
    if wanted.operator is not None:
        yield cards.c.operator == wanted.operator
    if wanted.tag is not None:
        yield _is_tagged(wanted.tag)
    if not wanted.archived:
        yield ~cards.c.archived
    if wanted.state is not None:
        yield or_(*(_may_be(wanted.state, state) for state in wanted.state.states))


def _is_tagged(tag: str) -> Clause:
    if not is_text(tag):
        return false()
    composed = unicodedata.normalize("NFC", tag)
    return cards.c.tags.contains(f"|{composed}|", autoescape=True)


def _may_be(narrowed: Narrowed, state: State) -> Clause:
    if state is State.ARCHIVED:
        return cards.c.archived
    return and_(~cards.c.archived, _may_be_living(narrowed, state))


def _may_be_living(narrowed: Narrowed, state: State) -> Clause:
    now = narrowed.now
    if state is State.MUTED:
        return cards.c.muted
    if state is State.LOW:
        # a charge that nothing has recorded yet takes from the balance, too
        charged = and_(cards.c.auto_renew, cards.c.last_good_on < almaty_day(now))
        is_under = cards.c.balance < cards.c.threshold
        return and_(cards.c.threshold.is_not(None), or_(is_under, charged))
    if state in (State.LAPSED, State.OVERDUE):
        return _among(now, _it.urgent_at <= now)
    if state is State.ENDING:
        ends_soon = _it.urgent_at.between(now, narrowed.ends_by)
        ends = _it.urgent_at.between(now, narrowed.ends_by_own)
        return _among(now, ends_soon, and_(_it.leads.is_not(None), ends))
    return true()


_it = cards.alias("it").c


def _among(now: datetime, *found: Clause) -> Clause:
    """Those, and of plans that renew themselves those that may owe something else by now than when
    a pass last looked at them: for all others the earliest deadline stays what it is. Each is
    found by an index of its own."""
    charged = _it.last_good_on < almaty_day(now)
    may_owe = and_(_it.auto_renew, or_(charged, _it.read_at <= now - STALE_AFTER))
    unsure = (_it.wake_at <= now, _it.claim_token.is_not(None), _it.attempts > 0)
    each = (*found, *(and_(may_owe, one) for one in unsure))
    return cards.c.id.in_(union_all(*(select(_it.id).where(one) for one in each)))
