"""What happens to a card: renewals as tables, readings, top-ups, uses and low episodes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kzreminder.core.card import Card
from kzreminder.core.episodes import watch
from kzreminder.core.moves import Renewal, archive, read_balance, renew, restore, top_up, use
from kzreminder.core.period import MONTH_START, NO_PERIOD, days, months
from kzreminder.core.policy import Policy
from kzreminder.errors import BadValue
from tests.core.cards import POLICY, a_card, at, on, tenge


def term(card: Card) -> tuple[str, str]:
    """First and last day of the period that runs."""
    return str(card.plan.started_on), str(card.plan.last_good_on)


def renewed(card: Card, paid_on: str, **how: Any) -> Card:
    if "until" in how:
        how["until"] = on(how["until"])
    return renew(card, Renewal(on=on(paid_on), **how), at(f"{paid_on} 12:00"))


THIRTY_DAYS = a_card(started_on="2026-11-21", ends_on="2026-12-20", period=days(30))


@pytest.mark.parametrize(
    ("paid_on", "how", "first", "last"),
    [
        # T-5, from expiry because it was paid in time
        ("2026-12-15", {}, "2026-12-21", "2027-01-19"),
        ("2026-12-15", {"from_expiry": True}, "2026-12-21", "2027-01-19"),
        ("2026-12-15", {"from_expiry": False}, "2026-12-15", "2027-01-13"),
        ("2026-12-15", {"until": "2027-02-01"}, "2026-12-21", "2027-02-01"),
        ("2026-12-15", {"period": days(60)}, "2026-12-21", "2027-02-18"),
        ("2026-12-15", {"period": months(1)}, "2026-12-21", "2027-01-20"),
        ("2026-12-15", {"period": MONTH_START}, "2026-12-21", "2026-12-31"),
        # T, which is still in time
        ("2026-12-20", {}, "2026-12-21", "2027-01-19"),
        ("2026-12-20", {"from_expiry": False}, "2026-12-20", "2027-01-18"),
        # T+1, the first day on which it is late
        ("2026-12-21", {}, "2026-12-21", "2027-01-19"),
        # T+20
        ("2027-01-09", {}, "2027-01-09", "2027-02-07"),
        ("2027-01-09", {"from_expiry": True}, "2026-12-21", "2027-01-19"),
        ("2027-01-09", {"from_expiry": False}, "2027-01-09", "2027-02-07"),
        ("2027-01-09", {"until": "2027-02-01"}, "2027-01-09", "2027-02-01"),
        ("2027-01-09", {"until": "2027-01-09"}, "2027-01-09", "2027-01-09"),
        ("2027-01-09", {"period": months(3)}, "2027-01-09", "2027-04-08"),
        ("2027-01-09", {"from_expiry": True, "period": days(1)}, "2026-12-21", "2026-12-21"),
    ],
)
def test_a_renewal_begins_after_the_old_end_when_in_time_else_on_the_day_paid(
    paid_on: str, how: dict[str, Any], first: str, last: str
) -> None:
    assert term(renewed(THIRTY_DAYS, paid_on, **how)) == (first, last)


def test_a_longer_period_for_once_does_not_change_the_plan() -> None:
    once = renewed(THIRTY_DAYS, "2026-12-15", period=days(60))
    assert once.plan.period == days(30)
    assert term(renewed(once, "2027-02-18")) == ("2027-02-19", "2027-03-20")


@pytest.mark.parametrize(
    ("started_on", "ends_on", "terms"),
    [
        (
            "2027-01-29",
            "2027-02-27",
            [
                ("2027-02-28", "2027-03-28"),
                ("2027-03-29", "2027-04-28"),
                ("2027-04-29", "2027-05-28"),
            ],
        ),
        (
            "2027-01-30",
            "2027-02-27",
            [
                ("2027-02-28", "2027-03-29"),
                ("2027-03-30", "2027-04-29"),
                ("2027-04-30", "2027-05-29"),
            ],
        ),
        (
            "2027-01-31",
            "2027-02-27",
            [
                ("2027-02-28", "2027-03-30"),
                ("2027-03-31", "2027-04-29"),
                ("2027-04-30", "2027-05-30"),
            ],
        ),
        (
            "2028-01-31",
            "2028-02-28",
            [
                ("2028-02-29", "2028-03-30"),
                ("2028-03-31", "2028-04-29"),
                ("2028-04-30", "2028-05-30"),
            ],
        ),
    ],
)
def test_a_monthly_plan_comes_back_to_its_day_when_renewed_in_time(
    started_on: str, ends_on: str, terms: list[tuple[str, str]]
) -> None:
    card = a_card(started_on=started_on, ends_on=ends_on, period=months(1))
    found = []
    for _ in terms:
        card = renewed(card, str(card.plan.last_good_on))
        found.append(term(card))
    assert found == terms


@pytest.mark.parametrize(
    ("paid_on", "how", "terms"),
    [
        # paid too late, or early but from today: the day paid is the new day to keep
        ("2027-03-05", {}, [("2027-03-05", "2027-04-04"), ("2027-04-05", "2027-05-04")]),
        (
            "2027-02-20",
            {"from_expiry": False},
            [("2027-02-20", "2027-03-19"), ("2027-03-20", "2027-04-19")],
        ),
        # an end told by hand takes the plan off its day
        (
            "2027-02-20",
            {"until": "2027-03-14"},
            [("2027-02-28", "2027-03-14"), ("2027-03-15", "2027-04-14")],
        ),
        # late, but from expiry after all: the old day stays
        (
            "2027-03-05",
            {"from_expiry": True},
            [("2027-02-28", "2027-03-30"), ("2027-03-31", "2027-04-29")],
        ),
    ],
)
def test_a_renewal_not_from_expiry_takes_its_first_day_as_the_day_to_keep(
    paid_on: str, how: dict[str, Any], terms: list[tuple[str, str]]
) -> None:
    card = a_card(started_on="2027-01-31", ends_on="2027-02-27", period=months(1))
    once = renewed(card, paid_on, **how)
    twice = renewed(once, str(once.plan.last_good_on))
    assert [term(once), term(twice)] == terms


def test_a_card_of_which_only_the_end_was_told_keeps_the_first_day_of_its_renewal() -> None:
    card = a_card(ends_on="2027-02-27", period=months(1))
    once = renewed(card, "2027-02-20")
    assert term(once) == ("2027-02-28", "2027-03-27")
    assert term(renewed(once, "2027-03-27")) == ("2027-03-28", "2027-04-27")


def test_a_plan_that_ends_with_the_month_is_renewed_to_the_end_of_a_month() -> None:
    card = a_card(started_on="2026-11-21", ends_on="2026-11-30", period=MONTH_START)
    assert term(renewed(card, "2026-11-30")) == ("2026-12-01", "2026-12-31")
    assert term(renewed(card, "2026-12-10")) == ("2026-12-10", "2026-12-31")


def test_a_plan_without_a_known_end_is_renewed_from_the_day_paid() -> None:
    card = a_card(period=days(30))
    assert term(renewed(card, "2026-12-15")) == ("2026-12-15", "2027-01-13")


@pytest.mark.parametrize(
    ("card", "how", "sentence"),
    [
        (a_card(ends_on="2026-12-20"), {}, "how long"),
        (a_card(ends_on="2026-12-20", period=NO_PERIOD), {}, "how long"),
        (THIRTY_DAYS, {"period": NO_PERIOD}, "how long"),
        (a_card(period=days(30)), {"from_expiry": True}, "the end of this plan is not known"),
        # from expiry it begins on 21 December
        (THIRTY_DAYS, {"until": "2026-12-20"}, "before it begins"),
        (THIRTY_DAYS, {"from_expiry": False, "until": "2026-12-14"}, "before it begins"),
        (THIRTY_DAYS, {"until": "2300-01-01"}, "too far ahead"),
    ],
)
def test_a_renewal_that_cannot_be_is_refused(
    card: Card, how: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(BadValue, match=sentence):
        renewed(card, "2026-12-15", **how)


def test_a_renewal_counts_as_a_use_and_leaves_the_balance_alone() -> None:
    card = a_card(
        ends_on="2026-12-20",
        period=days(30),
        balance=320,
        threshold=500,
        read_at="2026-12-01 10:00",
        low_since="2026-12-01 10:00",
        keep_alive=days(90),
        last_used_on="2026-11-01",
    )
    paid = renewed(card, "2026-12-15")
    assert paid.keep_alive.last_used_on == on("2026-12-15")
    assert paid.balance == card.balance


def test_a_renewal_noted_later_does_not_turn_the_idle_clock_back() -> None:
    card = a_card(ends_on="2026-12-20", period=days(30), last_used_on="2026-12-18")
    assert renewed(card, "2026-12-15").keep_alive.last_used_on == on("2026-12-18")


@pytest.mark.parametrize(
    ("known", "used_on", "last"),
    [
        (None, "2026-12-15", "2026-12-15"),
        ("2026-12-01", "2026-12-15", "2026-12-15"),
        ("2026-12-15", "2026-12-15", "2026-12-15"),
        ("2026-12-15", "2026-12-01", "2026-12-15"),
    ],
)
def test_a_use_restarts_the_idle_clock_unless_it_is_older(
    known: str | None, used_on: str, last: str
) -> None:
    used = use(a_card(keep_alive=days(90), last_used_on=known), on(used_on))
    assert used.keep_alive.last_used_on == on(last)
    assert used.keep_alive.period == days(90)


def test_archiving_and_restoring_change_nothing_else() -> None:
    assert archive(THIRTY_DAYS) == replace(THIRTY_DAYS, archived=True)
    assert restore(archive(THIRTY_DAYS)) == THIRTY_DAYS


# The balance


def topped_up(card: Card, amount: int, now: str, on_day: date | None = None) -> Card:
    instant = at(now)
    return top_up(card, Decimal(amount), on_day or on(now[:10]), POLICY, instant)


def read(card: Card, amount: int | str, when: str, policy: Policy = POLICY) -> Card:
    return read_balance(card, Decimal(amount), at(when), policy)


def low_since(card: Card, policy: Policy = POLICY) -> str | None:
    since = card.balance.low_since
    return f"{since.astimezone(policy.zone):%Y-%m-%d %H:%M}" if since else None


def test_a_top_up_adds_to_what_is_known_and_counts_as_a_use() -> None:
    card = a_card(balance="320.50", read_at="2026-12-01 10:00", last_used_on="2026-11-01")
    paid = topped_up(card, 1000, "2026-12-15 12:00")
    assert paid.balance.amount == Decimal("1320.50")
    assert paid.balance.read_at == card.balance.read_at
    assert paid.keep_alive.last_used_on == on("2026-12-15")


def test_a_top_up_leaves_an_unknown_balance_unknown() -> None:
    paid = topped_up(a_card(threshold=500), 1000, "2026-12-15 12:00")
    assert paid.balance == a_card(threshold=500).balance
    assert paid.keep_alive.last_used_on == on("2026-12-15")


@pytest.mark.parametrize(("amount", "is_low"), [(100, True), (229, True), (230, False)])
def test_a_top_up_ends_the_low_episode_when_it_is_enough(amount: int, is_low: bool) -> None:
    card = a_card(balance=320, threshold=500, low_since="2026-12-01 10:00")
    paid = topped_up(card, amount, "2026-12-02 12:00")
    assert low_since(paid) == ("2026-12-01 10:00" if is_low else None)


def test_a_reading_replaces_the_balance() -> None:
    card = read(a_card(balance=320, read_at="2026-12-01 10:00"), "99.99", "2026-12-02 11:00")
    assert card.balance.amount == Decimal("99.99")
    assert card.balance.read_at == at("2026-12-02 11:00")


def test_a_reading_is_no_use() -> None:
    card = a_card(last_used_on="2026-11-01", keep_alive=days(90))
    assert read(card, 320, "2026-12-02 11:00").keep_alive == card.keep_alive


def test_a_reading_dated_before_the_newest_is_history_only() -> None:
    card = a_card(balance=900, threshold=500, read_at="2026-12-02 11:00")
    assert read(card, 1, "2026-12-02 10:59") == card


def test_of_two_readings_at_one_instant_the_later_told_counts() -> None:
    card = a_card(balance=900, read_at="2026-12-02 11:00")
    assert read(card, 901, "2026-12-02 11:00").balance.amount == 901


@pytest.mark.parametrize(
    ("threshold", "amount", "is_low"),
    [
        (None, -100, False),
        (None, 0, False),
        (0, 0, False),
        (0, "-0.01", True),
        (500, 500, False),
        (500, "499.99", True),
        (500, 0, True),
        (500, -100, True),
    ],
)
def test_a_balance_is_low_under_the_threshold_and_not_at_it(
    threshold: int | None, amount: int | str, is_low: bool
) -> None:
    card = read(a_card(threshold=threshold), amount, "2026-12-01 12:34")
    assert low_since(card) == ("2026-12-01 12:34" if is_low else None)


@pytest.mark.parametrize(
    ("threshold", "amount", "is_low"),
    [
        (500, 499, True),
        (500, 500, True),
        (500, "549.99", True),
        (500, 550, False),
        (500, 9000, False),
        (0, "-0.01", True),
        (0, 0, False),
        (0, 1, False),
    ],
)
def test_a_low_episode_ends_a_tenth_above_the_threshold(
    threshold: int, amount: int | str, is_low: bool
) -> None:
    card = a_card(balance=-1, threshold=threshold, low_since="2026-12-01 12:34")
    card = read(card, amount, "2026-12-05 12:00")
    assert low_since(card) == ("2026-12-01 12:34" if is_low else None)


def test_an_episode_keeps_its_name_however_often_the_balance_is_read() -> None:
    card = read(a_card(threshold=500), 400, "2026-12-01 12:00")
    for day in range(2, 9):
        card = read(card, 400 - day, f"2026-12-0{day} 12:00")
    assert low_since(card) == "2026-12-01 12:00"


@pytest.mark.parametrize(
    ("readings", "opens"),
    [
        # the first of a day at once, the second the next morning
        ([(900, "01 08:00"), (400, "01 09:00")], "01 09:00"),
        ([(400, "01 09:00"), (900, "01 11:00"), (400, "01 13:00")], "02 10:00"),
        # a third and a fourth change nothing
        (
            [
                (400, "01 09:00"),
                (900, "01 11:00"),
                (400, "01 13:00"),
                (900, "01 14:00"),
                (400, "01 15:00"),
                (900, "01 16:00"),
                (400, "01 17:00"),
            ],
            "02 10:00",
        ),
        # closed before its morning came, it was never told: the first of the new day is at once
        (
            [
                (400, "01 09:00"),
                (900, "01 11:00"),
                (400, "01 13:00"),
                (900, "02 08:00"),
                (400, "02 09:00"),
            ],
            "02 09:00",
        ),
        (
            [
                (400, "01 09:00"),
                (900, "01 11:00"),
                (400, "01 13:00"),
                (900, "01 19:00"),
                (400, "02 10:01"),
            ],
            "02 10:01",
        ),
        # after its morning it is again the second of that day
        (
            [
                (400, "01 09:00"),
                (900, "01 11:00"),
                (400, "01 13:00"),
                (900, "02 11:00"),
                (400, "02 12:00"),
            ],
            "03 10:00",
        ),
        # on another day at once
        ([(400, "01 09:00"), (900, "01 11:00"), (400, "02 00:05")], "02 00:05"),
        ([(400, "01 23:55"), (900, "01 23:57"), (400, "02 00:05")], "02 00:05"),
    ],
)
def test_a_second_opening_on_one_day_waits_for_the_next_morning(
    readings: list[tuple[int, str]], opens: str
) -> None:
    card = a_card(threshold=500)
    for amount, when in readings:
        card = read(card, amount, f"2026-12-{when}")
    assert low_since(card) == f"2026-12-{opens}"


def test_the_day_and_its_morning_are_those_of_the_users_clock() -> None:
    policy = Policy(zone=ZoneInfo("America/New_York"))  # ten hours behind
    card = read(a_card(threshold=500), 400, "2026-12-01 22:00", policy)
    card = read(card, 900, "2026-12-01 23:00", policy)
    assert low_since(read(card, 400, "2026-12-02 01:00", policy), policy) == "2026-12-02 10:00"
    card = read(a_card(threshold=500), 400, "2026-12-01 09:00", policy)
    card = read(card, 900, "2026-12-01 12:00", policy)
    assert low_since(read(card, 400, "2026-12-01 14:00", policy), policy) == "2026-12-01 04:00"


def test_without_a_threshold_or_an_amount_no_episode_is_open() -> None:
    low = a_card(balance=100, threshold=500, low_since="2026-12-01 10:00")
    now = at("2026-12-02 10:00")
    for known in (replace(low.balance, threshold=None), replace(low.balance, amount=None)):
        card = replace(low, balance=known)
        assert watch(card, low.balance, now, POLICY).balance.low_since is None


def test_an_episode_that_ended_with_its_threshold_counts_for_that_day() -> None:
    card = read(a_card(threshold=500), 400, "2026-12-01 09:00")
    for threshold in (None, 500):
        told = replace(card.balance, threshold=tenge(threshold))
        card = watch(replace(card, balance=told), card.balance, at("2026-12-01 12:00"), POLICY)
    assert low_since(card) == "2026-12-02 10:00"
