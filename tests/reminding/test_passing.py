"""A pass tells what is due, once, whatever is killed, away, changed or set back in between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path

import pytest

import kzreminder
from kzreminder import clock
from kzreminder.channels.message import Message, Refused, TargetAway
from kzreminder.core.card import Card
from kzreminder.core.moves import archive
from kzreminder.core.period import days
from kzreminder.reminding import telling
from kzreminder.storage.delivery import LEASE
from tests.passes import House, leads
from tests.storage.samples import NOW, POLICY, TODAY, a_card, ending, url_of

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SOURCES = Path(kzreminder.__file__).resolve().parents[1]
AWAY = TargetAway("no server")


# Once


def test_a_clock_that_starts_in_a_wrong_year_tells_nothing_twice(house: House) -> None:
    """As at each start of a machine without a battery, before the network sets its clock."""
    house.add(ending("Soon", in_days=1), ending("Over", in_days=-3))
    assert len(house.tell(NOW).delivered) == 2
    for boot in range(1, 4):
        assert house.tell(NOW.replace(year=2000)).delivered == []
        assert house.tell(NOW + boot * MINUTE).delivered == []
    assert leads(house.tell(NOW + DAY)) == [("Over", "+4d"), ("Soon", "0d")]


def test_what_is_due_is_told_and_nothing_else(house: House) -> None:
    house.add(ending("Soon", in_days=1), ending("Far", in_days=40), a_card("Bare"))
    report = house.tell(NOW)
    assert leads(report) == [("Soon", "1d")]
    assert len(house.screen.shown) == 1
    assert "Soon" in house.screen.titles[0]
    assert report.failed == []
    assert report.next_wake_at == NOW + DAY


def test_a_reminder_is_told_once_over_twenty_restarts(house: House) -> None:
    house.add(ending("Soon"))
    for minute in range(20):
        house.tell(NOW + minute * MINUTE)
        house.restart()
    assert len(house.screen.shown) == 1


def test_fifty_days_of_passes_tell_each_lead_once(house: House) -> None:
    house.add(ending("Mum", in_days=20))
    told = [
        lead
        for hour in range(0, 24 * 85, 8)
        for _, lead in leads(house.tell(NOW + timedelta(hours=hour)))
    ]
    ahead = ["14d", "7d", "3d", "1d", "0d"]
    after = [f"+{days}d" for days in (*range(1, 8), *range(14, 57, 7), 60)]
    assert told == ahead + after


def test_a_week_asleep_costs_one_message(house: House) -> None:
    house.add(ending("Mum", in_days=3))
    house.tell(NOW)
    report = house.tell(NOW + 8 * DAY)
    assert leads(report) == [("Mum", "+5d")]
    assert house.tell(NOW + 8 * DAY + MINUTE).delivered == []


def test_what_is_told_long_after_its_time_is_late(house: House) -> None:
    house.add(ending("Mum", in_days=20))
    on_time, late = NOW + 6 * DAY + 15 * MINUTE, NOW + 13 * DAY + 16 * MINUTE
    assert [one.late for one in house.tell(on_time).delivered] == [False]
    assert [one.late for one in house.tell(late).delivered] == [True]


def test_two_passes_at_once_tell_each_card_once(tmp_path: Path) -> None:
    houses = [House(tmp_path), House(tmp_path)]
    houses[0].add(*(ending(f"Card {number}") for number in range(12)))
    houses[1].store.count()
    start = threading.Barrier(2)
    told: list[str] = []

    def one_pass(mine: House) -> None:
        start.wait()
        told.extend(label for label, _ in leads(mine.tell(NOW)))

    threads = [threading.Thread(target=one_pass, args=(mine,)) for mine in houses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == sorted(f"Card {number}" for number in range(12))
    for mine in houses:
        mine.store.close()


# Claim, send, confirm


def test_a_card_is_claimed_before_it_is_told_and_marked_after(house: House) -> None:
    house.add(ending("Mum"))
    seen: list[tuple[object, ...]] = []

    def look(_: Message) -> None:
        seen.extend(house.rows("select claim_token is not null, wake_at from cards"))
        seen.extend(house.rows("select count(*) from marks"))
        seen.extend(house.rows("select count(*) from messages"))

    house.screen.meanwhile = look
    house.tell(NOW)
    lease_end = int((NOW + LEASE).timestamp()) * 1_000_000
    assert seen == [(1, lease_end), (0,), (0,)]
    assert house.rows("select lead, believed from marks") == [("1d", 1)]
    assert house.rows("select outcome, notification_id from messages") == [("accepted", 1)]
    assert house.rows("select claim_token from cards") == [(None,)]


CHANGES = ("renewed", "archived", "removed")


def change(house: House, card: Card, what: str) -> None:
    if what == "renewed":
        house.renew(card, NOW)
    elif what == "archived":
        house.store.change(card.id, "archived", archive, NOW)
    else:
        house.store.remove(card.id)


def during_first_send(house: House, happens: Callable[[], None]) -> None:
    def once(_: Message) -> None:
        if house.screen.asked == 1:
            happens()

    house.screen.meanwhile = once


@pytest.mark.parametrize("what", CHANGES)
def test_a_card_changed_after_its_claim_is_not_told_as_it_was(house: House, what: str) -> None:
    _, second = house.add(ending("First", in_days=0), ending("Second", in_days=1))
    during_first_send(house, lambda: change(house, second, what))
    assert [label for label, _ in leads(house.tell(NOW))] == ["First"]
    assert leads(house.tell(NOW + MINUTE)) == []


@pytest.mark.parametrize("what", CHANGES)
def test_a_card_of_a_digest_changed_after_its_claim_is_not_told_as_it_was(
    house: House, what: str
) -> None:
    cards = house.add(*(ending(f"Card {number}", in_days=number) for number in range(6)))
    during_first_send(house, lambda: change(house, cards[-1], what))
    report = house.tell(NOW)
    assert "Card 5" not in [label for label, _ in leads(report)]
    assert not any("Card 5" in message.body for message in house.screen.shown)


@pytest.mark.parametrize("what", CHANGES)
def test_a_card_changed_while_it_is_told_keeps_its_change(house: House, what: str) -> None:
    [card] = house.add(ending("Mum"))
    during_first_send(house, lambda: change(house, card, what))
    assert len(house.tell(NOW).delivered) == 1
    state = house.rows("select archived, wake_at is not null, claim_token from cards")
    assert state == {"renewed": [(0, 1, None)], "archived": [(1, 0, None)], "removed": []}[what]
    assert leads(house.tell(NOW + MINUTE)) == []
    if what == "renewed":
        assert len(house.rows("select * from marks")) == 1, "it was shown all the same"
        assert house.store.delivery.next_wake_at() == NOW + 17 * DAY  # 14 days before 22 December


# Killed

CHILD = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from kzreminder.assembly import Parts
from kzreminder.channels.message import Accepted, Server
from kzreminder.core.policy import Policy
from kzreminder.core.zone import almaty
from kzreminder.reminding.passing import run_pass
from kzreminder.settings.declared import Desktop
from kzreminder.settings.reading import Settings

url, shown, when, number, now = sys.argv[1:]

class Deadly:
    name = "deadly"
    target = "desktop:test"
    sent = 0
    def describe(self):
        return Server("deadly", "", "")
    def close(self):
        pass
    def attend(self):
        return None
    def take_away(self, message_id, server):
        pass
    def send(self, message):
        self.sent += 1
        if self.sent == int(number) and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        with open(shown, "a") as log:
            log.write(message.title + "\\n")
        if self.sent == int(number) and when == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        return Accepted(self.sent)

settings = Settings(Path("c"), "en", url, Policy(zone=almaty()), Desktop.AUTO, True)
run_pass(Parts(settings).desk(Deadly()), datetime.fromisoformat(now))
"""


