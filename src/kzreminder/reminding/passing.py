"""One pass: what changed is planned again, what is due is told, what is not true is taken away.

Not here: when a pass runs (daemon), the rules (core.planning), the words (wording), telling
(telling).
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from kzreminder import clock
from kzreminder.channels.message import Life, Server
from kzreminder.core.narrowing import longest_lead
from kzreminder.reminding.desk import Desk, Outlet, PassReport
from kzreminder.reminding.in_hand import planned_anew
from kzreminder.reminding.sending import LAST_RETRY, record_what_was_shown
from kzreminder.reminding.telling import tell_what_is_due
from kzreminder.storage.claimed import Claimed
from kzreminder.storage.delivery import Attention, Awaits, Delivery
from kzreminder.storage.notes import FINGERPRINT, LAST_CHANGE, LAST_PASS, Absence
from kzreminder.storage.replanning import told_by

CLOCK_SLACK = timedelta(minutes=5)
"A last pass further ahead than this means that the clock was set back."
REST = timedelta(hours=1)
"A toast does not start a server again sooner: one that ends of it would be started for ever."
REPLAN_SECONDS = 1.0
"Of planning all cards again in one pass, before what is due is told."

log = logging.getLogger(__name__)
logging.getLogger("kzreminder").addHandler(logging.NullHandler())  # silent unless `run` asks


def run_pass(desk: Desk, now: datetime, *, patient: bool = True) -> PassReport:
    """Tell all that is due at `now`, each reminder once.

    A target known to be away is left alone until its time, unless it is seen to be back; an
    impatient pass tries at once, and plans all that is to be planned again: there may be no next
    one soon. Raises StorageFault; a failed delivery is in the report.
    """
    report = PassReport(now)
    record_what_was_shown(desk)
    _note_what_changed(desk, now)
    is_planned = _plan_anew(desk, now, REPLAN_SECONDS if patient else math.inf)
    life = desk.channel.attend()
    ready = [outlet for outlet in desk.outlets if not patient or _may_send(desk, outlet, now)]
    # first: a pass that dies has claimed too
    desk.delivery.begin_pass(now, _there(desk, ready))
    if life is not None:
        _look_at_screen(desk, life, now)
    if ready:
        tell_what_is_due(desk, ready, now, report)
    if life is not None and not life.sleeps:
        _clear_screen(desk)
    absences = [desk.notes.absence(outlet.target) for outlet in desk.outlets]
    report.next_wake_at = next_wake_at(desk.delivery, absences) if is_planned else now
    return report


def take_over(desk: Desk, is_dead: Callable[[str], bool], now: datetime) -> None:
    """Free what passes held whose process has died, without waiting for their leases to end."""
    desk.delivery.free(is_dead, now)


def _note_what_changed(desk: Desk, now: datetime) -> None:
    """Where the clock was set back, or what reminders are planned by is not what it was, every card
    is to be planned again."""
    ahead = [
        key
        for key in (LAST_PASS, LAST_CHANGE)
        if (at := desk.notes.instant(key)) and at > now + CLOCK_SLACK
    ]
    if ahead:
        log.warning("the clock was set back: every card is planned again")
        desk.store.replanning.begin(desk.fingerprint)
        for key in ahead:
            desk.notes.remember(key, now.isoformat())
    elif desk.notes.recall(FINGERPRINT) == desk.fingerprint:
        return
    elif desk.fingerprint in desk.notes.of_others(FINGERPRINT):
        desk.notes.remember(FINGERPRINT, desk.fingerprint)  # another machine has done it
    elif desk.store.replanning.under_way_for() != desk.fingerprint:
        desk.store.replanning.begin(desk.fingerprint)


def _plan_anew(desk: Desk, now: datetime, seconds: float) -> bool:
    """Go on with planning every card again, for as long as a pass may take for it; whether nothing
    of that is left."""
    replanning, begun = desk.store.replanning, clock.monotonic()
    if replanning.under_way_for() is None:
        return True
    longest = longest_lead(desk.policy)
    while found := replanning.step(now, longest):
        planned = [
            (_later(one, desk, now), one.card.version) for one in found if isinstance(one, Claimed)
        ]
        replanning.keep(planned, desk.fingerprint, max(one.card_id for one in found), now)
        desk.sign_of_life()
        if clock.monotonic() - begun > seconds:
            return False
    replanning.end(desk.fingerprint, now)
    return True


def _later(one: Claimed, desk: Desk, now: datetime) -> Attention:
    """When the card wants attention; what it has to tell waits until all cards are planned."""
    try:
        attention = planned_anew(one.card, one.marks, desk, now)
    except Exception:  # the pass that tells it meets this again, and puts it off
        log.exception("card %s cannot be planned", one.card_id)
        return Attention(one.card_id, now, None)
    if attention.wake_at is None or attention.wake_at > now:
        return attention
    return Attention(one.card_id, told_by(now), attention.urgent_at, Awaits.REPLAN)


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


def _may_send(desk: Desk, outlet: Outlet, now: datetime) -> bool:
    """Whether the target is there, or it is time to try again.

    One that had gone ends its absence by being there; one that was there and did not answer is
    waited for, else it would get the same message every minute.
    """
    absence = desk.notes.absence(outlet.target)
    if absence is None:
        return True
    if not absence.was_there and isinstance(outlet.channel.describe(), Server):
        desk.notes.note_absence(outlet.target, None)
        return True
    retry_at = datetime.fromisoformat(absence.retry_at)
    # beyond the longest wait: reckoned by a clock that has been set back since
    return not now < retry_at <= now + LAST_RETRY


def _there(desk: Desk, ready: list[Outlet]) -> Iterator[Awaits]:
    """What a card may have waited for, and what is there now."""
    if any(outlet.route.is_desktop for outlet in ready):
        yield Awaits.DESKTOP
    if desk.somebody_is_there():
        yield Awaits.SOMEBODY


def next_wake_at(delivery: Delivery, absences: Sequence[Absence | None]) -> datetime | None:
    """When a pass next has something to do; where all targets are away, when one is tried again."""
    wake_at = delivery.next_wake_at()
    away = [absence for absence in absences if absence is not None]
    if wake_at is None or len(away) < len(absences):
        return wake_at
    return max(wake_at, min(datetime.fromisoformat(absence.retry_at) for absence in away))
