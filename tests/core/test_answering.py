"""What a button asks for, and whether what it was about still stands."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kzreminder.core.answering import Action, move_of, offered, still_stands, tomorrow
from kzreminder.core.card import Card
from kzreminder.core.correcting import register
from kzreminder.core.deadlines import DeadlineKind, deadlines_of
from kzreminder.core.period import days
from kzreminder.core.planning import due
from kzreminder.core.policy import Policy
from kzreminder.core.zone import almaty

NOW = datetime(2026, 11, 21, 7, tzinfo=UTC)  # noon in Almaty
TODAY = date(2026, 11, 21)
POLICY = Policy(zone=almaty())
ALL = (Action.RENEWED, Action.TOMORROW, Action.GUIDE)
SOON = {"expires": TODAY + timedelta(days=1), "period": days(30)}
LATE = TODAY - timedelta(days=100)


def a_card(**told: Any) -> Card:
    return register({"label": "Mum"} | told, POLICY, NOW)


@pytest.mark.parametrize(
    ("told", "actions"),
    [
        (SOON | {"operator": "kcell"}, ALL),
        (SOON, ALL[:2]),
        (SOON | {"operator": "kcell", "auto_renew": True, "price": Decimal(9)}, ALL),
        ({"operator": "kcell", "keep_alive": days(90), "last_used": LATE}, ALL),
        ({"operator": "kcell", "device_entered": LATE}, ALL[1:]),
        ({"operator": "kcell", "threshold": Decimal(9), "balance": Decimal(1)}, ALL[1:]),
    ],
)
def test_what_can_be_answered(told: dict[str, Any], actions: tuple[Action, ...]) -> None:
    [headline, *_] = due(a_card(**told), POLICY, [], NOW)
    assert offered(headline) == actions


def test_a_digest_can_be_put_off() -> None:
    assert offered(None) == (Action.TOMORROW, Action.GUIDE)


@pytest.mark.parametrize(
    ("zone", "until"),
    [
        ("Asia/Almaty", datetime(2026, 11, 22, 5, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 11, 22, 15, tzinfo=UTC)),
        ("Pacific/Kiritimati", datetime(2026, 11, 21, 20, tzinfo=UTC)),
    ],
)
def test_tomorrow_is_the_reminding_hour_of_the_users_next_day(zone: str, until: datetime) -> None:
    policy = Policy(zone=ZoneInfo(zone), hour=time(10))
    assert tomorrow(policy, NOW) == until


def test_renewed_renews_a_plan_and_uses_a_number() -> None:
    card = a_card(**SOON, keep_alive=days(90), last_used=LATE)
    what, move = move_of(Action.RENEWED, DeadlineKind.PLAN, POLICY, NOW)
    assert what == "renewed"
    assert move(card).plan.last_good_on == TODAY + timedelta(days=31)
    assert move_of(Action.RENEWED, DeadlineKind.CHARGE, POLICY, NOW)[0] == "renewed"
    what, move = move_of(Action.RENEWED, DeadlineKind.IDLE, POLICY, NOW)
    assert what == "used"
    assert move(card).keep_alive.last_used_on == TODAY
    assert move(card).plan == card.plan


def test_tomorrow_snoozes_whatever_it_is_about() -> None:
    for kind in DeadlineKind:
        what, move = move_of(Action.TOMORROW, kind, POLICY, NOW)
        assert what == "snoozed"
        assert move(a_card(**SOON)).silence.snoozed_until == tomorrow(POLICY, NOW)


def test_a_deadline_stands_where_it_was_told_of_or_nowhere() -> None:
    card = a_card(**SOON)
    [plan] = [one for one in deadlines_of(card, NOW) if one.kind is DeadlineKind.PLAN]
    assert still_stands(card, plan.kind, plan.at, NOW)
    assert still_stands(card, plan.kind, None, NOW)
    assert not still_stands(card, plan.kind, plan.at + timedelta(days=1), NOW)
    assert not still_stands(card, DeadlineKind.IDLE, None, NOW)
