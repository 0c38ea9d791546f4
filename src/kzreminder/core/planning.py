"""Which reminders are due, why, and when a card next wants attention: pure rules.

Not here: the times of each lead (leads), sending, remembering what was told (reminding, storage),
words (wording).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from kzreminder.core.card import Card
from kzreminder.core.deadlines import (
    LOSING,
    URGENCY,
    Deadline,
    deadlines_of,
    to_check_at,
    turns_stale_at,
)
from kzreminder.core.leads import (
    SNOOZE,
    Lead,
    is_held,
    lead_times,
    out_of_quiet,
)
from kzreminder.core.period import Unit
from kzreminder.core.policy import FARTHEST_LEAD, Policy
from kzreminder.core.reminder import (
    Mark,
    Reason,
    Reminder,
    believed,
    covering,
    marked,
    reminder_of,
    severity_of,
)
from kzreminder.core.rolling import LAST_DAY, as_of, missing, rolls_at
from kzreminder.core.routing import (
    DESKTOP,
    Route,
    escalated_snooze,
    route_times,
    routes_for,
    told_on,
)
from kzreminder.core.silence import is_muted, snooze_ends_at, spoken_for, unmutes_at
from kzreminder.core.zone import end_of_day

_LONGEST_MONTH = 31
_EVERY_LEAD = timedelta(days=2 * FARTHEST_LEAD)
"Before a deadline, and after it."


class State(StrEnum):
    ARCHIVED = "archived"
    MUTED = "muted"
    LAPSED = "lapsed"
    OVERDUE = "overdue"
    LOW = "low"
    ENDING = "ending"
    OK = "ok"


@dataclass(frozen=True, slots=True)
class Planned:
    reminders: tuple[Reminder, ...]
    "to be told now, the headline first; at most one a deadline kind"
    then: datetime | None
    "when the card next wants attention once they are told; None: nothing is ahead"
    urgent_at: datetime | None = None
    "the card's earliest unsettled deadline"


def plan(
    card: Card, policy: Policy, marks: Iterable[Mark], now: datetime, route: Route | None = None
) -> Planned:
    """What is to be told of the card at `now`, and when it is to be looked at again.

    Of several leads that have come, only the latest counts; a covered one is silent. A snooze that
    has ended is told once, under its headline. `route`: as it is told there; None: all of it.
    """
    if card.archived:
        return Planned((), None)
    if is_muted(card, now):
        return Planned((), unmutes_at(card), urgent_at(card, now))
    marks = believed(marks, now)
    told = marks if route is None else told_on(route, card, marks)
    snoozed_end = snooze_ends_at(card, policy, now)
    untold_end = None
    if snoozed_end is not None and not snooze_told(card, told):
        untold_end = escalated_snooze(snoozed_end, route, marks)
    stored, card = card, as_of(card, now)
    found: list[Reminder] = []
    changes = [snoozed_end, untold_end, turns_stale_at(card), to_check_at(card), rolls_at(card)]
    deadlines = deadlines_of(card, now)
    for deadline in deadlines if route is None else filter(route.may_want, deadlines):
        times = route_times(card, deadline, policy, now, route, marks)
        latest, next_at = _around(times, now)
        changes.append(next_at)
        if latest is not None and covering(deadline, *latest, told) is None:
            found.append(reminder_of(card, deadline, *latest, policy, now))
    if route is not None:
        found = list(filter(route.wants, found))
    if untold_end is not None and untold_end > now:
        found = []
    elif untold_end is not None:
        found = _after_snooze(stored, found, policy, untold_end, now, route)
    waiting = [reminder for reminder in found if is_held(reminder.deadline, policy, now)]
    if waiting and (quiet := policy.quiet_around(now)):
        changes.append(quiet[1])
        found = [reminder for reminder in found if reminder not in waiting]
    then = min((at for at in changes if at is not None and at > now), default=None)
    return Planned(tuple(found), then, _earliest(deadlines))


def due(
    card: Card, policy: Policy, marks: Iterable[Mark], now: datetime, route: Route | None = None
) -> tuple[Reminder, ...]:
    """What is to be told of the card at `now`, the headline first."""
    return plan(card, policy, marks, now, route).reminders


def next_wake(
    card: Card, policy: Policy, marks: Iterable[Mark], now: datetime, route: Route | None = None
) -> datetime | None:
    """When the card next wants attention: `now` if something is due, None if nothing is ahead."""
    planned = plan(card, policy, marks, now, route)
    return now if planned.reminders else planned.then


def upcoming(
    card: Card, policy: Policy, marks: Iterable[Mark], now: datetime, until: datetime
) -> Iterator[tuple[datetime, tuple[Reminder, ...]]]:
    """Each message to come, as (instant, reminders), if passes run on time and nothing changes."""
    for instant, _route, reminders in upcoming_on((), card, policy, marks, now, until):
        yield instant, reminders


def upcoming_on(
    routes: Sequence[Route],
    card: Card,
    policy: Policy,
    marks: Iterable[Mark],
    now: datetime,
    until: datetime,
) -> Iterator[tuple[datetime, Route | None, tuple[Reminder, ...]]]:
    """Each message to come on each of the targets; without routes on one that takes all.

    It plays the passes ahead, so it cannot disagree with what they will do.
    """
    ways: Sequence[Route | None] = routes_for(card, routes) or (None,)
    told = believed(marks, now)
    instant: datetime | None = now
    while instant is not None and instant <= until:
        changes = []
        for route in ways:
            planned = plan(card, policy, told, instant, route)
            changes.append(planned.then)
            if planned.reminders:
                yield instant, route, planned.reminders
                target = route.target if route else ""
                told += [marked(reminder, instant, target) for reminder in planned.reminders]
        instant = min((at for at in changes if at is not None), default=None)


def next_reminder(
    card: Card,
    policy: Policy,
    marks: Iterable[Mark],
    now: datetime,
    routes: Sequence[Route] = (),
) -> Reminder | None:
    """The headline of the next message, or None when nothing is ahead.

    Its time is when it will be told: of what is put off, as by a mute, the end of that.
    """
    coming = upcoming_on(routes, card, policy, marks, now, _brings_nothing_after(card, now))
    return next((_headline(*one, now) for one in coming), None)


def next_reminder_on(
    route: Route | None, card: Card, policy: Policy, marks: Iterable[Mark], now: datetime
) -> Reminder | None:
    """The same on that target alone; what it waits for is played, too."""
    if route is None or route.after is None:
        return next_reminder(card, policy, marks, now, (route,) if route else ())
    # what the desktop tells of anything else moves nothing here, and a low balance has no end
    desktop = Route(f"{DESKTOP}:", route.kinds, route.severity)
    until = _brings_nothing_after(card, now)
    coming = upcoming_on((desktop, route), card, policy, marks, now, until)
    return next((_headline(*one, now) for one in coming if one[1] == route), None)


def _brings_nothing_after(card: Card, now: datetime) -> datetime:
    """What a card has not brought by then never comes.

    A plan whose charges may or may not be covered goes on for ever, each period like the one
    before: two of them, after all else that is known of the card, have shown everything.
    """
    period = card.plan.period
    if period is None or not card.plan.auto_renew or missing(as_of(card, now)) is not None:
        return end_of_day(LAST_DAY)
    known = [deadline.at for deadline in deadlines_of(card, now)]
    known += [at for at in (unmutes_at(card), card.silence.snoozed_until) if at is not None]
    longest = period.count * (1 if period.unit is Unit.DAYS else _LONGEST_MONTH)
    return max(known, default=now) + timedelta(days=2 * longest) + _EVERY_LEAD


def _headline(
    instant: datetime, _route: Route | None, reminders: Sequence[Reminder], now: datetime
) -> Reminder:
    return replace(reminders[0], at=instant) if instant > now else reminders[0]


def state_of(card: Card, policy: Policy, now: datetime) -> State:
    """The first that fits, from dates alone."""
    if card.archived:
        return State.ARCHIVED
    if is_muted(card, now):
        return State.MUTED
    card = as_of(card, now)
    losing = [d for d in deadlines_of(card, now) if d.kind in LOSING]
    overdue = [d for d in losing if d.at < now]
    if overdue and all(last_lead_at(card, d, policy) <= now for d in overdue):
        return State.LAPSED
    if overdue:
        return State.OVERDUE
    if card.balance.is_low:
        return State.LOW
    for deadline in losing:
        _, first_at = next(lead_times(card, deadline, policy))
        if first_at <= now:
            return State.ENDING
    return State.OK


def urgent_at(card: Card, now: datetime) -> datetime | None:
    """The card's earliest unsettled deadline; of a low balance alone, since when it is low."""
    return _earliest(deadlines_of(card, now))


