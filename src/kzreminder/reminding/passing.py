"""One pass: claim the cards that are due, plan, have them told, confirm.

Not here: when a pass runs (daemon), the rules (core.planning), the words (wording), one message
(sending).
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from kzreminder.channels.message import Life, Server
from kzreminder.core.digest import Telling, split
from kzreminder.core.planning import due
from kzreminder.core.reminder import Reminder
from kzreminder.core.waiting import waits_until
from kzreminder.reminding.desk import Desk, PassReport
from kzreminder.reminding.putting_off import apart, say_what_is_put_off
from kzreminder.reminding.sending import LAST_RETRY, send, wake_as_if_told, wake_of
from kzreminder.storage.claimed import Claimed, Unreadable
from kzreminder.storage.delivery import LAST_CHANGE, LAST_PASS, Delivery
from kzreminder.wording.reminders import Text

BATCH = 200
"Cards planned in one go: what is due bounds the memory of a pass, not what is stored."
CLOCK_SLACK = timedelta(minutes=5)
"A last pass further ahead than this means that the clock was set back."
FINGERPRINT = "fingerprint"
REST = timedelta(hours=1)
"A toast does not start a server again sooner: one that ends of it would be started for ever."

log = logging.getLogger(__name__)
logging.getLogger("kzreminder").addHandler(logging.NullHandler())  # silent unless `run` asks


def run_pass(desk: Desk, now: datetime, *, patient: bool = True) -> PassReport:
    """Tell all that is due at `now`, each reminder once.

    A target known to be away is left alone until its time, unless it is seen to be back; an
    impatient pass tries at once. Raises StorageFault; a failed delivery is in the report.
    """
    report = PassReport(now)
    _wake_what_changed(desk, now)
    # first: a pass that dies has claimed too
    desk.delivery.begin_pass(now, somebody_is_there=desk.somebody_is_there())
    life = desk.channel.attend()
    if life is not None:
        _look_at_screen(desk, life, now)
    if _may_send(desk, now) or not patient:
        _tell_what_is_due(desk, now, report)
    if life is not None and not life.sleeps:
        _clear_screen(desk)
    report.next_wake_at = next_wake_at(desk.delivery, desk.channel.target)
    return report


def take_over(desk: Desk, is_dead: Callable[[str], bool], now: datetime) -> None:
    """Free what passes held whose process has died, without waiting for their leases to end."""
    desk.delivery.free(is_dead, now)


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


def _look_at_screen(desk: Desk, life: Life, now: datetime) -> None:
    """What stood on a server that is gone, or cannot be answered any more, is told again."""
    told_before = now - REST if life.sleeps else None
    lost = desk.toasts.reopen(desk.channel.target, life.has, life.hears, now, told_before)
    if lost:
        log.info("%s toasts were lost with their server or its connection", lost)


def _clear_screen(desk: Desk) -> None:
    """Take away what is not true any more, or was answered."""
    stale = desk.toasts.stale(desk.channel.target)
    for toast in stale:
        desk.channel.take_away(toast.notification_id, toast.server)
    if stale:
        desk.toasts.taken_away([toast.message_id for toast in stale])


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
        singles, rest = split(_plan(desk, token, now, report), desk.policy.max_toasts)
        for telling in singles:
            if _still(desk, [telling]) and not _told(desk, telling, token, now, report):
                return
        if rest := _still(desk, rest):
            text, rest = _counted(desk, rest, token, now, report)
            if rest and not send(desk, rest, text, token, now, report, is_digest=True):
                return
        say_what_is_put_off(desk, report)
    finally:
        desk.delivery.release(token, now)


def _told(desk: Desk, telling: Telling, token: str, now: datetime, report: PassReport) -> bool:
    """False when the target is away."""
    with apart(desk, telling.headline.card.id, token, now, report):
        text = desk.scribe.message(telling.reminders, now)
        return send(desk, (telling,), text, token, now, report)
    return True


def _counted(
    desk: Desk, rest: list[Telling], token: str, now: datetime, report: PassReport
) -> tuple[Text, list[Telling]]:
    """The digest, and whom it is about: not those that keep it from being worded."""
    try:
        return desk.scribe.digest(rest, now), rest
    except Exception:
        log.exception("the digest cannot be worded: each card is looked at by itself")
    sound = []
    for telling in rest:
        with apart(desk, telling.headline.card.id, token, now, report):
            desk.scribe.digest([telling], now)
            sound.append(telling)
    return desk.scribe.digest(sound, now), sound


def _still(desk: Desk, tellings: Sequence[Telling]) -> list[Telling]:
    """Those whose card is as it was read; the next pass plans the others as they are now."""
    current = desk.delivery.unchanged([telling.headline.card for telling in tellings])
    return [telling for telling in tellings if telling.headline.card.id in current]


def _plan(desk: Desk, token: str, now: datetime, report: PassReport) -> list[Telling]:
    """Claim all that wants attention; what has nothing to tell is put back at once."""
    tellings: list[Telling] = []
    somebody_is_there = desk.somebody_is_there()
    while claimed := desk.delivery.claim(desk.channel.target, token, now, BATCH, desk.owner):
        desk.sign_of_life()
        silent: list[int] = []
        waiting: dict[int, datetime] = {}
        for one in claimed:
            with apart(desk, one.card_id, token, now, report):
                if isinstance(one, Unreadable):
                    raise one.error
                reminders = due(one.card, desk.policy, one.marks, now)
                until = now if somebody_is_there else _held_until(desk, one, reminders, now)
                if not reminders:
                    silent.append(one.card_id)
                elif until > now:
                    waiting[one.card_id] = until
                else:
                    tellings.append(Telling(reminders, one.attempts))
        if waiting:
            desk.delivery.hold(waiting, token)
        if silent:
            desk.delivery.settle(silent, token, desk.channel.target, now, wake_of(desk, now))
    return tellings


def _held_until(
    desk: Desk, claimed: Claimed, reminders: Sequence[Reminder], now: datetime
) -> datetime:
    """When a card whose reminders wait for somebody is looked at again; `now`: they cannot wait.

    That is when its next lead falls, too: of another deadline it may leave less time.
    """
    if not reminders:
        return now
    until = waits_until(reminders, desk.policy, now)
    change = wake_as_if_told(desk, reminders, now)(claimed.card, claimed.marks)
    return until if change is None else min(until, change)


def next_wake_at(delivery: Delivery, target: str) -> datetime | None:
    """When a pass next has something to do; an absent target is not tried before its time."""
    wake_at = delivery.next_wake_at()
    absence = delivery.absence(target)
    if wake_at is None or absence is None:
        return wake_at
    return max(wake_at, datetime.fromisoformat(absence.retry_at))
