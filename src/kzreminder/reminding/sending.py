"""One message: send it, keep the id that the server gave, confirm or record what went wrong.

Not here: what is due and in which order (telling).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from kzreminder.channels.message import Accepted, Message, Outcome, Refused, TargetAway, Urgency
from kzreminder.channels.message import Server as ServerThere
from kzreminder.core.answering import Action
from kzreminder.core.digest import Telling
from kzreminder.core.reminder import Severity
from kzreminder.reminding.desk import Delivered, Desk, Failed, Outlet, PassReport, Shown
from kzreminder.storage.delivery import Attention
from kzreminder.storage.messages import Sent
from kzreminder.storage.notes import Absence
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
    desk: Desk, outlet: Outlet, tellings: Sequence[Telling], text: Text, *, is_digest: bool
) -> tuple[Outcome, Sent]:
    """Have it shown, in the place of a message that was sent before and never came to count."""
    desk.sign_of_life()
    reminders = tuple(reminder for telling in tellings for reminder in telling.reminders)
    told = Sent(
        outlet.target, text.title, text.body, reminders, is_digest, _attempt(desk, outlet, tellings)
    )
    key = _key(told)
    earlier = desk.toasts.unconfirmed(told.target, key)
    urgency = max((reminder.severity for reminder in reminders), key=list(Severity).index)
    outcome = outlet.channel.send(
        Message(
            told.title,
            told.body,
            URGENCY[urgency],
            (earlier.notification_id or 0) if earlier else 0,
            earlier.server if earlier else None,
            desk.scribe.buttons(told.headline),
            Action.GUIDE,
            "digest" if key is None else f"card {key}",
        )
    )
    if not isinstance(outcome, Accepted):
        return outcome, replace(told, error=outcome.error)
    is_replaced = earlier is not None and earlier.notification_id == outcome.id
    replaced = earlier.message_id if earlier is not None and is_replaced else None
    return outcome, replace(
        told, notification_id=outcome.id, server=outcome.server, replaced=replaced
    )


def confirm(
    desk: Desk, told: Sent, done: Sequence[Attention], token: str, now: datetime, report: PassReport
) -> None:
    shown = Shown(told, done, token, now)
    desk.unrecorded.append(shown)
    _record(desk, shown)
    if desk.notes.absence(told.target) is not None:
        desk.notes.note_absence(told.target, None)
    text, number = Text(told.title, told.body), told.notification_id
    report.delivered += [
        Delivered(one, text, told.target, one.is_late(now), number, told.is_digest, told.attempt)
        for one in told.reminders
    ]
    count = len(told.reminders)
    reminders = "1 reminder" if count == 1 else f"{count} reminders"
    known_as = "" if number is None else f", notification {number}"
    log.info("told on %s: %s%s", told.target, reminders, known_as)


def record_what_was_shown(desk: Desk) -> None:
    """While the database was out of reach it was told all the same. Raises StorageFault where it
    still is."""
    for shown in list(desk.unrecorded):
        _record(desk, shown)


def _record(desk: Desk, shown: Shown) -> None:
    """In two transactions, so that whoever tries again after a crash replaces the message."""
    if not shown.is_kept:
        shown.message_id = desk.toasts.shown(shown.told, shown.at)
        shown.is_kept = True
    desk.delivery.confirm(shown.message_id, shown.told, shown.done, shown.token, shown.at)
    desk.unrecorded.remove(shown)


def fail(
    desk: Desk,
    told: Sent,
    outcome: Refused,
    done: Sequence[Attention],
    token: str,
    now: datetime,
    report: PassReport,
    retry_at: datetime | None,
) -> None:
    desk.delivery.fail(told, done, token, now)
    log.error("refused by %s: %s", told.target, outcome.error)
    report_failure(report, told, permanent=outcome.permanent, retry_at=retry_at)


def note_absence(
    desk: Desk,
    outlet: Outlet,
    told: Sent,
    outcome: TargetAway,
    done: Sequence[Attention],
    token: str,
    now: datetime,
) -> Absence:
    """One row of history for one absence, however long it lasts."""
    absence = desk.notes.absence(told.target)
    tries = absence.attempts + 1 if absence else 1
    retry_at = now + retry_after(tries)
    if absence is None:
        desk.delivery.fail(told, done, token, now)
        log.warning("%s is away: %s", told.target, outcome.error)
    since = absence.since if absence else now.isoformat()
    was_there = isinstance(outlet.channel.describe(), ServerThere)
    noted = Absence(since, tries, retry_at.isoformat(), outcome.error, was_there)
    desk.notes.note_absence(told.target, noted)
    return noted


def retry_at_after(told: Sent, outcome: Refused, now: datetime) -> datetime | None:
    """None: the same message would be refused again."""
    return None if outcome.permanent else now + retry_after(told.attempt)


def retry_after(tries: int) -> timedelta:
    """30 s, doubling to an hour."""
    doublings = min(tries - 1, 10)  # beyond an hour long before it overflows
    return min(FIRST_RETRY * (1 << doublings), LAST_RETRY)


def report_failure(
    report: PassReport, told: Sent, *, permanent: bool, retry_at: datetime | None
) -> None:
    text = Text(told.title, told.body)
    report.failed += [
        Failed(reminder, text, told.target, told.error or "", permanent, retry_at)
        for reminder in told.reminders
    ]


def _attempt(desk: Desk, outlet: Outlet, tellings: Sequence[Telling]) -> int:
    tries = max(telling.attempts for telling in tellings)
    if not outlet.route.is_desktop and (absence := desk.notes.absence(outlet.target)):
        tries = absence.attempts
    return tries + 1


def _key(told: Sent) -> int | None:
    return told.headline.card.id if told.headline else None
