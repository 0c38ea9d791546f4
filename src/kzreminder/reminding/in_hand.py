"""The cards that a pass has claimed: what is to be told of each and where, when each is put back.

Not here: claiming them and sending (telling), the rules (core.planning, core.routing).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from kzreminder.core.card import Card
from kzreminder.core.planning import Planned, plan
from kzreminder.core.reminder import Mark, Reminder, marked
from kzreminder.core.routing import Route, routes_for
from kzreminder.core.waiting import waits_until
from kzreminder.reminding.desk import Desk
from kzreminder.storage.claimed import Claimed
from kzreminder.storage.delivery import Attention, Awaits

RetryAt = Callable[[str], datetime]
"When a target that is away is tried again."


@dataclass(slots=True)
class InHand:
    """One card from its claim until it is put back."""

    card: Card
    marks: tuple[Mark, ...]
    attempts: int
    told: dict[str, tuple[Reminder, ...]]
    "by target, the headline first: what this pass is to tell"
    put_back: Attention
    "when it next wants attention, if all of that is told"
    left: set[str] = field(default_factory=set)
    "targets on which it has not been tried yet"


def take_in_hand(
    desk: Desk, claimed: Claimed, ready: Collection[str], retry_at: RetryAt, now: datetime
) -> InHand:
    """What is to be told of the card on the targets that are ready.

    The desktop comes first, and what it is told counts for those that wait for it in vain.
    """
    card, marks = claimed.card, list(claimed.marks)
    told: dict[str, tuple[Reminder, ...]] = {}
    changes: list[datetime | None] = []
    awaits, planned = None, Planned((), None)
    for route in routes_for(card, desk.routes):
        planned = plan(card, desk.policy, marks, now, route)
        changes.append(planned.then)
        if not planned.reminders:
            continue
        if route.target not in ready:
            if route.is_desktop:
                awaits = Awaits.DESKTOP
            else:
                changes.append(retry_at(route.target))
            continue
        until = _held_until(desk, route, planned, now)
        if until > now:
            awaits = Awaits.SOMEBODY
            changes.append(until)
            continue
        told[route.target] = planned.reminders
        marks += [marked(reminder, now, route.target) for reminder in planned.reminders]
    wake_at = min((at for at in changes if at is not None), default=None)
    put_back = Attention(card.id, wake_at, planned.urgent_at, awaits)
    return InHand(card, claimed.marks, claimed.attempts, told, put_back, set(told))


def _held_until(desk: Desk, route: Route, planned: Planned, now: datetime) -> datetime:
    """When a card whose reminders wait for somebody is looked at again; `now`: they cannot wait.

    That is when its next lead falls, too: of another deadline it may leave less time.
    """
    if not route.is_desktop or desk.somebody_is_there():
        return now
    until = waits_until(planned.reminders, desk.policy, now)
    return until if planned.then is None else min(until, planned.then)


def sooner(attention: Attention, at: datetime) -> Attention:
    """The same, and at the latest then."""
    wake_at = at if attention.wake_at is None else min(attention.wake_at, at)
    return replace(attention, wake_at=wake_at)


def planned_anew(card: Card, marks: Sequence[Mark], desk: Desk, now: datetime) -> Attention:
    """When a card that nobody holds wants attention: `now` where something is to be told of it."""
    changes: list[datetime | None] = []
    planned = Planned((), None)
    for route in routes_for(card, desk.routes):
        planned = plan(card, desk.policy, marks, now, route)
        changes.append(now if planned.reminders else planned.then)
    wake_at = min((at for at in changes if at is not None), default=None)
    return Attention(card.id, wake_at, planned.urgent_at)
