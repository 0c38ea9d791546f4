"""While nobody can see the screen a reminder waits, never past the last safe instant."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from kzreminder.channels.message import Message, Refused, TargetAway
from kzreminder.core.leads import Lead
from kzreminder.core.period import days
from kzreminder.storage.delivery import LEASE
from tests.passes import House, leads
from tests.storage.samples import NOW, POLICY, TODAY, a_card, ending

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def left(house: House) -> House:
    """Its screen is locked."""
    house.somebody_is_there = False
    return house


def state(house: House) -> list[tuple[bool, datetime | None]]:
    """Of each card whether it waits for somebody, and when it is looked at at the latest."""
    wakes = []
    for awaits, wake_at in house.rows("select awaits, wake_at from cards order by id"):
        assert wake_at is None or isinstance(wake_at, int)
        at = None if wake_at is None else NOW + timedelta(microseconds=wake_at - instant(NOW))
        wakes.append((awaits == "somebody", at))
    return wakes


def instant(at: datetime) -> int:
    """As the database has it."""
    return round(at.timestamp() * 1_000_000)


def told_until(house: House, end: datetime) -> list[tuple[datetime, str, str]]:
    """What passes at each wake tell: when, of which kind, with which lead."""
    told, now = [], NOW
    while now <= end:
        report = house.tell(now)
        told += [
            (now, one.reminder.deadline.kind.value, str(one.reminder.lead))
            for one in report.delivered
        ]
        assert report.next_wake_at is not None
        assert report.next_wake_at > now
        now = report.next_wake_at
    return told


def test_a_reminder_waits_for_somebody_until_its_last_call(left: House) -> None:
    left.add(ending("Mum", in_days=1))
    report = left.tell(NOW)
    assert (report.delivered, report.failed) == ([], [])
    assert left.screen.asked == 0
    assert report.next_wake_at == NOW + DAY
    assert state(left) == [(True, NOW + DAY)]
    assert left.rows("select * from marks") == []
    for minute in range(1, 24 * 60, 240):
        assert left.tell(NOW + minute * MINUTE).delivered == []
    assert left.screen.asked == 0


def test_at_its_last_call_it_is_told_whoever_is_there(left: House) -> None:
    left.add(ending("Mum", in_days=1))
    left.tell(NOW)
    assert leads(left.tell(NOW + DAY)) == [("Mum", "0d")]
    assert left.tell(NOW + DAY + MINUTE).delivered == []
    assert state(left)[0][0] is False


def test_a_last_call_does_not_wait(left: House) -> None:
    left.add(ending("Mum", in_days=0))
    assert leads(left.tell(NOW)) == [("Mum", "0d")]


def test_once_somebody_is_back_it_is_told_in_the_next_pass_and_once(left: House) -> None:
    left.add(ending("Mum", in_days=3))
    left.tell(NOW)
    left.somebody_is_there = True
    report = left.tell(NOW + 2 * HOUR)
    assert leads(report) == [("Mum", "3d")]
    assert report.next_wake_at == NOW + 2 * DAY
    assert state(left) == [(False, NOW + 2 * DAY)]
    for minute in range(1, 5):
        assert left.tell(NOW + 2 * HOUR + minute * MINUTE).delivered == []
    assert len(left.screen.shown) == 1


def test_a_week_away_gives_one_message_with_what_is_true_then(left: House) -> None:
    left.add(ending("Mum", in_days=14))
    for hour in range(0, 12 * 24, 8):
        assert left.tell(NOW + hour * HOUR).delivered == []
    left.somebody_is_there = True
    assert leads(left.tell(NOW + 12 * DAY)) == [("Mum", "3d")]
    assert len(left.screen.shown) == 1


def test_coming_and_going_tells_each_lead_once(left: House) -> None:
    left.add(ending("Mum", in_days=14))
    told = []
    for hour in range(0, 21 * 24, 4):
        left.somebody_is_there = hour % 24 == 8
        told += [lead for _, lead in leads(left.tell(NOW + hour * HOUR))]
    assert told == ["14d", "7d", "3d", "1d", "0d", *(f"+{number}d" for number in range(1, 7))]


def test_with_nobody_ever_there_what_is_overdue_is_told_all_the_same(left: House) -> None:
    left.add(ending("Mum", in_days=1))
    last_call, *after = told_until(left, NOW + 10 * DAY)
    assert last_call == (NOW + DAY, "plan", "0d")
    quarter = timedelta(minutes=15)
    waited = [(NOW + (number + 2) * DAY - quarter, "plan", f"+{number}d") for number in range(1, 8)]
    assert after == waited


def test_a_longer_wait_hides_no_shorter_one_of_the_same_card(left: House) -> None:
    """The number can wait for a fortnight; the charge of the fourth day cannot."""
    left.add(
        a_card(
            "Mum",
            expires=TODAY + 4 * DAY,
            period=days(30),
            price=Decimal(4990),
            auto_renew=True,
            balance=Decimal(0),
            keep_alive=days(30),
            last_used=TODAY - 16 * DAY,
        )
    )
    assert told_until(left, NOW + 5 * DAY)[:2] == [
        (NOW + 4 * DAY + 8 * HOUR, "charge", "0d"),
        (NOW + 4 * DAY + 8 * HOUR, "idle", "14d"),
    ]


def test_what_falls_due_while_another_waits_is_told_within_a_day(left: House) -> None:
    left.add(ending("Mum", in_days=20, balance=Decimal(500), threshold=Decimal(100)))
    before_next_day = NOW + 16 * DAY - timedelta(minutes=15)
    assert told_until(left, NOW + 17 * DAY) == [
        (before_next_day, "plan", "7d"),
        (before_next_day, "check", "0d"),
    ]


def test_a_card_added_while_nobody_is_there_waits_too(left: House) -> None:
    left.add(ending("Mum", in_days=3))
    left.tell(NOW)
    left.add(ending("Dad", in_days=1, at=NOW + HOUR))
    report = left.tell(NOW + HOUR)
    assert report.delivered == []
    assert report.next_wake_at == NOW + DAY
    left.somebody_is_there = True
    assert sorted(leads(left.tell(NOW + 2 * HOUR))) == [("Dad", "1d"), ("Mum", "3d")]


def test_a_card_that_is_changed_while_it_waits_is_planned_anew(left: House) -> None:
    mum, dad = left.add(ending("Mum", in_days=3), ending("Dad", in_days=3))
    left.tell(NOW)
    left.renew(mum, NOW + HOUR)
    left.store.change(dad.id, "edited", lambda card: replace(card, note="x"), NOW + HOUR)
    assert [held for held, _ in state(left)] == [False, False]
    assert left.tell(NOW + HOUR).delivered == []
    assert [held for held, _ in state(left)] == [False, True]
    left.somebody_is_there = True
    assert leads(left.tell(NOW + 2 * HOUR)) == [("Dad", "3d")]


def test_what_waited_over_a_restart_is_told_when_somebody_is_there(left: House) -> None:
    left.add(ending("Mum", in_days=3))
    left.tell(NOW)
    left.restart()
    assert left.tell(NOW + HOUR).delivered == []
    left.restart()
    left.somebody_is_there = True
    assert leads(left.tell(NOW + 2 * HOUR)) == [("Mum", "3d")]


def test_twenty_cards_that_waited_are_three_messages_and_a_digest(left: House) -> None:
    left.add(*(ending(f"Card {number:02}", in_days=1 + number % 3) for number in range(20)))
    assert left.tell(NOW).delivered == []
    assert [held for held, _ in state(left)] == [True] * 20
    left.somebody_is_there = True
    report = left.tell(NOW + HOUR)
    assert len(report.delivered) == 20
    assert sum(1 for one in report.delivered if not one.digest) == 3
    assert len(left.screen.shown) == 4
    assert left.tell(NOW + HOUR + MINUTE).delivered == []


def test_only_what_can_wait_waits(left: House) -> None:
    left.add(ending("Today", in_days=0), ending("Soon", in_days=3), ending("Over", in_days=-3))
    report = left.tell(NOW)
    assert leads(report) == [("Today", "0d")]
    assert [held for held, _ in state(left)] == [False, True, True]


def test_hundreds_of_cards_wait_without_a_word(left: House) -> None:
    left.add(*(ending(f"Card {number}", in_days=1) for number in range(250)))
    report = left.tell(NOW)
    assert (report.delivered, report.next_wake_at) == ([], NOW + DAY)
    assert left.store.delivery.undelivered(NOW, is_away=False) == 0
    left.somebody_is_there = True
    assert len(left.tell(NOW + HOUR).delivered) == 250


def test_quiet_hours_are_kept_when_somebody_is_back_in_them(left: House) -> None:
    left.add(ending("Mum", in_days=3))
    left.tell(NOW)
    left.somebody_is_there = True
    night = NOW + 13 * HOUR  # 23:00
    assert left.tell(night).delivered == []
    left.somebody_is_there = False
    assert leads(left.tell(NOW + 22 * HOUR)) == []  # 08:00
    left.somebody_is_there = True
    assert leads(left.tell(NOW + 22 * HOUR + MINUTE)) == [("Mum", "3d")]


def test_a_target_that_is_away_when_somebody_is_back_is_told_later(left: House) -> None:
    left.add(ending("Mum", in_days=3))
    left.tell(NOW)
    left.somebody_is_there = True
    left.screen.fault = TargetAway("no server")
    assert left.tell(NOW + HOUR).delivered == []
    left.screen.fault = None
    assert leads(left.tell(NOW + HOUR + MINUTE)) == [("Mum", "3d")]


def test_a_refused_message_is_not_tried_anew_by_every_pass(left: House) -> None:
    """What was refused waits for its time: that somebody is there is no reason to hurry."""
    left.add(ending("Mum", in_days=3))
    left.tell(NOW)
    left.somebody_is_there = True
    left.screen.fault = Refused("busy", permanent=False)
    left.tell(NOW + HOUR)
    left.tell(NOW + HOUR + timedelta(seconds=1))
    assert left.screen.asked == 1


def test_another_pass_takes_no_card_that_waited_out_of_the_hands_of_the_first(
    left: House,
) -> None:
    """As `run --once` beside the service, where one database serves several machines."""
    left.add(ending("Mum", in_days=1))
    left.tell(NOW)
    other = House(left.folder)
    told: list[tuple[str, str]] = []

    def meanwhile(_: Message) -> None:
        thread = threading.Thread(target=lambda: told.extend(leads(other.tell(NOW + DAY + MINUTE))))
        thread.start()
        thread.join()

    left.screen.meanwhile = meanwhile
    assert leads(left.tell(NOW + DAY)) == [("Mum", "0d")]
    other.store.close()
    assert told == []
    assert len(other.screen.shown) == 0


def test_a_clock_set_back_while_cards_wait_loses_none(left: House) -> None:
    left.add(ending("Mum", in_days=3))
    left.tell(NOW)
    left.tell(NOW - 5 * HOUR)
    left.somebody_is_there = True
    assert leads(left.tell(NOW + MINUTE)) == [("Mum", "3d")]


def test_a_lead_of_the_card_without_a_last_call_waits_until_one_all_the_same(
    left: House,
) -> None:
    left.restart(replace(POLICY, leads=(7, 3)))
    left.add(ending("Mum", in_days=3))
    assert left.tell(NOW).delivered == []
    assert left.tell(NOW + 3 * DAY - MINUTE).delivered == []
    report = left.tell(NOW + 3 * DAY)
    assert [one.reminder.lead for one in report.delivered] == [Lead(-3)]
    assert left.tell(NOW + 3 * DAY + LEASE).delivered == []
