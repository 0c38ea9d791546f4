"""A reminder: its identity, reason and severity; the marks of what was told, what they cover.

Not here: which reminders are due (planning), when a lead is told (leads).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from kzreminder.core.card import Card
from kzreminder.core.deadlines import LOSING, Deadline, DeadlineKind, Doubt
from kzreminder.core.leads import BELIEVED_AHEAD, SNOOZE, Lead, out_of_quiet, repeats_after
from kzreminder.core.policy import Policy

LATE_AFTER = timedelta(minutes=15)


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
    BALANCE_FORECAST = "balance_forecast"
    READ_LONG_AGO = "read_long_ago"
    PAID_YESTERDAY = "paid_yesterday"
    SNOOZE_ENDED = "snooze_ended"


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Mark:
    """The record that a reminder of one card was told on one target."""

    kind: DeadlineKind
    deadline_at: datetime
    "of a snooze: its end"
    lead: Lead
    told_at: datetime
    target: str = ""


@dataclass(frozen=True, slots=True)
class Reminder:
    card: Card
    "as it stands when the reminder is due"
    deadline: Deadline
    lead: Lead
    at: datetime
    "when it was to be told, UTC"
    reason: Reason
    severity: Severity
    known_at: datetime | None = None
    "when it could first be told, where that is not when the card was registered"

    def is_late(self, now: datetime) -> bool:
        """Told well after its time, or after the card was registered where that is later."""
        return now - max(self.at, self.known_at or self.card.registered_at) > LATE_AFTER

    @property
    def marked_at(self) -> datetime:
        """The instant in its identity: the deadline's, or the end of the snooze."""
        return self.at if self.lead == SNOOZE else self.deadline.at


def believed(marks: Iterable[Mark], now: datetime) -> list[Mark]:
    """The marks that count: one made in a wrong year, far ahead of the clock, silences nothing."""
    return [mark for mark in marks if mark.told_at <= now + BELIEVED_AHEAD]


def marked(reminder: Reminder, told_at: datetime, target: str = "") -> Mark:
    return Mark(reminder.deadline.kind, reminder.marked_at, reminder.lead, told_at, target)


def covering(deadline: Deadline, lead: Lead, at: datetime, marks: Iterable[Mark]) -> Mark | None:
    """The mark that silences the lead, its own where there is one; None: nothing does."""
    found = None
    for mark in marks:
        if is_own(mark, deadline, lead):
            return mark
        if outdoes(mark, deadline, lead, at):
            found = mark
    return found


def is_own(mark: Mark, deadline: Deadline, lead: Lead) -> bool:
    return (mark.kind, mark.deadline_at, mark.lead) == (deadline.kind, deadline.at, lead)


def outdoes(mark: Mark, deadline: Deadline, lead: Lead, at: datetime) -> bool:
    """Something at least as urgent of its kind was told at or after its time."""
    is_as_urgent = mark.lead == SNOOZE or mark.lead >= lead
    return mark.kind is deadline.kind and is_as_urgent and mark.told_at >= at


def reminder_of(
    card: Card, deadline: Deadline, lead: Lead, at: datetime, policy: Policy, now: datetime
) -> Reminder:
    reason = _reason(card, deadline, lead, policy)
    known_at = out_of_quiet(card.registered_at, deadline, policy)
    return Reminder(card, deadline, lead, at, reason, severity_of(deadline, lead, now), known_at)


def _reason(card: Card, deadline: Deadline, lead: Lead, policy: Policy) -> Reason:
    if deadline.kind not in LOSING:
        return _reason_to_look(card, deadline)
    if lead.days == repeats_after(deadline, policy)[-1]:
        return Reason.LAST_WORD
    if lead.days > 0:
        return Reason.OVERDUE
    if deadline.doubt is not None:
        return _DOUBTED[deadline.doubt]
    return Reason.LAST_CALL if lead.days == 0 else Reason.DAYS_LEFT


_DOUBTED = {
    Doubt.SHORT: Reason.CHARGE_SHORT,
    Doubt.UNKNOWN: Reason.BALANCE_UNKNOWN,
    Doubt.STALE: Reason.BALANCE_STALE,
}


def _reason_to_look(card: Card, deadline: Deadline) -> Reason:
    if deadline.kind is DeadlineKind.CHECK:
        return Reason.READ_LONG_AGO
    if deadline.kind is DeadlineKind.ARRIVAL:
        return Reason.PAID_YESTERDAY
    return Reason.BALANCE_LOW if card.balance.is_low else Reason.BALANCE_FORECAST


def severity_of(deadline: Deadline, lead: Lead, now: datetime) -> Severity:
    """By the lead, or by the time that is really left where a reminder comes late."""
    if deadline.kind in (DeadlineKind.CHECK, DeadlineKind.ARRIVAL):
        return Severity.WARNING if lead.days > 7 else Severity.INFO
    if deadline.kind is DeadlineKind.BALANCE or deadline.doubt in (Doubt.UNKNOWN, Doubt.STALE):
        return Severity.WARNING
    left = deadline.at - now
    is_last_call_past = lead.days >= 0 and lead != SNOOZE
    if is_last_call_past or left < timedelta(days=1):
        return Severity.CRITICAL
    is_near = -3 <= lead.days < 0 or left < timedelta(days=4)
    return Severity.WARNING if is_near else Severity.INFO
