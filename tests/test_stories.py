"""How reminders failed elsewhere, story by story; each happened to users of a good program.

The planner, the file and the pass are the real ones; clocks are moved. What takes a running service
is lived again in e2e/test_clock and e2e/test_daemon.
"""

from __future__ import annotations

import calendar
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kzreminder import places
from kzreminder.alive.lock import only_one
from kzreminder.channels.message import Message, Refused, TargetAway
from kzreminder.core.card import Card
from kzreminder.core.correcting import correct
from kzreminder.core.deadlines import deadlines_of
from kzreminder.core.moves import Renewal, archive, read_balance, renew, top_up
from kzreminder.core.period import days, months
from kzreminder.core.policy import Policy
from kzreminder.core.silence import acknowledge, ending_snooze, snooze
from kzreminder.core.typed import read_day, read_instant, read_money
from kzreminder.core.typed_leads import read_leads
from kzreminder.errors import BadValue, DaemonRuns
from kzreminder.operators.book_file import CLERK_FILE, book_path, read_book
from kzreminder.operators.sms import read_sms
from kzreminder.operators.sms_patterns import load
from kzreminder.reminding.desk import PassReport
from tests.core.cards import ALMATY, at, on
from tests.passes import House
from tests.storage.samples import POLICY, a_card

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
T = on("2026-12-20")
ADDED = at("2026-12-01 12:00")


def ends(
    label: str = "Mum", on_day: str = "2026-12-20", added: datetime = ADDED, **told: object
) -> Card:
    return a_card(label, at=added, expires=on(on_day), period=days(30), **told)


def leads_of(report: PassReport) -> list[str]:
    return [str(one.reminder.lead) for one in report.delivered]


def passes(house: House, start: str, end: str, every: timedelta = HOUR) -> list[tuple[str, str]]:
    """What passes from then to then tell, as (lead, wall clock in Almaty)."""
    now, told = at(start), []
    while now <= at(end):
        clock = f"{now.astimezone(ALMATY):%m-%d %H:%M}"
        told += [(lead, clock) for lead in leads_of(house.tell(now))]
        now += every
    return told


def test_story_01_a_day_missed_exactly_is_made_up_for_once(house: House) -> None:
    house.add(ends(leads=(7, 3, 1, 0)))
    assert passes(house, "2026-12-11 00:00", "2026-12-12 09:00") == []
    started = house.tell(at("2026-12-18 12:00"))
    assert leads_of(started) == ["3d"]
    assert house.screen.titles == ["2 days left: Mum, plan ends 20 Dec"]
    assert started.delivered[0].late
    told = passes(house, "2026-12-18 13:00", "2026-12-20 23:00")
    assert told == [("1d", "12-19 10:00"), ("0d", "12-20 10:00")]


def test_story_02_a_pass_ten_minutes_late_still_happens(house: House) -> None:
    house.add(ends())
    assert leads_of(house.tell(at("2026-12-19 10:10"))) == ["1d"]
    sources = Path(places.__file__).parent / "daemon"
    jobs = "".join(path.read_text(encoding="utf-8") for path in sources.glob("*.py"))
    assert '"misfire_grace_time": None' in jobs  # for every job, by default
    assert "misfire_grace_time=" not in jobs


def test_story_03_what_fell_due_in_a_sleep_is_told_at_the_first_pass(house: House) -> None:
    house.add(ends())
    assert leads_of(house.tell(at("2026-12-19 02:00"))) == []  # in the quiet hours
    resumed = house.tell(at("2026-12-19 11:00"))
    assert leads_of(resumed) == ["1d"]
    assert resumed.delivered[0].late


def test_story_04_steps_of_the_clock_repeat_nothing_and_lose_nothing(house: House) -> None:
    house.add(ends(leads=(3, 1, 0)))
    assert leads_of(house.tell(at("2026-12-17 10:30"))) == ["3d"]
    assert leads_of(house.tell(at("2026-12-17 08:30"))) == []  # two hours back
    assert leads_of(house.tell(at("2036-12-17 12:00"))) == ["+60d"]  # ten years on
    house.tell(at("2036-12-18 12:00"))
    assert house.rows("select count(*) from marks")[0][0] == 2
    right_again = passes(house, "2026-12-18 12:00", "2026-12-20 12:00")
    assert [lead for lead, _ in right_again] == ["1d", "0d"]
    ahead_by_days = house.tell(at("2026-12-24 12:00"))
    assert leads_of(ahead_by_days) == ["+4d"]
    assert leads_of(house.tell(at("2026-12-20 13:00"))) == []  # within a week: believed


