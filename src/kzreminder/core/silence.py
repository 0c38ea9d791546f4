"""Acknowledge, snooze, mute: what the user asked for, and how far it reaches.

Not here: quiet hours, which are the policy's (leads).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from kzreminder.core.card import Card, Move
from kzreminder.core.deadlines import LOSING, Deadline, deadlines_of
from kzreminder.core.leads import BELIEVED_AHEAD, out_of_quiet, told_times, zero_at
from kzreminder.core.period import Period, Unit, months_later
from kzreminder.core.policy import Policy
from kzreminder.core.zone import almaty, almaty_day, at_wall_time, start_of_day


def acknowledge(card: Card, now: datetime) -> Card:
    """The user has seen what was told so far. What comes next still comes."""
    return replace(card, silence=replace(card.silence, acked_at=now))


def snooze(card: Card, until: datetime, now: datetime) -> Card:
    """Nothing until then, or until a deadline ahead asks for it; a new one replaces an old one."""
    silence = replace(card.silence, snoozed_at=now, snoozed_until=until)
    return replace(card, silence=silence)


def snooze_until(now: datetime, period: Period) -> datetime:
    """So many days of 24 hours, or the same time on the same day of a later month in Almaty."""
    if period.unit is Unit.DAYS:
        return now + timedelta(days=period.count)
    local = now.astimezone(almaty())
    day = months_later(local.date(), period.count, local.day)
    return at_wall_time(day, local.time(), almaty())


def mute(card: Card, until: date | None) -> Card:
    """Nothing through that day in Almaty; None: until it is unmuted."""
    return replace(card, silence=replace(card.silence, muted=True, muted_until=until))


def unmute(card: Card) -> Card:
    return replace(card, silence=replace(card.silence, muted=False, muted_until=None))


def is_muted(card: Card, now: datetime) -> bool:
    silence = card.silence
    return silence.muted and (silence.muted_until is None or almaty_day(now) <= silence.muted_until)


def unmutes_at(card: Card) -> datetime | None:
    """The first instant at which it speaks again; None while that is for the user to say."""
    until = card.silence.muted_until
    return None if until is None else start_of_day(until + timedelta(days=1))


def snooze_ends_at(card: Card, policy: Policy, now: datetime) -> datetime | None:
    """When the snooze ends, past or ahead; None where there is none. The card as it was stored:
    what was put off is looked up at the beginning of the snooze.

    It is cut to the `0d` of the next deadline ahead of its beginning; that past, to the deadline,
    and to before quiet hours in which one falls. It is none where all that it put off has settled
    itself, as a charge that passed, and where it was begun in a wrong year, far ahead of the clock.
    """
    since, until = card.silence.snoozed_at, card.silence.snoozed_until
    if since is None or until is None or since > now + BELIEVED_AHEAD:
        return None
    found = deadlines_of(card, now)
    put_off = spoken_for(card, policy, since)
    if put_off and not _same(put_off, found):
        return None
    ahead = [d for d in found if d.kind in LOSING and d.at > since]
    for deadline in ahead:
        last_call_at = zero_at(deadline, policy)
        until = min(until, last_call_at if last_call_at > since else deadline.at)
    earliest = min((out_of_quiet(until, deadline, policy) for deadline in ahead), default=until)
    return max(since, min(until, earliest))


def spoken_for(card: Card, policy: Policy, now: datetime) -> tuple[Deadline, ...]:
    """The deadlines that a reminder now would be about, the headline first: those of which a lead
    has come, else the earliest at which something is lost."""
    deadlines = deadlines_of(card, now)
    begun = tuple(
        deadline
        for deadline in deadlines
        if (first := next(told_times(card, deadline, policy, now), None)) and first[1] <= now
    )
    ahead = sorted((d for d in deadlines if d.kind in LOSING), key=lambda d: d.at)
    return begun or tuple(ahead[:1])


def ending_snooze(move: Move, policy: Policy, now: datetime) -> Move:
    """The move; where it settles all that a snoozed card would be reminded of, it ends the snooze
    too: a card that was renewed has nothing to come back to."""

    def moved(before: Card) -> Card:
        after = move(before)
        if before.silence.snoozed_until is None or after.silence != before.silence:
            return after
        put_off = spoken_for(before, policy, now)
        if not put_off or _same(put_off, deadlines_of(after, now)):
            return after
        silence = replace(after.silence, snoozed_at=None, snoozed_until=None)
        return replace(after, silence=silence)

    return moved


def _same(some: Iterable[Deadline], others: Iterable[Deadline]) -> bool:
    """Whether one of these is one of those, by kind and instant."""
    known = {(deadline.kind, deadline.at) for deadline in others}
    return any((deadline.kind, deadline.at) in known for deadline in some)
