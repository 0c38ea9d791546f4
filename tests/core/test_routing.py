"""Where a card is told of, what of it, and what waits for an answer before the desktop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kzreminder.core.card import Card
from kzreminder.core.deadlines import DeadlineKind
from kzreminder.core.explaining import Fate, explain
from kzreminder.core.leads import SNOOZE
from kzreminder.core.moves import Renewal, renew
from kzreminder.core.period import MONTH_START, Period, days, months
from kzreminder.core.planning import (
    next_reminder,
    next_reminder_on,
    next_wake,
    plan,
    upcoming,
    upcoming_on,
)
from kzreminder.core.policy import Policy
from kzreminder.core.reminder import Mark, Severity, marked
from kzreminder.core.routing import Route, routes_for
from kzreminder.core.silence import acknowledge, mute, snooze, unmute
from tests.core.cards import POLICY, a_card, at, on
from tests.core.test_planning_properties import START, cards, clock, policies, steps

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
DESKTOP = Route("desktop:here")
DAD = Route("push:dad")
PHONE = Route("push:phone", after=6 * HOUR)
PLAN = a_card(started_on="2026-11-21", ends_on="2026-12-20", period=days(30))


def names(routes: Iterable[Route]) -> list[str]:
    return [route.name for route in routes]


# Which targets


BANK = Route("push:bank", tags=frozenset({"bank"}))
ALL = (DAD, DESKTOP, BANK)


@pytest.mark.parametrize(
    ("targets", "tags", "told_on"),
    [
        ((), (), ["desktop", "dad"]),
        ((), ("bank",), ["desktop", "dad", "bank"]),
        ((), ("Bank", "family"), ["desktop", "dad"]),
        (("dad",), ("bank",), ["dad"]),
        (("bank",), (), ["bank"]),
        (("bank", "desktop"), (), ["desktop", "bank"]),
        (("aunt", "dad"), (), ["dad"]),
        (("aunt",), (), ["desktop", "dad"]),
        (("aunt",), ("bank",), ["desktop", "dad", "bank"]),
    ],
)
def test_a_card_is_told_on_its_own_targets_else_by_its_tags(
    targets: tuple[str, ...], tags: tuple[str, ...], told_on: list[str]
) -> None:
    card = replace(PLAN, targets=targets, tags=tags)
    assert names(routes_for(card, ALL)) == told_on


def test_a_card_that_no_target_is_meant_for_is_told_on_all() -> None:
    assert names(routes_for(PLAN, (BANK,))) == ["bank"]
    assert routes_for(PLAN, ()) == ()


def test_nothing_waits_for_a_desktop_on_which_the_card_is_not_told() -> None:
    routes = (DESKTOP, PHONE)
    assert routes_for(PLAN, routes)[1].after == 6 * HOUR
    assert routes_for(replace(PLAN, targets=("phone",)), routes) == (replace(PHONE, after=None),)
    assert routes_for(PLAN, (PHONE,)) == (replace(PHONE, after=None),)


def test_every_desktop_is_the_desktop() -> None:
    there = Route("desktop:another")
    told = marks_of(PLAN, DESKTOP, at("2026-12-17 10:00"))
    assert plan(PLAN, POLICY, told, at("2026-12-17 11:00"), there).reminders == ()
    assert plan(PLAN, POLICY, told, at("2026-12-17 11:00"), DAD).reminders != ()
    assert (DESKTOP.name, DAD.name) == ("desktop", "dad")
    assert DESKTOP.rule == there.rule != DAD.rule


def test_a_rule_reads_the_same_in_every_process() -> None:
    route = Route("push:x", frozenset(DeadlineKind), Severity.WARNING, frozenset("abc"), HOUR)
    assert route.rule == ("x", sorted(DeadlineKind), "warning", ["a", "b", "c"], HOUR)


# What of it


def marks_of(
    card: Card, route: Route, *instants: datetime, marks: Sequence[Mark] = ()
) -> list[Mark]:
    """What passes at these instants tell there."""
    told = list(marks)
    for now in instants:
        reminders = plan(card, POLICY, told, now, route).reminders
        told += [marked(reminder, now, route.target) for reminder in reminders]
    return told


def played(
    card: Card,
    routes: Sequence[Route],
    start: str,
    end: str,
    marks: Sequence[Mark] = (),
) -> list[tuple[str, str, str]]:
    """What is told where if passes come at every wake: target, clock, kind with lead."""
    now, until = at(start), at(end)
    return [
        (
            route.name,
            f"{instant.astimezone(POLICY.zone):%m-%d %H:%M}",
            " ".join(f"{one.deadline.kind.value} {one.lead}" for one in reminders),
        )
        for instant, route, reminders in upcoming_on(routes, card, POLICY, marks, now, until)
        if route is not None
    ]


def told_there(told: list[tuple[str, str, str]], name: str) -> list[tuple[str, str]]:
    return [(clock, what) for target, clock, what in told if target == name]


def test_a_target_is_told_of_its_kinds_only() -> None:
    card = replace(PLAN, device_entered_on=on("2026-11-20"))  # blocked on 20 December, too
    phones = Route("push:phones", kinds=frozenset({DeadlineKind.DEVICE}))
    told = played(card, (DESKTOP, phones), "2026-12-17 10:00", "2026-12-18 10:00")
    assert told == [
        ("desktop", "12-17 10:00", "plan 3d device 3d"),
        ("phones", "12-17 10:00", "device 3d"),
    ]


@pytest.mark.parametrize(
    ("severity", "leads"),
    [
        (Severity.INFO, ["14d", "7d", "3d", "1d", "0d", "+1d"]),
        (Severity.WARNING, ["3d", "1d", "0d", "+1d"]),
        (Severity.CRITICAL, ["0d", "+1d"]),
    ],
)
def test_a_target_is_told_of_nothing_slighter_than_it_asks_for(
    severity: Severity, leads: list[str]
) -> None:
    calm = Route("push:calm", severity=severity)
    told = played(PLAN, (DESKTOP, calm), "2026-12-01 10:00", "2026-12-21 12:00")
    assert [what.split()[1] for _, what in told_there(told, "calm")] == leads


def test_what_was_too_slight_at_its_time_is_not_told_between_two_leads() -> None:
    """In the last night the lead of the day before would count as critical."""
    calm = Route("push:calm", severity=Severity.CRITICAL)
    for clock_time in ("2026-12-19 10:00", "2026-12-20 00:30", "2026-12-20 09:00"):
        assert plan(PLAN, POLICY, (), at(clock_time), calm).reminders == ()
    assert plan(PLAN, POLICY, (), at("2026-12-20 10:00"), calm).reminders != ()


def test_the_end_of_a_snooze_that_a_target_does_not_want_hides_nothing_it_does() -> None:
    card = snooze(PLAN, at("2026-12-18 11:00"), at("2026-12-17 11:00"))
    calm = Route("push:calm", severity=Severity.CRITICAL)
    told = played(card, (DESKTOP, calm), "2026-12-17 11:00", "2026-12-20 12:00")
    assert told_there(told, "desktop")[0] == ("12-18 11:00", "plan snooze")
    assert told_there(told, "calm") == [("12-20 10:00", "plan 0d")]
    [reminder] = plan(card, POLICY, (), at("2026-12-20 10:00"), calm).reminders
    assert not reminder.is_late(at("2026-12-20 10:00"))


# Waiting for an answer


BOTH = (DESKTOP, PHONE)
TOLD_AT = at("2026-12-17 10:00")  # the lead of three days
TOLD = marks_of(PLAN, DESKTOP, TOLD_AT)


def phone_after(card: Card, marks: Sequence[Mark] = TOLD) -> list[tuple[str, str]]:
    """On the phone, from an hour after the desktop was told until before its next lead."""
    return told_there(played(card, BOTH, "2026-12-17 11:00", "2026-12-19 09:00", marks), "phone")


def test_what_nobody_acknowledges_is_told_on_the_other_target_after_the_wait() -> None:
    told = played(PLAN, BOTH, "2026-12-17 10:00", "2026-12-19 17:00")
    assert told == [
        ("desktop", "12-17 10:00", "plan 3d"),
        ("phone", "12-17 16:00", "plan 3d"),
        ("desktop", "12-19 10:00", "plan 1d"),
        ("phone", "12-19 16:00", "plan 1d"),
    ]


@pytest.mark.parametrize(
    ("answered", "told"),
    [
        (lambda card, now: card, [("12-17 16:00", "plan 3d")]),
        (acknowledge, []),
        (lambda card, now: renew(card, Renewal(on("2026-12-17")), now), []),
        (lambda card, now: mute(card, None), []),
        (lambda card, now: mute(card, on("2026-12-17")), [("12-18 08:00", "plan 3d")]),
        (lambda card, now: unmute(mute(card, None)), [("12-17 16:00", "plan 3d")]),
        (lambda card, now: replace(card, archived=True), []),
    ],
)
def test_an_answer_ends_the_wait(answered: object, told: list[tuple[str, str]]) -> None:
    assert callable(answered)
    assert phone_after(answered(PLAN, at("2026-12-17 11:00"))) == told


def test_an_ack_from_before_it_was_told_is_no_answer() -> None:
    card = acknowledge(PLAN, at("2026-12-17 09:00"))
    assert phone_after(card) == [("12-17 16:00", "plan 3d")]


def test_after_an_ack_the_next_lead_waits_anew() -> None:
    card = acknowledge(PLAN, at("2026-12-17 11:00"))
    told = played(card, BOTH, "2026-12-17 11:00", "2026-12-19 17:00", TOLD)
    assert told == [("desktop", "12-19 10:00", "plan 1d"), ("phone", "12-19 16:00", "plan 1d")]


def test_a_snooze_makes_the_other_target_wait_for_the_end_of_it() -> None:
    card = snooze(PLAN, at("2026-12-18 10:00"), at("2026-12-17 11:00"))
    told = played(card, BOTH, "2026-12-17 11:00", "2026-12-18 20:00", TOLD)
    assert told == [
        ("desktop", "12-18 10:00", "plan snooze"),
        ("phone", "12-18 16:00", "plan snooze"),
    ]
    marks = [
        *TOLD,
        Mark(
            DeadlineKind.PLAN,
            at("2026-12-18 10:00"),
            SNOOZE,
            at("2026-12-18 12:30"),
            DESKTOP.target,
        ),
    ]
    late = played(card, BOTH, "2026-12-18 13:00", "2026-12-18 20:00", marks)
    assert late == [("phone", "12-18 18:30", "plan snooze")]
    acked = acknowledge(card, at("2026-12-18 13:00"))
    assert played(acked, BOTH, "2026-12-18 13:00", "2026-12-19 09:00", marks) == []


def test_what_the_desktop_was_told_late_waits_from_then() -> None:
    late = marks_of(PLAN, DESKTOP, at("2026-12-17 15:00"))
    assert phone_after(PLAN, late) == [("12-17 21:00", "plan 3d")]


def test_what_the_desktop_could_not_be_told_waits_from_when_it_was_due() -> None:
    card = replace(PLAN, leads=(3, 1, 0))
    assert plan(card, POLICY, (), at("2026-12-17 15:59"), PHONE).reminders == ()
    [reminder] = plan(card, POLICY, (), at("2026-12-17 16:00"), PHONE).reminders
    assert reminder.at == at("2026-12-17 16:00")
    told = marks_of(card, PHONE, at("2026-12-17 16:00"))
    told = marks_of(card, DESKTOP, at("2026-12-18 09:00"), marks=told)
    assert [mark.target for mark in told] == ["push:phone", "desktop:here"]
    assert phone_after(card, told) == [], "it is not told twice because the desktop came late"


def test_a_card_that_is_registered_late_is_told_once_of_all_that_came_before() -> None:
    """And the desktop, which is away, has the whole wait to come back."""
    card = replace(PLAN, registered_at=at("2026-12-19 12:00"))
    assert next_wake(card, POLICY, (), at("2026-12-19 12:00"), PHONE) == at("2026-12-19 18:00")
    told = marks_of(card, PHONE, at("2026-12-19 18:00"))
    assert [str(mark.lead) for mark in told] == ["1d"]


def test_a_wait_longer_than_from_one_message_to_the_next_comes_to_its_end() -> None:
    """Each day the desktop is told something new of a card of which it knew nothing before."""
    card = replace(PLAN, registered_at=at("2026-12-19 12:00"))
    phone = replace(PHONE, after=30 * HOUR)
    told = played(card, (DESKTOP, phone), "2026-12-19 12:00", "2026-12-24 20:00")
    assert told_there(told, "desktop")[:3] == [
        ("12-19 12:00", "plan 1d"),
        ("12-20 10:00", "plan 0d"),
        ("12-21 10:00", "plan +1d"),
    ]
    assert told_there(told, "phone") == [
        ("12-20 18:00", "plan 1d"),
        ("12-21 16:00", "plan 0d"),
        ("12-22 16:00", "plan +1d"),
        ("12-23 16:00", "plan +2d"),
        ("12-24 16:00", "plan +3d"),
    ]


@pytest.mark.parametrize("after", [HOUR, 6 * HOUR, 30 * HOUR])
def test_an_answer_covers_what_was_told_anywhere(after: timedelta) -> None:
    """The desktop was away, the phone told; what was acknowledged is not shown on the desktop."""
    told = marks_of(PLAN, replace(PHONE, after=after), at("2026-12-17 10:00") + after)
    now = at("2026-12-18 17:00")
    assert plan(PLAN, POLICY, told, now, DESKTOP).reminders != ()
    acked = acknowledge(PLAN, at("2026-12-18 16:30"))
    assert plan(acked, POLICY, told, now, DESKTOP).reminders == ()
    assert plan(acked, POLICY, told, at("2026-12-19 10:00"), DESKTOP).reminders != ()


def test_a_wait_that_ends_in_quiet_hours_ends_with_them_and_nothing_is_late() -> None:
    phone = replace(PHONE, after=14 * HOUR)
    told = played(PLAN, (DESKTOP, phone), "2026-12-17 10:00", "2026-12-18 20:00")
    assert told_there(told, "phone") == [("12-18 08:00", "plan 3d")]
    [reminder] = plan(PLAN, POLICY, TOLD, at("2026-12-18 08:00"), phone).reminders
    assert not reminder.is_late(at("2026-12-18 08:00"))


def test_a_wait_that_ends_in_the_last_quiet_hours_before_a_deadline_is_told_in_them() -> None:
    """Its end would be too late, and before them the wait is not over."""
    card = a_card(started_on="2026-11-21", ends_on="2026-12-20", period=days(30), price=4990,
                  auto_renew=True, balance=0, read_at="2026-12-19 12:00")  # fmt: skip
    phone = replace(PHONE, after=5 * HOUR)
    told = played(card, (DESKTOP, phone), "2026-12-19 10:00", "2026-12-20 23:59")
    last = [("desktop", "12-20 18:00", "charge 0d"), ("phone", "12-20 23:00", "charge 0d")]
    assert told[-2:] == last


def test_with_quiet_hours_of_none_a_wait_is_as_long_as_it_is() -> None:
    policy = replace(POLICY, quiet=None)
    phone = replace(PHONE, after=14 * HOUR)
    [reminder] = plan(PLAN, policy, TOLD, at("2026-12-18 00:00"), phone).reminders
    assert reminder.at == at("2026-12-18 00:00")


# For every card, policy and route


waits = st.none() | st.sampled_from([15, 60, 360, 1500, 14 * 1440]).map(
    lambda minutes: timedelta(minutes=minutes)
)
pushes = st.builds(
    Route,
    st.sampled_from(["push:a", "push:b"]),
    kinds=st.none() | st.frozensets(st.sampled_from(DeadlineKind), min_size=1),
    severity=st.sampled_from(Severity),
    after=waits,
)
ways = st.lists(pushes, max_size=2, unique_by=lambda route: route.target)
answers = st.sampled_from(["", "", "ack", "snooze", "mute", "unmute"])


def answered(card: Card, how: str, now: datetime) -> Card:
    if how == "ack":
        return acknowledge(card, now)
    if how == "snooze":
        return snooze(card, now + 2 * DAY, now)
    if how == "mute":
        return mute(card, (now + 3 * DAY).date())
    return unmute(card) if how == "unmute" else card


@settings(max_examples=30, deadline=None)
@given(card=cards(), policy=policies, pushed=ways, walk=steps, data=st.data())
def test_each_lead_is_told_once_a_target_and_passes_wake_for_something(
    card: Card, policy: Policy, pushed: list[Route], walk: list[timedelta], data: st.DataObject
) -> None:
    routes = routes_for(card, (DESKTOP, *pushed))
    marks: list[Mark] = []
    told: Counter[tuple[object, ...]] = Counter()
    for now in clock(START, walk):
        card = answered(card, data.draw(answers), now)
        for route in routes:
            planned = plan(card, policy, marks, now, route)
            for one in planned.reminders:
                assert one.at <= now
                told[route.target, one.deadline.kind, one.marked_at, one.lead] += 1
            marks += [marked(one, now, route.target) for one in planned.reminders]
            wake_at = next_wake(card, policy, marks, now, route)
            assert wake_at == planned.then
            assert wake_at is None or wake_at > now
        for route in routes:  # whatever was told on the others since
            assert plan(card, policy, marks, now, route).reminders == ()
    assert set(told.values()) <= {1}


@settings(max_examples=30, deadline=None)
@given(
    card=cards(),
    policy=policies,
    pushed=ways,
    walk=steps,
    parts=st.lists(st.floats(0, 1), max_size=4),
)
def test_between_two_wakes_there_is_nothing_to_tell_anywhere(
    card: Card, policy: Policy, pushed: list[Route], walk: list[timedelta], parts: list[float]
) -> None:
    routes = routes_for(card, (DESKTOP, *pushed))
    marks: list[Mark] = []
    for now in clock(START, walk):
        for route in routes:
            reminders = plan(card, policy, marks, now, route).reminders
            marks += [marked(one, now, route.target) for one in reminders]
        wakes = [next_wake(card, policy, marks, now, route) for route in routes]
        wake_at = min((at for at in wakes if at is not None), default=now + 800 * DAY)
        for part in (0.5, *parts):
            instant = now + (wake_at - now) * part
            for route in routes if instant < wake_at else ():
                assert plan(card, policy, marks, instant, route).reminders == ()


@settings(max_examples=30, deadline=None)
@given(card=cards(), policy=policies, walk=steps, data=st.data())
def test_with_the_desktop_alone_all_is_as_without_routes(
    card: Card, policy: Policy, walk: list[timedelta], data: st.DataObject
) -> None:
    marks: list[Mark] = []
    for now in clock(START, walk):
        card = answered(card, data.draw(answers), now)
        planned = plan(card, policy, marks, now)
        assert plan(card, policy, marks, now, DESKTOP) == planned
        until = now + 10 * DAY
        ahead = [
            (at, told) for at, _, told in upcoming_on((DESKTOP,), card, policy, marks, now, until)
        ]
        assert ahead == list(upcoming(card, policy, marks, now, until))
        marks += [marked(one, now, DESKTOP.target) for one in planned.reminders]


@settings(max_examples=30, deadline=None)
@given(card=cards(), policy=policies, after=waits.filter(bool), walk=steps, data=st.data())
def test_nothing_is_told_after_the_desktop_before_its_wait_is_over_nor_after_an_ack(
    card: Card, policy: Policy, after: timedelta, walk: list[timedelta], data: st.DataObject
) -> None:
    phone = replace(PHONE, after=after)
    marks: list[Mark] = []
    for now in clock(START, walk):
        is_there = data.draw(st.booleans())
        card = answered(card, data.draw(answers), now)
        for route in (DESKTOP, phone) if is_there else (phone,):
            reminders = plan(card, policy, marks, now, route).reminders
            for one in reminders if route is phone else ():
                shown = [
                    mark.told_at
                    for mark in marks
                    if mark.target == DESKTOP.target
                    and (mark.kind, mark.deadline_at) == (one.deadline.kind, one.deadline.at)
                    and mark.lead == one.lead
                ]
                first = min(shown, default=one.at - after)
                assert first + after <= now
                acked_at = card.silence.acked_at
                assert not shown or acked_at is None or acked_at < first
            marks += [marked(one, now, route.target) for one in reminders]


@settings(max_examples=20, deadline=None)
@given(card=cards(), policy=policies, pushed=ways)
def test_what_is_to_come_is_what_passes_each_quarter_of_an_hour_tell_anywhere(
    card: Card, policy: Policy, pushed: list[Route]
) -> None:
    until = START + 3 * DAY
    foreseen = [
        (instant, route and route.target, one.deadline.kind, one.lead)
        for instant, route, told in upcoming_on((DESKTOP, *pushed), card, policy, (), START, until)
        for one in told
    ]
    passed = []
    marks: list[Mark] = []
    now = START
    while now <= until:
        for route in routes_for(card, (DESKTOP, *pushed)):
            for one in plan(card, policy, marks, now, route).reminders:
                passed.append((now, route.target, one.deadline.kind, one.lead))
                marks.append(marked(one, now, route.target))
        now += timedelta(minutes=15)
    assert foreseen == passed


@settings(max_examples=12, deadline=None)
@given(card=cards(), policy=policies, pushed=ways, walk=steps, data=st.data())
def test_what_is_due_there_is_what_is_told_there(
    card: Card, policy: Policy, pushed: list[Route], walk: list[timedelta], data: st.DataObject
) -> None:
    routes = routes_for(card, (DESKTOP, *pushed))
    marks: list[Mark] = []
    for now in clock(START, walk):
        card = answered(card, data.draw(st.sampled_from(["", "ack", "mute", "unmute"])), now)
        for route in routes if data.draw(st.booleans()) else routes[1:]:
            reminders = plan(card, policy, marks, now, route).reminders
            story = explain(card, policy, marks, now, route)
            due = {
                (story.deadline.kind, lead.lead)
                for story in story.stories
                for lead in story.leads
                if lead.fate is Fate.DUE
            }
            assert due == {(one.deadline.kind, one.lead) for one in reminders}
            marks += [marked(one, now, route.target) for one in reminders]


def test_of_an_endless_row_that_a_target_never_wants_nothing_is_ahead_there() -> None:
    card = a_card(
        balance=5, threshold=100, low_since="2026-11-21 10:00", read_at="2026-11-21 10:00"
    )
    for route in (
        Route("push:x", kinds=frozenset({DeadlineKind.PLAN})),
        Route("push:x", severity=Severity.CRITICAL),
        replace(PHONE, severity=Severity.CRITICAL),
    ):
        assert next_reminder(card, POLICY, (), at("2026-11-21 12:00"), (route,)) is None
        assert next_reminder_on(route, card, POLICY, (), at("2026-11-21 12:00")) is None


@pytest.mark.parametrize("period", [days(1), days(30), months(1), months(12), MONTH_START])
@pytest.mark.parametrize("price", [None, 10])
def test_of_a_plan_that_goes_on_for_ever_nothing_is_ahead_where_it_is_not_wanted(
    period: Period, price: int | None
) -> None:
    card = a_card(
        ends_on="2026-12-05",
        started_on="2026-11-06",
        period=period,
        auto_renew=True,
        price=price,
        balance=price and 2000,
        read_at="2026-11-20 12:00" if price else None,
    )
    wants = frozenset({DeadlineKind.PLAN})
    for route in (Route("push:x", kinds=wants), replace(PHONE, kinds=wants)):
        assert next_reminder(card, POLICY, (), at("2026-11-21 12:00"), (route,)) is None
        assert next_reminder_on(route, card, POLICY, (), at("2026-11-21 12:00")) is None


def test_what_lies_far_beyond_an_endless_plan_is_ahead() -> None:
    card = a_card(
        ends_on="2026-12-05",
        period=days(30),
        auto_renew=True,
        keep_alive=months(120),
        last_used_on="2026-11-01",
    )
    route = Route("push:x", kinds=frozenset({DeadlineKind.IDLE}))
    found = next_reminder(card, POLICY, (), at("2026-11-21 12:00"), (route,))
    assert found is not None
    assert (found.deadline.kind, found.at.year) == (DeadlineKind.IDLE, 2036)


def test_why_says_what_becomes_of_each_lead_on_a_target() -> None:
    def fates(route: Route, card: Card = PLAN) -> dict[str, Fate]:
        [story] = explain(card, POLICY, TOLD, at("2026-12-17 12:00"), route).stories
        return {str(one.lead): one.fate for one in story.leads}

    assert fates(DESKTOP)["3d"] is Fate.TOLD
    assert fates(PHONE)["7d"] is Fate.SUPERSEDED
    assert fates(PHONE)["3d"] is fates(PHONE)["1d"] is Fate.COMING
    acked = acknowledge(PLAN, at("2026-12-17 11:00"))
    assert fates(PHONE, acked)["3d"] is Fate.TOLD, "what is acknowledged counts as told anywhere"
    calm = Route("push:calm", severity=Severity.CRITICAL)
    assert fates(calm)["3d"] is fates(calm)["1d"] is Fate.UNWANTED
    assert fates(calm)["0d"] is Fate.COMING


def test_the_end_of_a_snooze_is_not_told_where_its_kind_is_not() -> None:
    card = snooze(PLAN, at("2026-12-18 11:00"), at("2026-12-17 11:00"))
    phones = Route("push:phones", kinds=frozenset({DeadlineKind.DEVICE}))
    assert plan(card, POLICY, (), at("2026-12-18 11:00"), phones).reminders == ()
