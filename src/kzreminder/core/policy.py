"""When to speak, by rule: hours, leads, repeats, quiet hours and caps; refuses nonsense when built.

Not here: reading it from a file (settings), applying it to a card (leads, planning).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta, tzinfo
from decimal import Decimal

from kzreminder.core.zone import at_wall_time
from kzreminder.errors import N_, BadValue

Days = tuple[int, ...]
FARTHEST_LEAD = 365
FARTHEST_REPEAT = 3650
"Days from a deadline; what lies farther is a slip."


@dataclass(frozen=True, slots=True)
class Policy:
    zone: tzinfo = UTC
    "whose wall clock the hours are read on"
    hour: time = time(10, 0)
    "the reminding hour"
    charge_hour: time = time(18, 0)
    "of the last reminder before a night charge: the evening, when one can still pay"
    leads: Days = (14, 7, 3, 1, 0)
    "days before a deadline, longest first"
    leads_of: Mapping[str, Days] = field(default_factory=dict, hash=False)
    "by kind of deadline, in place of `leads`"
    charge_leads_from: int = 3
    "a charge that will not be covered is told from this many days before, unless leads_of says"
    repeats: Days = (*range(1, 8), *range(14, 57, 7), 60)
    "days after a deadline; with the last one the card is lapsed"
    repeats_of: Mapping[str, Days] = field(default_factory=dict, hash=False)
    "by kind of deadline, in place of `repeats`"
    safe_margin: timedelta = timedelta(hours=4)
    "the last reminder leaves at least this much time to act"
    quiet: tuple[time, time] | None = (time(22, 0), time(8, 0))
    "nothing is told from the first to the second; over midnight where the first is the later"
    low_every: int = 3
    "days between reminders of one low-balance episode at first"
    low_every_until: int = 60
    "days of an episode after which they become rarer"
    low_every_later: int = 30
    "days between them then"
    hysteresis: Decimal = Decimal("0.10")
    "a low episode closes this share above the threshold"
    max_toasts: int = 3
    "cards told by themselves in one pass; the rest go into a digest"

    def __post_init__(self) -> None:
        for leads in (self.leads, *self.leads_of.values()):
            _check_leads(leads)
        for repeats in (self.repeats, *self.repeats_of.values()):
            _check_repeats(repeats)
        if self.quiet is not None and self.quiet[0] == self.quiet[1]:
            raise BadValue(N_("quiet hours must end: they cannot last the whole day"))
        if not 1 <= self.low_every <= self.low_every_later <= 365:
            raise BadValue(
                N_("a low balance is told every 1 to 365 days, at first not more rarely")
            )
        if not 0 <= self.hysteresis <= 1:
            raise BadValue(N_("hysteresis must lie between 0 and 100 percent"))
        if not 1 <= self.max_toasts <= 20:
            raise BadValue(N_("max_toasts must lie between 1 and 20"))

    def quiet_around(self, instant: datetime) -> tuple[datetime, datetime] | None:
        """Begin and end, UTC, of the quiet hours that the instant lies in; None outside them."""
        if self.quiet is None:
            return None
        begin, end = self.quiet
        local = instant.astimezone(self.zone)
        wall, first_day = local.time(), local.date()
        if begin < end:
            is_inside, last_day = begin <= wall < end, first_day
        else:
            is_inside = wall >= begin or wall < end
            first_day -= timedelta(days=0 if wall >= begin else 1)
            last_day = first_day + timedelta(days=1)
        if not is_inside:
            return None
        since = at_wall_time(first_day, begin, self.zone)
        until = at_wall_time(last_day, end, self.zone)
        # When clocks are put back an hour is shown twice; quiet hours end with its first showing.
        return (since, until) if instant < until else None


def _check_leads(leads: Days) -> None:
    if not leads or list(leads) != sorted(set(leads), reverse=True):
        raise BadValue(N_("leads must be different days, the longest first"))
    if min(leads) < 0 or max(leads) > FARTHEST_LEAD:
        raise BadValue(N_("leads must lie between 0 and {last} days"), last=FARTHEST_LEAD)


def _check_repeats(repeats: Days) -> None:
    if not repeats or list(repeats) != sorted(set(repeats)):
        raise BadValue(N_("repeats must be different days, the shortest first"))
    if min(repeats) < 1 or max(repeats) > FARTHEST_REPEAT:
        raise BadValue(N_("repeats must lie between 1 and {last} days"), last=FARTHEST_REPEAT)
