"""Readings become a rate, a day and a yes or no; too few of them become nothing at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kzreminder.core.card import Card, Spending
from kzreminder.core.deadlines import DeadlineKind
from kzreminder.core.forecast import Forecast, forecast_of, spent_a_day
from kzreminder.core.moves import SPENDINGS_KEPT, Renewal, read_balance, renew, top_up
from kzreminder.core.period import days
from kzreminder.core.planning import due, next_wake
from kzreminder.core.reminder import Mark, Reason, marked
from kzreminder.core.rolling import as_of
from tests.core.cards import POLICY, a_card, at, on

DAY = timedelta(days=1)
START = at("2026-11-01 12:00")


def read(card: Card, *amounts: int | str, every: int = 1, since: datetime = START) -> Card:
    """Readings so many days apart."""
    for nth, amount in enumerate(amounts):
        card = read_balance(card, Decimal(amount), since + nth * every * DAY, POLICY)
    return card


def low_on(card: Card) -> date | None:
    forecast = forecast_of(card)
    assert forecast is not None
    return forecast.runs_low_on


@pytest.mark.parametrize("amounts", [(), (1000,), (1000, 900)])
def test_fewer_than_three_readings_say_nothing(amounts: tuple[int, ...]) -> None:
    assert forecast_of(read(a_card(threshold=500), *amounts)) is None


def test_three_readings_within_an_hour_say_nothing() -> None:
    card = a_card(threshold=500)
    for minutes, amount in ((0, 1000), (20, 990), (50, 980)):
        instant = START + timedelta(minutes=minutes)
        card = read_balance(card, Decimal(amount), instant, POLICY)
    assert forecast_of(card) is None


def test_a_steady_use_is_drawn_on_as_a_line() -> None:
    # 1000 on 1 November, 50 a day: 500 at noon of the 11th, under it by that day's end
    card = read(a_card(threshold=500), 1000, 950, 900)
    assert forecast_of(card) == Forecast(Decimal("50.00"), on("2026-11-11"), None)


def test_without_a_threshold_there_is_a_rate_and_no_day() -> None:
    forecast = forecast_of(read(a_card(), 1000, 950, 900))
    assert forecast == Forecast(Decimal("50.00"), None, None)


def test_a_balance_that_stands_still_never_runs_low() -> None:
    assert low_on(read(a_card(threshold=500), 1000, 1000, 1000)) is None


def test_a_top_up_that_was_recorded_is_no_saving() -> None:
    card = read(a_card(threshold=500), 1000, 950, 900)
    card = top_up(card, Decimal(1000), on("2026-11-03"), POLICY, at("2026-11-03 18:00"))
    card = read(card, 1850, since=at("2026-11-04 12:00"))
    forecast = forecast_of(card)
    assert forecast is not None
    assert forecast.per_day == Decimal("50.00")


def test_a_top_up_that_nobody_recorded_is_left_out() -> None:
    card = read(a_card(threshold=500), 1000, 950, 900, 5000, 4950)
    forecast = forecast_of(card)
    assert forecast is not None
    assert forecast.per_day == Decimal("50.00")


def test_one_odd_reading_hardly_moves_it() -> None:
    card = read(a_card(threshold=500), 3000, 2950, 2900, 2850, 1200, 1150, 1100, 1050, 1000)
    forecast = forecast_of(card)
    assert forecast is not None
    assert Decimal(50) <= forecast.per_day < Decimal(350)  # the mean is 250, and more if it is near


def test_use_in_lumps_is_not_taken_for_none() -> None:
    card = read(a_card(threshold=500), 3000, 3000, 3000, 2700, 2700, 2700, 2400, 2400, 2400, 2100)
    forecast = forecast_of(card)
    assert forecast is not None
    assert Decimal(80) <= forecast.per_day <= Decimal(120)


def test_gaps_between_readings_count_by_their_length() -> None:
    card = a_card(threshold=500)
    for day, amount in ((0, 3000), (1, 2950), (21, 1950), (22, 1900)):
        card = read_balance(card, Decimal(amount), START + day * DAY, POLICY)
    forecast = forecast_of(card)
    assert forecast is not None
    assert forecast.per_day == Decimal("50.00")


def test_only_the_newest_readings_are_kept() -> None:
    card = read(a_card(threshold=0), *range(9000, 0, -100))
    assert len(card.balance.spendings) == SPENDINGS_KEPT


def test_an_older_reading_and_one_of_the_same_instant_add_nothing() -> None:
    card = read(a_card(threshold=500), 1000, 950, 900)
    assert read_balance(card, Decimal(5), START, POLICY) == card
    again = read_balance(card, Decimal(5), START + 2 * DAY, POLICY)
    assert again.balance.spendings == card.balance.spendings


RENEWING = replace(
    a_card(threshold=500),
    plan=replace(
        a_card(ends_on="2026-11-20", started_on="2026-10-22", period=days(30)).plan,
        price=Decimal(1000),
        auto_renew=True,
    ),
)


@pytest.mark.parametrize(
    ("amounts", "short_by", "low"),
    [
        # 900 on 3 November, 17.5 days of 50 to the charge: 25 left of the 1000; low on the 11th
        ((1000, 950, 900), Decimal(975), "2026-11-11"),
        # 4900: 4025 then, 3025 after it; 1525 and 525 on 21 December
        ((5000, 4950, 4900), Decimal(0), "2026-12-21"),
    ],
)
def test_it_says_whether_the_next_charge_will_be_covered(
    amounts: tuple[int, ...], short_by: Decimal, low: str
) -> None:
    forecast = forecast_of(read(RENEWING, *amounts))
    assert forecast is not None
    assert (forecast.short_by, forecast.runs_low_on) == (short_by, on(low))


def test_a_charge_that_the_known_balance_covers_counts_as_it_will_when_it_comes() -> None:
    """Whoever has 1010 today and spends 50 a day: taken for covered, and low from then on."""
    card = read(RENEWING, 1110, 1060, 1010)
    forecast = forecast_of(card)
    assert forecast is not None
    assert forecast.short_by == Decimal(865)
    assert forecast.runs_low_on == on("2026-11-13")
    few = read(RENEWING, 1510, 1505, 1500)
    assert low_on(few) == on("2026-11-21")
    for now in ("2026-11-20 12:00", "2026-11-21 00:00", "2027-06-01 00:00"):
        assert low_on(as_of(few, at(now))) == on("2026-11-21")


def test_the_day_is_the_same_whenever_it_is_asked_for() -> None:
    card = read(RENEWING, 5000, 4950, 4900)
    for now in ("2026-11-04 12:00", "2026-11-21 00:00", "2026-12-10 12:00"):
        assert low_on(as_of(card, at(now))) == low_on(card), now


@given(
    amounts=st.lists(st.integers(-100, 9000), min_size=3, max_size=15),
    every=st.integers(1, 40),
    price=st.integers(1, 3000),
    threshold=st.integers(0, 3000),
)
def test_a_forecast_is_never_a_saving_and_never_lies_before_its_reading(
    amounts: list[int], every: int, price: int, threshold: int
) -> None:
    plan = replace(RENEWING.plan, price=Decimal(price))
    balance = replace(RENEWING.balance, threshold=Decimal(threshold))
    card = read(replace(RENEWING, plan=plan, balance=balance), *amounts, every=every)
    forecast = forecast_of(card)
    if forecast is None:
        return
    assert forecast.per_day >= 0
    if forecast.runs_low_on is not None:
        assert card.balance.read_at is not None
        assert forecast.runs_low_on >= card.balance.read_at.date()


def test_no_time_at_all_is_no_rate() -> None:
    spending = Spending(START, START + DAY, Decimal(5))
    assert spent_a_day((spending,)) is None
    assert spent_a_day((spending, replace(spending, since=START + DAY, until=START + 2 * DAY)))


# The episode that a forecast opens

FORESEEN = read(a_card(threshold=500), 3000, 2900, 2800)  # 100 a day: under 500 on 26 November


def test_it_opens_seven_days_before_at_the_reminding_hour() -> None:
    assert low_on(FORESEEN) == on("2026-11-26")
    assert FORESEEN.balance.low_since == at("2026-11-19 10:00")
    assert next_wake(FORESEEN, POLICY, (), at("2026-11-04 12:00")) is not None
    kinds = [d.deadline.kind for d in due(FORESEEN, POLICY, (), at("2026-11-19 09:59:59"))]
    assert DeadlineKind.BALANCE not in kinds


def episode(card: Card, now: str, marks: list[Mark] | None = None) -> list[tuple[str, Reason]]:
    found = [
        one
        for one in due(card, POLICY, marks or (), at(now))
        if one.deadline.kind is DeadlineKind.BALANCE
    ]
    if marks is not None:
        marks += [marked(one, at(now)) for one in found]
    return [(str(one.lead), one.reason) for one in found]


def test_it_is_told_with_its_reason_and_goes_on_as_the_same_episode_when_it_comes_true() -> None:
    marks: list[Mark] = []
    assert episode(FORESEEN, "2026-11-19 10:00", marks) == [("0d", Reason.BALANCE_FORECAST)]
    card = read(FORESEEN, 1100, since=at("2026-11-20 12:00"))
    assert card.balance.low_since == FORESEEN.balance.low_since
    assert episode(card, "2026-11-20 12:00", marks) == []
    card = read(card, 490, since=at("2026-11-26 12:00"))
    assert card.balance.low_since == FORESEEN.balance.low_since
    assert episode(card, "2026-11-26 12:00", marks) == [("+6d", Reason.BALANCE_LOW)]


def test_a_reading_before_its_time_moves_it_and_money_ends_it() -> None:
    card = read(FORESEEN, 2500, since=at("2026-11-04 12:00"))
    assert card.balance.low_since is not None
    assert card.balance.low_since < at("2026-11-19 10:00")
    paid = top_up(card, Decimal(90_000), on("2026-11-05"), POLICY, at("2026-11-05 12:00"))
    assert paid.balance.low_since is None or paid.balance.low_since > at("2027-11-01 00:00")


def test_begun_it_closes_with_money_enough_for_a_week_and_a_tenth() -> None:
    at_once = at("2026-11-20 12:00")
    paid = top_up(FORESEEN, Decimal(5000), on("2026-11-20"), POLICY, at_once)
    assert paid.balance.low_since is not None
    assert paid.balance.low_since > at_once + 7 * DAY
    assert paid.balance.low_before == at("2026-11-19 10:00")


def test_a_day_within_the_week_opens_it_at_the_reading() -> None:
    card = read(a_card(threshold=500), 1000, 900, 800)
    assert card.balance.low_since == START + 2 * DAY


CHECKED: dict[str, Any] = {"threshold": 500, "balance": 5000, "read_at": "2026-11-01 15:30"}


@pytest.mark.parametrize("card", [a_card(**CHECKED), a_card(auto_renew=True, ends_on="2027-05-01",
    price=100, balance=5000, read_at="2026-11-01 15:30")])  # fmt: skip
def test_a_balance_on_which_something_hangs_is_to_be_looked_at_every_fortnight(card: Card) -> None:
    marks: list[Mark] = []
    told = []
    now = at("2026-11-01 16:00")
    while now < at("2027-01-15 00:00"):
        for one in due(card, POLICY, marks, now):
            told.append((str(one.lead), one.at, one.reason))
            marks.append(marked(one, now))
        now += timedelta(hours=1)
    assert told == [
        ("0d", at("2026-11-16 10:00"), Reason.READ_LONG_AGO),
        ("+7d", at("2026-11-23 10:00"), Reason.READ_LONG_AGO),
        ("+14d", at("2026-11-30 10:00"), Reason.READ_LONG_AGO),
    ]


def test_a_card_that_was_never_read_counts_from_its_registration() -> None:
    card = a_card(threshold=500, registered_at="2026-11-01 15:30")
    assert due(card, POLICY, (), at("2026-11-16 09:59:59")) == ()
    [reminder] = due(card, POLICY, (), at("2026-11-16 10:00"))
    assert reminder.deadline.at == at("2026-11-15 15:30")


def test_whether_a_payment_arrived_is_asked_once_on_the_next_day() -> None:
    card = top_up(
        a_card(), Decimal(500), on("2026-11-21"), POLICY, at("2026-11-21 18:00"), method="kaspi"
    )
    assert due(card, POLICY, (), at("2026-11-22 09:59:59")) == ()
    [reminder] = due(card, POLICY, (), at("2026-11-22 10:00"))
    assert (str(reminder.lead), reminder.reason) == ("0d", Reason.PAID_YESTERDAY)
    marks = [marked(reminder, at("2026-11-22 10:00"))]
    assert due(card, POLICY, marks, at("2027-11-22 10:00")) == ()
    read_by_then = read_balance(card, Decimal(700), at("2026-11-21 19:00"), POLICY)
    assert due(read_by_then, POLICY, (), at("2026-11-22 10:00")) == ()
    before = read_balance(card, Decimal(700), at("2026-11-20 19:00"), POLICY)
    assert len(due(before, POLICY, (), at("2026-11-22 10:00"))) == 1


def test_a_payment_awaited_is_forgotten_by_no_other_payment() -> None:
    paid = top_up(
        a_card(ends_on="2026-12-20", period=days(30)),
        Decimal(500),
        on("2026-11-21"),
        POLICY,
        at("2026-11-21 12:00"),
        method="kaspi",
    )
    renewed = renew(paid, Renewal(on=on("2026-11-20")), at("2026-11-21 13:00"))
    assert renewed.paid_on == on("2026-11-21")
    earlier = renew(paid, Renewal(on=on("2026-11-20"), method="card"), at("2026-11-21 13:00"))
    assert earlier.paid_on == on("2026-11-21")


def test_a_reading_of_before_a_top_up_has_the_top_up_on_top() -> None:
    card = top_up(
        read(a_card(threshold=500), 1000), Decimal(700), on("2026-11-05"), POLICY,
        at("2026-11-05 12:00"),
    )  # fmt: skip
    card = read_balance(card, Decimal(900), at("2026-11-03 12:00"), POLICY)
    assert (card.balance.amount, card.balance.estimated) == (Decimal(1600), True)
    assert card.balance.spendings[-1].amount == Decimal(100)
    later = read_balance(card, Decimal(1500), at("2026-11-06 12:00"), POLICY)
    assert (later.balance.amount, later.balance.estimated) == (Decimal(1500), False)
    assert later.balance.changes == ()


def test_an_episode_of_being_low_ends_a_tenth_above_though_the_forecast_opens_another() -> None:
    card = read(a_card(threshold=500), 1000, 800, 600, 400)
    began = card.balance.low_since
    card = read(card, 900, since=at("2026-11-05 12:00"))
    assert card.balance.low_since not in (None, began)


def test_money_that_only_pays_a_charge_leaves_the_balance_low() -> None:
    card = replace(RENEWING, balance=replace(RENEWING.balance, threshold=Decimal(500)))
    card = read(card, 100, since=at("2026-11-10 12:00"))
    card = top_up(card, Decimal(1000), on("2026-11-25"), POLICY, at("2026-11-25 12:00"))
    assert card.balance.amount == Decimal(100)
    assert card.balance.low_since == at("2026-11-10 12:00")
