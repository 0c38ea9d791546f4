"""What the dates of every card in a state have in common: so few are looked at where many are kept.

Not here: the state itself, which `state_of` decides of each that is left (planning).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from kzreminder.core.planning import State
from kzreminder.core.policy import FARTHEST_LEAD, Policy

_ROUNDING = timedelta(days=2)
"A lead falls on a reminding hour, which may be a day and more before its count of days."


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Some states, and how late the earliest deadline of a card that is `ending` may be."""

    states: tuple[State, ...]
    now: datetime
    ends_by: datetime
    ends_by_own: datetime
    "of a card with leads of its own"


def narrowed(states: Iterable[State], policy: Policy, now: datetime) -> Narrowed:
    longest = max(leads[0] for leads in (policy.leads, *policy.leads_of.values()))
    slack = policy.safe_margin + _ROUNDING
    return Narrowed(
        tuple(states),
        now,
        now + timedelta(days=longest) + slack,
        now + timedelta(days=FARTHEST_LEAD) + slack,
    )
