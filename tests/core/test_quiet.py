"""Quiet hours defer, never drop, and never past a deadline that is still ahead."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kzreminder.core.planning import due, next_wake
from kzreminder.core.policy import Policy
from kzreminder.core.reminder import marked
from kzreminder.errors import BadValue
from tests.core.cards import ALMATY, POLICY, a_card, at, told_by

PLAN = a_card(ends_on="2026-12-20")
SECOND = timedelta(seconds=1)


def shown(policy: Policy, *clocks: str) -> list[str]:
    return [one.lead for one in told_by(PLAN, [at(clock) for clock in clocks], policy)]


@pytest.mark.parametrize(
    ("quiet", "inside", "outside"),
    [
        (
            ("22:00", "08:00"),
            ["22:00", "23:59", "00:00", "07:59:59"],
            ["21:59:59", "08:00", "12:00"],
        ),
        (("13:00", "15:00"), ["13:00", "14:59:59"], ["12:59:59", "15:00", "00:00"]),
        (("00:00", "06:00"), ["00:00", "05:59"], ["23:59", "06:00"]),
    ],
)
def test_a_window_may_lie_over_midnight(
    quiet: tuple[str, str], inside: list[str], outside: list[str]
) -> None:
    begin, end = (time.fromisoformat(clock) for clock in quiet)
    policy = replace(POLICY, quiet=(begin, end))
    for clock in inside:
        instant = at(f"2026-12-18 {clock}")
        found = policy.quiet_around(instant)
        assert found is not None
        since, until = found
        assert since <= instant < until
        assert since.astimezone(ALMATY).time() == begin
        assert until.astimezone(ALMATY).time() == end
        assert until - since < timedelta(days=1)
    for clock in outside:
        assert policy.quiet_around(at(f"2026-12-18 {clock}")) is None


def test_a_window_of_a_whole_day_is_refused() -> None:
    with pytest.raises(BadValue):
        Policy(quiet=(time(8), time(8)))


def test_without_quiet_hours_the_night_is_like_the_day() -> None:
    assert shown(replace(POLICY, quiet=None), "2026-12-18 03:00") == ["3d"]
    assert replace(POLICY, quiet=None).quiet_around(at("2026-12-18 03:00")) is None


def test_what_is_due_inside_comes_once_at_their_end_through_any_restart() -> None:
    passes = ["2026-12-18 23:00", "2026-12-18 23:30", "2026-12-19 07:59:59", "2026-12-19 08:00"]
    assert shown(POLICY, *passes) == ["3d"]
    assert shown(POLICY, *passes[:3]) == []
    assert next_wake(PLAN, POLICY, (), at("2026-12-18 23:00")) == at("2026-12-19 08:00")


def test_an_hour_inside_them_is_put_off_and_nothing_is_late() -> None:
    policy = replace(POLICY, hour=time(23), quiet=(time(22), time(8)))
    card = a_card(ends_on="2026-12-20")
    for lead, clock in (("3d", "2026-12-17 08:00"), ("0d", "2026-12-20 08:00")):
        [reminder] = due(card, policy, (), at(clock))
        assert (str(reminder.lead), reminder.at) == (lead, at(clock))
        assert not reminder.is_late(at(clock))
        assert [str(one.lead) for one in due(card, policy, (), at(clock) - SECOND)] != [lead]


def test_a_deadline_inside_them_is_told_before_they_begin() -> None:
    """The night before: a charge at 00:00 whose last hour would be 22:30."""
    policy = replace(
        POLICY, charge_hour=time(22, 30), quiet=(time(21), time(8)), safe_margin=timedelta(hours=1)
    )
    card = a_card(
        ends_on="2026-12-20",
        started_on="2026-12-20",
        auto_renew=True,
        price=100,
        balance=0,
        read_at="2026-12-20 12:00",
    )
    told = told_by(card, [at("2026-12-20 20:44:59"), at("2026-12-20 20:45")], policy)
    assert [(one.lead, one.clock) for one in told] == [("0d", "2026-12-20 20:45")]


def test_what_is_first_known_inside_them_and_falls_before_their_end_is_told_at_once() -> None:
    card = a_card(ends_on="2026-12-20", registered_at="2026-12-20 23:00")
    assert [str(one.lead) for one in due(card, POLICY, (), at("2026-12-20 23:00"))] == ["0d"]
    over = at("2026-12-21 00:30")
    assert due(card, POLICY, (), over) == ()  # it has happened: no hurry any more
    assert next_wake(card, POLICY, (), over) == at("2026-12-21 08:00")


def test_the_hour_shown_twice_in_autumn_ends_the_window_once() -> None:
    policy = Policy(zone=ZoneInfo("Europe/Berlin"), quiet=(time(22), time(2, 30)))
    start = at("2027-10-30 20:00", "Europe/Berlin")
    for minutes in range(0, 12 * 60, 5):
        now = start + timedelta(minutes=minutes)
        quiet = policy.quiet_around(now)
        assert quiet is None or quiet[0] <= now < quiet[1]


@given(
    zone=st.sampled_from(["Asia/Almaty", "Europe/Berlin", "Pacific/Honolulu", "Asia/Kathmandu"]),
    begin=st.times(),
    end=st.times(),
    now=st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)),  # noqa: DTZ001
)
def test_in_no_window_is_anything_told_twice_or_lost(
    zone: str, begin: time, end: time, now: datetime
) -> None:
    if begin == end:
        return
    policy = Policy(zone=ZoneInfo(zone), quiet=(begin, end))
    instant = at(now.isoformat(sep=" "), zone)
    card = a_card(ends_on=str(now.date()), registered_at="2025-01-01 12:00")
    for _ in range(3):
        if due(card, policy, (), instant):
            break
        wake_at = next_wake(card, policy, (), instant)
        assert wake_at is not None
        assert wake_at > instant
        instant = wake_at
    marks = [marked(one, instant) for one in due(card, policy, (), instant)]
    assert marks
    assert due(card, policy, marks, instant) == ()