def _earliest(deadlines: Sequence[Deadline]) -> datetime | None:
    losing = [deadline for deadline in deadlines if deadline.kind in LOSING]
    return min((deadline.at for deadline in losing or deadlines), default=None)


def urgency(reminder: Reminder) -> tuple[int, datetime]:
    """Sorts reminders, the most urgent first: by kind, then by the earlier deadline."""
    return URGENCY[reminder.deadline.kind], reminder.deadline.at


def snooze_told(card: Card, marks: Iterable[Mark]) -> Mark | None:
    """The mark of the card's snooze: once it was told, the snooze is over."""
    since = card.silence.snoozed_at
    return next((m for m in marks if since and m.lead == SNOOZE and m.told_at >= since), None)


def snoozed_until(
    card: Card, policy: Policy, marks: Iterable[Mark], now: datetime
) -> datetime | None:
    """Until when a card is silent because it is snoozed; None where it is not."""
    until = _untold_snooze(card, policy, believed(marks, now), now)
    return until if until is not None and until > now else None


def _untold_snooze(
    card: Card, policy: Policy, told: Iterable[Mark], now: datetime
) -> datetime | None:
    """When the snooze ends or ended; None where there is none, or its end was told."""
    return None if snooze_told(card, told) else snooze_ends_at(card, policy, now)


def _after_snooze(
    card: Card,
    found: list[Reminder],
    policy: Policy,
    ended_at: datetime,
    now: datetime,
    route: Route | None,
) -> list[Reminder]:
    """What was due meanwhile has waited for the end of the snooze; its headline is told as that,
    or under its own lead where the end of the snooze is nothing for the target."""
    about = spoken_for(card, policy, now)
    if not about:
        return []
    headline = about[0]
    told = Reminder(
        card,
        headline,
        SNOOZE,
        out_of_quiet(ended_at, headline, policy),
        Reason.SNOOZE_ENDED,
        severity_of(headline, SNOOZE, now),
    )
    found = [replace(one, at=max(one.at, told.at)) for one in found]
    if route is not None and not route.wants(told):
        return found
    return [told, *(one for one in found if one.deadline != headline)]


def last_lead_at(card: Card, deadline: Deadline, policy: Policy) -> datetime:
    """When the last reminder of the deadline is due, told or not."""
    return max(at for _lead, at in lead_times(card, deadline, policy))


def _around(
    times: Iterable[tuple[Lead, datetime]], now: datetime
) -> tuple[tuple[Lead, datetime] | None, datetime | None]:
    """The last of them that has come, and when the next one does."""
    latest = None
    for lead, at in times:
        if at > now:
            return latest, at
        latest = lead, at
    return latest, None
