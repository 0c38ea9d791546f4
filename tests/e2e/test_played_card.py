"""One card played through its life, on the days that the table of reminders gives."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

import pytest

from kzreminder.assembly import Parts
from kzreminder.channels.message import Accepted, Message, Outcome, Server, TargetAway
from kzreminder.core.card import Renewal, renew
from kzreminder.core.correcting import register
from kzreminder.core.period import days
from kzreminder.core.planning import State, state_of
from kzreminder.reminding import Delivered, Desk, run_pass
from kzreminder.settings import Defaults, Given, load
from tests.channels.bus import Bus, environment
from tests.channels.fake_server import FakeServer
from tests.e2e.playing import ALMATY, User, titles

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FIRST_DAY, LAST_DAY = date(2026, 11, 21), date(2026, 12, 20)
BEFORE = {-14: "14d", -7: "7d", -3: "3d", -1: "1d", 0: "0d"}
AFTER = {n: f"+{n}d" for n in (1, 2, 3, 4, 5, 6, 7, 14, 21, 28, 35, 42, 49, 56, 60)}
TABLE = BEFORE | AFTER
"Days from the last good day, and the lead that is told on them."
TWO_WEEKS, ELEVEN_WEEKS = timedelta(weeks=2), timedelta(weeks=11)
HOURS = (12, 20)


class Collector:
    """A desktop that takes everything and keeps it."""

    target = "desktop:played"
    name = "collector"

    def __init__(self) -> None:
        self.taken: list[Message] = []

    def describe(self) -> Server | TargetAway:
        return Server("collector", "", "1")

    def send(self, message: Message) -> Outcome:
        self.taken.append(message)
        return Accepted(len(self.taken))

    def close(self) -> None:
        """Nothing is held."""


def at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), ALMATY).astimezone(UTC)


@pytest.fixture
def collector() -> Collector:
    return Collector()


@pytest.fixture
def desk(collector: Collector, tmp_path: Path) -> Iterator[Desk]:
    defaults = Defaults(tmp_path / "none.toml", f"sqlite:///{tmp_path}/cards.db", lambda: ALMATY)
    parts = Parts(load(Given(), {}, defaults))
    made = parts.desk(collector)
    told = {
        "label": "Mum",
        "number": "+77011234567",
        "operator": "kcell",
        "period": days(30),
        "started": FIRST_DAY,
        "price": Decimal(4990),
    }
    registered_at = at(FIRST_DAY, 9)
    made.store.add(register(told, made.policy, registered_at), registered_at)
    yield made
    made.store.close()


def play(desk: Desk, first: date, last: date) -> list[tuple[date, Delivered]]:
    """A pass at noon and one at 20:00 of each day; what was told, with its day."""
    told = []
    day = first
    while day <= last:
        for hour in HOURS:
            report = run_pass(desk, at(day, hour))
            assert not report.failed
            told += [(day, one) for one in report.delivered]
        day += timedelta(days=1)
    return told


def spoken(told: list[tuple[date, Delivered]], last_day: date) -> list[tuple[int, str]]:
    return [((day - last_day).days, str(one.reminder.lead)) for day, one in told]


def test_a_card_speaks_exactly_on_the_days_of_the_table(desk: Desk, collector: Collector) -> None:
    told = play(desk, LAST_DAY - TWO_WEEKS, LAST_DAY + ELEVEN_WEEKS)
    assert spoken(told, LAST_DAY) == list(TABLE.items())
    assert len(collector.taken) == len(TABLE)
    for message in collector.taken:
        assert len(message.title) <= 48
        assert "Mum" in message.title
        to_do, guide = message.body.splitlines()[:2]
        assert to_do == "Kcell: pay 4 990 ₸ in Kaspi.kz for +7 701 ••• •• 67"
        assert guide == "All steps: kzreminder guide Mum"
        assert len(message.body) <= 240
    ahead = [message.title.partition(":")[0] for message in collector.taken[: len(BEFORE)]]
    assert ahead == ["14 days left", "7 days left", "3 days left", "1 day left", "Today"]
    over = [message.title.partition(":")[0] for message in collector.taken[len(BEFORE) :]]
    assert over == [f"{n} day{'s' if n > 1 else ''} over" for n in AFTER]
    card = desk.store.find("Mum")
    assert state_of(card, desk.policy, at(LAST_DAY, 20)) is State.ENDING
    assert state_of(card, desk.policy, at(LAST_DAY + timedelta(days=1), 0)) is State.OVERDUE
    assert state_of(card, desk.policy, at(LAST_DAY + ELEVEN_WEEKS, 20)) is State.LAPSED


def test_a_lapsed_card_never_speaks_again(desk: Desk, collector: Collector) -> None:
    play(desk, LAST_DAY + timedelta(days=59), LAST_DAY + timedelta(days=62))
    before = len(collector.taken)
    for weeks in range(10, 200, 7):
        assert not run_pass(desk, at(LAST_DAY + timedelta(weeks=weeks), 12)).delivered
    assert len(collector.taken) == before


def test_a_lapsed_card_that_is_renewed_is_told_as_new(desk: Desk) -> None:
    play(desk, LAST_DAY - TWO_WEEKS, LAST_DAY + ELEVEN_WEEKS)
    paid_on = LAST_DAY + ELEVEN_WEEKS
    renewal = Renewal(on=paid_on)
    desk.store.change(1, "renewed", partial(renew, renewal=renewal), at(paid_on, 21))
    next_last_day = paid_on + timedelta(days=29)
    told = play(desk, paid_on, next_last_day)
    assert spoken(told, next_last_day) == list(BEFORE.items())
    assert state_of(desk.store.find("Mum"), desk.policy, at(paid_on, 21)) is State.OK


@pytest.mark.parametrize("paid_before", [13, 5, 1, 0])
def test_a_card_renewed_in_time_is_silent_until_the_next_first_lead(
    desk: Desk, paid_before: int
) -> None:
    paid_on = LAST_DAY - timedelta(days=paid_before)
    play(desk, LAST_DAY - TWO_WEEKS, paid_on)
    renewal = Renewal(on=paid_on)
    desk.store.change(1, "renewed", partial(renew, renewal=renewal), at(paid_on, 21))
    next_last_day = LAST_DAY + timedelta(days=30)
    told = play(desk, paid_on + timedelta(days=1), next_last_day)
    assert spoken(told, next_last_day) == list(BEFORE.items())


def test_the_process_tells_the_same_on_its_clock(tmp_path: Path) -> None:
    with Bus() as bus:
        user, server = User(tmp_path, environment(bus)), FakeServer(bus, tmp_path)
        server.start()
        try:
            user.clock.set(at(FIRST_DAY, 9))
            number = ("87011234567", "--label", "Mum", "--operator", "kcell")
            user.does("add", *number, "--period", "30d", "--price", "4990")
            for offset in (-15, -14, -2, 0, 8, 60, 70):
                user.clock.set(at(LAST_DAY + timedelta(days=offset), 12))
                leads = [one["lead"] for one in user.tells_what_is_due()]
                latest = [lead for day, lead in TABLE.items() if day <= offset][-1:]
                assert leads == ([] if offset == 70 else latest)
                assert user.tells_what_is_due() == []
            assert user.reads("show", "Mum")["state"] == "lapsed"

            user.does("renew", "Mum", "--paid", "4990")
            card = user.reads("show", "Mum")
            assert card["plan"]["ends_at"] == "2027-03-29T23:59:59+05:00"
            assert card["next_reminder"]["at"] == "2027-03-15T10:00:00+05:00"
            user.clock.set(at(date(2027, 3, 15), 12))
            assert [one["lead"] for one in user.tells_what_is_due()] == ["14d"]
        finally:
            server.stop()
        shown = server.received()
        assert titles(shown) == [
            "14 days left: Mum, plan ends 20 Dec",
            "2 days left: Mum, plan ends 20 Dec",
            "Today: Mum, plan ends 20 Dec",
            "8 days over: Mum, plan ended 20 Dec",
            "60 days over: Mum, plan ended 20 Dec",
            "14 days left: Mum, plan ends 29 Mar",
        ]
        assert all(one["body"].startswith("Kcell: pay 4 990 ₸ in Kaspi.kz") for one in shown)
