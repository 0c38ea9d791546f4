"""One card played through its life on a real database: real passes, the time as an argument."""

from __future__ import annotations

from collections.abc import Iterator
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
from kzreminder.core.correcting import register
from kzreminder.core.moves import Renewal, renew
from kzreminder.core.period import days
from kzreminder.core.planning import State, state_of
from kzreminder.reminding.desk import Delivered, Desk
from kzreminder.reminding.passing import run_pass
from kzreminder.settings.reading import Defaults, Given, load

ALMATY = ZoneInfo("Asia/Almaty")
FIRST_DAY, LAST_DAY = date(2026, 11, 21), date(2026, 12, 20)
BEFORE = {-14: "14d", -7: "7d", -3: "3d", -1: "1d", 0: "0d"}
AFTER = {n: f"+{n}d" for n in (1, 2, 3, 4, 5, 6, 7, 14, 21, 28, 35, 42, 49, 56, 60)}
TABLE = BEFORE | AFTER
"Days from the last good day, and the lead that is told on them, as the README has it."
TWO_WEEKS, ELEVEN_WEEKS = timedelta(weeks=2), timedelta(weeks=11)
HOURS = (12, 20)


def at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), ALMATY).astimezone(UTC)


@pytest.fixture
def paper() -> OnPaper:
    return OnPaper()


@pytest.fixture
def desk(paper: OnPaper, tmp_path: Path) -> Iterator[Desk]:
    defaults = Defaults(tmp_path / "none.toml", f"sqlite:///{tmp_path}/cards.db", lambda: ALMATY)
    made = Parts(load(Given(), {}, defaults)).desk(paper)
    yield made
    made.store.close()


def add_card(desk: Desk) -> None:
    told = {
        "label": "Mum",
        "number": "+77011234567",
        "operator": "kcell",
        "period": days(30),
        "started": FIRST_DAY,
        "price": Decimal(4990),
    }
    now = at(FIRST_DAY, 9)
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


def spoken(told: list[tuple[date, Delivered]], last_day: date) -> list[tuple[int, str]]:
    return [((day - last_day).days, str(one.reminder.lead)) for day, one in told]


def test_a_card_speaks_exactly_on_the_days_of_the_table(desk: Desk, paper: OnPaper) -> None:
    add_card(desk)
    told = play(desk, LAST_DAY - TWO_WEEKS, LAST_DAY + ELEVEN_WEEKS)
    assert spoken(told, LAST_DAY) == list(TABLE.items())
    assert len(paper.taken) == len(TABLE)
    for message in paper.taken:
        assert len(message.title) <= 48
        assert "Mum" in message.title
        to_do, guide = message.body.splitlines()[:2]
        assert to_do == "Kcell: pay 4 990 ₸ in Kaspi.kz for +7 701 ••• •• 67"
        assert guide == "All steps: kzreminder guide Mum"
        assert "Shown late" in message.body
        assert len(message.body) <= 240
        assert ("still lives" in message.body) == (message is paper.taken[-1])
    assert all(one.late for _, one in told)
    ahead = [message.title.partition(":")[0] for message in paper.taken[: len(BEFORE)]]
    assert ahead == ["14 days left", "7 days left", "3 days left", "1 day left", "Today"]
    over = [message.title.partition(":")[0] for message in paper.taken[len(BEFORE) :]]
    assert over == [f"{n} day{'s' if n > 1 else ''} over" for n in AFTER]
    card = desk.store.find("Mum")
    assert state_of(card, desk.policy, at(LAST_DAY, 20)) is State.ENDING
    assert state_of(card, desk.policy, at(LAST_DAY + timedelta(days=1), 0)) is State.OVERDUE
    assert state_of(card, desk.policy, at(LAST_DAY + ELEVEN_WEEKS, 20)) is State.LAPSED


def test_a_lapsed_card_never_speaks_again(desk: Desk, paper: OnPaper) -> None:
    add_card(desk)
    play(desk, LAST_DAY + timedelta(days=59), LAST_DAY + timedelta(days=62))
    before = len(paper.taken)
    for weeks in range(10, 200, 7):
        assert not run_pass(desk, at(LAST_DAY + timedelta(weeks=weeks), 12)).delivered
    assert len(paper.taken) == before


def test_a_lapsed_card_that_is_renewed_is_told_as_new(desk: Desk) -> None:
    add_card(desk)
    play(desk, LAST_DAY - TWO_WEEKS, LAST_DAY + ELEVEN_WEEKS)
    paid_on = LAST_DAY + ELEVEN_WEEKS
    renewal = Renewal(on=paid_on)
    desk.store.change(
        1, "renewed", partial(renew, renewal=renewal, now=at(paid_on, 21)), at(paid_on, 21)
    )
    next_last_day = paid_on + timedelta(days=29)
    told = play(desk, paid_on, next_last_day)
    assert spoken(told, next_last_day) == list(BEFORE.items())
    assert state_of(desk.store.find("Mum"), desk.policy, at(paid_on, 21)) is State.OK


@pytest.mark.parametrize("paid_before", [13, 5, 2, 1, 0])
def test_a_card_renewed_in_time_is_silent_until_the_next_first_lead(
    desk: Desk, paid_before: int
) -> None:
    add_card(desk)
    paid_on = LAST_DAY - timedelta(days=paid_before)
    play(desk, LAST_DAY - TWO_WEEKS, paid_on)
    renewal = Renewal(on=paid_on)
    desk.store.change(
        1, "renewed", partial(renew, renewal=renewal, now=at(paid_on, 21)), at(paid_on, 21)
    )
    next_last_day = LAST_DAY + timedelta(days=30)
    told = play(desk, paid_on + timedelta(days=1), next_last_day)
    assert spoken(told, next_last_day) == list(BEFORE.items())


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
