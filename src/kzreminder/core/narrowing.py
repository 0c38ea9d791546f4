"""What need not be looked at where very much is kept: cards of another state, marks of long ago.

Not here: what is decided of what is left (planning).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from kzreminder.core.card import Card
from kzreminder.core.deadlines import deadlines_of
from kzreminder.core.planning import State
from kzreminder.core.policy import FARTHEST_LEAD, Policy

_ROUNDING = timedelta(days=3)
"A lead falls on a reminding hour that leaves time to act: earlier than its days by one or two."


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Some states, and how late the earliest deadline of a card that is `ending` may be."""

    states: tuple[State, ...]
    now: datetime
    ends_by: datetime
    ends_by_own: datetime
    "of a card with leads of its own"


def narrowed(states: Iterable[State], policy: Policy, now: datetime) -> Narrowed:
    return Narrowed(
        tuple(states),
        now,
        now + timedelta(days=longest_lead(policy)) + _ROUNDING,
        now + timedelta(days=FARTHEST_LEAD) + _ROUNDING,
    )


def longest_lead(policy: Policy) -> int:
    """In days, of cards without leads of their own."""
    return max(leads[0] for leads in (policy.leads, *policy.leads_of.values()))


def matters_since(card: Card, now: datetime, longest: int) -> datetime:
    """What was told of the card before this, of a deadline before this, silences nothing now."""
    of_now = [deadline.at for deadline in deadlines_of(card, now)]
    if card.silence.snoozed_at is not None:
        of_now.append(card.silence.snoozed_at)
    longest = max(longest, *card.leads) if card.leads else longest
    return min(of_now, default=now) - timedelta(days=longest) - _ROUNDING