@pytest.mark.parametrize("fault", [TargetAway("off"), Refused("broken", permanent=False)])
def test_story_05_nothing_counts_as_sent_before_it_was(
    house: House, fault: TargetAway | Refused
) -> None:
    house.add(ends())
    house.screen.fault = fault
    failed = house.tell(at("2026-12-19 10:00"))
    assert (failed.delivered, len(failed.failed)) == ([], 1)
    house.screen.fault = None
    assert leads_of(house.tell(at("2026-12-19 10:05"))) == ["1d"]
    outcomes = [one.fields["outcome"] for one in house.store.history() if one.kind == "message"]
    assert outcomes == ["accepted", "failed"]


def test_story_06_fifty_restarts_say_nothing_new_and_a_second_service_is_refused(
    house: House,
) -> None:
    [card] = house.add(ends())
    for minutes in range(50):
        house.restart()
        house.tell(at("2026-12-17 10:00") + minutes * timedelta(minutes=1))
    move = partial(correct, told={"note": "new"}, policy=POLICY, now=at("2026-12-17 11:00"))
    house.store.change(card.id, "edited", move, at("2026-12-17 11:00"))
    house.tell(at("2026-12-17 11:01"))
    assert len(house.screen.shown) == 1
    with (
        only_one(house.folder / "lock"),
        pytest.raises(DaemonRuns),
        only_one(house.folder / "lock"),
    ):
        pass


@pytest.mark.parametrize("anchor", [29, 30, 31])
def test_story_07_a_month_s_end_does_not_drift(anchor: int) -> None:
    card = a_card(at=at(f"2026-12-{anchor} 12:00"), period=months(1))
    for _ in range(36):
        last_good_on = card.plan.last_good_on
        assert last_good_on is not None
        begins_on = last_good_on + DAY
        longest = calendar.monthrange(begins_on.year, begins_on.month)[1]
        assert begins_on.day == min(anchor, longest)
        card = renew(card, Renewal(on=last_good_on), ADDED)


@pytest.mark.parametrize(
    ("paid_on", "from_expiry", "term"),
    [
        ("2026-12-15", None, ("2026-12-21", "2027-01-19")),
        ("2026-12-15", False, ("2026-12-15", "2027-01-13")),
        ("2026-12-20", None, ("2026-12-21", "2027-01-19")),
        ("2026-12-20", False, ("2026-12-20", "2027-01-18")),
        ("2027-01-09", None, ("2027-01-09", "2027-02-07")),
        ("2027-01-09", True, ("2026-12-21", "2027-01-19")),
    ],
)
def test_story_08_a_renewal_counts_from_the_right_day(
    paid_on: str, from_expiry: bool | None, term: tuple[str, str]
) -> None:
    renewal = Renewal(on=on(paid_on), from_expiry=from_expiry)
    plan = renew(ends(), renewal, at(f"{paid_on} 12:00")).plan
    assert (str(plan.started_on), str(plan.last_good_on)) == term
    relabelled = correct(ends(), {"label": "Dad"}, POLICY, at("2027-03-01 12:00"))
    assert relabelled.plan == ends().plan


def test_story_09_the_next_cycle_is_told_and_an_undo_brings_the_old_one_back(house: House) -> None:
    [card] = house.add(ends())
    assert [lead for lead, _ in passes(house, "2026-12-17 10:00", "2026-12-17 12:00")] == ["3d"]
    move = partial(renew, renewal=Renewal(on=on("2026-12-18")), now=at("2026-12-18 12:00"))
    house.store.change(card.id, "renewed", move, at("2026-12-18 12:00"))
    assert ("3d", "01-16 10:00") in passes(house, "2026-12-18 12:00", "2027-01-16 12:00", 2 * HOUR)
    house.store.undo(card.id, at("2027-01-16 13:00"))
    told = passes(house, "2027-01-16 13:00", "2027-01-16 20:00")
    assert [lead for lead, _ in told] == ["+21d"]  # the old cycle, long over by now


def test_story_09_the_remaining_leads_come_back_and_the_shown_ones_do_not(house: House) -> None:
    [card] = house.add(ends())
    passes(house, "2026-12-17 09:00", "2026-12-17 12:00")
    move = partial(renew, renewal=Renewal(on=on("2026-12-18")), now=at("2026-12-18 12:00"))
    house.store.change(card.id, "renewed", move, at("2026-12-18 12:00"))
    house.tell(at("2026-12-18 12:01"))
    house.store.undo(card.id, at("2026-12-18 13:00"))
    told = passes(house, "2026-12-18 13:00", "2026-12-20 12:00")
    assert [lead for lead, _ in told] == ["1d", "0d"]


