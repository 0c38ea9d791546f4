"""One card played through its life on a real database: real passes, the time as an argument."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kzreminder.assembly import Parts
from kzreminder.channels.message import Message, Outcome, TargetAway
from kzreminder.channels.on_paper import OnPaper
from kzreminder.core.card import Renewal, renew
from kzreminder.core.correcting import register
from kzreminder.core.period import days
from kzreminder.core.planning import State, state_of
from kzreminder.reminding import Delivered, Desk, run_pass
from kzreminder.settings import Defaults, Given, load

ALMATY = ZoneInfo("Asia/Almaty")
LAST_DAY = date(2026, 12, 20)
SPOKEN_DAYS = [-14, -7, -3, -1, 0, *range(1, 8), 14, 21, 28, 35, 42, 49, 56, 60]
"Days from the last good day, as the README tells them."
HOURS = (12, 20)


def at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), ALMATY).astimezone(UTC)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    defaults = Defaults(tmp_path / "none.toml", f"sqlite:///{tmp_path}/cards.db", lambda: ALMATY)
    return Parts(load(Given(), {}, defaults)).desk(OnPaper())


def add_card(desk: Desk) -> None:
    told = {
        "label": "Mum",
        "number": "+77011234567",
        "operator": "kcell",
        "period": days(30),
        "started": LAST_DAY - timedelta(days=29),
        "price": Decimal(4990),
    }
    now = at(LAST_DAY - timedelta(days=29), 12)
    desk.store.add(register(told, desk.policy, now), now)


def play(desk: Desk, first: date, last: date) -> list[tuple[date, Delivered]]:
    """A pass at noon and at 20:00 of each day; what was told, with its day."""
    told = []
    day = first
    while day <= last:
        for hour in HOURS:
            report = run_pass(desk, at(day, hour))
            assert not report.failed
            told += [(day, one) for one in report.delivered]
        day += timedelta(days=1)
    return told


def test_a_card_speaks_on_the_days_of_the_table_and_never_twice(desk: Desk) -> None:
    add_card(desk)
    told = play(desk, LAST_DAY - timedelta(days=14), LAST_DAY + timedelta(weeks=11))
    assert [(day - LAST_DAY).days for day, _ in told] == SPOKEN_DAYS
    for _, one in told:
        assert len(one.text.title) <= 48
        assert "Mum" in one.text.title
        assert "Kcell: pay 4 990 ₸ in Kaspi.kz" in one.text.body
        assert "kzreminder guide Mum" in one.text.body
        assert len(one.text.body) <= 240
        assert one.late
        assert "Shown late" in one.text.body
    now = at(LAST_DAY + timedelta(weeks=11), 20)
    assert state_of(desk.store.find("Mum"), desk.policy, now) is State.LAPSED


def test_after_renewing_the_next_cycle_is_told_like_the_first(desk: Desk) -> None:
    add_card(desk)
    play(desk, LAST_DAY - timedelta(days=14), LAST_DAY - timedelta(days=2))
    paid_on = LAST_DAY - timedelta(days=2)
    move = partial(renew, renewal=Renewal(on=paid_on))
    desk.store.change(1, "renewed", move, at(paid_on, 21))
    next_last_day = LAST_DAY + timedelta(days=30)
    told = play(desk, paid_on + timedelta(days=1), next_last_day)
    assert [(day - next_last_day).days for day, _ in told] == [-14, -7, -3, -1, 0]


def test_a_week_off_gives_one_message_that_says_what_is_true_now(desk: Desk) -> None:
    add_card(desk)
    play(desk, LAST_DAY - timedelta(days=14), LAST_DAY - timedelta(days=8))
    told = play(desk, LAST_DAY - timedelta(days=2), LAST_DAY - timedelta(days=2))
    [(_, one)] = told
    assert str(one.reminder.lead) == "3d"
    assert one.text.title.startswith("2 days left")
    rest = play(desk, LAST_DAY - timedelta(days=1), LAST_DAY)
    assert [str(one.reminder.lead) for _, one in rest] == ["1d", "0d"]


def test_restarting_fifty_times_says_nothing_new(desk: Desk) -> None:
    add_card(desk)
    day = LAST_DAY - timedelta(days=3)
    assert len(play(desk, day, day)) == 1
    for minute in range(50):
        assert not run_pass(desk, at(day, 21) + timedelta(minutes=minute)).delivered


def test_a_clock_set_back_repeats_nothing_and_loses_nothing(desk: Desk) -> None:
    add_card(desk)
    day = LAST_DAY - timedelta(days=3)
    assert len(play(desk, day, day)) == 1
    assert not run_pass(desk, at(day, 18)).delivered
    assert [(d - LAST_DAY).days for d, _ in play(desk, day, LAST_DAY)] == [-1, 0]


def test_a_wrong_year_does_not_silence_the_right_one(desk: Desk) -> None:
    add_card(desk)
    wrong = at(date(2036, 6, 1), 12)
    assert len(run_pass(desk, wrong).delivered) == 1
    told = play(desk, LAST_DAY - timedelta(days=7), LAST_DAY)
    assert [(day - LAST_DAY).days for day, _ in told] == [-7, -3, -1, 0]


class Deaf(OnPaper):
    """A desktop that is there, shows what it gets, and never answers."""

    def send(self, message: Message) -> Outcome:
        super().send(message)
        return TargetAway("no answer in time")


def test_a_desktop_that_does_not_answer_is_not_sent_the_same_every_minute(desk: Desk) -> None:
    deaf = Deaf()
    desk = replace(desk, channel=deaf)
    add_card(desk)
    day = LAST_DAY - timedelta(days=3)
    for minute in range(60):
        run_pass(desk, at(day, 12) + timedelta(minutes=minute))
    assert len(deaf.taken) <= 7, "30 s, doubling to an hour"


def test_a_card_called_by_its_number_is_masked_in_the_title(desk: Desk) -> None:
    now = at(LAST_DAY, 12)
    told = {"label": "+7 701 123 45 67", "number": "+77011234567", "expires": LAST_DAY}
    desk.store.add(register(told, desk.policy, now), now)
    [one] = run_pass(desk, now).delivered
    assert "123" not in one.text.title + one.text.body
    assert "+7 701 ••• •• 67" in one.text.title
