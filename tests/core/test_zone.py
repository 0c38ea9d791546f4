"""Days become instants: every expectation is written in UTC by hand or walked to by the minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from kzreminder.core.zone import (
    almaty_day,
    at_wall_time,
    end_of_day,
    first_wall_time_after,
    last_wall_time_before,
    start_of_day,
)
from tests.core.cards import HOSTS, at, on

MINUTE = timedelta(minutes=1)
LIMITS = [
    datetime(2026, 12, 20, 14, 59, 59, tzinfo=UTC),
    datetime(2027, 3, 14, 14, 59, 59, tzinfo=UTC),  # the clocks of New York go forward
    datetime(2027, 3, 28, 1, 10, tzinfo=UTC),  # those of Berlin, ten minutes ago
    datetime(2027, 10, 31, 0, 45, tzinfo=UTC),  # those of Berlin go back in a quarter of an hour
    datetime(2027, 11, 7, 14, 59, 59, tzinfo=UTC),
]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def walked_to(wall: time, zone: ZoneInfo, start: datetime, step: timedelta) -> date:
    """The local day of the nearest minute in that direction at which clocks show `wall`."""
    minute = start.replace(second=0)
    if minute < start and step > timedelta(0):
        minute += MINUTE
    while minute.astimezone(zone).timetz().replace(tzinfo=None, fold=0) != wall:
        minute += step
    return minute.astimezone(zone).date()


def test_a_day_in_almaty_ends_at_19_utc() -> None:
    assert start_of_day(on("2026-12-20")) == utc("2026-12-19 19:00:00")
    assert end_of_day(on("2026-12-20")) == utc("2026-12-20 18:59:59")


def test_kazakhstan_moved_its_clocks_on_1_march_2024() -> None:
    assert end_of_day(on("2024-02-28")) == utc("2024-02-28 17:59:59")
    assert end_of_day(on("2024-03-01")) == utc("2024-03-01 18:59:59")


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-12-19 18:59:59", "2026-12-19"),
        ("2026-12-19 19:00:00", "2026-12-20"),
        ("2026-12-19 19:30:00", "2026-12-20"),
        ("2026-12-20 18:30:00", "2026-12-20"),
        ("2026-12-20 19:00:00", "2026-12-21"),
    ],
)
@pytest.mark.parametrize("host", HOSTS)
def test_today_is_the_day_in_almaty_on_any_host(host: str, instant: str, day: str) -> None:
    assert almaty_day(utc(instant).astimezone(ZoneInfo(host))) == on(day)


@pytest.mark.parametrize(
    ("day", "wall", "zone", "instant"),
    [
        ("2026-12-20", time(10), "Asia/Almaty", "2026-12-20 05:00"),
        ("2026-12-20", time(10), "Pacific/Honolulu", "2026-12-20 20:00"),
        ("2026-12-20", time(10), "Pacific/Kiritimati", "2026-12-19 20:00"),
        ("2026-12-20", time(10), "Asia/Kathmandu", "2026-12-20 04:15"),
        ("2027-03-27", time(10), "Europe/Berlin", "2027-03-27 09:00"),
        ("2027-03-28", time(10), "Europe/Berlin", "2027-03-28 08:00"),
        ("2027-10-30", time(10), "Europe/Berlin", "2027-10-30 08:00"),
        ("2027-10-31", time(10), "Europe/Berlin", "2027-10-31 09:00"),
    ],
)
def test_a_wall_clock_time_is_an_instant(day: str, wall: time, zone: str, instant: str) -> None:
    assert at_wall_time(on(day), wall, ZoneInfo(zone)) == utc(instant)


def test_what_clocks_skip_in_spring_comes_as_much_later() -> None:
    skipped = at_wall_time(on("2027-03-28"), time(2, 30), ZoneInfo("Europe/Berlin"))
    assert skipped == utc("2027-03-28 01:30")
    assert skipped == at("2027-03-28 03:30", "Europe/Berlin")


def test_of_what_clocks_show_twice_in_autumn_the_first_counts() -> None:
    twice = at_wall_time(on("2027-10-31"), time(2, 30), ZoneInfo("Europe/Berlin"))
    assert twice == utc("2027-10-31 00:30")


@pytest.mark.parametrize("wall", [time(0), time(10), time(18), time(23, 59)])
@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("host", HOSTS)
def test_the_last_day_before_and_the_first_day_after_are_found_by_walking(
    host: str, limit: datetime, wall: time
) -> None:
    zone = ZoneInfo(host)
    assert last_wall_time_before(limit, wall, zone) == walked_to(wall, zone, limit, -MINUTE)
    after = limit + timedelta(seconds=1)
    assert first_wall_time_after(limit, wall, zone) == walked_to(wall, zone, after, MINUTE)


def test_the_very_minute_is_before_and_not_after() -> None:
    ten = utc("2026-12-20 05:00")
    zone = ZoneInfo("Asia/Almaty")
    assert last_wall_time_before(ten, time(10), zone) == on("2026-12-20")
    assert first_wall_time_after(ten, time(10), zone) == on("2026-12-21")
    just_before = ten - timedelta(seconds=1)
    assert last_wall_time_before(just_before, time(10), zone) == on("2026-12-19")
    assert first_wall_time_after(just_before, time(10), zone) == on("2026-12-20")