@pytest.mark.parametrize(
    ("typed", "leads"),
    [("7d,0d,7d,1d", (7, 1, 0)), ("0d", (0,)), ("", None), ("-1d", None), ("3d,,1d", None)],
)
def test_story_10_odd_lists_of_days_are_sorted_or_refused(
    typed: str, leads: tuple[int, ...] | None
) -> None:
    if leads is None:
        with pytest.raises(BadValue):
            read_leads(typed)
    else:
        assert read_leads(typed) == leads


@pytest.mark.parametrize(
    ("amount", "threshold", "is_low"),
    [(0, None, False), (0, 0, False), (-1, 0, True), (500, 500, False), (499, 500, True)],
)
def test_story_10_a_threshold_unset_zero_or_reached(
    amount: int, threshold: int | None, is_low: bool
) -> None:
    told = None if threshold is None else Decimal(threshold)
    card = read_balance(a_card(at=ADDED, threshold=told), Decimal(amount), ADDED, POLICY)
    assert (card.balance.low_since is not None) is is_low


def test_story_11_several_leads_crossed_at_once_are_one_message(house: House) -> None:
    house.add(ends(added=at("2026-12-18 12:00"), leads=(30, 14, 7, 3, 1)))
    assert leads_of(house.tell(at("2026-12-18 12:00"))) == ["3d"]
    assert house.screen.titles == ["2 days left: Mum, plan ends 20 Dec"]
    assert "late" not in house.screen.shown[0].body


@pytest.mark.parametrize("host", ["UTC", "Asia/Almaty", "America/New_York", "Pacific/Kiritimati"])
def test_story_12_a_deadline_is_the_same_day_on_every_host(host: str) -> None:
    for clock in ("2026-11-21 00:30", "2026-11-21 23:30"):
        policy, now = Policy(zone=ZoneInfo(host)), at(clock)
        card = correct(a_card(at=now, period=days(30)), {"threshold": None}, policy, now)
        [deadline] = deadlines_of(card, now)
        assert deadline.at == at("2026-12-20 23:59:59")


@pytest.mark.parametrize("day", ["2027-03-28", "2027-10-31"])
def test_story_13_the_days_clocks_change_tell_once(house: House, day: str) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    policy = replace(POLICY, zone=berlin, hour=POLICY.hour.replace(2, 30), quiet=None)
    house.restart(policy)
    house.add(ends(on_day=day, added=at(f"{day} 00:00") - DAY, leads=(0,)))
    start = datetime.fromisoformat(f"{day} 00:00").replace(tzinfo=berlin)
    told = []
    for minutes in range(0, 12 * 60, 10):
        told += leads_of(house.tell(start + timedelta(minutes=minutes)))
    assert told == ["0d"]


@pytest.mark.parametrize("typed", ["1 из 3", "*100#", "10 мин", "5 Гб", "1.2.3", "١٢"])
def test_story_14_what_is_no_money_is_never_read_as_money(typed: str) -> None:
    with pytest.raises(BadValue):
        read_money(typed)


@pytest.mark.parametrize(
    "text",
    [
        *("1 - Баланс 2 - Тарифы", "1. Баланс 2. Тарифы", "Баланс: 20.11.2026", "Баланс: 120 мин"),
        *("Баланс: 12:30", "10 ГБ за 1990 тг", "Баланс: 87011234567"),
    ],
)
def test_story_14_what_is_no_money_in_a_message_is_never_read_as_money(text: str) -> None:
    patterns = load(places.shipped("config/sms.toml"), Path("/nowhere.toml"), {})
    reading = read_sms(text, patterns, T)
    assert (reading.amount, reading.balance, reading.missing) == (None, None, None)


@pytest.mark.parametrize(
    "day", ["31.02.26", "01.01.1405", "01.01.2569", "1 числа", "12/01/2027", "30"]
)
def test_story_14_what_is_no_day_in_a_message_is_left_out(day: str) -> None:
    patterns = load(places.shipped("config/sms.toml"), Path("/nowhere.toml"), {})
    reading = read_sms(f"{day} спишется абонплата 4990 тг", patterns, T)
    assert (reading.amount, reading.on) == (Decimal(4990), None)


@pytest.mark.parametrize("typed", ["12/01/2027", "30", "31.02.2027", "01.01.1405", "２０27-01-01x"])
def test_story_14_what_is_no_day_is_never_read_as_a_day(typed: str) -> None:
    with pytest.raises(BadValue):
        read_day(typed, T)
    with pytest.raises(BadValue):
        read_instant(typed, ADDED, ALMATY)


