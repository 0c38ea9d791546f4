"""A card: what is known of it, as plain values.

Not here: what happens to it (moves, silence, correcting), what it can lose (deadlines), what people
type (typed), keeping it (storage).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from kzreminder.core.period import Period


class Kind(StrEnum):
    SIM = "sim"
    ESIM = "esim"


@dataclass(frozen=True, slots=True)
class Plan:
    name: str | None = None
    period: Period | None = None
    started_on: date | None = None
    "first day of the period that runs now; None where only its end was told"
    last_good_on: date | None = None
    "the plan is good through this day, 23:59:59 Asia/Almaty"
    anchor_day: int | None = None
    "day of the month that a monthly plan comes back to, 1 to 31"
    price: Decimal | None = None
    "tenge"
    auto_renew: bool = False


@dataclass(frozen=True, slots=True)
class Spending:
    """What went from the balance between two readings, without top-ups and charges of the plan."""

    since: datetime
    until: datetime
    amount: Decimal
    "tenge, never negative"


@dataclass(frozen=True, slots=True)
class Change:
    """A top-up or, below zero, a charge since the last reading."""

    at: datetime
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Balance:
    amount: Decimal | None = None
    "tenge; None is unknown, never zero"
    threshold: Decimal | None = None
    read_at: datetime | None = None
    estimated: bool = False
    "charges were taken off since it was read, or the plan went on unseen"
    low_since: datetime | None = None
    "start of the low episode, perhaps ahead: the reading or forecast that opened it; its name"
    low_before: datetime | None = None
    "start of the newest low episode that was told and closed: the next on that day waits a night"
    spendings: tuple[Spending, ...] = ()
    "the newest ones, oldest first: what the forecast is made from"
    changes: tuple[Change, ...] = ()
    "what was added and taken since it was read, oldest first; `amount` has them all"

    @property
    def is_low(self) -> bool:
        """Known to be under the threshold."""
        if self.amount is None or self.threshold is None:
            return False
        return self.amount < self.threshold


@dataclass(frozen=True, slots=True)
class KeepAlive:
    period: Period | None = None
    "the user's own rule, never called the operator's"
    last_used_on: date | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """What the user asked for; how far it reaches is `silence`'s to say. Instants UTC."""

    acked_at: datetime | None = None
    snoozed_at: datetime | None = None
    snoozed_until: datetime | None = None
    "as it was asked for; a deadline ahead cuts it"
    muted: bool = False
    muted_until: date | None = None
    "through this day in Almaty; None, while muted: until it is unmuted"


@dataclass(frozen=True, slots=True)
class Card:
    """A SIM or eSIM that the user registered. Days are days in Asia/Almaty, instants aware UTC."""

    label: str
    registered_at: datetime
    id: int = 0
    "0 until it is stored"
    number: str | None = None
    "E.164"
    operator: str | None = None
    operator_guessed: bool = False
    "from the prefix; numbers are portable"
    kind: Kind = Kind.SIM
    plan: Plan = field(default_factory=Plan)
    balance: Balance = field(default_factory=Balance)
    keep_alive: KeepAlive = field(default_factory=KeepAlive)
    silence: Silence = field(default_factory=Silence)
    paid_on: date | None = None
    "day of the newest payment by a known method of which nothing has shown yet that it arrived"
    device_entered_on: date | None = None
    protects: str | None = None
    leads: tuple[int, ...] | None = None
    "own days before a deadline, longest first, in place of the policy's"
    tags: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    "names of those it is told on, in place of what the settings say"
    watcher: str | None = None
    "only services that bear this name speak of it; None: any"
    lang: str | None = None
    note: str | None = None
    archived: bool = False
    version: int = 1


Move = Callable[[Card], Card]
"What happens to a card: the card before it to the card after it."
