"""Which reminders are due, why, and when a card next wants attention: pure rules.

Not here: sending, remembering what was told (reminding, storage), words (wording).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from kzreminder.core.card import Card
from kzreminder.core.deadlines import (
    LOSING,
    URGENCY,
    Deadline,
    DeadlineKind,
    Doubt,
    deadlines_of,
    turns_stale_at,
)
from kzreminder.core.policy import Policy
from kzreminder.core.zone import (
    at_wall_time,
    first_wall_time_after,
    last_wall_time_before,
    start_of_day,
)

BELIEVED_AHEAD = timedelta(days=7)
"A mark further ahead of the clock than this was made in a wrong year and silences nothing."
LATE_AFTER = timedelta(minutes=15)
DOUBTFUL_LEADS = (1, 0)
"Days before a charge whose covering is only uncertain."


@dataclass(frozen=True, slots=True, order=True)
class Lead:
    """Days from the deadline: -14 is `14d`, 0 is `0d`, 7 is `+7d`. Greater is more urgent."""

    days: int

    def __str__(self) -> str:
        return f"+{self.days}d" if self.days > 0 else f"{-self.days}d"

    @classmethod
    def parse(cls, stored: str) -> Lead:
        days = int(stored.rstrip("d"))
        return cls(days if stored.startswith("+") else -days)


class Reason(StrEnum):
    """Why a reminder is due."""

    DAYS_LEFT = "days_left"
    LAST_CALL = "last_call"
    OVERDUE = "overdue"
    LAST_WORD = "last_word"
    CHARGE_SHORT = "charge_short"
    BALANCE_UNKNOWN = "balance_unknown"
    BALANCE_STALE = "balance_stale"
    BALANCE_LOW = "balance_low"


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class State(StrEnum):
    ARCHIVED = "archived"
    LAPSED = "lapsed"
    OVERDUE = "overdue"
    LOW = "low"
    ENDING = "ending"
    OK = "ok"


@dataclass(frozen=True, slots=True)
class Mark:
    """The record that a reminder of one card was told on one target."""

    kind: DeadlineKind
    deadline_at: datetime
    lead: Lead
    told_at: datetime


@dataclass(frozen=True, slots=True)
class Reminder:
    card: Card
    deadline: Deadline
    lead: Lead
    at: datetime
    "when it was to be told, UTC"
    reason: Reason
    severity: Severity

    def is_late(self, now: datetime) -> bool:
        """Told well after its time, or after the card was registered where that is later."""
        return now - max(self.at, self.card.registered_at) > LATE_AFTER


def due(card: Card, policy: Policy, marks: Iterable[Mark], now: datetime) -> tuple[Reminder, ...]:
    """What is to be told of the card at `now`, the headline first; at most one a deadline kind.

    Of several leads that have come, only the latest counts; a covered one is silent.
    """
    if card.archived:
        return ()
    told = believed(marks, now)
    reminders = []
    for deadline in deadlines_of(card, now):
        latest = None
        for lead, at in lead_times(card, deadline, policy):
            if at > now:
                break
            latest = lead, at
        if latest and not _is_covered(deadline, *latest, told):
            reminders.append(_reminder(card, deadline, *latest, policy, now))
    return tuple(reminders)


def next_wake(card: Card, policy: Policy, marks: Iterable[Mark], now: datetime) -> datetime | None:
    """When the card next wants attention: `now` if something is due, None if nothing is ahead."""
    if card.archived:
        return None
    return now if due(card, policy, marks, now) else _next_change(card, policy, now)


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
        instant = None if card.archived else _next_change(card, policy, instant)


def next_reminder(
    card: Card, policy: Policy, marks: Iterable[Mark], now: datetime
) -> Reminder | None:
    """The headline of the next message, or None when nothing is ahead."""
    end_of_time = datetime.max.replace(tzinfo=now.tzinfo)
    for _instant, reminders in upcoming(card, policy, marks, now, end_of_time):
        return reminders[0]
    return None


def believed(marks: Iterable[Mark], now: datetime) -> list[Mark]:
    """The marks that count: one made in a wrong year, far ahead of the clock, silences nothing."""
    return [mark for mark in marks if mark.told_at <= now + BELIEVED_AHEAD]


def marked(reminder: Reminder, told_at: datetime) -> Mark:
    return Mark(reminder.deadline.kind, reminder.deadline.at, reminder.lead, told_at)


def state_of(card: Card, policy: Policy, now: datetime) -> State:
    """The first that fits, from dates alone."""
    if card.archived:
        return State.ARCHIVED
    losing = [d for d in deadlines_of(card, now) if d.kind in LOSING]
    overdue = [d for d in losing if d.at < now]
    if overdue and all(_last_lead_at(card, d, policy) <= now for d in overdue):
        return State.LAPSED
    if overdue:
        return State.OVERDUE
    amount, threshold = card.balance.amount, card.balance.threshold
    if amount is not None and threshold is not None and amount < threshold:
        return State.LOW
    for deadline in losing:
        first = next(lead_times(card, deadline, policy), None)
        if first is not None and first[1] <= now:
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


def lead_times(card: Card, deadline: Deadline, policy: Policy) -> Iterator[tuple[Lead, datetime]]:
    """Each lead of the deadline with its instant, in time order; endless for a low balance."""
    if deadline.kind is DeadlineKind.BALANCE:
        yield from _low_balance_times(deadline, policy)
        return
    last_hour = policy.charge_hour if deadline.kind is DeadlineKind.CHARGE else policy.hour
    zero_on = last_wall_time_before(deadline.at - policy.safe_margin, last_hour, policy.zone)
    not_before = start_of_day(deadline.first_on) if deadline.first_on else None
    for days in _leads(card, deadline, policy):
        wall = policy.hour if days else last_hour
        at = at_wall_time(zero_on - timedelta(days=days), wall, policy.zone)
        if days == 0 or not_before is None or at >= not_before:
            yield Lead(-days), at
    if deadline.doubt in (Doubt.UNKNOWN, Doubt.STALE):
        return
    after_on = first_wall_time_after(deadline.at, policy.hour, policy.zone)
    for days in policy.repeats:
        at = at_wall_time(after_on + timedelta(days=days - 1), policy.hour, policy.zone)
        yield Lead(days), at


def _leads(card: Card, deadline: Deadline, policy: Policy) -> tuple[int, ...]:
    leads = policy.leads if card.leads is None else card.leads
    if deadline.kind is not DeadlineKind.CHARGE:
        return leads
    if deadline.doubt is not Doubt.SHORT:
        return DOUBTFUL_LEADS
    return tuple(days for days in leads if days <= policy.charge_leads_from)


def _low_balance_times(deadline: Deadline, policy: Policy) -> Iterator[tuple[Lead, datetime]]:
    yield Lead(0), deadline.at
    opened_on = deadline.at.astimezone(policy.zone).date()
    days = 0
    while True:
        days += policy.low_every if days < policy.low_every_until else policy.low_every_later
        at = at_wall_time(opened_on + timedelta(days=days), policy.hour, policy.zone)
        yield Lead(days), at


def _last_lead_at(card: Card, deadline: Deadline, policy: Policy) -> datetime:
    return max(at for _lead, at in lead_times(card, deadline, policy))


def _next_change(card: Card, policy: Policy, now: datetime) -> datetime | None:
    """The next instant at which what is due can change."""
    changes = [
        at
        for deadline in deadlines_of(card, now)
        if (at := _next_lead_at(card, deadline, policy, now)) is not None
    ]
    stale_at = turns_stale_at(card)
    if stale_at is not None and stale_at > now:
        changes.append(stale_at)
    return min(changes, default=None)


def _next_lead_at(card: Card, deadline: Deadline, policy: Policy, now: datetime) -> datetime | None:
    return next((at for _, at in lead_times(card, deadline, policy) if at > now), None)


def _is_covered(deadline: Deadline, lead: Lead, at: datetime, marks: list[Mark]) -> bool:
    """Told, or outdone: something at least as urgent of this kind was told at or after its time."""
    return any(
        mark.kind is deadline.kind
        and (
            (mark.deadline_at == deadline.at and mark.lead == lead)
            or (mark.lead >= lead and mark.told_at >= at)
        )
        for mark in marks
    )


def _reminder(
    card: Card, deadline: Deadline, lead: Lead, at: datetime, policy: Policy, now: datetime
) -> Reminder:
    reason = _reason(deadline, lead, policy)
    return Reminder(card, deadline, lead, at, reason, _severity(deadline, lead, now))


def _reason(deadline: Deadline, lead: Lead, policy: Policy) -> Reason:
    if deadline.kind is DeadlineKind.BALANCE:
        return Reason.BALANCE_LOW
    if lead.days == policy.repeats[-1]:
        return Reason.LAST_WORD
    if lead.days > 0:
        return Reason.OVERDUE
    if deadline.doubt is Doubt.SHORT:
        return Reason.CHARGE_SHORT
    if deadline.doubt is Doubt.UNKNOWN:
        return Reason.BALANCE_UNKNOWN
    if deadline.doubt is Doubt.STALE:
        return Reason.BALANCE_STALE
    return Reason.LAST_CALL if lead.days == 0 else Reason.DAYS_LEFT


def _severity(deadline: Deadline, lead: Lead, now: datetime) -> Severity:
    """By the lead, or by the time that is really left where a reminder comes late."""
    if deadline.kind is DeadlineKind.BALANCE or deadline.doubt in (Doubt.UNKNOWN, Doubt.STALE):
        return Severity.WARNING
    left = deadline.at - now
    if lead.days >= 0 or left < timedelta(days=1):
        return Severity.CRITICAL
    is_near = lead.days >= -3 or left < timedelta(days=4)
    return Severity.WARNING if is_near else Severity.INFO
