"""The cards that a pass has claimed: what is to be told of each and where, when each is put back.

Not here: claiming them and sending (telling), the rules (core.planning, core.routing).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from kzreminder.core.card import Card
from kzreminder.core.planning import Planned, plan
from kzreminder.core.reminder import Mark, Reminder, marked
from kzreminder.core.routing import Route, routes_for
from kzreminder.core.waiting import waits_until
from kzreminder.reminding.desk import Desk
from kzreminder.storage.delivery import Attention, Awaits


@dataclass(slots=True)
class InHand:
    """One card from its claim until it is put back."""

    card: Card
    marks: tuple[Mark, ...]
    tried: int
    "times that its message was refused in the passes before"
    refused: dict[str, datetime | None] = field(default_factory=dict)
    "targets that did not want its message, and when each gets it again; None: with its next change"
    told: dict[str, tuple[Reminder, ...]] = field(default_factory=dict)
    "by target, the headline first: what this pass is still to tell"
    attempts: int = field(init=False)
    "those of this pass, too"
    put_back: Attention = field(init=False)
    "when it next wants attention, if all of that is told"

    def __post_init__(self) -> None:
        self.attempts = self.tried

    def plan(self, desk: Desk, away: Mapping[str, datetime], now: datetime) -> None:
        """What is to be told of it on the targets that are there, and when it is looked at again.

        The desktop comes first, and what it is told counts for those that wait for it in vain.
        `away`: the other targets, and when each is tried again.
        """
        self.told = {}
        marks = list(self.marks)
        waits = _Waits()
        planned = Planned((), None)
        for route in routes_for(self.card, desk.routes):
            planned = plan(self.card, desk.policy, marks, now, route)
            waits.until(planned.then)
            if not planned.reminders:
                continue
            if route.target in self.refused:
                waits.until(self.refused[route.target])
            elif route.target in away:
                waits.for_target(route, away[route.target])
            elif (until := _held_until(desk, route, planned, now)) > now:
                waits.for_somebody(until)
            else:
                self.told[route.target] = planned.reminders
                marks += [marked(reminder, now, route.target) for reminder in planned.reminders]
        attempts = self.attempts if self.refused else 0
        self.put_back = Attention(
            self.card.id, waits.wake_at, planned.urgent_at, waits.awaits, attempts
        )


@dataclass(slots=True)
class _Waits:
    """What a card waits for, as its targets are gone through."""

    wake_at: datetime | None = None
    awaits: Awaits | None = None

    def until(self, at: datetime | None) -> None:
        if at is not None:
            self.wake_at = at if self.wake_at is None else min(self.wake_at, at)

    def for_target(self, route: Route, retry_at: datetime) -> None:
        if route.is_desktop:  # it is looked at as soon as one is there
            self.awaits = Awaits.DESKTOP
            return
        self.awaits = self.awaits or Awaits.TARGET
        self.until(retry_at)

    def for_somebody(self, until: datetime) -> None:
        self.awaits = Awaits.SOMEBODY
        self.until(until)


def _held_until(desk: Desk, route: Route, planned: Planned, now: datetime) -> datetime:
    """When a card whose reminders wait for somebody is looked at again; `now`: they cannot wait.

    That is when its next lead falls, too: of another deadline it may leave less time.
    """
    if not route.is_desktop or desk.somebody_is_there():
        return now
    until = waits_until(planned.reminders, desk.policy, now)
    return until if planned.then is None else min(until, planned.then)


def planned_anew(card: Card, marks: Sequence[Mark], desk: Desk, now: datetime) -> Attention:
    """When a card that nobody holds wants attention: `now` where something is to be told of it."""
    waits, planned = _Waits(), Planned((), None)
    for route in routes_for(card, desk.routes):
        planned = plan(card, desk.policy, marks, now, route)
        waits.until(now if planned.reminders else planned.then)
    return Attention(card.id, waits.wake_at, planned.urgent_at)
