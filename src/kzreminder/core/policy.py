"""When to speak, by rule: hours, leads, repeats and caps; refuses nonsense when built.

Not here: reading it from a file (settings), applying it to a card (planning).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, time, timedelta, tzinfo
from decimal import Decimal

from kzreminder.errors import N_, BadValue


@dataclass(frozen=True, slots=True)
class Policy:
    zone: tzinfo = UTC
    "whose wall clock the hours are read on"
    hour: time = time(10, 0)
    "the reminding hour"
    charge_hour: time = time(18, 0)
    "of the last reminder before a night charge: the evening, when one can still pay"
    leads: tuple[int, ...] = (14, 7, 3, 1, 0)
    "days before a deadline, longest first"
    charge_leads_from: int = 3
    "a charge that will not be covered is told from this many days before"
    repeats: tuple[int, ...] = (*range(1, 8), *range(14, 57, 7), 60)
    "days after a deadline; with the last one the card is lapsed"
    safe_margin: timedelta = timedelta(hours=4)
    "the last reminder leaves at least this much time to act"
    low_every: int = 3
    "days between reminders of one low-balance episode ..."
    low_every_until: int = 60
    "... in its first days"
    low_every_later: int = 30
    hysteresis: Decimal = Decimal("0.10")
    "a low episode closes this share above the threshold"
    max_toasts: int = 3
    "cards told by themselves in one pass; the rest go into a digest"

    def __post_init__(self) -> None:
        if not self.leads or list(self.leads) != sorted(set(self.leads), reverse=True):
            raise BadValue(N_("leads must be different days, the longest first"))
        if min(self.leads) < 0 or max(self.leads) > 365:
            raise BadValue(N_("leads must lie between 0 and 365 days"))
        if not 1 <= self.max_toasts <= 20:
            raise BadValue(N_("max_toasts must lie between 1 and 20"))