def test_story_15_a_low_balance_keeps_its_cadence_and_wavering_is_told_once_a_day(
    house: House,
) -> None:
    low = a_card(at=ADDED, balance=Decimal(320), threshold=Decimal(500), period=None)
    [card] = house.add(replace(low, plan=replace(low.plan, started_on=None)))
    told = passes(house, "2026-12-01 12:00", "2026-12-13 12:00", 2 * HOUR)
    assert [clock for _, clock in told][:5] == [
        *("12-01 12:00", "12-04 10:00", "12-07 10:00", "12-10 10:00", "12-13 10:00")
    ]
    now, shown_on = at("2026-12-14 00:30"), []
    for hour in range(72):
        move = partial(read_balance, amount=Decimal(600 - 200 * (hour % 2)), at=now, policy=POLICY)
        house.store.change(card.id, "balance_read", move, now)
        for instant in (now, now + HOUR / 2):
            shown_on += [instant.astimezone(ALMATY).date()] * len(house.tell(instant).delivered)
        now += HOUR
    assert shown_on == [on("2026-12-14"), on("2026-12-15"), on("2026-12-16")]


def test_story_16_a_desktop_that_starts_later_gets_what_is_due(house: House) -> None:
    house.add(ends())
    house.screen.fault = TargetAway("no org.freedesktop.Notifications")
    for seconds in range(0, 121, 10):
        house.tell(at("2026-12-19 10:00") + timedelta(seconds=seconds))
    house.screen.fault = None
    assert leads_of(house.tell(at("2026-12-19 10:02:10"))) == ["1d"]
    failed = [one for one in house.store.history() if one.fields.get("outcome") == "failed"]
    assert len(failed) == 1  # one absence, one line


def test_story_17_shown_is_not_seen(house: House) -> None:
    house.add(ends())
    told = passes(house, "2026-12-17 10:00", "2026-12-21 12:00")
    assert [lead for lead, _ in told] == ["3d", "1d", "0d", "+1d"]
    assert all(("Mum" in title and title[0].isdigit()) or "Today" in title
               for title in house.screen.titles)  # fmt: skip


def test_story_18_many_cards_at_once_are_a_few_messages(house: House) -> None:
    house.add(*(ends(f"Card {number}") for number in range(300)))
    report = house.tell(at("2026-12-19 10:00"))
    assert len(report.delivered) == 300
    assert len(house.screen.shown) == house.screen.asked == POLICY.max_toasts + 1
    assert house.tell(at("2026-12-19 10:01")).delivered == []


def test_story_19_an_ack_is_neither_forgotten_nor_for_ever(house: House) -> None:
    [card] = house.add(ends())
    passes(house, "2026-12-17 09:00", "2026-12-17 12:00")
    now = at("2026-12-17 12:30")
    house.store.change(card.id, "acknowledged", partial(acknowledge, now=now), now)
    house.restart()
    told = passes(house, "2026-12-17 13:00", "2026-12-20 23:00")
    assert [lead for lead, _ in told] == ["1d", "0d"]
    move = partial(renew, renewal=Renewal(on=T), now=at("2026-12-20 23:30"))
    house.store.change(card.id, "renewed", move, at("2026-12-20 23:30"))
    assert passes(house, "2026-12-20 23:30", "2027-01-05 09:00", 3 * HOUR) == []


def test_story_20_a_snooze_over_days_off_is_one_late_message(house: House) -> None:
    [card] = house.add(ends())
    now = at("2026-12-13 12:00")
    house.tell(now)
    move = partial(snooze, until=now + 2 * DAY, now=now)
    house.store.change(card.id, "snoozed", move, now)
    back = house.tell(now + 5 * DAY)
    assert leads_of(back) == ["snooze"]
    assert back.delivered[0].late
    assert [lead for lead, _ in passes(house, "2026-12-18 12:00", "2026-12-20 12:00")] == [
        "1d",
        "0d",
    ]


def test_story_20_a_snooze_past_the_deadline_is_cut_to_its_last_call(house: House) -> None:
    [card] = house.add(ends())
    now = at("2026-12-19 12:00")
    house.tell(now)
    house.store.change(card.id, "snoozed", partial(snooze, until=now + 9 * DAY, now=now), now)
    told = passes(house, "2026-12-19 12:00", "2026-12-20 12:00")
    assert told == [("snooze", "12-20 10:00")]
    late = at("2026-12-20 12:00")
    house.store.change(card.id, "snoozed", partial(snooze, until=late + 9 * DAY, now=late), late)
    told = passes(house, "2026-12-20 12:00", "2026-12-21 12:00")
    assert told[0] == ("snooze", "12-21 08:00")  # at the deadline, and out of the quiet hours


