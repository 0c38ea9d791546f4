"""What a file tells of a card, at first and again: a card that was written out comes back."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from kzreminder.core.card import Card
from kzreminder.core.period import days, months
from kzreminder.core.rolling import as_of
from kzreminder.core.silence import mute, snooze
from kzreminder.core.told_by_file import balance_told, correct_told, keeps_day, register_told
from kzreminder.errors import BadValue
from tests.core.cards import POLICY, a_card, at, on, tenge

NOON = at("2026-11-21 12:00")
LATER = at("2026-11-25 12:00")
DAYS = ("started", "expires", "muted_until")
INSTANTS = ("snoozed_until", "balance_at")


def values(told: dict[str, Any]) -> dict[str, Any]:
    readers = dict.fromkeys(DAYS, on) | dict.fromkeys(INSTANTS, at)
    return {
        name: readers[name](value) if name in readers and value is not None else value
        for name, value in told.items()
    }


def added(**told: Any) -> Card:
    return register_told({"label": "Mum", **values(told)}, POLICY, NOON)


def corrected(card: Card, **told: Any) -> Card:
    return correct_told(card, values(told), POLICY, LATER)


def read(card: Card, amount: int | None, time: str | None, *, estimated: bool = False) -> Card:
    when = None if time is None else at(time)
    return balance_told(card, tenge(amount), when, POLICY, NOON, estimated=estimated)


# ---- the day that a monthly plan keeps -----------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "last", "keeps"),
    [
        # begun on the last day of a short month, it comes back to the 31st
        ({"started": "2026-09-30", "keeps_day": 31}, "2026-10-30", 31),
        ({"started": "2026-09-30", "keeps_day": 30}, "2026-10-29", None),
        ({"started": "2026-09-30"}, "2026-10-29", None),
        ({"started": "2026-09-30", "keeps_day": None}, "2026-10-29", None),
        # an end that is told decides
        ({"started": "2026-09-30", "keeps_day": 31, "expires": "2026-12-05"}, "2026-12-05", 31),
    ],
)
def test_a_monthly_plan_keeps_its_day(told: dict[str, Any], last: str, keeps: int | None) -> None:
    plan = added(period=months(1), **told).plan
    assert (str(plan.last_good_on), keeps_day(plan)) == (last, keeps)


@pytest.mark.parametrize(
    "told",
    [{"started": "2026-09-29", "keeps_day": 31}, {"expires": "2026-12-05", "keeps_day": 31}],
)
def test_a_day_that_its_beginning_cannot_keep_is_refused(told: dict[str, Any]) -> None:
    with pytest.raises(BadValue, match="does not keep day"):
        added(period=months(1), **told)


def test_a_plan_of_days_keeps_none() -> None:
    assert keeps_day(added(period=days(30)).plan) is None
    assert keeps_day(a_card(ends_on="2026-12-01").plan) is None


def test_a_kept_day_is_corrected_and_the_end_stays() -> None:
    card = added(period=months(1), started="2026-09-30", expires="2026-12-05")
    plan = corrected(card, keeps_day=31).plan
    assert (keeps_day(plan), plan.last_good_on) == (31, card.plan.last_good_on)


# ---- silence -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "muted", "until"),
    [
        ({"muted": True}, True, None),
        ({"muted": False}, False, None),
        ({"muted_until": "2026-11-21"}, True, "2026-11-21"),
        ({"muted_until": "2026-11-20"}, False, None),
        ({"muted_until": None, "muted": True}, True, None),
    ],
)
def test_a_new_card_may_be_muted(told: dict[str, Any], muted: bool, until: str | None) -> None:
    silence = added(**told).silence
    assert (silence.muted, silence.muted_until) == (muted, None if until is None else on(until))


def test_muting_follows_the_file() -> None:
    card = mute(added(expires="2026-12-31"), None)
    assert not corrected(card, muted=False).silence.muted
    assert corrected(card, muted=True) is card


@pytest.mark.parametrize(
    ("snoozed", "told", "until"),
    [
        (None, "2026-11-27 10:00", "2026-11-27 10:00"),
        (None, "2026-11-25 11:00", None),
        (None, None, None),
        ("2026-11-27 10:00", "2026-11-27 10:00", "2026-11-27 10:00"),
        ("2026-11-27 10:00", "2026-11-28 10:00", "2026-11-28 10:00"),
        ("2026-11-27 10:00", None, None),
        ("2026-11-27 10:00", "2026-11-25 11:00", None),
    ],
)
def test_a_snooze_follows_the_file(
    snoozed: str | None, told: str | None, until: str | None
) -> None:
    card = added(expires="2027-12-31")
    if snoozed is not None:
        card = snooze(card, at(snoozed), NOON)
    silence = corrected(card, snoozed_until=told).silence
    assert silence.snoozed_until == (None if until is None else at(until))


def test_what_the_file_does_not_tell_of_stays() -> None:
    card = snooze(mute(added(expires="2027-12-31"), None), at("2026-11-27 10:00"), NOON)
    assert corrected(card, note="x") == replace(card, note="x")


def test_archived_or_not() -> None:
    assert added(archived=True).archived
    card = added(archived=False)
    assert not card.archived
    assert corrected(card, archived=True).archived
    assert not corrected(added(archived=True), archived=False).archived


# ---- the balance of a new card -------------------------------------------------------------------


def test_a_balance_has_the_time_that_was_told_else_now() -> None:
    card = added(threshold=500)
    for time, expected in (("2026-11-20 09:00", "2026-11-20 09:00"), (None, "2026-11-21 12:00")):
        known = read(card, 400, time).balance
        assert (known.amount, known.read_at) == (Decimal(400), at(expected))
        assert known.low_since == at(expected)
    assert read(card, None, None) == card
    assert read(card, None, None, estimated=True).balance.estimated


@pytest.mark.parametrize(
    ("amount", "time", "last"),
    [
        # the charge of the 16th could not be paid: the balance stood so beside the end that is told
        (100, "2026-11-20 09:00", "2026-11-15"),
        # read after it, and nothing says that it was not paid
        (5000, "2026-11-20 09:00", "2026-12-15"),
        (100, None, "2026-12-15"),
        (5000, "2026-11-10 09:00", "2026-11-15"),
    ],
)
def test_a_charge_between_end_and_reading(amount: int, time: str | None, last: str) -> None:
    card = added(period=days(30), price=Decimal(2000), auto_renew=True, expires="2026-11-15")
    assert read(card, amount, time).plan.last_good_on == on(last)


def test_a_time_of_no_balance_is_refused() -> None:
    with pytest.raises(BadValue, match="no balance"):
        read(added(), None, "2026-11-20 09:00")
    with pytest.raises(BadValue, match="no balance"):
        corrected(added(), balance_at="2026-11-20 09:00")


# ---- corrections ---------------------------------------------------------------------------------


def test_what_is_known_already_is_no_news() -> None:
    card = read(added(number="+77011234567", expires="2027-12-31"), 1200, "2026-11-20 09:00")
    known: dict[str, Any] = {"number": "+77011234567", "balance": Decimal(1200)}
    assert corrected(card, **known) is card
    assert corrected(card, **known, balance_at="2026-11-20 09:00") is card


def test_a_plan_that_went_on_by_itself_is_no_news() -> None:
    card = added(period=days(30), auto_renew=True, expires="2026-11-22")
    standing = as_of(card, LATER)
    assert standing != card
    assert corrected(card, expires=str(standing.plan.last_good_on)) is card


@pytest.mark.parametrize(
    ("told", "amount", "read_at"),
    [
        ({"balance": Decimal(900)}, 900, "2026-11-25 12:00"),
        ({"balance": Decimal(900), "balance_at": "2026-11-24 09:00"}, 900, "2026-11-24 09:00"),
        # older than what is known
        ({"balance": Decimal(900), "balance_at": "2026-11-19 09:00"}, 1200, "2026-11-20 09:00"),
        # the same amount, looked at again
        ({"balance": Decimal(1200), "balance_at": "2026-11-24 09:00"}, 1200, "2026-11-24 09:00"),
    ],
)
def test_a_balance_is_read_anew(told: dict[str, Any], amount: int, read_at: str) -> None:
    card = read(added(expires="2027-12-31"), 1200, "2026-11-20 09:00")
    known = corrected(card, **told).balance
    assert (known.amount, known.read_at) == (Decimal(amount), at(read_at))


def test_two_balances_of_one_time_are_refused() -> None:
    card = read(added(), 1200, "2026-11-20 09:00")
    with pytest.raises(BadValue, match="another balance is known"):
        corrected(card, balance=Decimal(900), balance_at="2026-11-20 09:00")


def test_a_balance_of_which_only_the_time_is_known_is_refused_another() -> None:
    card = a_card(read_at="2026-11-20 09:00")
    with pytest.raises(BadValue, match=r"\?"):
        corrected(card, balance=Decimal(900), balance_at="2026-11-20 09:00")


@pytest.mark.parametrize(
    ("guessed", "told", "operator", "still_guessed"),
    [
        (True, {"number": "+77051234567"}, None, False),
        (False, {"number": "+77051234567"}, "kcell", False),
        (True, {"number": "+77051234567", "operator": "beeline"}, "beeline", False),
        (True, {"operator": "beeline"}, "beeline", False),
        (True, {"number": "+77011234567"}, "kcell", True),
    ],
)
def test_a_guessed_operator_goes_with_its_number(
    guessed: bool, told: dict[str, Any], operator: str | None, still_guessed: bool
) -> None:
    card = added(number="+77011234567", operator="kcell", operator_guessed=guessed)
    after = corrected(card, **told)
    assert (after.operator, after.operator_guessed) == (operator, still_guessed)