def killed_pass(house: House, now: datetime, when: str, number: int) -> list[str]:
    """The titles shown by a pass that is killed before or after its so-manieth message is shown."""
    shown = house.folder / "shown.txt"
    shown.touch()
    done = subprocess.run(
        [
            *(sys.executable, "-c", CHILD, url_of(house.folder), str(shown), when),
            *(str(number), now.isoformat()),
        ],
        env=os.environ | {"PYTHONPATH": str(SOURCES)},
        capture_output=True,
        timeout=40,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    return shown.read_text().splitlines()


@pytest.mark.parametrize(("when", "duplicates"), [("before", 0), ("after", 1)])
def test_a_pass_killed_round_its_sending_loses_nothing_and_repeats_at_most_one(
    house: House, when: str, duplicates: int
) -> None:
    house.add(ending("Mum"))
    killed = killed_pass(house, NOW, when, 1)
    assert len(killed) == duplicates
    assert leads(house.tell(NOW + SECOND)) == [], "the claim holds until its lease ends"
    later = [house.tell(NOW + LEASE + minute * MINUTE) for minute in range(5)]
    assert [label for report in later for label, _ in leads(report)] == ["Mum"]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_pass_killed_in_the_midst_repeats_at_most_one_message(house: House, when: str) -> None:
    """Six cards are three messages and a digest."""
    house.add(*(ending(f"Card {number}", in_days=number) for number in range(6)))
    killed = killed_pass(house, NOW, when, 3)
    assert len(killed) == (2 if when == "before" else 3)
    house.tell(NOW + LEASE)
    shown = Counter([*killed, *house.screen.titles])
    told = house.rows("select distinct card_id from marks where believed")
    assert len(told) == 6
    assert sum(count - 1 for count in shown.values()) <= 1
    assert house.tell(NOW + LEASE + MINUTE).delivered == []


# The target is away


def test_five_hundred_cards_on_a_dead_desktop_are_one_failure(house: House) -> None:
    house.add(*(ending(f"Card {number}") for number in range(500)))
    house.screen.fault = AWAY
    report = house.tell(NOW)
    assert house.screen.asked == 1
    assert len(report.failed) == 1
    assert report.failed[0].permanent is False
    assert report.next_wake_at == report.failed[0].retry_at == NOW + 30 * SECOND
    assert house.rows("select count(*) from messages") == [(1,)]
    assert house.store.delivery.undelivered(NOW, is_away=True) == 500

    house.screen.fault = None
    back = house.tell(NOW + 30 * SECOND)
    assert len(house.screen.shown) == 4
    assert len({one.reminder.card.id for one in back.delivered}) == 500
    assert house.store.delivery.undelivered(NOW + 30 * SECOND, is_away=False) == 0
    assert house.tell(NOW + MINUTE).delivered == []


def test_the_wait_doubles_from_half_a_minute_to_an_hour(house: House) -> None:
    house.add(ending("Mum"))
    house.screen.fault = AWAY
    now, waits = NOW, []
    for _ in range(10):
        report = house.tell(now)
        house.restart()
        retry_at = report.failed[0].retry_at
        assert retry_at is not None
        waits.append(int((retry_at - now).total_seconds()))
        asked = house.screen.asked
        house.tell(now + 29 * SECOND)
        assert house.screen.asked == asked, "nothing is sent before its time"
        now = retry_at
    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]
    assert house.rows("select outcome from messages") == [("failed",)], "one absence, one row"
    house.screen.fault = None
    assert leads(house.tell(now)) == [("Mum", "1d")]
    house.screen.fault = AWAY
    house.add(ending("Dad"))
    assert house.tell(now + MINUTE).failed[0].retry_at == now + MINUTE + 30 * SECOND


