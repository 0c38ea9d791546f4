"""When each lead of a deadline is told: hours, leads and repeats, acknowledged and quiet times.

Not here: which of them are due and told (planning), what the user silenced for a while (silence).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from functools import lru_cache

from kzreminder.core.card import Card
from kzreminder.core.deadlines import LOSING, Deadline, DeadlineKind, Doubt, turns_stale_at
from kzreminder.core.policy import Days, Policy
from kzreminder.core.zone import (
    almaty_day,
    at_wall_time,
    first_wall_time_after,
    last_wall_time_before,
    start_of_day,
)

BELIEVED_AHEAD = timedelta(days=7)
"What is dated further ahead of the clock than this was made in a wrong year: it silences nothing."
DOUBTFUL_LEADS = (1, 0)
"Days before a charge whose covering is only uncertain."
CHECK_REPEATS = (7, 14)
WEEK = 7
"Days after a deadline from which on its words are rare, and come after an `ack` too."
ACKED_LOW_QUIET = timedelta(days=14)
BEFORE_QUIET = timedelta(minutes=15)
"What would be too late after the quiet hours is told this long before them."


@dataclass(frozen=True, slots=True, order=True)
class Lead:
    """Days from the deadline: -14 is `14d`, 0 is `0d`, 7 is `+7d`. Greater is more urgent."""

    days: int
    is_snooze: bool = False
    "the end of a snooze; it stands for the latest lead due when it is told"

    def __str__(self) -> str:
        if self.is_snooze:
            return "snooze"
        return f"+{self.days}d" if self.days > 0 else f"{-self.days}d"

    @classmethod
    def parse(cls, stored: str) -> Lead:
        if stored == "snooze":
            return SNOOZE
        days = int(stored.rstrip("d"))
        return cls(days if stored.startswith("+") else -days)


SNOOZE = Lead(0, is_snooze=True)


def told_times(
    card: Card, deadline: Deadline, policy: Policy, now: datetime
) -> Iterator[tuple[Lead, datetime]]:
    """Each lead that may be told, in order, with its time: not acknowledged, out of quiet hours."""
    for lead, at in lead_times(card, deadline, policy):
        if not is_acknowledged(card, deadline, lead, at, policy, now):
            yield lead, out_of_quiet(at, deadline, policy)


def lead_times(card: Card, deadline: Deadline, policy: Policy) -> Iterator[tuple[Lead, datetime]]:
    """Each lead of the deadline with its instant, in time order; endless for a low balance."""
    if deadline.kind is DeadlineKind.BALANCE:
        return _low_balance_times(deadline, policy)
    if deadline.kind is DeadlineKind.CHECK:
        return _check_times(deadline, policy)
    if deadline.kind is DeadlineKind.ARRIVAL:
        at = at_wall_time(almaty_day(deadline.at), policy.hour, policy.zone)
        return iter([(Lead(0), at)])
    return _losing_times(card, deadline, policy)


def zero_at(deadline: Deadline, policy: Policy) -> datetime:
    """The `0d` of a deadline at which something is lost: the last hour that leaves time to act."""
    return time_before(deadline, 0, policy)


def leads_before(card: Card, deadline: Deadline, policy: Policy) -> Days:
    """Days before a losing deadline, longest first."""
    is_charge = deadline.kind is DeadlineKind.CHARGE
    if is_charge and deadline.doubt is not Doubt.SHORT:
        return DOUBTFUL_LEADS
    if card.leads is None and deadline.kind in policy.leads_of:
        return policy.leads_of[deadline.kind]
    leads = policy.leads if card.leads is None else card.leads
    return tuple(days for days in leads if days <= policy.charge_leads_from or not is_charge)


def repeats_after(deadline: Deadline, policy: Policy) -> Days:
    """Days after a losing deadline, shortest first; with the last the card is lapsed."""
    return policy.repeats_of.get(deadline.kind, policy.repeats)


def is_acknowledged(
    card: Card, deadline: Deadline, lead: Lead, at: datetime, policy: Policy, now: datetime
) -> bool:
    """Whether the user's `ack` silences this lead: of what was overdue then all but the weekly
    ones, of a low balance all for a fortnight; of what was still ahead nothing."""
    acked_at = card.silence.acked_at
    if acked_at is None or deadline.at > acked_at or acked_at > now + BELIEVED_AHEAD:
        return False
    if deadline.kind is DeadlineKind.BALANCE:
        return at <= acked_at + ACKED_LOW_QUIET
    if deadline.kind not in LOSING:
        return False
    is_weekly = lead.days >= WEEK
    is_last = lead.days == repeats_after(deadline, policy)[-1]
    return at <= acked_at or not (is_weekly or is_last)


def out_of_quiet(at: datetime, deadline: Deadline, policy: Policy) -> datetime:
    """The time itself; in quiet hours their end, or before them where that would be too late."""
    quiet = policy.quiet_around(at)
    if quiet is None:
        return at
    begin, end = quiet
    return begin - BEFORE_QUIET if at < deadline.at <= end else end


def is_held(deadline: Deadline, policy: Policy, now: datetime) -> bool:
    """Whether it waits for the end of the quiet hours, which does not come too late for it."""
    quiet = policy.quiet_around(now)
    return quiet is not None and not now < deadline.at <= quiet[1]


def time_before(deadline: Deadline, days: int, policy: Policy) -> datetime:
    """When that lead falls, 0 the last call; whatever the quiet hours."""
    last_hour = policy.charge_hour if deadline.kind is DeadlineKind.CHARGE else policy.hour
    act_by = deadline.at - policy.safe_margin
    return _days_before(act_by, days, last_hour, policy.hour if days else last_hour, policy.zone)


@lru_cache(maxsize=4096)
def _days_before(
    act_by: datetime, days: int, last_hour: time, hour: time, zone: tzinfo
) -> datetime:
    """Kept, for very many cards end on one day."""
    zero_on = last_wall_time_before(act_by, last_hour, zone)
    return at_wall_time(zero_on - timedelta(days=days), hour, zone)


def _losing_times(
    card: Card, deadline: Deadline, policy: Policy
) -> Iterator[tuple[Lead, datetime]]:
    not_before = start_of_day(deadline.first_on) if deadline.first_on else None
    # Before it grew old there was nothing to say: no word of that is late.
    stale_at = turns_stale_at(card) if deadline.doubt is Doubt.STALE else None
    for days in leads_before(card, deadline, policy):
        at = time_before(deadline, days, policy)
        if days == 0 or not_before is None or at >= not_before:
            yield Lead(-days), at if stale_at is None else max(at, stale_at)
    if deadline.doubt in (Doubt.UNKNOWN, Doubt.STALE):
        return
    after_on = first_wall_time_after(deadline.at, policy.hour, policy.zone)
    for days in repeats_after(deadline, policy):
        at = at_wall_time(after_on + timedelta(days=days - 1), policy.hour, policy.zone)
        yield Lead(days), at


def _check_times(deadline: Deadline, policy: Policy) -> Iterator[tuple[Lead, datetime]]:
    first_on = first_wall_time_after(deadline.at, policy.hour, policy.zone)
    for days in (0, *CHECK_REPEATS):
        yield Lead(days), at_wall_time(first_on + timedelta(days=days), policy.hour, policy.zone)


def _low_balance_times(deadline: Deadline, policy: Policy) -> Iterator[tuple[Lead, datetime]]:
    yield Lead(0), deadline.at
    opened_on = deadline.at.astimezone(policy.zone).date()
    days = 0
    while True:
        days += policy.low_every if days < policy.low_every_until else policy.low_every_later
        at = at_wall_time(opened_on + timedelta(days=days), policy.hour, policy.zone)
        yield Lead(days), at
