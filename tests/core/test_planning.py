"""When which reminder is told, and when not: the README's table, every time worked out apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kzreminder.core.card import Card
from kzreminder.core.correcting import correct
from kzreminder.core.deadlines import Deadline, DeadlineKind, Doubt
from kzreminder.core.leads import Lead
from kzreminder.core.moves import Renewal, archive, read_balance, renew, use
from kzreminder.core.period import days
from kzreminder.core.planning import (
    State,
    due,
    next_reminder,
    next_wake,
    state_of,
    upcoming,
    urgent_at,
)
from kzreminder.core.policy import Policy
from kzreminder.core.reminder import Mark, Reason, Severity, marked
from tests.core.cards import ALMATY, HOSTS, POLICY, Told, a_card, at, on, shown, told_by

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)

LAST_DAY = on("2026-12-20")
PLAN = a_card(started_on="2026-11-21", ends_on="2026-12-20", period=days(30))
IDLE = a_card(keep_alive=days(60), last_used_on="2026-10-21")
DEVICE = a_card(device_entered_on="2026-11-20")
SHORT = a_card(
    started_on="2026-11-21",
    ends_on="2026-12-20",
    auto_renew=True,
    price=4990,
    balance=1000,
    read_at="2026-11-21 10:00",
)
UNKNOWN = a_card(started_on="2026-11-21", ends_on="2026-12-20", auto_renew=True, price=4990)
LOW = a_card(balance=320, threshold=500, low_since="2026-11-21 15:30")

BEFORE = {
    "14d": "2026-12-06 10:00",
    "7d": "2026-12-13 10:00",
    "3d": "2026-12-17 10:00",
    "1d": "2026-12-19 10:00",
    "0d": "2026-12-20 10:00",
}
AFTER = {
    "+1d": "2026-12-21 10:00",
    "+2d": "2026-12-22 10:00",
    "+3d": "2026-12-23 10:00",
    "+4d": "2026-12-24 10:00",
    "+5d": "2026-12-25 10:00",
    "+6d": "2026-12-26 10:00",
    "+7d": "2026-12-27 10:00",
    "+14d": "2027-01-03 10:00",
    "+21d": "2027-01-10 10:00",
    "+28d": "2027-01-17 10:00",
    "+35d": "2027-01-24 10:00",
    "+42d": "2027-01-31 10:00",
    "+49d": "2027-02-07 10:00",
    "+56d": "2027-02-14 10:00",
    "+60d": "2027-02-18 10:00",
}
SHORT_CHARGE = {
    "3d": "2026-12-17 10:00",
    "1d": "2026-12-19 10:00",
    "0d": "2026-12-20 18:00",
} | AFTER
DOUBTFUL_CHARGE = {"1d": "2026-12-19 10:00", "0d": "2026-12-20 18:00"}


def speaks_exactly_at(card: Card, times: dict[str, str], policy: Policy = POLICY) -> None:
    """A pass just before each time and at it, in that order, told with marks."""
    passes = []
    zone = str(policy.zone)
    for clock in times.values():
        passes += [at(clock, zone) - SECOND, at(clock, zone)]
    told = told_by(card, [*passes, at("2030-01-01 12:00")], policy)
    assert [(one.lead, one.clock) for one in told] == list(times.items())


def hourly(first: str, last: str, zone: str = "Asia/Almaty") -> Iterator[datetime]:
    now = at(first, zone)
    while now <= at(last, zone):
        yield now
        now += timedelta(hours=1)


def leads(told: list[Told]) -> list[tuple[str, str]]:
    return [(one.lead, one.clock) for one in told]


def kinds(card: Card, now: datetime, marks: tuple[Mark, ...] = ()) -> list[str]:
    return [one.deadline.kind.value for one in due(card, POLICY, marks, now)]


# The table


@pytest.mark.parametrize("card", [PLAN, IDLE, DEVICE], ids=["plan", "idle", "device"])
def test_what_is_lost_with_a_day_is_told_before_and_after_it(card: Card) -> None:
    speaks_exactly_at(card, BEFORE | AFTER)


def test_a_short_charge_is_told_from_three_days_before_and_the_evening_before() -> None:
    speaks_exactly_at(SHORT, SHORT_CHARGE)


@pytest.mark.parametrize(
    "card",
    [
        UNKNOWN,
        replace(SHORT, plan=replace(SHORT.plan, price=None)),
        replace(SHORT, balance=replace(SHORT.balance, amount=Decimal(9000))),
    ],
    ids=["balance unknown", "price unknown", "stale"],
)
def test_a_doubtful_charge_is_told_twice_and_then_over(card: Card) -> None:
    speaks_exactly_at(card, DOUBTFUL_CHARGE)


def test_a_covered_charge_is_never_told() -> None:
    balance = replace(SHORT.balance, amount=Decimal(4990), read_at=at("2026-12-10 12:00"))
    card = replace(SHORT, balance=balance)
    assert told_by(card, hourly("2026-12-01 00:00", "2027-03-01 00:00")) == []
    when_charged = at("2026-12-21 00:00")
    assert next_wake(card, POLICY, (), at("2026-12-10 12:00")) == when_charged


def test_a_balance_that_grows_too_old_after_a_lead_is_told_when_it_does() -> None:
    balance = replace(SHORT.balance, amount=Decimal(4990), read_at=at("2026-12-05 15:30"))
    card = replace(SHORT, balance=balance)
    told = told_by(card, hourly("2026-12-01 00:00", "2027-03-01 00:00"))
    assert leads(told) == [("1d", "2026-12-19 16:00"), ("0d", "2026-12-20 18:00")]


def test_a_low_balance_is_told_at_once_then_every_three_days_then_every_thirty() -> None:
    times = {"0d": "2026-11-21 15:30"}
    for count in (*range(3, 61, 3), 90, 120, 150, 180, 210):
        times[f"+{count}d"] = f"{on('2026-11-21') + timedelta(days=count)} 10:00"
    assert times["+3d"] == "2026-11-24 10:00"
    assert times["+60d"] == "2027-01-20 10:00"
    assert times["+90d"] == "2027-02-19 10:00"
    passes = [now for clock in times.values() for now in (at(clock) - SECOND, at(clock))]
    assert leads(told_by(LOW, passes)) == list(times.items())


def test_a_balance_low_for_a_month_keeps_its_cadence() -> None:
    told = told_by(LOW, hourly("2026-11-21 16:00", "2026-12-21 16:00"))
    spoken_days = [(on(one.clock[:10]) - on("2026-11-21")).days for one in told]
    assert spoken_days == [0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30]


def test_an_episode_that_begins_tomorrow_is_silent_until_then() -> None:
    card = a_card(balance=320, threshold=500, low_since="2026-11-22 10:00")
    told = told_by(card, hourly("2026-11-21 12:00", "2026-11-25 12:00"))
    assert leads(told) == [("0d", "2026-11-22 10:00"), ("+3d", "2026-11-25 10:00")]


# Hosts all over the world

LAST_DAYS = [
    "2026-12-20",
    "2027-03-14",  # the clocks of New York go forward
    "2027-03-15",
    "2027-03-28",  # those of Berlin go forward
    "2027-03-29",
    "2027-10-31",  # those of Berlin go back
    "2027-11-07",  # those of New York go back
]


def local(now: datetime, zone: ZoneInfo) -> tuple[date, time]:
    clock = now.astimezone(zone)
    return clock.date(), clock.time()


def walk(start: datetime, step: timedelta, hour: int, zone: ZoneInfo) -> date:
    """The local day of the first minute from `start` on, or back, that clocks show as the hour."""
    minute = start
    while local(minute, zone)[1] != time(hour):
        minute += step
    return local(minute, zone)[0]


@pytest.mark.parametrize("last_day", LAST_DAYS)
@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("is_charge", [False, True], ids=["plan", "charge"])
def test_the_last_call_leaves_four_hours_and_the_rest_counts_from_there(
    host: str, last_day: str, is_charge: bool
) -> None:
    zone = ZoneInfo(host)
    source = SHORT if is_charge else PLAN
    plan = replace(source.plan, last_good_on=on(last_day), started_on=None)
    card = replace(source, plan=plan)
    # midnight at the end of the day in Almaty; a plan ends a second earlier
    ends_at = at(f"{last_day} 00:00") + DAY
    before = ends_at - timedelta(hours=4) - (timedelta(0) if is_charge else MINUTE)
    zero_on = walk(before, -MINUTE, 18 if is_charge else 10, zone)
    after_on = walk(ends_at + (MINUTE if is_charge else timedelta(0)), MINUTE, 10, zone)
    times = {
        f"{count}d": f"{zero_on - timedelta(days=count)} 10:00"
        for count in ((3, 1) if is_charge else (14, 7, 3, 1))
    }
    times["0d"] = f"{zero_on} {'18' if is_charge else '10'}:00"
    for count in (*range(1, 8), *range(14, 57, 7), 60):
        times[f"+{count}d"] = f"{after_on + timedelta(days=count - 1)} 10:00"
    assert at(times["0d"], host) <= ends_at - timedelta(hours=4)
    speaks_exactly_at(card, times, Policy(zone=zone))


@pytest.mark.parametrize(
    ("host", "zero", "plus_one"),
    [
        # the plan ends on 20 December at 23:59:59 in Almaty, which is 18:59:59 UTC
        ("Pacific/Honolulu", "2026-12-19 10:00", "2026-12-20 10:00"),
        ("America/New_York", "2026-12-20 10:00", "2026-12-21 10:00"),
        ("UTC", "2026-12-20 10:00", "2026-12-21 10:00"),
        ("Europe/Berlin", "2026-12-20 10:00", "2026-12-21 10:00"),
        ("Asia/Shanghai", "2026-12-20 10:00", "2026-12-21 10:00"),
        ("Pacific/Kiritimati", "2026-12-20 10:00", "2026-12-21 10:00"),
    ],
)
def test_the_last_call_on_some_hosts_written_out(host: str, zero: str, plus_one: str) -> None:
    policy = Policy(zone=ZoneInfo(host))
    for lead, clock in (("0d", zero), ("+1d", plus_one)):
        told = told_by(PLAN, [at(clock, host)], policy)
        assert leads(told) == [(lead, clock)]
        assert leads(told_by(PLAN, [at(clock, host) - SECOND], policy)) != [(lead, clock)]


@pytest.mark.parametrize("last_day", ["2027-03-28", "2027-10-31"])
def test_at_half_past_two_a_reminder_is_told_once_on_the_days_clocks_change(last_day: str) -> None:
    policy = Policy(zone=ZoneInfo("Europe/Berlin"), hour=time(2, 30), quiet=None)
    start = at(f"{last_day} 00:00", "Europe/Berlin") - DAY
    passes = [start + count * timedelta(minutes=10) for count in range(3 * 24 * 6)]
    told = told_by(a_card(ends_on=last_day), passes, policy)
    spring = last_day == "2027-03-28"
    assert leads(told) == [
        ("3d", told[0].clock),  # what came before is told by the first pass
        ("1d", f"{on(last_day) - DAY} 02:30"),
        ("0d", f"{last_day} {'03:30' if spring else '02:30'}"),
        ("+1d", f"{on(last_day) + DAY} 02:30"),
    ]


@pytest.mark.parametrize(
    ("started_on", "first_leads"),
    [
        ("2026-12-06", ["14d", "7d", "3d", "1d", "0d"]),
        ("2026-12-07", ["7d", "3d", "1d", "0d"]),
        ("2026-12-14", ["3d", "1d", "0d"]),
        ("2026-12-18", ["1d", "0d"]),
        ("2026-12-20", ["0d"]),
        (None, ["14d", "7d", "3d", "1d", "0d"]),
    ],
)
def test_a_lead_before_the_first_day_is_dropped_but_never_the_last(
    started_on: str | None, first_leads: list[str]
) -> None:
    card = a_card(started_on=started_on, ends_on="2026-12-20")
    speaks_exactly_at(card, {lead: BEFORE[lead] for lead in first_leads} | AFTER)


def test_the_first_day_of_a_number_is_its_last_use() -> None:
    card = a_card(keep_alive=days(6), last_used_on="2026-12-14")
    told = leads(told_by(card, hourly("2026-12-14 12:00", "2026-12-20 12:00")))
    assert told == [(lead, BEFORE[lead]) for lead in ("3d", "1d", "0d")]


@pytest.mark.parametrize(
    ("own", "times"),
    [
        ((30, 2), {"30d": "2026-11-20 10:00", "2d": "2026-12-18 10:00"}),
        ((0,), {"0d": "2026-12-20 10:00"}),
        ((1,), {"1d": "2026-12-19 10:00"}),
        ((365, 0), {"365d": "2025-12-20 10:00", "0d": "2026-12-20 10:00"}),
    ],
)
def test_own_leads_replace_those_before_the_deadline(
    own: tuple[int, ...], times: dict[str, str]
) -> None:
    speaks_exactly_at(a_card(ends_on="2026-12-20", leads=own), times | AFTER)
    by_policy = Policy(zone=ALMATY, leads=own)
    speaks_exactly_at(a_card(ends_on="2026-12-20"), times | AFTER, by_policy)


@pytest.mark.parametrize(
    ("own", "first_leads"),
    [
        ((14, 7, 3, 1, 0), ["3d", "1d", "0d"]),
        ((30, 1, 0), ["1d", "0d"]),
        ((3,), ["3d"]),
        ((14, 4), []),
    ],
)
def test_of_own_leads_a_short_charge_takes_those_up_to_three_days(
    own: tuple[int, ...], first_leads: list[str]
) -> None:
    times = {lead: SHORT_CHARGE[lead] for lead in first_leads} | AFTER
    speaks_exactly_at(replace(SHORT, leads=own), times)


def test_own_leads_leave_a_low_balance_alone() -> None:
    passes = list(hourly("2026-11-21 16:00", "2026-12-21 16:00"))
    assert told_by(replace(LOW, leads=(5,)), passes) == told_by(LOW, passes)


# Covering


def test_a_card_played_for_months_speaks_on_the_days_of_the_table_and_never_twice() -> None:
    first, last = LAST_DAY - timedelta(weeks=2), LAST_DAY + timedelta(weeks=11)
    passes = []
    spoken_days = []
    day = first
    while day <= last:
        passes += [at(f"{day} 12:00"), at(f"{day} 20:00")]
        after = (day - LAST_DAY).days
        if (
            after in (-14, -7, -3, -1, 0)
            or 1 <= after <= 7
            or (14 <= after <= 56 and after % 7 == 0)
            or after == 60
        ):
            spoken_days.append(f"{day} 12:00")
        day += DAY
    marks: list[Mark] = []
    told = told_by(PLAN, passes, marks=marks)
    assert [one.clock for one in told] == spoken_days
    assert len({(mark.kind, mark.deadline_at, mark.lead) for mark in marks}) == len(told) == 20
    assert state_of(PLAN, POLICY, passes[-1]) is State.LAPSED
    assert next_wake(PLAN, POLICY, marks, passes[-1]) is None


@pytest.mark.parametrize(
    ("back_at", "lead", "then"),
    [
        ("2026-12-18 09:00", "3d", [("1d", "2026-12-19 10:00"), ("0d", "2026-12-20 10:00")]),
        ("2026-12-19 10:00", "1d", [("0d", "2026-12-20 10:00")]),
        ("2026-12-20 22:00", "0d", []),
    ],
)
def test_a_week_off_gives_one_message(back_at: str, lead: str, then: list[tuple[str, str]]) -> None:
    marks: list[Mark] = []
    told = told_by(PLAN, hourly("2026-12-06 10:00", "2026-12-12 10:00"), marks=marks)
    assert leads(told) == [("14d", "2026-12-06 10:00")]
    assert leads(told_by(PLAN, [at(back_at)], marks=marks)) == [(lead, back_at)]
    rest = told_by(PLAN, hourly(back_at[:14] + "00", "2026-12-20 23:00"), marks=marks)
    assert leads(rest) == then


def test_a_card_found_years_after_its_end_gets_the_last_word_only() -> None:
    told = told_by(PLAN, hourly("2029-06-01 12:00", "2029-06-30 12:00"))
    assert leads(told) == [("+60d", "2029-06-01 12:00")]


def moved(card: Card, ends_on: str, now: str) -> Card:
    return correct(card, {"expires": on(ends_on)}, POLICY, at(now))


@pytest.mark.parametrize(
    ("ends_on", "then"),
    [
        # one day later, one day earlier than the last told lead is worth, far ahead
        ("2026-12-21", [("3d", "2026-12-18"), ("1d", "2026-12-20"), ("0d", "2026-12-21")]),
        ("2026-12-20", [("1d", "2026-12-19"), ("0d", "2026-12-20")]),
        ("2026-12-24", [("3d", "2026-12-21"), ("1d", "2026-12-23"), ("0d", "2026-12-24")]),
        ("2026-12-31", [("7d", "2026-12-24"), ("3d", "2026-12-28"), ("1d", "2026-12-30")]),
    ],
)
def test_moving_a_date_does_not_nag(ends_on: str, then: list[tuple[str, str]]) -> None:
    marks: list[Mark] = []
    told_by(PLAN, hourly("2026-12-06 10:00", "2026-12-17 10:00"), marks=marks)
    card = moved(PLAN, ends_on, "2026-12-17 12:00")
    told = told_by(card, hourly("2026-12-17 12:00", "2026-12-30 12:00"), marks=marks)
    assert leads(told)[: len(then)] == [(lead, f"{day} 10:00") for lead, day in then]


def test_moving_a_date_nearer_tells_at_once_what_has_become_more_urgent() -> None:
    marks: list[Mark] = []
    told_by(PLAN, hourly("2026-12-06 10:00", "2026-12-17 10:00"), marks=marks)
    card = moved(PLAN, "2026-12-18", "2026-12-17 12:00")
    told = told_by(card, hourly("2026-12-17 12:00", "2026-12-18 12:00"), marks=marks)
    assert leads(told) == [("1d", "2026-12-17 12:00"), ("0d", "2026-12-18 10:00")]


@pytest.mark.parametrize("told_until", ["2026-12-17 10:00", "2026-12-20 10:00", "2026-12-25 10:00"])
def test_renewing_silences_the_old_leads_and_the_next_cycle_is_told_in_full(
    told_until: str,
) -> None:
    marks: list[Mark] = []
    told_by(PLAN, hourly("2026-12-06 10:00", told_until), marks=marks)
    paid_on = on(told_until[:10])
    card = renew(PLAN, Renewal(on=paid_on), at(told_until))
    # in time: through 19 January; on 25 December: from that day, through 23 January
    ends_on = on("2027-01-19") if paid_on <= LAST_DAY else on("2027-01-23")
    told = told_by(card, hourly(f"{paid_on} 11:00", f"{ends_on} 23:00"), marks=marks)
    assert leads(told) == [
        (f"{count}d", f"{ends_on - timedelta(days=count)} 10:00") for count in (14, 7, 3, 1, 0)
    ]


def test_using_the_number_silences_the_idle_clock() -> None:
    marks: list[Mark] = []
    told_by(IDLE, hourly("2026-12-06 10:00", "2026-12-19 10:00"), marks=marks)
    card = use(IDLE, on("2026-12-19"))
    told = told_by(card, hourly("2026-12-19 11:00", "2027-02-03 11:00"), marks=marks)
    assert leads(told) == [("14d", "2027-02-03 10:00")]  # 60 days on: 17 February


def test_a_new_episode_is_told_though_the_last_was_told_yesterday() -> None:
    marks: list[Mark] = []
    told_by(LOW, hourly("2026-11-21 16:00", "2026-12-01 16:00"), marks=marks)
    card = read_balance(LOW, Decimal(900), at("2026-12-01 17:00"), POLICY)
    assert told_by(card, [at("2026-12-01 17:00"), at("2026-12-02 09:00")], marks=marks) == []
    card = read_balance(card, Decimal(100), at("2026-12-02 09:00"), POLICY)
    told = told_by(card, hourly("2026-12-02 09:00", "2026-12-05 12:00"), marks=marks)
    assert leads(told) == [("0d", "2026-12-02 09:00"), ("+3d", "2026-12-05 10:00")]


def a_mark(lead: int, told_at: str, kind: DeadlineKind = DeadlineKind.PLAN) -> Mark:
    return Mark(kind, at("2026-12-20 23:59:59"), Lead(lead), at(told_at))


@pytest.mark.parametrize(
    ("mark", "is_covered"),
    [
        # the very lead, whenever it was told
        (a_mark(-3, "2026-12-17 10:00"), True),
        (a_mark(-3, "2026-12-16 10:00"), True),
        # something more urgent, at or after its time
        (a_mark(-1, "2026-12-17 10:00"), True),
        (a_mark(5, "2026-12-17 10:01"), True),
        # something more urgent, but before its time: of an earlier cycle
        (a_mark(-1, "2026-12-17 09:59"), False),
        (a_mark(60, "2026-11-17 10:00"), False),
        # something less urgent
        (a_mark(-7, "2026-12-17 12:00"), False),
        # another kind
        (a_mark(-3, "2026-12-17 10:00", DeadlineKind.IDLE), False),
    ],
)
def test_a_lead_is_covered_by_itself_or_by_what_is_as_urgent_and_not_older(
    mark: Mark, is_covered: bool
) -> None:
    told = due(PLAN, POLICY, [mark], at("2026-12-18 12:00"))
    assert [str(one.lead) for one in told] == ([] if is_covered else ["3d"])


def test_the_same_lead_of_another_cycle_covers_nothing() -> None:
    earlier = replace(a_mark(-3, "2026-11-17 10:00"), deadline_at=at("2026-11-20 23:59:59"))
    assert kinds(PLAN, at("2026-12-17 10:00"), (earlier,)) == ["plan"]


@pytest.mark.parametrize(
    ("ahead", "is_believed"),
    [
        (timedelta(0), True),
        (timedelta(days=7), True),
        (timedelta(days=7, seconds=1), False),
        (timedelta(days=3650), False),
    ],
)
def test_a_mark_more_than_a_week_ahead_of_the_clock_is_disbelieved(
    ahead: timedelta, is_believed: bool
) -> None:
    now = at("2026-12-17 10:00")
    [reminder] = due(PLAN, POLICY, (), now)
    mark = marked(reminder, now + ahead)
    assert mark == Mark(
        DeadlineKind.PLAN, datetime(2026, 12, 20, 18, 59, 59, tzinfo=UTC), Lead(-3), now + ahead
    )
    assert kinds(PLAN, now, (mark,)) == ([] if is_believed else ["plan"])


def test_a_clock_set_back_repeats_nothing_and_loses_nothing() -> None:
    marks: list[Mark] = []
    told_by(PLAN, hourly("2026-12-06 10:00", "2026-12-19 12:00"), marks=marks)
    assert told_by(PLAN, hourly("2026-12-16 12:00", "2026-12-20 09:00"), marks=marks) == []
    told = told_by(PLAN, hourly("2026-12-20 09:00", "2026-12-21 12:00"), marks=marks)
    assert leads(told) == [("0d", "2026-12-20 10:00"), ("+1d", "2026-12-21 10:00")]


# One message


def test_of_several_leads_that_have_come_the_latest_is_told() -> None:
    card = a_card(ends_on="2026-12-20", leads=(30, 14, 7, 3, 1))
    [reminder] = due(card, POLICY, (), at("2026-12-18 12:00"))
    assert str(reminder.lead) == "3d"
    assert reminder.at == at("2026-12-17 10:00")


def test_one_message_tells_every_kind_the_most_urgent_first() -> None:
    everything: dict[str, Any] = {
        "ends_on": "2026-12-20",
        "device_entered_on": "2026-11-01",
        "keep_alive": days(10),
        "last_used_on": "2026-10-01",
        "low_since": "2026-09-01 12:00",
    }
    now = at("2026-12-20 20:00")
    assert kinds(a_card(**everything), now) == ["plan", "device", "idle", "balance"]
    charged = a_card(auto_renew=True, **everything)
    assert kinds(charged, now) == ["charge", "device", "idle", "balance", "check"]
    marks = tuple(marked(one, now) for one in due(charged, POLICY, (), now))
    assert due(charged, POLICY, marks, now) == ()


def test_what_a_message_told_besides_its_headline_counts_as_told() -> None:
    card = replace(PLAN, keep_alive=IDLE.keep_alive)
    told = told_by(card, hourly("2026-12-06 00:00", "2026-12-13 20:00"))
    assert [(one.kind, one.lead) for one in told] == [
        ("plan", "14d"),
        ("idle", "14d"),
        ("plan", "7d"),
        ("idle", "7d"),
    ]


def test_an_archived_card_is_silent() -> None:
    card = archive(PLAN)
    now = at("2026-12-18 12:00")
    assert due(card, POLICY, (), now) == ()
    assert next_wake(card, POLICY, (), now) is None
    assert next_reminder(card, POLICY, (), now) is None
    assert list(upcoming(card, POLICY, (), now, at("2027-12-18 12:00"))) == []


@pytest.mark.parametrize(
    ("registered_at", "told_at", "is_late"),
    [
        ("2026-11-21 12:00", "2026-12-17 10:00:00", False),
        ("2026-11-21 12:00", "2026-12-17 10:15:00", False),
        ("2026-11-21 12:00", "2026-12-17 10:15:01", True),
        ("2026-11-21 12:00", "2026-12-18 09:00:00", True),
        # registered after its time: counted from there
        ("2026-12-17 16:00", "2026-12-17 16:15:00", False),
        ("2026-12-17 16:00", "2026-12-17 16:15:01", True),
    ],
)
def test_a_reminder_is_late_a_quarter_of_an_hour_after_its_time(
    registered_at: str, told_at: str, is_late: bool
) -> None:
    card = a_card(ends_on="2026-12-20", registered_at=registered_at)
    [reminder] = due(card, POLICY, (), at(told_at))
    assert str(reminder.lead) == "3d"
    assert reminder.is_late(at(told_at)) is is_late


STALE = replace(SHORT, balance=replace(SHORT.balance, amount=Decimal(9000)))


@pytest.mark.parametrize(
    ("card", "now", "reason", "severity"),
    [
        (PLAN, "2026-12-06 10:00", Reason.DAYS_LEFT, Severity.INFO),
        (PLAN, "2026-12-13 10:00", Reason.DAYS_LEFT, Severity.INFO),
        (PLAN, "2026-12-17 10:00", Reason.DAYS_LEFT, Severity.WARNING),
        (PLAN, "2026-12-19 10:00", Reason.DAYS_LEFT, Severity.WARNING),
        (PLAN, "2026-12-20 10:00", Reason.LAST_CALL, Severity.CRITICAL),
        (PLAN, "2026-12-21 10:00", Reason.OVERDUE, Severity.CRITICAL),
        (PLAN, "2027-02-14 10:00", Reason.OVERDUE, Severity.CRITICAL),
        (PLAN, "2027-02-18 10:00", Reason.LAST_WORD, Severity.CRITICAL),
        (IDLE, "2026-12-06 10:00", Reason.DAYS_LEFT, Severity.INFO),
        (DEVICE, "2026-12-20 10:00", Reason.LAST_CALL, Severity.CRITICAL),
        (SHORT, "2026-12-17 10:00", Reason.CHARGE_SHORT, Severity.WARNING),
        (SHORT, "2026-12-20 18:00", Reason.CHARGE_SHORT, Severity.CRITICAL),
        (SHORT, "2026-12-21 10:00", Reason.OVERDUE, Severity.CRITICAL),
        (SHORT, "2027-02-18 10:00", Reason.LAST_WORD, Severity.CRITICAL),
        (UNKNOWN, "2026-12-19 10:00", Reason.BALANCE_UNKNOWN, Severity.WARNING),
        (UNKNOWN, "2026-12-20 18:00", Reason.BALANCE_UNKNOWN, Severity.WARNING),
        (STALE, "2026-12-19 10:00", Reason.BALANCE_STALE, Severity.WARNING),
        (STALE, "2026-12-20 18:00", Reason.BALANCE_STALE, Severity.WARNING),
        (LOW, "2026-11-21 15:30", Reason.BALANCE_LOW, Severity.WARNING),
        (LOW, "2027-01-20 10:00", Reason.BALANCE_LOW, Severity.WARNING),
        # late: by the time that is really left
        (PLAN, "2026-12-17 09:00", Reason.DAYS_LEFT, Severity.WARNING),
        (
            a_card(ends_on="2026-12-20", leads=(14,)),
            "2026-12-20 09:00",
            Reason.DAYS_LEFT,
            "critical",
        ),
    ],
)
def test_a_reminder_says_why_and_how_grave(
    card: Card, now: str, reason: Reason, severity: Severity
) -> None:
    reminder = due(card, POLICY, (), at(now))[0]
    assert (reminder.reason, reminder.severity) == (reason, severity)


# State


FAR = {"ends_on": "2027-06-01"}


@pytest.mark.parametrize(
    ("told", "now", "state"),
    [
        ({}, "2026-12-20 12:00", State.OK),
        (FAR, "2026-12-20 12:00", State.OK),
        # within the largest lead
        ({"ends_on": "2026-12-20"}, "2026-12-06 09:59:59", State.OK),
        ({"ends_on": "2026-12-20"}, "2026-12-06 10:00:00", State.ENDING),
        ({"ends_on": "2026-12-20", "leads": (30,)}, "2026-11-20 10:00:00", State.ENDING),
        ({"ends_on": "2026-12-20", "leads": (1,)}, "2026-12-19 09:59:59", State.OK),
        ({"ends_on": "2026-12-20"}, "2026-12-20 23:59:59", State.ENDING),
        # overdue, until the last word
        ({"ends_on": "2026-12-20"}, "2026-12-21 00:00:00", State.OVERDUE),
        ({"ends_on": "2026-12-20"}, "2027-02-18 09:59:59", State.OVERDUE),
        ({"ends_on": "2026-12-20"}, "2027-02-18 10:00:00", State.LAPSED),
        ({"ends_on": "2026-12-20"}, "2199-02-18 10:00:00", State.LAPSED),
        # the same for the others at which something is lost
        ({"device_entered_on": "2026-11-20"}, "2026-12-06 10:00:00", State.ENDING),
        ({"device_entered_on": "2026-11-20"}, "2026-12-21 00:00:00", State.OVERDUE),
        ({"keep_alive": days(60), "last_used_on": "2026-10-21"}, "2026-12-06 10:00", State.ENDING),
        ({"keep_alive": days(60), "last_used_on": "2026-10-21"}, "2027-02-18 10:00", State.LAPSED),
        # low: under the threshold, whether or not an episode is open
        ({"balance": 499, "threshold": 500}, "2026-12-20 12:00", State.LOW),
        ({"balance": 500, "threshold": 500}, "2026-12-20 12:00", State.OK),
        (
            {"balance": 520, "threshold": 500, "low_since": "2026-12-01 12:00"},
            "2026-12-20 12:00",
            State.OK,
        ),
        ({"balance": 0, "threshold": 0}, "2026-12-20 12:00", State.OK),
        ({"balance": -1}, "2026-12-20 12:00", State.OK),
        ({"threshold": 500}, "2026-12-20 12:00", State.OK),
        # low comes before ending, and after overdue and lapsed
        ({"balance": 1, "threshold": 5, "ends_on": "2026-12-20"}, "2026-12-20 12:00", State.LOW),
        (
            {"balance": 1, "threshold": 5, "ends_on": "2026-12-20"},
            "2026-12-21 12:00",
            State.OVERDUE,
        ),
        ({"balance": 1, "threshold": 5, "ends_on": "2026-12-20"}, "2027-03-21 12:00", State.LAPSED),
    ],
)
def test_the_state_follows_from_the_dates(told: dict[str, Any], now: str, state: State) -> None:
    card = a_card(**told)
    assert state_of(card, POLICY, at(now)) is state
    assert state_of(archive(card), POLICY, at(now)) is State.ARCHIVED


@pytest.mark.parametrize(
    ("entered_on", "state"),
    [
        ("2026-11-20", State.LAPSED),  # both long ended
        ("2027-02-01", State.LAPSED),  # the device still has time
        ("2026-12-20", State.OVERDUE),  # of the device the reminders still come
    ],
)
def test_a_card_has_lapsed_when_the_reminders_of_all_that_is_overdue_have_ended(
    entered_on: str, state: State
) -> None:
    card = a_card(ends_on="2026-12-20", device_entered_on=entered_on)
    assert state_of(card, POLICY, at("2027-02-20 12:00")) is state


@pytest.mark.parametrize(
    ("card", "now", "state"),
    [
        (SHORT, "2026-12-17 09:59:59", State.OK),
        (SHORT, "2026-12-17 10:00:00", State.ENDING),
        (SHORT, "2026-12-21 00:00:01", State.OVERDUE),
        (SHORT, "2027-02-18 10:00:00", State.LAPSED),
        (UNKNOWN, "2026-12-19 09:59:59", State.OK),
        (UNKNOWN, "2026-12-19 10:00:00", State.ENDING),
        (UNKNOWN, "2026-12-21 00:00:01", State.OK),
        (STALE, "2026-12-20 12:00:00", State.ENDING),
        (STALE, "2027-02-18 10:00:00", State.OK),
    ],
)
def test_the_state_looks_at_the_charge_as_far_as_it_is_in_doubt(
    card: Card, now: str, state: State
) -> None:
    assert state_of(card, POLICY, at(now)) is state


def test_the_earliest_deadline_is_the_urgent_one() -> None:
    card = a_card(ends_on="2026-12-20", device_entered_on="2026-11-01")
    assert urgent_at(card, at("2026-12-01 12:00")) == at("2026-12-01 23:59:59")
    assert urgent_at(a_card(), at("2026-12-01 12:00")) is None


def test_a_low_balance_counts_where_nothing_else_is_to_lose() -> None:
    low = replace(LOW, balance=replace(LOW.balance, read_at=at("2026-11-21 15:30")))
    assert urgent_at(low, at("2026-12-01 12:00")) == at("2026-11-21 15:30")
    both = replace(low, plan=PLAN.plan)
    assert urgent_at(both, at("2026-12-01 12:00")) == at("2026-12-20 23:59:59")


# The next time


def test_what_was_said_to_come_first_is_not_said_again_beside_the_next() -> None:
    card = replace(
        PLAN, keep_alive=replace(PLAN.keep_alive, period=days(30), last_used_on=on("2026-11-22"))
    )
    ahead = upcoming(card, POLICY, (), at("2026-12-11 12:00"), at("2026-12-16 12:00"))
    assert [
        (instant, [(one.deadline.kind.value, str(one.lead)) for one in reminders])
        for instant, reminders in ahead
    ] == [
        (at("2026-12-11 12:00"), [("plan", "14d"), ("idle", "14d")]),
        (at("2026-12-13 10:00"), [("plan", "7d")]),
        (at("2026-12-15 10:00"), [("idle", "7d")]),
    ]


def first_due(card: Card, marks: list[Mark], now: datetime, until: datetime) -> datetime | None:
    """Walks in steps of ten minutes; the reminders of these cards come on whole minutes of ten."""
    while now <= until:
        if due(card, POLICY, marks, now):
            return now
        now += timedelta(minutes=10)
    return None


@pytest.mark.parametrize(
    ("card", "now"),
    [
        (PLAN, "2026-12-01 12:00"),
        (PLAN, "2026-12-17 10:00"),
        (PLAN, "2026-12-20 12:00"),
        (PLAN, "2027-02-16 12:00"),
        (IDLE, "2026-12-05 12:00"),
        (DEVICE, "2026-12-13 08:00"),
        (SHORT, "2026-12-15 12:00"),
        (SHORT, "2026-12-20 12:00"),
        (UNKNOWN, "2026-12-17 12:00"),
        (LOW, "2026-11-20 12:00"),
        (LOW, "2026-11-22 12:00"),
        (replace(PLAN, balance=LOW.balance), "2026-12-05 12:00"),
    ],
)
def test_the_next_wake_is_when_something_is_next_due(card: Card, now: str) -> None:
    start = at(now)
    marks = [marked(one, start) for one in due(card, POLICY, (), start)]
    expected = first_due(card, marks, start, start + timedelta(days=8))
    assert expected is not None
    assert next_wake(card, POLICY, marks, start) == expected


def test_while_something_is_due_the_next_wake_is_now() -> None:
    now = at("2026-12-18 12:34:56")
    assert next_wake(PLAN, POLICY, (), now) == now


@pytest.mark.parametrize(
    ("card", "now"),
    [(PLAN, "2027-02-18 10:00"), (a_card(), "2026-12-20 18:00")],
)
def test_when_nothing_is_ahead_there_is_no_next_wake(card: Card, now: str) -> None:
    marks = [marked(one, at(now)) for one in due(card, POLICY, (), at(now))]
    assert next_wake(card, POLICY, marks, at(now)) is None
    assert next_reminder(card, POLICY, marks, at(now)) is None


def test_what_is_to_come_is_told_with_its_time() -> None:
    card = replace(PLAN, keep_alive=IDLE.keep_alive)
    now = at("2026-12-18 12:00")
    found = [
        [shown(one, instant) for one in reminders]
        for instant, reminders in upcoming(card, POLICY, (), now, at("2026-12-21 10:00"))
    ]
    assert found == [
        [Told(clock, "plan", lead), Told(clock, "idle", lead)]
        for clock, lead in [
            ("2026-12-18 12:00", "3d"),  # what is due already comes first, now
            ("2026-12-19 10:00", "1d"),
            ("2026-12-20 10:00", "0d"),
            ("2026-12-21 10:00", "+1d"),
        ]
    ]


def test_the_next_reminder_is_the_headline_of_the_next_message() -> None:
    now = at("2026-12-18 12:00")
    marks = [marked(one, now) for one in due(PLAN, POLICY, (), now)]
    found = next_reminder(PLAN, POLICY, marks, now)
    assert found is not None
    assert (str(found.lead), found.at) == ("1d", at("2026-12-19 10:00"))
    assert found.deadline == Deadline(
        DeadlineKind.PLAN, at("2026-12-20 23:59:59"), on("2026-11-21")
    )


def test_the_next_reminder_of_a_charge_knows_its_doubt() -> None:
    read = replace(UNKNOWN, registered_at=at("2026-12-10 12:00"))  # no word of that yet
    found = next_reminder(read, POLICY, (), at("2026-12-01 12:00"))
    assert found is not None
    assert (str(found.lead), found.deadline.doubt) == ("1d", Doubt.UNKNOWN)


@pytest.mark.parametrize(
    ("lead", "text"), [(-365, "365d"), (-14, "14d"), (0, "0d"), (1, "+1d"), (60, "+60d")]
)
def test_a_lead_is_written_in_days_and_read_back(lead: int, text: str) -> None:
    assert str(Lead(lead)) == text
    assert Lead.parse(text) == Lead(lead)


def test_urgency_rises_from_the_longest_lead_to_the_last_repeat() -> None:
    order = ["14d", "7d", "3d", "1d", "0d", "+1d", "+7d", "+14d", "+60d"]
    assert [str(lead) for lead in sorted(map(Lead.parse, reversed(order)))] == order
