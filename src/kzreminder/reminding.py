"""One pass: claim the cards that are due, plan, send, confirm. Here storage and channels meet.

Not here: when a pass runs (daemon), the rules (core.planning), the words (wording).
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kzreminder.channels.message import Accepted, Channel, Message, Refused, Server, Urgency
from kzreminder.core.card import Card
from kzreminder.core.digest import Telling, split
from kzreminder.core.planning import due, next_wake
from kzreminder.core.policy import Policy
from kzreminder.core.reminder import Mark, Reminder, Severity, marked
from kzreminder.storage.delivery import LAST_CHANGE, Absence, Delivery, Sent, WakeOf
from kzreminder.storage.store import Store
from kzreminder.wording.reminders import Scribe, Text

BATCH = 200
"Cards planned in one go: what is due bounds the memory of a pass, not what is stored."
FIRST_RETRY = timedelta(seconds=30)
LAST_RETRY = timedelta(hours=1)
CLOCK_SLACK = timedelta(minutes=5)
"A last pass further ahead than this means that the clock was set back."
LAST_PASS = "last_pass_at"
FINGERPRINT = "fingerprint"
URGENCY = {
    Severity.INFO: Urgency.LOW,
    Severity.WARNING: Urgency.NORMAL,
    Severity.CRITICAL: Urgency.CRITICAL,
}

log = logging.getLogger(__name__)
logging.getLogger("kzreminder").addHandler(logging.NullHandler())  # silent unless `run` asks


@dataclass(frozen=True, slots=True)
class Delivered:
    reminder: Reminder
    text: Text
    target: str
    late: bool
    notification_id: int | None
    digest: bool
    attempt: int


@dataclass(frozen=True, slots=True)
class Failed:
    reminder: Reminder
    text: Text
    target: str
    error: str
    permanent: bool
    retry_at: datetime | None


@dataclass(slots=True)
class PassReport:
    """What one pass did. `next_wake_at` is when the next one has something to do."""

    now: datetime
    delivered: list[Delivered] = field(default_factory=list)
    failed: list[Failed] = field(default_factory=list)
    next_wake_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """What a pass works with."""

    store: Store
    channel: Channel
    policy: Policy
    scribe: Scribe
    fingerprint: str = ""
    "of policy, operator data and zone data: when it changes, every card is planned again"
    unconfirmed: dict[int | None, int] = field(default_factory=dict)
    "ids of toasts that were shown and could not be recorded, by card: the next try replaces them"

    @property
    def delivery(self) -> Delivery:
        return self.store.delivery


def run_pass(desk: Desk, now: datetime, *, patient: bool = True) -> PassReport:
    """Tell all that is due at `now`, each reminder once.

    A target known to be away is left alone until its time, unless it is seen to be back; an
    impatient pass tries at once. Raises StorageFault; a failed delivery is in the report.
    """
    report = PassReport(now)
    _wake_what_changed(desk, now)
    desk.delivery.remember(LAST_PASS, now.isoformat())  # first: a pass that dies has claimed too
    if _may_send(desk, now) or not patient:
        _tell_what_is_due(desk, now, report)
    report.next_wake_at = next_wake_at(desk.delivery, desk.channel.target)
    return report


def _wake_what_changed(desk: Desk, now: datetime) -> None:
    seen = {key: desk.delivery.recall(key) for key in (LAST_PASS, LAST_CHANGE)}
    ahead = [
        key for key, at in seen.items() if at and datetime.fromisoformat(at) > now + CLOCK_SLACK
    ]
    if ahead:
        log.warning("the clock was set back: every card is planned again")
        desk.delivery.wake_all(now)
        for key in ahead:
            desk.delivery.remember(key, now.isoformat())
    if desk.delivery.recall(FINGERPRINT) != desk.fingerprint:
        desk.delivery.wake_all(now)
        desk.delivery.remember(FINGERPRINT, desk.fingerprint)


def _may_send(desk: Desk, now: datetime) -> bool:
    """Whether the target is there, or it is time to try again.

    One that had gone ends its absence by being there; one that was there and did not answer is
    waited for, else it would get the same message every minute.
    """
    absence = desk.delivery.absence(desk.channel.target)
    if absence is None:
        return True
    if not absence.was_there and isinstance(desk.channel.describe(), Server):
        desk.delivery.note_absence(desk.channel.target, None)
        return True
    retry_at = datetime.fromisoformat(absence.retry_at)
    # beyond the longest wait: reckoned by a clock that has been set back since
    return not now < retry_at <= now + LAST_RETRY


def _tell_what_is_due(desk: Desk, now: datetime, report: PassReport) -> None:
    token = uuid.uuid4().hex
    try:
        singles, rest = split(_plan(desk, token, now), desk.policy.max_toasts)
        for telling in singles:
            if not _still(desk, [telling]):
                continue
            text = desk.scribe.message(telling.reminders, now)
            if not _send(desk, (telling,), text, token, now, report):
                return
        if rest := _still(desk, rest):
            text = desk.scribe.digest(rest, now)
            if not _send(desk, rest, text, token, now, report, is_digest=True):
                return
    finally:
        desk.delivery.release(token, now)


def _still(desk: Desk, tellings: Sequence[Telling]) -> list[Telling]:
    """Those whose card is as it was read; the next pass plans the others as they are now."""
    current = desk.delivery.unchanged([telling.headline.card for telling in tellings])
    return [telling for telling in tellings if telling.headline.card.id in current]


def _plan(desk: Desk, token: str, now: datetime) -> list[Telling]:
    """Claim all that wants attention; what has nothing to tell is put back at once."""
    tellings: list[Telling] = []
    while claimed := desk.delivery.claim(desk.channel.target, token, now, BATCH):
        silent = []
        for one in claimed:
            reminders = due(one.card, desk.policy, one.marks, now)
            if reminders:
                tellings.append(Telling(reminders, one.attempts))
            else:
                silent.append(one.card.id)
        desk.delivery.settle(silent, token, desk.channel.target, now, _wake_of(desk, now))
    return tellings


def _send(
    desk: Desk,
    tellings: Sequence[Telling],
    text: Text,
    token: str,
    now: datetime,
    report: PassReport,
    *,
    is_digest: bool = False,
) -> bool:
    """Send one message and record what became of it; False when the target is away."""
    reminders = tuple(reminder for telling in tellings for reminder in telling.reminders)
    urgency = max((reminder.severity for reminder in reminders), key=list(Severity).index)
    attempt = max(telling.attempts for telling in tellings) + 1
    key = None if is_digest else reminders[0].card.id
    earlier_id = desk.unconfirmed.get(key, 0)
    outcome = desk.channel.send(Message(text.title, text.body, URGENCY[urgency], earlier_id))
    target = desk.channel.target

    def told(notification_id: int | None, error: str | None) -> Sent:
        return Sent(
            target, text.title, text.body, reminders, is_digest, attempt, notification_id, error
        )

    if isinstance(outcome, Accepted):
        desk.unconfirmed[key] = outcome.id or 0
        desk.delivery.confirm(told(outcome.id, None), token, now, _wake_of(desk, now))
        del desk.unconfirmed[key]
        if desk.delivery.absence(target) is not None:
            desk.delivery.note_absence(target, None)
        for reminder in reminders:
            late = reminder.is_late(now)
            report.delivered.append(
                Delivered(reminder, text, target, late, outcome.id, is_digest, attempt)
            )
        log.info("told on %s: %s reminders, notification %s", target, len(reminders), outcome.id)
        return True
    if isinstance(outcome, Refused):
        retry_at = None if outcome.permanent else now + _retry_after(attempt)
        wake_of = _wake_as_if_told(desk, reminders, now) if retry_at is None else _at(retry_at)
        desk.delivery.fail(told(None, outcome.error), token, now, wake_of)
        _report_failed(report, reminders, text, target, outcome.error, outcome.permanent, retry_at)
        log.error("refused by %s: %s", target, outcome.error)
        return True
    absence = desk.delivery.absence(target)
    tries = absence.attempts + 1 if absence else 1
    retry_at = now + _retry_after(tries)
    since = absence.since if absence else now.isoformat()
    if absence is None:  # one row of history for one absence, however long it lasts
        desk.delivery.fail(told(None, outcome.error), token, now, _at(now))
        log.warning("%s is away: %s", target, outcome.error)
    was_there = isinstance(desk.channel.describe(), Server)
    desk.delivery.note_absence(
        target, Absence(since, tries, retry_at.isoformat(), outcome.error, was_there)
    )
    _report_failed(report, reminders, text, target, outcome.error, False, retry_at)
    return False


def _report_failed(
    report: PassReport,
    reminders: Sequence[Reminder],
    text: Text,
    target: str,
    error: str,
    permanent: bool,
    retry_at: datetime | None,
) -> None:
    report.failed += [
        Failed(reminder, text, target, error, permanent, retry_at) for reminder in reminders
    ]


def _wake_of(desk: Desk, now: datetime) -> WakeOf:
    return lambda card, marks: next_wake(card, desk.policy, marks, now)


def _wake_as_if_told(desk: Desk, reminders: Sequence[Reminder], now: datetime) -> WakeOf:
    """What will never be taken must not be tried in a circle: the card waits for its next lead."""

    def wake(card: Card, marks: Sequence[Mark]) -> datetime | None:
        tried = [marked(reminder, now) for reminder in reminders if reminder.card.id == card.id]
        return next_wake(card, desk.policy, [*marks, *tried], now)

    return wake


def _at(instant: datetime) -> Callable[[Card, Sequence[Mark]], datetime | None]:
    return lambda card, marks: instant


def _retry_after(tries: int) -> timedelta:
    """30 s, doubling to an hour."""
    doublings = min(tries - 1, 10)  # beyond an hour long before it overflows
    return min(FIRST_RETRY * (1 << doublings), LAST_RETRY)


def next_wake_at(delivery: Delivery, target: str) -> datetime | None:
    """When a pass next has something to do; an absent target is not tried before its time."""
    wake_at = delivery.next_wake_at()
    absence = delivery.absence(target)
    if wake_at is None or absence is None:
        return wake_at
    return max(wake_at, datetime.fromisoformat(absence.retry_at))
