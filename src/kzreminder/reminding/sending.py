"""One message: send it, keep the id that the server gave, confirm or record what went wrong.

Not here: what is due and in which order (passing).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from kzreminder.channels.message import Accepted, Message, Refused, Server, TargetAway, Urgency
from kzreminder.core.answering import Action
from kzreminder.core.card import Card
from kzreminder.core.digest import Telling
from kzreminder.core.planning import next_wake
from kzreminder.core.reminder import Mark, Reminder, Severity, marked
from kzreminder.reminding.desk import Delivered, Desk, Failed, PassReport
from kzreminder.reminding.putting_off import or_put_off
from kzreminder.storage.delivery import Absence, WakeOf
from kzreminder.storage.messages import Sent
from kzreminder.wording.reminders import Text

FIRST_RETRY = timedelta(seconds=30)
LAST_RETRY = timedelta(hours=1)
URGENCY = {
    Severity.INFO: Urgency.LOW,
    Severity.WARNING: Urgency.NORMAL,
    Severity.CRITICAL: Urgency.CRITICAL,
}

log = logging.getLogger(__name__)


def send(
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
    attempt = max(telling.attempts for telling in tellings) + 1
    told = Sent(desk.channel.target, text.title, text.body, reminders, is_digest, attempt)
    outcome, told = _shown(desk, told)
    if isinstance(outcome, Accepted):
        _confirm(desk, told, token, now)
        report.delivered += [
            Delivered(
                reminder, text, told.target, reminder.is_late(now), outcome.id, is_digest, attempt
            )
            for reminder in reminders
        ]
        log.info(
            "told on %s: %s reminders, notification %s", told.target, len(reminders), outcome.id
        )
        return True
    if isinstance(outcome, Refused):
        retry_at = None if outcome.permanent else now + _retry_after(attempt)
        wake = wake_as_if_told(desk, reminders, now) if retry_at is None else _at(retry_at)
        desk.delivery.fail(told, token, now, wake)
        log.error("refused by %s: %s", told.target, outcome.error)
    else:
        retry_at = _note_absence(desk, told, outcome, token, now)
    permanent = isinstance(outcome, Refused) and outcome.permanent
    report.failed += [
        Failed(reminder, text, told.target, outcome.error, permanent, retry_at)
        for reminder in reminders
    ]
    return isinstance(outcome, Refused)


def _shown(desk: Desk, told: Sent) -> tuple[Accepted | TargetAway | Refused, Sent]:
    """Have it shown, in the place of a toast that was sent before and never came to count."""
    desk.sign_of_life()
    key = _key(told)
    earlier = desk.toasts.unconfirmed(told.target, key)
    in_hand = desk.unconfirmed.get(key)
    if in_hand is None and earlier is not None:
        in_hand = Accepted(earlier.notification_id, earlier.server)
    urgency = max((reminder.severity for reminder in told.reminders), key=list(Severity).index)
    outcome = desk.channel.send(
        Message(
            told.title,
            told.body,
            URGENCY[urgency],
            (in_hand.id or 0) if in_hand else 0,
            in_hand.server if in_hand else None,
            desk.scribe.buttons(told.headline),
            Action.GUIDE,
            "digest" if key is None else f"card {key}",
        )
    )
    if not isinstance(outcome, Accepted):
        return outcome, replace(told, error=outcome.error)
    desk.unconfirmed[key] = outcome
    is_replaced = earlier is not None and earlier.notification_id == outcome.id
    replaced = earlier.message_id if earlier is not None and is_replaced else None
    return outcome, replace(
        told, notification_id=outcome.id, server=outcome.server, replaced=replaced
    )


def _confirm(desk: Desk, told: Sent, token: str, now: datetime) -> None:
    message_id = desk.toasts.shown(told, now)
    desk.delivery.confirm(message_id, told, token, now, wake_of(desk, now))
    del desk.unconfirmed[_key(told)]
    if desk.delivery.absence(told.target) is not None:
        desk.delivery.note_absence(told.target, None)


def _note_absence(
    desk: Desk, told: Sent, outcome: TargetAway, token: str, now: datetime
) -> datetime:
    """When the target is tried again."""
    absence = desk.delivery.absence(told.target)
    tries = absence.attempts + 1 if absence else 1
    retry_at = now + _retry_after(tries)
    if absence is None:  # one row of history for one absence, however long it lasts
        desk.delivery.fail(told, token, now, _at(now))
        log.warning("%s is away: %s", told.target, outcome.error)
    since = absence.since if absence else now.isoformat()
    was_there = isinstance(desk.channel.describe(), Server)
    desk.delivery.note_absence(
        told.target, Absence(since, tries, retry_at.isoformat(), outcome.error, was_there)
    )
    return retry_at


def _key(told: Sent) -> int | None:
    return told.headline.card.id if told.headline else None


def wake_of(desk: Desk, now: datetime) -> WakeOf:
    return or_put_off(lambda card, marks: next_wake(card, desk.policy, marks, now), now)


def wake_as_if_told(desk: Desk, reminders: Sequence[Reminder], now: datetime) -> WakeOf:
    """When the card's next lead falls. What will never be taken must not be tried in a circle."""

    def wake(card: Card, marks: Sequence[Mark]) -> datetime | None:
        tried = [marked(reminder, now) for reminder in reminders if reminder.card.id == card.id]
        return next_wake(card, desk.policy, [*marks, *tried], now)

    return or_put_off(wake, now)


def _at(instant: datetime) -> Callable[[Card, Sequence[Mark]], datetime | None]:
    return lambda card, marks: instant


def _retry_after(tries: int) -> timedelta:
    """30 s, doubling to an hour."""
    doublings = min(tries - 1, 10)  # beyond an hour long before it overflows
    return min(FIRST_RETRY * (1 << doublings), LAST_RETRY)
