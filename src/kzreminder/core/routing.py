"""Where a card is told of: which targets, what of it on each, and how long one waits for another.

Not here: when a lead is due (leads), what a target is reached by (channels).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kzreminder.core.card import Card
from kzreminder.core.deadlines import Deadline, DeadlineKind
from kzreminder.core.leads import Lead, out_of_quiet, told_times
from kzreminder.core.policy import Policy
from kzreminder.core.reminder import Mark, Reminder, Severity, is_own, outdoes, severity_of

DESKTOP = "desktop"
"All desktops are one: whoever sits at the next one was told, too."
_RANK = list(Severity)


@dataclass(frozen=True, slots=True)
class Route:
    """One target, and what is told there."""

    target: str
    "`desktop:<host>` or `push:<name>`"
    kinds: frozenset[DeadlineKind] | None = None
    "None: of every kind"
    severity: Severity = Severity.INFO
    "the least that is told"
    tags: frozenset[str] = frozenset()
    "only cards with one of these; none: all cards"
    after: timedelta | None = None
    "only what nobody acknowledged this long after it was told on the desktop, or could not be"

    @property
    def is_desktop(self) -> bool:
        return self.target.startswith(f"{DESKTOP}:")

    @property
    def name(self) -> str:
        """What users call it: `desktop`, or the name in the settings."""
        return DESKTOP if self.is_desktop else self.target.rpartition(":")[2]

    def may_want(self, deadline: Deadline) -> bool:
        """Whether anything of it is ever told there."""
        if self.kinds is not None and deadline.kind not in self.kinds:
            return False
        is_never_worse = deadline.kind is DeadlineKind.BALANCE  # and has no last lead
        return not is_never_worse or _RANK.index(self.severity) <= _RANK.index(Severity.WARNING)

    def wants(self, reminder: Reminder) -> bool:
        """As severe as it was at its own time: what was too slight then is not told between that
        and the next lead, only because something else had the card looked at."""
        if not self.may_want(reminder.deadline):
            return False
        severity = severity_of(reminder.deadline, reminder.lead, reminder.at)
        return _RANK.index(severity) >= _RANK.index(self.severity)

    @property
    def rule(self) -> tuple[object, ...]:
        """What decides of it when a card is told, the same in every process and on every host."""
        kinds = None if self.kinds is None else sorted(self.kinds)
        return self.name, kinds, self.severity.value, sorted(self.tags), self.after

    def is_told_by(self, mark: Mark) -> bool:
        return mark.target == self.target or (self.is_desktop and is_of_desktop(mark))


def is_of_desktop(mark: Mark) -> bool:
    return mark.target.startswith(f"{DESKTOP}:")


def routes_for(card: Card, routes: Sequence[Route]) -> tuple[Route, ...]:
    """Where the card is told of, the desktop first: on its own targets, else by its tags.

    Where that is nowhere, as the only target it names has gone from the settings, it is everywhere:
    no card falls silent by a slip. Where the desktop is not among them, nothing waits for it.
    """
    chosen = [route for route in routes if route.name in card.targets]
    chosen = chosen or [r for r in routes if not r.tags or not r.tags.isdisjoint(card.tags)]
    chosen = sorted(chosen or routes, key=lambda route: not route.is_desktop)
    if chosen and not chosen[0].is_desktop:
        chosen = [replace(route, after=None) if route.after else route for route in chosen]
    return tuple(chosen)


def told_on(route: Route, card: Card, marks: Iterable[Mark]) -> list[Mark]:
    """What counts as told there: what was, and what the user has acknowledged wherever it was."""
    acked_at = card.silence.acked_at
    return [
        mark
        for mark in marks
        if route.is_told_by(mark) or (acked_at is not None and mark.told_at <= acked_at)
    ]


def route_times(
    card: Card,
    deadline: Deadline,
    policy: Policy,
    now: datetime,
    route: Route | None,
    marks: Collection[Mark],
) -> Iterator[tuple[Lead, datetime]]:
    """Each lead with the time at which it is told there, as far as can be foreseen from `marks`."""
    times = told_times(card, deadline, policy, now)
    if route is None or route.after is None:
        return times
    first = [mark for mark in marks if is_of_desktop(mark)]
    waited = (
        (lead, waited_until(card, deadline, policy, route, first, lead, at)) for lead, at in times
    )
    return ((lead, at) for lead, at in waited if at is not None)


def waited_until(
    card: Card,
    deadline: Deadline,
    policy: Policy,
    route: Route | None,
    first: Collection[Mark],
    lead: Lead,
    at: datetime,
) -> datetime | None:
    """When the lead that falls at `at` has waited long enough for an answer before the desktop, of
    which `first` are the marks; None where it was answered."""
    if route is None or route.after is None:
        return at
    # the first of them: what the desktop is told later of the same puts nothing off
    told = [m.told_at for m in first if is_own(m, deadline, lead) or outdoes(m, deadline, lead, at)]
    told_at = max(at, min(told, default=card.registered_at))
    acked_at = card.silence.acked_at
    if acked_at is not None and acked_at >= told_at:
        return None
    waited = told_at + route.after
    # never sooner: whoever sits before the desktop has that long to answer
    return max(waited, out_of_quiet(waited, deadline, policy))


def escalated_snooze(ended_at: datetime, route: Route | None, marks: Iterable[Mark]) -> datetime:
    """When the end of a snooze is told there."""
    if route is None or route.after is None:
        return ended_at
    told = [m.told_at for m in marks if is_of_desktop(m) and m.lead.is_snooze]
    return max([ended_at, *(at for at in told if at >= ended_at)]) + route.after