def test_a_target_that_is_back_early_ends_the_wait_at_once(house: House) -> None:
    house.add(ending("Mum"))
    house.screen.fault = AWAY
    for _ in range(3):
        house.tell(NOW, patient=False)
    house.screen.fault = None
    assert leads(house.tell(NOW + SECOND)) == [("Mum", "1d")]


def test_an_impatient_pass_tries_at_once(house: House) -> None:
    house.add(ending("Mum"))
    house.screen.fault = AWAY
    house.tell(NOW)
    house.tell(NOW + SECOND, patient=False)
    assert house.screen.asked == 2


def test_what_is_due_then_is_told_when_the_target_is_back(house: House) -> None:
    mum, _ = house.add(ending("Mum", in_days=1), ending("Dad", in_days=3))
    house.screen.fault = AWAY
    house.tell(NOW)
    house.renew(mum, NOW + MINUTE)
    house.screen.fault = None
    report = house.tell(NOW + 5 * DAY)
    assert leads(report) == [("Dad", "+2d")]


# Refused


def test_a_claim_that_takes_long_keeps_what_it_has(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an outage so much is due that planning it takes longer than a lease lasts."""
    house.tell(NOW)
    house.add(*(ending(f"Card {number}", in_days=40) for number in range(5)))
    renewed: list[str] = []
    monkeypatch.setattr(house.store.delivery, "renew_lease", lambda *told: renewed.append(told[0]))
    monkeypatch.setattr(telling, "BATCH", 1)
    seconds = count(step=31.0)
    monkeypatch.setattr(clock, "monotonic", lambda: next(seconds))
    house.tell(NOW)
    assert len(renewed) == 5


def test_a_message_refused_for_now_is_tried_again_later_and_later(house: House) -> None:
    house.add(ending("Mum"))
    house.screen.fault = Refused("busy", permanent=False)
    now, waits = NOW, []
    for attempt in range(1, 5):
        report = house.tell(now)
        [failed] = report.failed
        assert failed.retry_at is not None
        assert report.next_wake_at == failed.retry_at
        waits.append(int((failed.retry_at - now).total_seconds()))
        assert house.screen.asked == attempt
        now = failed.retry_at
    assert waits == [30, 60, 120, 240]
    house.screen.fault = None
    report = house.tell(now)
    assert [one.attempt for one in report.delivered] == [5]
    assert house.tell(now + MINUTE).delivered == []


def test_a_message_refused_for_good_waits_for_the_next_lead(house: House) -> None:
    house.add(ending("Mum", in_days=1))
    house.screen.fault = Refused("too long", permanent=True)
    report = house.tell(NOW)
    assert [(one.permanent, one.retry_at) for one in report.failed] == [(True, None)]
    assert report.next_wake_at == NOW + DAY
    for minute in range(1, 9):
        house.tell(NOW + minute * MINUTE)
    assert house.screen.asked == 1
    house.screen.fault = None
    assert leads(house.tell(NOW + DAY)) == [("Mum", "0d")]


def test_one_refused_message_keeps_nobody_else_waiting(house: House) -> None:
    house.add(ending("Bad", in_days=0), ending("Good", in_days=1))

    def refuse(message: Message) -> None:
        is_bad = "Bad" in message.title
        house.screen.fault = Refused("no", permanent=True) if is_bad else None

    house.screen.meanwhile = refuse
    report = house.tell(NOW)
    assert leads(report) == [("Good", "1d")]
    assert [one.reminder.card.label for one in report.failed] == ["Bad"]


# Many at once


@pytest.mark.parametrize(
    ("cards", "cap", "messages"), [(1, 3, 1), (3, 3, 3), (4, 3, 4), (30, 3, 4), (9, 1, 2)]
)
def test_above_the_cap_the_rest_share_one_message(
    house: House, cards: int, cap: int, messages: int
) -> None:
    house.restart(replace(POLICY, max_toasts=cap))
    house.add(*(ending(f"Card {number:02}", in_days=number % 3) for number in range(cards)))
    report = house.tell(NOW)
    assert len(house.screen.shown) == messages
    assert len(report.delivered) == cards
    singles = [one for one in report.delivered if not one.digest]
    assert len(singles) == min(cards, cap)
    ends = [one.reminder.deadline.at for one in report.delivered]
    assert max(ends[: len(singles)]) <= min(ends[len(singles) :] or ends[-1:])
    assert len({one.notification_id for one in report.delivered}) == messages
    assert house.tell(NOW + MINUTE).delivered == []


def test_the_cap_counts_the_whole_pass_and_not_a_batch(house: House) -> None:
    house.add(*(ending(f"Card {number}") for number in range(450)))
    report = house.tell(NOW)
    assert len(house.screen.shown) == 4
    assert len(report.delivered) == 450


def test_several_deadlines_of_a_card_are_one_message(house: House) -> None:
    house.add(
        a_card(
            "Mum",
            expires=TODAY + DAY,
            keep_alive=days(90),
            last_used=TODAY - 89 * DAY,
            device_entered=TODAY - 29 * DAY,
            balance=Decimal(1),
            threshold=Decimal(100),
        )
    )
    report = house.tell(NOW)
    assert len(house.screen.shown) == 1
    kinds = [one.reminder.deadline.kind.value for one in report.delivered]
    assert kinds == ["plan", "device", "idle", "balance"]
    assert house.tell(NOW + MINUTE).delivered == []


# The clock, the policy


def test_a_year_too_far_and_back_silences_nothing(house: House) -> None:
    house.add(ending("Mum", in_days=3))
    assert leads(house.tell(NOW)) == [("Mum", "3d")]
    wrong = house.tell(NOW + 365 * DAY)
    assert leads(wrong) == [("Mum", "+60d")]
    assert wrong.next_wake_at is None
    assert leads(house.tell(NOW + MINUTE)) == [], "what was told before is still told"
    told = [leads(house.tell(NOW + day * DAY)) for day in range(2, 6)]
    assert told == [[("Mum", lead)] for lead in ("1d", "0d", "+1d", "+2d")]


def test_a_clock_set_back_by_hours_repeats_nothing(house: House) -> None:
    house.add(ending("Mum", in_days=1))
    house.tell(NOW)
    for hours in (1, 5, 12):
        assert house.tell(NOW - timedelta(hours=hours)).delivered == []
    assert house.tell(NOW + MINUTE).delivered == []
    assert leads(house.tell(NOW + DAY)) == [("Mum", "0d")]


def test_a_claim_from_a_clock_that_ran_ahead_is_not_waited_for(house: House) -> None:
    """A pass was killed while the clock was a month ahead, where an earlier one had ended."""
    house.add(ending("Mum", in_days=1), ending("Dad", in_days=80))
    house.tell(NOW + 30 * DAY)
    killed_pass(house, NOW + 66 * DAY, "before", 1)
    assert house.rows("select count(*) from cards where claim_token is not null") == [(2,)]
    house.screen.shown.clear()
    assert leads(house.tell(NOW)) == [("Mum", "1d")]
    assert ("Dad", "14d") in leads(house.tell(NOW + 66 * DAY))


def test_a_claim_of_the_first_pass_of_a_wrong_year_is_not_waited_for(house: House) -> None:
    house.add(ending("Mum", in_days=1))
    house.tell(NOW - HOUR)
    killed_pass(house, NOW + 365 * DAY, "before", 1)
    assert leads(house.tell(NOW)) == [("Mum", "1d")]


def test_a_card_changed_in_a_wrong_year_is_not_forgotten(house: House) -> None:
    [card] = house.add(ending("Mum", in_days=1))
    house.tell(NOW - HOUR)
    house.store.change(card.id, "edited", lambda one: replace(one, note="x"), NOW + 365 * DAY)
    assert leads(house.tell(NOW)) == [("Mum", "1d")]


def test_a_card_changed_in_a_wrong_year_is_not_forgotten_over_another(house: House) -> None:
    mum, dad = house.add(ending("Mum", in_days=1), a_card("Dad"))
    house.tell(NOW - HOUR)
    house.store.change(mum.id, "edited", lambda card: replace(card, note="x"), NOW + 365 * DAY)
    house.store.change(dad.id, "edited", lambda card: replace(card, note="x"), NOW)
    assert leads(house.tell(NOW)) == [("Mum", "1d")]


def test_an_absence_reckoned_by_a_wrong_clock_ends(house: House) -> None:
    house.add(ending("Mum"))
    house.screen.fault = AWAY
    house.tell(NOW + 365 * DAY)
    house.screen.fault = None
    assert leads(house.tell(NOW)) == [("Mum", "1d")]


def test_a_changed_policy_has_every_card_planned_again(house: House) -> None:
    house.add(ending("Mum", in_days=20))
    assert house.tell(NOW).delivered == []
    house.restart(replace(POLICY, leads=(30, 20, 0)))
    assert leads(house.tell(NOW + MINUTE)) == [("Mum", "20d")]
    house.restart()
    assert house.tell(NOW + 2 * MINUTE).delivered == []


def test_a_quiet_database_says_when_it_next_wants_a_pass(house: House) -> None:
    assert house.tell(NOW).next_wake_at is None
    house.add(ending("Mum", in_days=20))
    assert house.tell(NOW).next_wake_at == NOW + 6 * DAY
    assert house.store.notes.recall("last_pass_at") == NOW.isoformat()
