"""What a user tells of a card, at first and later: which dates it sets, and which it leaves."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kzreminder.core.card import Balance, Card, Kind, Plan
from kzreminder.core.correcting import correct, register
from kzreminder.core.moves import Renewal, renew
from kzreminder.core.period import MONTH_START, NO_PERIOD, days, months
from kzreminder.core.policy import Policy
from kzreminder.errors import BadValue
from tests.core.cards import POLICY, at, on

NOON = at("2026-11-21 12:00")
LATER = at("2026-11-25 12:00")
DAYS = ("started", "expires", "last_used", "device_entered")


def values(told: dict[str, Any]) -> dict[str, Any]:
    return {
        name: on(value) if name in DAYS and value is not None else value
        for name, value in told.items()
    }


def added(*, now: datetime = NOON, **told: Any) -> Card:
    return register({"label": "Mum", **values(told)}, POLICY, now)


def edited(card: Card, *, now: datetime = LATER, **told: Any) -> Card:
    return correct(card, values(told), POLICY, now)


def term(card: Card) -> tuple[str | None, str | None]:
    plan = card.plan
    return (
        str(plan.started_on) if plan.started_on else None,
        str(plan.last_good_on) if plan.last_good_on else None,
    )


@pytest.mark.parametrize(
    ("told", "first", "last"),
    [
        # the plan starts today unless its start or its end is told
        ({}, "2026-11-21", None),
        ({"period": NO_PERIOD}, "2026-11-21", None),
        ({"period": days(30)}, "2026-11-21", "2026-12-20"),
        ({"period": months(1)}, "2026-11-21", "2026-12-20"),
        ({"period": MONTH_START}, "2026-11-21", "2026-11-30"),
        ({"period": days(30), "started": "2026-11-01"}, "2026-11-01", "2026-11-30"),
        ({"period": months(1), "started": "2026-10-31"}, "2026-10-31", "2026-11-29"),
        ({"started": "2026-11-01"}, "2026-11-01", None),
        # the end that is told decides alone, at any distance
        ({"expires": "2026-12-31"}, None, "2026-12-31"),
        ({"expires": "2026-12-31", "period": days(30)}, None, "2026-12-31"),
        ({"expires": "2026-12-31", "period": NO_PERIOD}, None, "2026-12-31"),
        ({"expires": "2036-12-31", "period": days(30)}, None, "2036-12-31"),
        ({"expires": "2026-01-31", "period": days(30)}, None, "2026-01-31"),
        (
            {"expires": "2026-12-31", "started": "2026-11-01", "period": days(30)},
            "2026-11-01",
            "2026-12-31",
        ),
        ({"expires": "2026-11-01", "started": "2026-11-01"}, "2026-11-01", "2026-11-01"),
    ],
)
def test_a_new_card_has_the_days_that_were_told(
    told: dict[str, Any], first: str | None, last: str | None
) -> None:
    assert term(added(**told)) == (first, last)


def test_after_a_told_end_the_period_counts_from_the_next_renewal_on() -> None:
    card = added(expires="2026-12-31", period=days(30))
    assert term(renew(card, Renewal(on=on("2026-12-28")), at("2026-12-28 12:00"))) == (
        "2027-01-01",
        "2027-01-30",
    )


@pytest.mark.parametrize(
    ("clock", "today"),
    [
        ("2026-11-21 00:00", "2026-11-21"),
        ("2026-11-21 00:30", "2026-11-21"),
        ("2026-11-21 23:30", "2026-11-21"),
        ("2026-11-22 00:00", "2026-11-22"),
    ],
)
@pytest.mark.parametrize("host", ["UTC", "Asia/Almaty", "America/New_York", "Pacific/Kiritimati"])
def test_today_is_the_day_in_almaty_on_any_host(host: str, clock: str, today: str) -> None:
    zone = ZoneInfo(host)
    now = at(clock).astimezone(zone)
    told = {"label": "Mum", "keep_alive": days(90)}
    card = register(told, Policy(zone=zone), now)
    assert card.plan.started_on == on(today)
    assert card.keep_alive.last_used_on == on(today)


def test_all_that_was_told_is_kept() -> None:
    card = added(
        number="+77011234567",
        operator="kcell",
        operator_guessed=True,
        kind=Kind.ESIM,
        plan="Unlimited 30",
        period=days(30),
        price=Decimal(4990),
        auto_renew=True,
        balance=Decimal(1200),
        threshold=Decimal(500),
        keep_alive=days(90),
        last_used="2026-11-11",
        device_entered="2026-11-05",
        protects="eGov",
        leads=(7, 0),
        lang="kk",
        tags=("family",),
        note="two\nlines",
    )
    assert card == Card(
        label="Mum",
        registered_at=NOON,
        number="+77011234567",
        operator="kcell",
        operator_guessed=True,
        kind=Kind.ESIM,
        plan=Plan(
            "Unlimited 30",
            days(30),
            on("2026-11-21"),
            on("2026-12-20"),
            anchor_day=21,
            price=Decimal(4990),
            auto_renew=True,
        ),
        balance=Balance(Decimal(1200), Decimal(500), read_at=NOON),
        keep_alive=card.keep_alive,
        device_entered_on=on("2026-11-05"),
        protects="eGov",
        leads=(7, 0),
        lang="kk",
        tags=("family",),
        note="two\nlines",
    )
    assert (card.keep_alive.period, card.keep_alive.last_used_on) == (days(90), on("2026-11-11"))


def test_of_what_was_not_told_nothing_is_known() -> None:
    card = added()
    assert card.plan == Plan(started_on=on("2026-11-21"), anchor_day=21)
    assert card == Card("Mum", NOON, plan=card.plan)


MONTHLY = added(
    now=at("2027-01-31 12:00"),
    period=months(1),
    price=Decimal(4990),
    balance=Decimal(1200),
    keep_alive=days(90),
    device_entered="2027-01-20",
)


@pytest.mark.parametrize(
    "told",
    [
        {"label": "Mother"},
        {"note": "new"},
        {"tags": ("family",)},
        {"number": "+77011234567"},
        {"operator": "tele2"},
        {"lang": "zh"},
        {"protects": "Kaspi"},
        {"leads": (7, 0)},
        {"plan": "Unlimited"},
        {"price": Decimal(5990)},
        {"auto_renew": True},
        {"threshold": Decimal(100)},
        {"balance": Decimal(2000)},
        {},
    ],
    ids=str,
)
def test_an_edit_of_anything_else_moves_no_date(told: dict[str, Any]) -> None:
    card = edited(MONTHLY, now=at("2027-02-10 12:00"), **told)
    plan, before = card.plan, MONTHLY.plan
    assert (plan.started_on, plan.last_good_on) == (before.started_on, before.last_good_on)
    assert (plan.period, plan.anchor_day) == (before.period, before.anchor_day)
    assert card.keep_alive == MONTHLY.keep_alive
    assert card.device_entered_on == MONTHLY.device_entered_on
    assert card.registered_at == MONTHLY.registered_at


THIRTY_DAYS = added(period=days(30))


@pytest.mark.parametrize(
    ("told", "first", "last"),
    [
        ({"period": days(28)}, "2026-11-21", "2026-12-18"),
        ({"period": months(3)}, "2026-11-21", "2027-02-20"),
        ({"period": MONTH_START}, "2026-11-21", "2026-11-30"),
        ({"period": NO_PERIOD}, "2026-11-21", None),
        ({"started": "2026-11-11"}, "2026-11-11", "2026-12-10"),
        ({"started": "2026-11-11", "period": months(1)}, "2026-11-11", "2026-12-10"),
        ({"expires": "2026-12-31"}, "2026-11-21", "2026-12-31"),
        ({"expires": "2026-12-31", "started": "2026-12-01"}, "2026-12-01", "2026-12-31"),
        ({"expires": "2026-12-31", "period": days(7)}, "2026-11-21", "2026-12-31"),
        # the first day that was known belongs to another period
        ({"expires": "2026-11-01"}, None, "2026-11-01"),
    ],
)
def test_an_edit_of_a_date_or_the_period_moves_the_end(
    told: dict[str, Any], first: str | None, last: str | None
) -> None:
    assert term(edited(THIRTY_DAYS, **told)) == (first, last)


@pytest.mark.parametrize(
    ("told", "first", "last"),
    [
        # `-`: the end is no longer known
        ({"expires": None}, "2026-11-21", None),
        # ... unless what is told besides says it
        ({"expires": None, "started": "2026-11-11"}, "2026-11-11", "2026-12-10"),
        ({"expires": None, "period": days(28)}, "2026-11-21", "2026-12-18"),
        # neither the first day nor the length is known any more, but the end is
        ({"started": None}, None, "2026-12-20"),
        ({"period": None}, "2026-11-21", "2026-12-20"),
    ],
)
def test_clearing_a_date_or_the_period_leaves_the_others(
    told: dict[str, Any], first: str | None, last: str | None
) -> None:
    assert term(edited(THIRTY_DAYS, **told)) == (first, last)


def test_a_cleared_first_day_makes_the_next_renewal_choose_the_day() -> None:
    card = edited(MONTHLY, started=None)
    assert term(card) == (None, "2027-02-27")
    once = renew(card, Renewal(on=on("2027-02-20")), at("2027-02-20 12:00"))
    assert term(once) == ("2027-02-28", "2027-03-27")


def test_telling_the_period_again_keeps_the_31st() -> None:
    card = renew(MONTHLY, Renewal(on=on("2027-02-20")), at("2027-02-20 12:00"))
    assert term(card) == ("2027-02-28", "2027-03-30")
    for told in ({"period": months(1)}, {"started": "2027-02-28"}, {"expires": "2027-03-30"}):
        again = edited(card, now=at("2027-03-01 12:00"), **told)
        assert term(again) == term(card)
        once = renew(again, Renewal(on=on("2027-03-30")), at("2027-03-30 12:00"))
        assert term(once) == ("2027-03-31", "2027-04-29")


@pytest.mark.parametrize(
    "told",
    [
        {"started": "2026-12-02", "expires": "2026-12-01"},
        {"started": "2026-12-02", "expires": "2026-12-01", "period": days(30)},
        {"expires": "2300-01-01"},
        {"period": days(1), "started": "2300-01-01"},
    ],
)
def test_a_plan_that_ends_before_it_begins_or_never_is_refused(told: dict[str, Any]) -> None:
    with pytest.raises(BadValue, match="the plan would end"):
        added(**told)
    with pytest.raises(BadValue, match="the plan would end"):
        edited(THIRTY_DAYS, **told)


def test_a_first_day_after_the_known_end_is_refused() -> None:
    card = added(expires="2026-12-20")
    with pytest.raises(BadValue, match="before it begins"):
        edited(card, started="2026-12-21")


def test_every_text_can_be_cleared() -> None:
    names = ("number", "operator", "plan", "price", "protects", "leads", "lang", "note")
    card = added(
        number="+77011234567",
        operator="kcell",
        protects="eGov",
        lang="kk",
        note="a note",
        leads=(7, 0),
        device_entered="2026-11-05",
        plan="Unlimited",
        price=Decimal(4990),
        tags=("family",),
    )
    cleared: dict[str, Any] = dict.fromkeys((*names, "device_entered"))
    assert edited(card, tags=(), **cleared) == added()


def test_tags_are_replaced_and_not_added() -> None:
    card = edited(added(tags=("family", "work")), tags=("bank",))
    assert card.tags == ("bank",)


def test_a_balance_that_is_told_is_a_reading() -> None:
    card = edited(added(balance=Decimal(1200)), balance=Decimal(900))
    assert (card.balance.amount, card.balance.read_at) == (Decimal(900), LATER)


def test_a_cleared_balance_is_unknown_and_its_episode_over() -> None:
    card = added(balance=Decimal(100), threshold=Decimal(500))
    assert card.balance.low_since == NOON
    cleared = edited(card, balance=None).balance
    assert (cleared.amount, cleared.read_at, cleared.low_since) == (None, None, None)
    assert cleared.threshold == Decimal(500)


@pytest.mark.parametrize(
    ("told", "is_low"),
    [
        ({"balance": Decimal(320), "threshold": Decimal(500)}, True),
        ({"balance": Decimal(500), "threshold": Decimal(500)}, False),
        ({"balance": Decimal(320)}, False),
        ({"threshold": Decimal(500)}, False),
        ({"balance": Decimal(0), "threshold": Decimal(0)}, False),
        ({"balance": Decimal(-1), "threshold": Decimal(0)}, True),
    ],
)
def test_a_new_card_may_be_low_at_once(told: dict[str, Any], is_low: bool) -> None:
    assert added(**told).balance.low_since == (NOON if is_low else None)


def test_a_raised_threshold_opens_an_episode_and_a_cleared_one_closes_it() -> None:
    card = added(balance=Decimal(320), threshold=Decimal(300))
    assert card.balance.low_since is None
    raised = edited(card, threshold=Decimal(500))
    assert raised.balance.low_since == LATER
    assert raised.balance.read_at == NOON
    assert edited(raised, threshold=None).balance.low_since is None


def test_a_threshold_told_with_a_balance_is_held_against_that_balance() -> None:
    card = added(balance=Decimal(320))
    both = edited(card, threshold=Decimal(500), balance=Decimal(1000))
    assert both.balance.low_since is None
    evening = at("2026-11-25 20:00")
    assert edited(both, now=evening, balance=Decimal(400)).balance.low_since == evening


@pytest.mark.parametrize(
    ("told", "last_used_on"),
    [
        ({"keep_alive": days(90)}, "2026-11-21"),
        ({"keep_alive": days(90), "last_used": "2026-11-01"}, "2026-11-01"),
        ({"keep_alive": days(90), "last_used": None}, "2026-11-21"),
        ({"last_used": "2026-11-01"}, "2026-11-01"),
        ({}, None),
    ],
)
def test_a_number_is_taken_as_used_today_unless_told(
    told: dict[str, Any], last_used_on: str | None
) -> None:
    found = added(**told).keep_alive.last_used_on
    assert found == (on(last_used_on) if last_used_on else None)


def test_a_keep_alive_told_later_keeps_the_known_use() -> None:
    card = edited(added(last_used="2026-11-01"), keep_alive=days(60))
    assert card.keep_alive.last_used_on == on("2026-11-01")
    assert edited(added(), keep_alive=days(60)).keep_alive.last_used_on == on("2026-11-25")
    assert edited(card, keep_alive=None).keep_alive.period is None


def test_an_earlier_use_can_be_told_in_a_correction() -> None:
    card = added(keep_alive=days(90))
    assert edited(card, last_used="2026-11-01").keep_alive.last_used_on == on("2026-11-01")
