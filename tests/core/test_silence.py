"""Acknowledge, snooze, mute: what each silences, for how long, and what comes after."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kzreminder.core.card import Card
from kzreminder.core.correcting import correct
from kzreminder.core.moves import Renewal, renew, use
from kzreminder.core.period import days, months
from kzreminder.core.planning import State, due, next_reminder, next_wake, snoozed_until, state_of
from kzreminder.core.policy import Policy
from kzreminder.core.reminder import Mark, Reason, Severity, marked
from kzreminder.core.silence import (
    acknowledge,
    ending_snooze,
    is_muted,
    mute,
    snooze,
    snooze_until,
    spoken_for,
    unmute,
)
from tests.core.cards import POLICY, Told, a_card, at, on, told_by

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
PLAN = a_card(started_on="2026-11-21", ends_on="2026-12-20", period=days(30))
LOW = a_card(balance=320, threshold=500, low_since="2026-11-21 15:30", read_at="2026-11-21 15:30")


def hourly(start: str, end: str) -> list[datetime]:
    first, last = at(start), at(end)
    return [first + count * HOUR for count in range((last - first) // HOUR + 1)]


def leads(told: list[Told]) -> list[tuple[str, str]]:
    return [(one.lead, one.clock) for one in told]


# Acknowledge


def test_what_is_still_ahead_comes_after_an_ack() -> None:
    marks: list[Mark] = []
    told_by(PLAN, hourly("2026-12-01 10:00", "2026-12-17 12:00"), marks=marks)
    card = acknowledge(PLAN, at("2026-12-17 13:00"))
    told = told_by(card, hourly("2026-12-17 13:00", "2026-12-21 12:00"), marks=marks)
    assert [lead for lead, _ in leads(told)] == ["1d", "0d", "+1d"]


def test_of_what_is_overdue_only_the_weekly_words_come_after_an_ack() -> None:
    marks: list[Mark] = []
    told_by(PLAN, hourly("2026-12-01 10:00", "2026-12-22 12:00"), marks=marks)
    card = acknowledge(PLAN, at("2026-12-22 13:00"))
    told = told_by(card, hourly("2026-12-22 13:00", "2027-03-30 12:00"), marks=marks)
    weekly = [*range(7, 57, 7), 60]
    assert [lead for lead, _ in leads(told)] == [f"+{count}d" for count in weekly]


def test_a_low_balance_is_quiet_for_a_fortnight_after_an_ack() -> None:
    marks: list[Mark] = []
    told_by(LOW, hourly("2026-11-21 15:00", "2026-11-22 15:00"), marks=marks)
    card = acknowledge(LOW, at("2026-11-22 15:00"))
    told = told_by(card, hourly("2026-11-22 15:00", "2026-12-12 15:00"), marks=marks)
    assert leads(told) == [("+18d", "2026-12-09 10:00"), ("+21d", "2026-12-12 10:00")]


def test_a_new_episode_and_a_new_deadline_are_not_acknowledged() -> None:
    card = acknowledge(LOW, at("2026-11-22 15:00"))
    again = replace(card, balance=replace(card.balance, low_since=at("2026-11-23 12:00")))
    assert len(due(again, POLICY, (), at("2026-11-23 12:00"))) == 1


def test_a_word_to_look_at_the_balance_is_not_acknowledged() -> None:
    card = a_card(balance=900, threshold=500, read_at="2026-11-21 12:00")
    clock = hourly("2026-12-05 10:00", "2026-12-06 09:00")
    marks = [marked(one, now) for now in clock for one in due(card, POLICY, (), now)][:1]
    acked = acknowledge(card, at("2026-12-06 09:30"))
    for now in hourly("2026-12-06 10:00", "2026-12-20 12:00"):
        marks += [marked(one, now) for one in due(acked, POLICY, marks, now)]
    assert [str(mark.lead) for mark in marks] == ["0d", "+7d", "+14d"]


def test_an_ack_of_a_wrong_year_silences_nothing() -> None:
    late = at("2026-12-23 12:00")
    assert due(acknowledge(PLAN, at("2036-12-22 13:00")), POLICY, (), late) != ()
    assert due(acknowledge(PLAN, late + 6 * DAY), POLICY, (), late) == ()


# Snooze


def snoozed(
    card: Card = PLAN, since: str = "2026-12-13 12:00", until: str = "2026-12-15 12:00"
) -> Card:
    return snooze(card, at(until), at(since))


def test_a_snooze_ends_with_one_message_that_says_what_is_true_then() -> None:
    marks: list[Mark] = []
    told_by(PLAN, hourly("2026-12-01 10:00", "2026-12-13 11:00"), marks=marks)
    told = told_by(snoozed(), hourly("2026-12-13 12:00", "2026-12-17 12:00"), marks=marks)
    assert leads(told) == [("snooze", "2026-12-15 12:00"), ("3d", "2026-12-17 10:00")]


def test_what_fell_due_meanwhile_is_covered() -> None:
    card = snoozed(since="2026-12-12 12:00", until="2026-12-18 12:00")
    told = told_by(card, hourly("2026-12-12 12:00", "2026-12-19 12:00"))
    assert leads(told) == [("snooze", "2026-12-18 12:00"), ("1d", "2026-12-19 10:00")]


@pytest.mark.parametrize(
    ("since", "until", "ends"),
    [
        ("2026-12-13 12:00", "2026-12-15 12:00", "2026-12-15 12:00"),
        ("2026-12-13 12:00", "2027-12-15 12:00", "2026-12-20 10:00"),  # cut to 0d
        ("2026-12-20 11:00", "2026-12-22 11:00", "2026-12-20 23:59:59"),  # that past: to the end
        ("2026-12-21 11:00", "2027-01-22 11:00", "2027-01-22 11:00"),  # nothing ahead
    ],
)
def test_a_snooze_never_reaches_past_the_last_call(since: str, until: str, ends: str) -> None:
    card = snoozed(since=since, until=until)
    just_before = at(ends) - timedelta(seconds=1)
    assert snoozed_until(card, POLICY, (), just_before) == at(ends)
    assert due(card, POLICY, (), just_before) == ()
    assert snoozed_until(card, POLICY, (), at(ends)) is None
    in_the_morning = max(
        at(ends), at(f"{ends[:10]} 08:00") + (DAY if ends[11:] > "22" else 0 * DAY)
    )
    told = due(card, POLICY, (), in_the_morning)
    assert [str(one.lead) for one in told] == ["snooze"]
    assert told[0].reason is Reason.SNOOZE_ENDED


def test_after_five_days_off_the_end_of_a_snooze_is_told_once_and_late() -> None:
    card = snoozed(since="2026-12-06 12:00", until="2026-12-08 12:00")
    now = at("2026-12-11 12:00")
    [reminder] = due(card, POLICY, (), now)
    assert (str(reminder.lead), reminder.at) == ("snooze", at("2026-12-08 12:00"))
    assert reminder.is_late(now)
    assert due(card, POLICY, [marked(reminder, now)], now + HOUR) == ()


def test_its_mark_carries_its_end_in_place_of_the_deadline() -> None:
    [reminder] = due(snoozed(), POLICY, (), at("2026-12-15 12:00"))
    mark = marked(reminder, at("2026-12-15 12:00"))
    assert (str(mark.lead), mark.deadline_at) == ("snooze", at("2026-12-15 12:00"))


def test_other_deadlines_due_by_then_are_told_beside_it_and_not_late() -> None:
    idle = replace(PLAN.keep_alive, period=days(30), last_used_on=on("2026-11-21"))
    card = snoozed(replace(PLAN, keep_alive=idle), until="2026-12-14 12:00")
    told = due(card, POLICY, (), at("2026-12-14 12:00"))
    assert [(one.deadline.kind.value, str(one.lead)) for one in told] == [
        ("plan", "snooze"),
        ("idle", "7d"),
    ]
    assert not any(one.is_late(at("2026-12-14 12:00")) for one in told)
    assert [(one.reason, one.severity) for one in told] == [
        (Reason.SNOOZE_ENDED, Severity.INFO),
        (Reason.DAYS_LEFT, Severity.INFO),
    ]


def test_a_snoozed_card_wakes_when_its_snooze_ends_and_says_so_ahead() -> None:
    now = at("2026-12-13 13:00")
    assert next_wake(snoozed(), POLICY, (), now) == at("2026-12-15 12:00")
    ahead = next_reminder(snoozed(), POLICY, (), now)
    assert ahead is not None
    assert (str(ahead.lead), ahead.at) == ("snooze", at("2026-12-15 12:00"))


def test_a_card_of_which_nothing_was_due_comes_back_too() -> None:
    card = snoozed(since="2026-11-22 12:00", until="2026-11-24 12:00")
    assert leads(told_by(card, hourly("2026-11-22 12:00", "2026-11-30 12:00"))) == [
        ("snooze", "2026-11-24 12:00")
    ]


def test_a_card_with_nothing_to_lose_ends_its_snooze_silently() -> None:
    assert told_by(snoozed(a_card()), hourly("2026-12-13 12:00", "2026-12-20 12:00")) == []


def test_a_renewal_ends_a_snooze_silently() -> None:
    paid = ending_snooze(
        partial(renew, renewal=Renewal(on=on("2026-12-14")), now=at("2026-12-14 12:00")),
        POLICY,
        at("2026-12-14 12:00"),
    )
    card = paid(snoozed())
    assert card.silence.snoozed_until is None
    assert told_by(card, hourly("2026-12-14 12:00", "2027-01-01 12:00")) == []


def test_a_use_ends_it_only_where_the_idle_number_was_all_there_was() -> None:
    now = at("2026-12-14 12:00")
    used = ending_snooze(partial(use, on=on("2026-12-14")), POLICY, now)
    idle = a_card(keep_alive=days(30), last_used_on="2026-11-18")
    assert used(snoozed(idle)).silence.snoozed_until is None
    both = replace(PLAN, keep_alive=idle.keep_alive)
    assert used(snoozed(both)).silence.snoozed_until is not None


def test_a_new_label_leaves_a_snooze_and_a_moved_end_settles_it() -> None:
    now = at("2026-12-14 12:00")

    def edited(told: dict[str, Any]) -> Card:
        return ending_snooze(lambda card: correct(card, told, POLICY, now), POLICY, now)(snoozed())

    assert edited({"label": "Dad"}).silence == snoozed().silence
    assert edited({"expires": on("2027-06-30")}).silence.snoozed_until is None
    muted = ending_snooze(lambda card: mute(card, None), POLICY, now)(snoozed())
    assert muted.silence == replace(snoozed().silence, muted=True)
    bare = ending_snooze(lambda card: correct(card, {"note": "x"}, POLICY, now), POLICY, now)
    assert bare(snoozed(a_card())).silence.snoozed_until is not None


def test_a_snooze_of_a_wrong_year_silences_nothing() -> None:
    card = snoozed(since="2036-12-13 12:00", until="2036-12-15 12:00")
    assert [str(one.lead) for one in due(card, POLICY, (), at("2026-12-15 12:00"))] == ["7d"]


def test_a_second_snooze_begins_anew() -> None:
    marks: list[Mark] = []
    told_by(snoozed(), hourly("2026-12-13 12:00", "2026-12-15 12:00"), marks=marks)
    again = snoozed(since="2026-12-15 13:00", until="2026-12-16 13:00")
    told = told_by(again, hourly("2026-12-15 13:00", "2026-12-17 12:00"), marks=marks)
    assert leads(told) == [("snooze", "2026-12-16 13:00"), ("3d", "2026-12-17 10:00")]


def test_the_end_of_a_snooze_waits_for_the_end_of_the_quiet_hours_and_is_not_late() -> None:
    card = snoozed(since="2026-12-13 12:00", until="2026-12-14 23:30")
    told = told_by(card, hourly("2026-12-13 12:00", "2026-12-15 12:00"))
    assert leads(told) == [("snooze", "2026-12-15 08:00")]
    [reminder] = due(card, POLICY, (), at("2026-12-15 08:00"))
    assert not reminder.is_late(at("2026-12-15 08:00"))


def test_a_snooze_lasts_whole_days_of_24_hours_or_calendar_months() -> None:
    now = at("2026-12-31 12:34:56")
    assert snooze_until(now, days(2)) == now + 48 * HOUR
    assert snooze_until(now, months(2)) == at("2027-02-28 12:34:56")


def test_what_a_reminder_would_be_about() -> None:
    far = a_card(ends_on="2027-06-01", keep_alive=days(60), last_used_on="2026-11-21")
    assert [d.kind.value for d in spoken_for(far, POLICY, at("2026-12-01 12:00"))] == ["idle"]
    assert spoken_for(a_card(), POLICY, at("2026-12-01 12:00")) == ()


# Mute


def test_a_muted_card_says_nothing_through_its_day_and_then_what_still_holds() -> None:
    card = mute(PLAN, on("2026-12-17"))
    told = told_by(card, hourly("2026-12-01 00:00", "2026-12-19 12:00"))
    assert leads(told) == [("3d", "2026-12-18 08:00"), ("1d", "2026-12-19 10:00")]
    [reminder] = due(card, POLICY, (), at("2026-12-18 08:00"))
    assert reminder.is_late(at("2026-12-18 08:00"))


def test_what_a_mute_puts_off_is_promised_for_its_end() -> None:
    card = mute(PLAN, on("2026-12-16"))
    ahead = next_reminder(card, POLICY, (), at("2026-12-15 12:00"))
    assert ahead is not None
    assert (str(ahead.lead), ahead.at) == ("7d", at("2026-12-17 08:00"))
    now = at("2026-12-17 09:00")
    due_now = next_reminder(card, POLICY, (), now)
    assert due_now is not None
    assert due_now.at < now


def test_with_nothing_due_the_end_of_a_mute_is_silent() -> None:
    card = mute(PLAN, on("2026-11-30"))
    assert told_by(card, hourly("2026-11-22 00:00", "2026-12-06 09:00")) == []
    assert next_wake(card, POLICY, (), at("2026-11-25 12:00")) == at("2026-12-01 00:00")
    assert next_reminder(card, POLICY, (), at("2026-11-25 12:00")) is not None


def test_a_card_muted_without_end_waits_for_the_user() -> None:
    card = mute(PLAN, None)
    now = at("2026-12-20 12:00")
    assert is_muted(card, now)
    assert state_of(card, POLICY, now) is State.MUTED
    assert next_wake(card, POLICY, (), now) is None
    assert next_reminder(card, POLICY, (), now) is None
    assert [str(one.lead) for one in due(unmute(card), POLICY, (), now)] == ["0d"]


def test_the_day_of_a_mute_is_a_day_in_almaty_on_any_host() -> None:
    card = mute(PLAN, on("2026-12-17"))
    for host in ("Pacific/Honolulu", "Pacific/Kiritimati", "UTC"):
        policy = Policy(zone=ZoneInfo(host), quiet=None)
        assert due(card, policy, (), at("2026-12-17 23:59:59")) == ()
        assert due(card, policy, (), at("2026-12-18 00:00")) != ()


def test_a_charge_that_passed_meanwhile_ends_a_snooze_silently() -> None:
    card = a_card(
        ends_on="2026-12-20",
        period=days(30),
        auto_renew=True,
        balance=800,
        read_at="2026-12-19 12:00",
    )
    marks: list[Mark] = []
    told_by(card, hourly("2026-12-19 10:00", "2026-12-20 18:00"), marks=marks)
    card = snooze(card, at("2026-12-22 20:00"), at("2026-12-20 19:00"))
    assert told_by(card, hourly("2026-12-21 09:00", "2026-12-24 12:00"), marks=marks) == []
    assert snoozed_until(card, POLICY, marks, at("2026-12-21 09:00")) is None
