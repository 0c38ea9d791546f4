"""Cards and stores for tests of whatever remembers: only what matters is said."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from kzreminder import places
from kzreminder.core.card import Card
from kzreminder.core.correcting import register
from kzreminder.core.deadlines import Deadline, DeadlineKind
from kzreminder.core.leads import Lead
from kzreminder.core.period import days
from kzreminder.core.policy import Policy
from kzreminder.core.reminder import Reason, Reminder, Severity
from kzreminder.core.zone import almaty, end_of_day
from kzreminder.storage.services import Member
from kzreminder.storage.store import Store

NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)  # 10:00 in Almaty
TODAY = date(2026, 11, 21)
POLICY = Policy(zone=almaty())
TARGET = "desktop:test"


def a_store(folder: Path) -> Store:
    return Store(url_of(folder), places.make_private)


def url_of(folder: Path) -> str:
    return f"sqlite:///{folder / 'cards.db'}"


def a_card(label: str = "Mum", *, at: datetime = NOW, **told: Any) -> Card:
    """A card as `add` would make it, registered at that instant."""
    return register({"label": label, **told}, POLICY, at)


def ending(label: str = "Mum", *, in_days: int = 1, at: datetime = NOW, **told: Any) -> Card:
    """A card whose 30-day plan ends so many days after the day of `at`."""
    expires = at.astimezone(almaty()).date() + timedelta(days=in_days)
    return a_card(label, at=at, expires=expires, period=days(30), **told)


def add_all(store: Store, new: Iterable[Card], now: datetime = NOW) -> int:
    """Register all of them or none; how many. Raises AlreadyExists."""
    with store.incoming(now) as coming:
        for line, card in enumerate(new, start=1):
            coming.lay_by(line, card)
        return coming.register()


def full_card() -> Card:
    """Every field has a value."""
    return a_card(
        "Мама 妈妈",
        number="+77011234567",
        operator="kcell",
        operator_guessed=True,
        plan="Unlimited 30",
        period=days(30),
        price=Decimal("12.50"),
        auto_renew=True,
        balance=Decimal("-0.01"),
        threshold=Decimal(200),
        keep_alive=days(90),
        device_entered=TODAY,
        protects="eGov, Kaspi",
        leads=(7, 0),
        tags=("family", "банк"),
        lang="zh-Hant",
        note="two\nlines",
    )


def a_reminder(card: Card, lead: int = -1, *, deadline: Deadline | None = None) -> Reminder:
    told_of = deadline or Deadline(DeadlineKind.PLAN, end_of_day(TODAY + timedelta(days=1)))
    return Reminder(card, told_of, Lead(lead), NOW, Reason.DAYS_LEFT, Severity.WARNING)


def a_member(host: str = "there", **told: Any) -> Member:
    """A service of another machine."""
    fields: dict[str, Any] = {"pid": 7, "version": "1", "watches": (), "rules": {}}
    fields |= {"has_desktop": False, "started_at": NOW, "seen_at": NOW}
    return Member(f"{host}:7", host, **(fields | told))
