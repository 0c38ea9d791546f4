"""Why a card speaks or is silent: every lead has a fate, and every fate a reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from kzreminder.core.card import Card
from kzreminder.core.explaining import Fate, Hush, explain
from kzreminder.core.moves import archive
from kzreminder.core.period import days
from kzreminder.core.planning import due
from kzreminder.core.reminder import Mark, marked
from kzreminder.core.silence import acknowledge, mute, snooze
from tests.core.cards import POLICY, a_card, at, on

PLAN = a_card(started_on="2026-12-05", ends_on="2026-12-20", period=days(16))


def told_until(card: Card, *clocks: str) -> list[Mark]:
    marks: list[Mark] = []
    for clock in clocks:
        marks += [marked(one, at(clock)) for one in due(card, POLICY, marks, at(clock))]
    return marks


def fates(card: Card, now: str, marks: list[Mark] | None = None) -> dict[str, str]:
    [story] = explain(card, POLICY, marks or [], at(now)).stories
    return {str(one.lead): one.fate.value for one in story.leads}


def test_each_lead_says_what_became_of_it() -> None:
    marks = told_until(PLAN, "2026-12-14 12:00", "2026-12-19 12:00")
    found = fates(PLAN, "2026-12-20 10:00", marks)
    assert found["14d"] == "covered"  # by what was told a week later
    assert found["7d"] == "told"
    assert found["3d"] == "covered"
    assert found["1d"] == "told"
    assert found["0d"] == "due"
    assert found["+1d"] == "coming"


def test_the_mark_that_silenced_it_is_named() -> None:
    marks = told_until(PLAN, "2026-12-19 12:00")
    [story] = explain(PLAN, POLICY, marks, at("2026-12-19 13:00")).stories
    by = {str(one.lead): one.by for one in story.leads}
    assert by["3d"] == marks[0] == by["1d"]
    assert by["0d"] is None


def test_what_would_fall_before_the_first_day_is_dropped() -> None:
    card = replace(PLAN, plan=replace(PLAN.plan, started_on=on("2026-12-14")))
    found = fates(card, "2026-12-14 12:00")
    assert (found["14d"], found["7d"], found["3d"]) == ("dropped", "dropped", "coming")


def test_an_earlier_lead_gives_way_to_a_later_one() -> None:
    found = fates(PLAN, "2026-12-17 12:00")
    assert (found["14d"], found["7d"], found["3d"]) == ("superseded", "superseded", "due")


@pytest.mark.parametrize(
    ("card", "now", "fate", "hush", "until"),
    [
        (mute(PLAN, None), "2026-12-17 12:00", "muted", Hush.MUTED, None),
        (mute(PLAN, on("2026-12-18")), "2026-12-17 12:00", "muted", Hush.MUTED, "2026-12-19 00:00"),
        (archive(PLAN), "2026-12-17 12:00", "archived", Hush.ARCHIVED, None),
        (
            snooze(PLAN, at("2026-12-18 12:00"), at("2026-12-17 09:00")),
            "2026-12-17 12:00",
            "snoozed",
            Hush.SNOOZED,
            "2026-12-18 12:00",
        ),
        (PLAN, "2026-12-17 23:00", "quiet", Hush.QUIET_HOURS, "2026-12-18 08:00"),
    ],
)
def test_what_silences_a_card_is_named_with_its_end(
    card: Card, now: str, fate: str, hush: Hush, until: str | None
) -> None:
    assert fates(card, now)["3d"] == fate
    told = explain(card, POLICY, (), at(now))
    assert (hush, at(until) if until else None) in told.hushes


def test_a_snooze_that_has_ended_silences_nothing() -> None:
    card = snooze(PLAN, at("2026-12-18 12:00"), at("2026-12-17 09:00"))
    told = explain(card, POLICY, (), at("2026-12-18 12:00"))
    assert Hush.SNOOZED not in dict(told.hushes)


def test_an_acknowledged_lead_says_so() -> None:
    marks = told_until(PLAN, "2026-12-20 12:00", "2026-12-22 12:00")
    card = acknowledge(PLAN, at("2026-12-22 13:00"))
    found = fates(card, "2026-12-25 12:00", marks)
    assert found["+2d"] == "told"
    assert found["+5d"] == "acknowledged"
    assert found["+7d"] == "coming"


def test_of_an_endless_row_all_up_to_the_next_is_told() -> None:
    card = a_card(balance=1, threshold=5, low_since="2026-12-01 12:00", read_at="2026-12-01 12:00")
    marks = told_until(card, "2026-12-01 12:00", "2026-12-04 12:00")
    assert fates(card, "2026-12-05 12:00", marks) == {"0d": "told", "+3d": "told", "+6d": "coming"}
    acked = acknowledge(card, at("2026-12-05 13:00"))
    found = fates(acked, "2026-12-05 14:00", marks)
    assert found == {
        "0d": "told",
        "+3d": "told",
        **{f"+{count}d": "acknowledged" for count in (6, 9, 12, 15, 18)},
        "+21d": "coming",
    }


def test_a_charge_that_is_covered_is_explained_though_it_is_no_deadline() -> None:
    card = a_card(
        ends_on="2026-12-20",
        period=days(30),
        auto_renew=True,
        price=100,
        balance=5000,
        read_at="2026-12-01 12:00",
    )
    told = explain(card, POLICY, (), at("2026-12-05 12:00"))
    assert dict(told.hushes)[Hush.CHARGE_COVERED] == at("2026-12-15 12:00")
    young = replace(card, balance=replace(card.balance, read_at=at("2026-12-19 12:00")))
    assert dict(explain(young, POLICY, (), at("2026-12-19 13:00")).hushes) == {
        Hush.CHARGE_COVERED: None
    }


def test_a_balance_that_is_low_by_counting_only_is_explained() -> None:
    card = a_card(balance=300, threshold=500, read_at="2026-12-01 12:00")
    told = explain(card, POLICY, (), at("2026-12-05 12:00"))
    assert dict(told.hushes) == {Hush.LOW_BY_ESTIMATE: None}


def test_nothing_known_and_nothing_left_to_say_are_told_apart() -> None:
    assert dict(explain(a_card(), POLICY, (), at("2026-12-05 12:00")).hushes) == {
        Hush.NOTHING_TO_LOSE: None
    }
    marks = told_until(PLAN, "2027-02-18 10:00")
    told = explain(PLAN, POLICY, marks, at("2027-02-18 10:00") + timedelta(days=1))
    assert dict(told.hushes) == {Hush.ALL_TOLD: None}
    assert told.coming is None
    assert {one.fate for story in told.stories for one in story.leads} == {Fate.TOLD, Fate.COVERED}


def test_nothing_is_promised_for_a_time_at_which_it_will_be_silent() -> None:
    muted = fates(mute(PLAN, None), "2026-12-17 12:00")
    assert (muted["1d"], muted["+60d"]) == ("muted", "muted")
    until = fates(mute(PLAN, on("2026-12-19")), "2026-12-17 12:00")
    assert (until["1d"], until["0d"]) == ("muted", "coming")
    assert fates(archive(PLAN), "2026-12-17 12:00")["1d"] == "archived"
    put_off = snooze(PLAN, at("2026-12-19 12:00"), at("2026-12-17 09:00"))
    assert fates(put_off, "2026-12-17 12:00")["1d"] == "snoozed"
