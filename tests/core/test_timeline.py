"""Which deadlines stand on the axis, how urgent each is, and that no card gets lost between
what is drawn and what is counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kzreminder.core.card import Card
from kzreminder.core.deadlines import DeadlineKind, deadlines_of
from kzreminder.core.period import days
from kzreminder.core.timeline import (
    FARTHEST_BACK,
    PASSED,
    Timeline,
    Urgency,
    Week,
    shared_room,
    timeline_of,
    urgency_of,
)
from tests.core.cards import POLICY, a_card, at, on

NOW = at("2026-11-21 10:00")


def drawn(*cards: Card, ahead: int = 60, total: int | None = None, **rest: int) -> Timeline:
    """`rest`: cards that are counted only, as kcell_0=3 for this week, kcell_passed=1."""
    counted: dict[tuple[str | None, int], int] = {}
    for name, count in rest.items():
        operator, _, week = name.partition("_")
        counted[operator, PASSED if week == "passed" else int(week)] = count
    shown = [replace(card, id=nth) for nth, card in enumerate(cards, start=1)]
    total = len(cards) + sum(rest.values()) if total is None else total
    return timeline_of(shown, counted, total, POLICY, NOW, ahead)


def told(timeline: Timeline) -> list[tuple[str | None, int, str, str, int]]:
    return [
        (group.operator, lane.card.id, point.deadline.kind.value, point.urgency.value,
         point.days_left)
        for group in timeline.groups for lane in group.lanes for point in lane.points
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("ends_on", "urgency", "left"),
    [
        ("2026-09-01", "overdue", -81),
        ("2026-11-20", "overdue", -1),
        ("2026-11-21", "urgent", 0),
        ("2026-11-24", "urgent", 3),
        ("2026-11-25", "soon", 4),
        ("2026-12-05", "soon", 14),  # its first reminder comes at 10:00, which it is
        ("2026-12-06", "later", 15),
        ("2027-01-20", "later", 60),
    ],
)
def test_a_plan_is_the_more_urgent_the_less_time_is_left(
    ends_on: str, urgency: str, left: int
) -> None:
    assert told(drawn(a_card(ends_on=ends_on))) == [(None, 1, "plan", urgency, left)]


def test_a_charge_of_the_night_that_has_gone_is_a_day_over() -> None:
    card = a_card(ends_on="2026-11-20", auto_renew=True, price=1000, balance=10,
                  read_at="2026-11-19 12:00")  # fmt: skip
    assert (None, 1, "charge", "overdue", -1) in told(drawn(card))


@pytest.mark.parametrize(
    ("card", "kind", "urgency"),
    [
        (a_card(low_since="2026-11-10 10:00", balance=1, threshold=5, read_at="2026-11-20 10:00"),
         DeadlineKind.BALANCE, Urgency.URGENT),
        (a_card(low_since="2026-11-30 10:00", balance=9, threshold=5, read_at="2026-11-20 10:00"),
         DeadlineKind.BALANCE, Urgency.LATER),
        (a_card(threshold=5, balance=9, read_at="2026-11-01 10:00"),
         DeadlineKind.CHECK, Urgency.SOON),
    ],
)  # fmt: skip
def test_what_is_no_loss_is_urgent_only_where_the_balance_is_low(
    card: Card, kind: DeadlineKind, urgency: Urgency
) -> None:
    [deadline] = [one for one in deadlines_of(card, NOW) if one.kind is kind]
    assert urgency_of(card, deadline, POLICY, NOW) is urgency


def test_cards_stand_by_operator_the_most_urgent_first() -> None:
    cards = [
        replace(a_card(ends_on="2026-12-20"), operator="kcell"),
        replace(a_card(ends_on="2026-12-01"), operator="beeline"),
        replace(a_card(ends_on="2026-11-19"), operator="kcell"),
        a_card(low_since="2026-11-01 10:00", balance=1, threshold=5, read_at="2026-11-20 10:00"),
        a_card(ends_on="2027-01-05"),
    ]
    assert [(operator, card) for operator, card, *_ in told(drawn(*cards))] == [
        ("kcell", 3), ("kcell", 1), ("beeline", 2), (None, 5), (None, 4),
    ]  # fmt: skip


def test_a_card_stands_with_all_that_falls_into_these_days_and_nothing_else() -> None:
    card = a_card(ends_on="2026-12-20", keep_alive=days(90), last_used_on="2026-11-01",
                  device_entered_on="2026-11-05")  # fmt: skip
    assert [kind for _, _, kind, *_ in told(drawn(card))] == ["device", "plan"]
    assert told(drawn(card, ahead=3)) == []


def test_the_axis_reaches_back_only_as_far_as_something_passed() -> None:
    assert drawn(a_card(ends_on="2026-12-20")).first_on == on("2026-11-21")
    assert drawn(a_card(ends_on="2026-11-18")).first_on == on("2026-11-18")
    long_over = drawn(a_card(ends_on="2026-01-01"))
    assert long_over.first_on == long_over.today - timedelta(days=FARTHEST_BACK)
    assert drawn().last_on == on("2027-01-20")


def test_what_is_counted_only_stands_by_operator_and_by_week() -> None:
    timeline = drawn(
        replace(a_card(ends_on="2026-12-01"), operator="kcell"),
        kcell_passed=2, kcell_0=3, beeline_0=5, beeline_4=1, tele2_4=9,
    )  # fmt: skip
    assert [(g.operator, len(g.lanes), g.more) for g in timeline.groups] == [
        ("kcell", 1, 5), ("tele2", 0, 9), ("beeline", 0, 6),
    ]  # fmt: skip
    assert timeline.more == 20
    assert timeline.weeks == (
        Week(None, 2), Week(on("2026-11-21"), 8), Week(on("2026-12-19"), 10),
    )  # fmt: skip


ENDS = st.integers(-400, 400).map(lambda n: (NOW + timedelta(days=n)).date().isoformat())


@given(st.lists(st.none() | ENDS, max_size=8), st.integers(0, 50), st.integers(0, 9))
def test_no_card_is_lost(ends: list[str | None], counted: int, unread: int) -> None:
    cards = [a_card(ends_on=end) for end in ends]
    rest = {"kcell_1": counted} if counted else {}
    total = len(cards) + counted + unread
    timeline = drawn(*cards, total=total, **rest)
    lanes = sum(len(group.lanes) for group in timeline.groups)
    assert lanes + timeline.more + timeline.without == total
    assert sum(week.cards for week in timeline.weeks) == timeline.more
    for group in timeline.groups:
        for lane in group.lanes:
            assert all(point.on <= timeline.last_on for point in lane.points)


@pytest.mark.parametrize(
    ("passed", "ahead", "room", "shares"),
    [(9, 9, 4, (2, 2)), (9, 1, 4, (3, 1)), (1, 9, 4, (1, 3)), (9, 9, 1, (1, 0)), (0, 2, 9, (0, 2))],
)
def test_what_passed_and_what_lies_ahead_share_the_room(
    passed: int, ahead: int, room: int, shares: tuple[int, int]
) -> None:
    assert shared_room(passed, ahead, room) == shares


@given(st.integers(0, 60), st.integers(0, 60), st.integers(1, 50))
def test_the_room_is_used_and_both_sides_have_their_half(
    passed: int, ahead: int, room: int
) -> None:
    of_passed, of_ahead = shared_room(passed, ahead, room)
    assert of_passed + of_ahead == min(passed + ahead, room)
    assert of_passed >= min(passed, room // 2)
    assert of_ahead >= min(ahead, room // 2)
