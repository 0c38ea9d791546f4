"""Which reminders are due, why, and when a card next wants attention: pure rules.

Not here: the times of each lead (leads), sending, remembering what was told (reminding, storage),
words (wording).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
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
    told_times,
)
from kzreminder.core.policy import Policy
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
from kzreminder.core.rolling import as_of, rolls_at
from kzreminder.core.silence import is_muted, snooze_ends_at, spoken_for, unmutes_at


class State(StrEnum):
    ARCHIVED = "archived"
    MUTED = "muted"
    LAPSED = "lapsed"
    OVERDUE = "overdue"
    LOW = "low"
    ENDING = "ending"
    OK = "ok"


def due(card: Card, policy: Policy, marks: Iterable[Mark], now: datetime) -> tuple[Reminder, ...]:
    """What is to be told of the card at `now`, the headline first; at most one a deadline kind.

    Of several leads that have come, only the latest counts; a covered one is silent. A snooze that
    has ended is told once, under its headline.
    """
    wanted = _wanted(card, policy, marks, now)
    return tuple(reminder for reminder in wanted if not is_held(reminder.deadline, policy, now))


def _wanted(card: Card, policy: Policy, marks: Iterable[Mark], now: datetime) -> list[Reminder]:
    """What is to be told, were there no quiet hours now."""
    if card.archived or is_muted(card, now):
        return []
    told = believed(marks, now)
    snooze_end = _untold_snooze(card, policy, told, now)
    if snooze_end is not None and snooze_end > now:
        return []
    card = as_of(card, now)
    found = []
    for deadline in deadlines_of(card, now):
        latest = latest_lead(card, deadline, policy, now)
        if latest is not None and covering(deadline, *latest, told) is None:
            found.append(reminder_of(card, deadline, *latest, policy, now))
    if snooze_end is not None:
        return _after_snooze(card, found, policy, snooze_end, now)
    return found


def next_wake(card: Card, policy: Policy, marks: Iterable[Mark], now: datetime) -> datetime | None:
    """When the card next wants attention: `now` if something is due, None if nothing is ahead."""
    if card.archived:
        return None
    wanted = _wanted(card, policy, marks, now)
    if any(not is_held(reminder.deadline, policy, now) for reminder in wanted):
        return now
    return _next_change(card, policy, now, waits=bool(wanted))


def upcoming(
    card: Card, policy: Policy, marks: Iterable[Mark], now: datetime, until: datetime
) -> Iterator[tuple[datetime, tuple[Reminder, ...]]]:
    """Each message to come, as (instant, reminders), if passes run on time and nothing changes.

    It plays the passes ahead, so it cannot disagree with what they will do.
    """
    told = believed(marks, now)
    instant: datetime | None = now
    while instant is not None and instant <= until:
        reminders = due(card, policy, told, instant)
        if reminders:
            yield instant, reminders
            told += [marked(reminder, instant) for reminder in reminders]
        instant = next_wake(card, policy, told, instant)


def next_reminder(
    card: Card, policy: Policy, marks: Iterable[Mark], now: datetime
) -> Reminder | None:
    """The headline of the next message, or None when nothing is ahead.

    Its time is when it will be told: of what is put off, as by a mute, the end of that.
    """
    end_of_time = datetime.max.replace(tzinfo=now.tzinfo)
    for instant, reminders in upcoming(card, policy, marks, now, end_of_time):
        return replace(reminders[0], at=instant) if instant > now else reminders[0]
    return None


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
    deadlines = deadlines_of(card, now)
    losing = [deadline for deadline in deadlines if deadline.kind in LOSING]
    return min((deadline.at for deadline in losing or deadlines), default=None)


def urgency(reminder: Reminder) -> tuple[int, datetime]:
    """Sorts reminders, the most urgent first: by kind, then by the earlier deadline."""
    return URGENCY[reminder.deadline.kind], reminder.deadline.at


def latest_lead(
    card: Card, deadline: Deadline, policy: Policy, now: datetime
) -> tuple[Lead, datetime] | None:
    """The last lead of the deadline whose time has come, with that time."""
    latest = None
    for lead, at in told_times(card, deadline, policy, now):
        if at > now:
            break
        latest = lead, at
    return latest


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
    card: Card, found: list[Reminder], policy: Policy, ended_at: datetime, now: datetime
) -> list[Reminder]:
    """What was due meanwhile has waited for the end of the snooze; its headline is told as that."""
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
    others = [replace(one, at=max(one.at, told.at)) for one in found if one.deadline != headline]
    return [told, *others]


def last_lead_at(card: Card, deadline: Deadline, policy: Policy) -> datetime:
    """When the last reminder of the deadline is due, told or not."""
    return max(at for _lead, at in lead_times(card, deadline, policy))


def _next_change(card: Card, policy: Policy, now: datetime, *, waits: bool) -> datetime | None:
    """The next instant at which what is due can change; `waits`: for the end of quiet hours."""
    if is_muted(card, now):
        return unmutes_at(card)
    snooze_end = snooze_ends_at(card, policy, now)
    card = as_of(card, now)
    changes = [snooze_end, turns_stale_at(card), to_check_at(card), rolls_at(card)]
    if waits and (quiet := policy.quiet_around(now)):
        changes.append(quiet[1])
    for deadline in deadlines_of(card, now):
        times = told_times(card, deadline, policy, now)
        changes.append(next((at for _, at in times if at > now), None))
    return min((at for at in changes if at is not None and at > now), default=None)
