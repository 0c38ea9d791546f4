"""One pass: what changed is planned again, what is due is told, what is not true is taken away.

Not here: when a pass runs (daemon), the rules (core.planning), the words (wording), telling
(telling).
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
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
from kzreminder.storage.notes import LAST_CHANGE, LAST_PASS, Absence
from kzreminder.storage.replanning import STEP, told_by

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
    absences = _absences(desk) if patient else {}
    back = [outlet for outlet in desk.outlets if _is_back(desk, outlet, absences)]
    away = _away(absences, now)
    # first: a pass that dies has claimed too
    desk.delivery.begin_pass(now, _there(desk, away, tries_all=bool(back) or not patient))
    if life is not None:
        _look_at_screen(desk, life, now)
    if len(away) < len(desk.outlets):
        tell_what_is_due(desk, away, now, report)
    if life is not None and not life.sleeps:
        _clear_screen(desk)
    still_away = list(_absences(desk).values())
    report.next_wake_at = next_wake_at(desk.delivery, still_away, now) if is_planned else now
    return report


def take_over(desk: Desk, is_dead: Callable[[str], bool], now: datetime) -> None:
    """Free what passes held whose process has died, without waiting for their leases to end."""
    desk.delivery.free(is_dead, now)


def _note_what_changed(desk: Desk, now: datetime) -> None:
    """Where the clock was set back, or what reminders are planned by is not what it was, every card
    is to be planned again."""
    noted = desk.notes.instants([LAST_PASS, LAST_CHANGE])
    ahead = [key for key, at in noted.items() if at > now + CLOCK_SLACK]
    if ahead:
        log.warning("the clock was set back: every card is planned again")
        desk.store.replanning.begin(desk.fingerprint)
        for key in ahead:
            desk.notes.remember(key, now.isoformat())
    elif desk.store.replanning.is_needed(desk.fingerprint, now):
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
        is_last = len(found) < STEP
        if not is_last and clock.monotonic() - begun > seconds:
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


Absences = dict[str, Absence | None]
"By target; None: it is not known to be away."


def _absences(desk: Desk) -> Absences:
    return desk.notes.absences(outlet.target for outlet in desk.outlets)


def _is_back(desk: Desk, outlet: Outlet, absences: Absences) -> bool:
    """One that had gone ends its absence by being there; one that was there and did not answer is
    waited for, else it would get the same message every minute."""
    absence = absences.get(outlet.target)
    if absence is None or absence.was_there:
        return False
    desk.sign_of_life()  # where many are away, asking all of them takes long
    if not isinstance(outlet.channel.describe(), Server):
        return False
    desk.notes.note_absence(outlet.target, None)
    absences[outlet.target] = None
    return True


def _away(absences: Absences, now: datetime) -> dict[str, datetime]:
    """Targets that are away and not to be tried yet, and when each is."""
    found = {one: absence.next_try_at for one, absence in absences.items() if absence is not None}
    # beyond the longest wait: reckoned by a clock that has been set back since
    return {target: at for target, at in found.items() if now < at <= now + LAST_RETRY}


def _there(desk: Desk, away: Mapping[str, datetime], *, tries_all: bool) -> Iterator[Awaits]:
    """What a card may have waited for, and what is there now."""
    if tries_all:
        yield Awaits.TARGET
    if any(route.is_desktop and route.target not in away for route in desk.routes):
        yield Awaits.DESKTOP
    if desk.somebody_is_there():
        yield Awaits.SOMEBODY


def next_wake_at(
    delivery: Delivery, absences: Sequence[Absence | None], now: datetime
) -> datetime | None:
    """When a pass next has something to do; where all targets are away, when one is tried again.

    Where some are, cards may wait for one that is tried again before anything else is due.
    """
    wake_at = delivery.next_wake_at()
    tries = [absence.next_try_at for absence in absences if absence is not None]
    if tries and len(tries) == len(absences):
        return wake_at and max(wake_at, min(tries))
    ahead = [at for at in tries if at > now]
    return min((at for at in (wake_at, *ahead) if at is not None), default=None)