@pytest.mark.parametrize("gone", ["removed", "archived", "renewed", "renewed while snoozed"])
def test_story_21_what_is_gone_is_not_told(house: House, gone: str) -> None:
    [card] = house.add(ends())
    now = at("2026-12-19 09:00")
    if gone.endswith("snoozed"):
        house.store.change(card.id, "snoozed", partial(snooze, until=now + DAY, now=now), now)

    def meanwhile(message: Message) -> None:
        raise AssertionError(f"told: {message.title}")

    house.screen.fault = TargetAway("off")
    house.tell(at("2026-12-19 10:00"))
    house.screen.fault = None
    if gone == "removed":
        house.store.remove(card.id)
    elif gone == "archived":
        house.store.change(card.id, "archived", archive, now)
    else:
        move = ending_snooze(partial(renew, renewal=Renewal(on=T), now=now), POLICY, now)
        house.store.change(card.id, "renewed", move, now)
    house.screen.meanwhile = meanwhile
    assert passes(house, "2026-12-19 10:10", "2026-12-22 12:00") == []


def test_story_22_quiet_hours_put_off_and_eat_nothing(house: House) -> None:
    house.add(ends())
    for clock in ("2026-12-17 22:30", "2026-12-18 03:00", "2026-12-18 07:59"):
        house.restart()
        assert leads_of(house.tell(at(clock))) == []
    report = house.tell(at("2026-12-18 08:00"))
    assert leads_of(report) == ["3d"]
    assert report.next_wake_at == at("2026-12-19 10:00")
    with pytest.raises(BadValue):
        Policy(quiet=(POLICY.hour, POLICY.hour))


def test_story_23_the_marks_of_a_live_cycle_stay(house: House) -> None:
    house.add(ends(added=at("2024-12-01 12:00"), on_day="2026-12-20"))
    passes(house, "2026-12-06 10:00", "2026-12-21 12:00", every=timedelta(hours=6))
    marks = house.rows("select count(*) from marks where believed")[0][0]
    passes(house, "2028-01-01 10:00", "2028-01-02 12:00")
    assert house.rows("select count(*) from marks where believed")[0][0] == int(str(marks)) + 1
    assert passes(house, "2029-01-01 10:00", "2029-01-02 12:00") == []


@pytest.mark.timeout(120)
def test_story_24_commands_and_passes_share_the_file(house: House) -> None:
    cards = house.add(*(a_card(f"Card {number}", at=ADDED) for number in range(20)))
    now = at("2026-12-19 10:00")
    errors: list[BaseException] = []

    def change() -> None:
        try:
            for count in range(250):
                move = partial(top_up, amount=Decimal(1), on=T, policy=POLICY, now=now)
                house.store.change(cards[count % 20].id, "topped_up", move, now)
        except BaseException as error:  # noqa: BLE001 - shown by the test
            errors.append(error)

    threads = [threading.Thread(target=change) for _ in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        house.tell(now)
    assert errors == []
    assert house.rows("select count(*) from events where what = 'topped_up'") == [(1000,)]
    house.tell(now)
    assert house.rows(
        f"select count(*) from cards where wake_at <= {int(now.timestamp() * 1e6)}"
    ) == [(0,)]


WARNED = {"en": "swindler", "zh": "骗", "zh-Hant": "騙", "ru": "мошенник", "kk": "алаяқ"}


@pytest.mark.parametrize("language", WARNED)
def test_story_25_no_guide_asks_for_a_code_and_each_warns_of_who_does(language: str) -> None:
    folder = places.shipped("config/guides")
    book = read_book(book_path(folder, language))
    assert any(WARNED[language] in caution for caution in book.cautions)
    for path in folder.glob("*.toml"):
        if path.name != CLERK_FILE:
            assert "{code}" not in "".join(
                line for line in path.read_text(encoding="utf-8").splitlines() if "steps" in line
            )
    commands = subprocess.run(
        [sys.executable, "-m", "kzreminder", "sms", "Code: 123456"],
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        env={"PYTHONPATH": str(Path(places.__file__).parents[1]), "HOME": "/nonexistent"},
    )  # fmt: skip
    assert commands.returncode == 0
    assert "swindler" in commands.stderr
    assert "123456" not in commands.stdout + commands.stderr
