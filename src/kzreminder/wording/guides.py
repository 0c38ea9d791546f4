"""What stands around a guide: what is at stake for the card, how sure a fact is.

Not here: the guide itself (operators.guide), drawing it (pages).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kzreminder.core.card import Card
from kzreminder.core.deadlines import deadlines_of
from kzreminder.core.rolling import as_of
from kzreminder.errors import N_
from kzreminder.operators.facts import Confidence, Fact
from kzreminder.operators.guide import GuideMethod
from kzreminder.wording.cards import balance_words, deadline_words
from kzreminder.wording.language import Words

CONFIDENCE = {
    Confidence.HIGH: N_("sure"),
    Confidence.MEDIUM: N_("likely"),
    Confidence.LOW: N_("doubtful"),
    Confidence.UNSOURCED: N_("not confirmed"),
}


@dataclass(frozen=True, slots=True)
class Heading:
    """Which card it is, and what it can lose."""

    label: str
    stakes: tuple[str, ...]
    "a line each: deadlines, the balance, what hangs on the number"
    note: str | None


def heading_of(card: Card, words: Words, now: datetime) -> Heading:
    card = as_of(card, now)
    stakes = [deadline_words(deadline, words, now) for deadline in deadlines_of(card, now)]
    balance = balance_words(card, words, now)
    if balance:
        stakes.append(words.gettext("balance {amount}", amount=balance))
    if card.protects:
        stakes.append(words.gettext("what hangs on it: {names}", names=card.protects))
    return Heading(card.label, tuple(stakes), card.note)


def confidence_words(of: Fact | GuideMethod, words: Words) -> str:
    """`likely`; the user's own word is marked as such."""
    sure = words.gettext(CONFIDENCE[of.confidence])
    is_own = isinstance(of, Fact) and of.own
    return words.gettext("{sure}, your own", sure=sure) if is_own else sure


def source_words(fact: Fact, words: Words) -> str:
    """`https://… (2026-11-21, likely)`."""
    source = fact.source or words.gettext("no source")
    return f"{source} ({fact.checked_on}, {confidence_words(fact, words)})"
