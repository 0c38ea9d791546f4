"""A pressed button records what it says, once, and says so; what is out of date records nothing.

Not here: hearing the press (tests/channels/test_listening).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest

from kzreminder.channels.message import Closed, Life, Message, Pressed, TargetAway
from kzreminder.core.answering import Action, offered
from kzreminder.core.card import Card
from kzreminder.core.deadlines import DeadlineKind
from kzreminder.core.moves import archive
from kzreminder.core.period import days
from kzreminder.core.planning import upcoming
from kzreminder.core.silence import acknowledge
from kzreminder.reminding.answering import Wanted, answer, note_closed
from kzreminder.reminding.desk import Desk
from tests.passes import House, house
from tests.storage.samples import NOW, TODAY, a_card, ending

__all__ = ["house"]
MINUTE = timedelta(minutes=1)


def desk_of(house: House) -> Desk:
    return house.parts.desk(house.screen)


def press(house: House, number: int, key: str, now: datetime = NOW + MINUTE) -> Wanted | None:
    return answer(desk_of(house), Pressed(number, str(house.screen.life), key), now)


def last(house: House) -> Message:
    return house.screen.shown[-1]


def card(house: House, label: str = "Mum") -> Card:
    return house.store.find(label)


def events(house: House) -> list[tuple[object, ...]]:
    return house.rows("select what, details from events where what <> 'added' order by id")


def answered(house: House) -> list[tuple[object, ...]]:
    return house.rows("select outcome, answered from messages order by id")


def told(house: House, *cards: Card) -> int:
    """The id of the toast that a pass shows of them."""
    house.add(*cards)
    house.tell(NOW)
    return house.screen.ids[-1]


@pytest.fixture
def plan(house: House) -> int:
    """The toast of a plan that ends tomorrow."""
    return told(house, ending("Mum", operator="kcell"))


def test_renewed_begins_the_next_period_and_says_how_to_take_it_back(
    house: House, plan: int
) -> None:
    press(house, plan, "renewed")
    assert card(house).plan.last_good_on == TODAY + timedelta(days=31)
    assert last(house).title == "Renewed: Mum"
    assert last(house).body == "Good through 22 Dec.\nTake it back: kzreminder undo Mum"
    assert events(house) == [("renewed", '{"on":"2026-11-21","source":"button"}')]
    assert answered(house) == [("acted", "renewed")]


def test_an_undo_takes_a_press_back(house: House, plan: int) -> None:
    before = card(house)
    press(house, plan, "renewed")
    undone, what = house.store.undo(before.id, NOW + 2 * MINUTE)
    assert what == "renewed"
    assert undone.plan == before.plan


@pytest.mark.parametrize("keys", [("renewed", "renewed"), ("renewed", "tomorrow")])
def test_two_presses_record_once(house: House, plan: int, keys: tuple[str, str]) -> None:
    for key in keys:
        press(house, plan, key)
    assert [what for what, _ in events(house)] == ["renewed"]
    assert last(house).title == "Recorded already: Mum"


def test_tomorrow_is_silent_until_the_reminding_hour_of_tomorrow(house: House) -> None:
    shown = told(house, ending("Mum", in_days=7, operator="kcell"))
    press(house, shown, "tomorrow")
    assert card(house).silence.snoozed_until == NOW + timedelta(days=1)
    assert last(house).title == "Tomorrow: Mum"
    assert "22 Nov 10:00" in last(house).body
    assert "kzreminder undo Mum" in last(house).body
    assert house.tell(NOW + timedelta(hours=23)).delivered == []
    [again] = house.tell(NOW + timedelta(days=1)).delivered
    assert str(again.reminder.lead) == "snooze"


def test_renewed_under_an_unused_number_records_that_it_was_used(house: House) -> None:
    used_on = TODAY - timedelta(days=89)
    shown = told(house, a_card("Mum", keep_alive=days(90), last_used=used_on, operator="kcell"))
    press(house, shown, "renewed")
    assert card(house).keep_alive.last_used_on == TODAY
    assert last(house).title == "Recorded as used: Mum"
    assert [what for what, _ in events(house)] == ["used"]


def test_without_a_period_nothing_is_recorded_and_it_is_said_what_to_do(house: House) -> None:
    shown = told(house, a_card("Mum", expires=TODAY + timedelta(days=1), operator="kcell"))
    press(house, shown, "renewed")
    assert events(house) == []
    assert answered(house) == [("accepted", None)]
    assert last(house).title == "Nothing recorded: Mum"
    assert "--until" in last(house).body


def a_renewal(house: House) -> None:
    house.renew(card(house), NOW)


def an_edit_of_the_date(house: House) -> None:
    def move(one: Card) -> Card:
        later = TODAY + timedelta(days=9)
        return replace(one, plan=replace(one.plan, last_good_on=later))

    house.store.change(card(house).id, "edited", move, NOW)


def an_ack(house: House) -> None:
    house.store.change(card(house).id, "acknowledged", partial(acknowledge, now=NOW), NOW)


def an_archiving(house: House) -> None:
    house.store.change(card(house).id, "archived", archive, NOW)


def a_removal(house: House) -> None:
    house.store.remove(card(house).id)


@pytest.mark.parametrize(
    "change", [a_renewal, an_edit_of_the_date, an_ack, an_archiving, a_removal]
)
@pytest.mark.parametrize("key", ["renewed", "tomorrow"])
def test_a_change_outdates_the_toast_and_a_press_of_it_records_nothing(
    house: House, plan: int, change: Callable[[House], None], key: str
) -> None:
    change(house)
    before = house.rows("select * from cards"), events(house)
    press(house, plan, key)
    assert (house.rows("select * from cards"), events(house)) == before
    assert last(house).title.startswith("Nothing recorded: ")
    assert "out of date" in last(house).body


@pytest.mark.parametrize("change", [a_renewal, an_ack, an_archiving, a_removal])
def test_a_change_by_command_closes_the_cards_open_toast_and_no_other(
    house: House, plan: int, change: Callable[[House], None]
) -> None:
    other = told(house, ending("Dad", operator="beeline"))
    change(house)
    house.tell(NOW + MINUTE)
    assert house.screen.gone == [plan]
    assert house.tell(NOW + 2 * MINUTE).delivered == []
    assert house.screen.gone == [plan]
    assert other not in house.screen.gone
    assert house.rows("select count(*) from messages where answered = 'removed'") == [(0,)]


def test_a_press_closes_its_toast(house: House, plan: int) -> None:
    press(house, plan, "renewed")
    house.tell(NOW + MINUTE)
    assert house.screen.gone == [plan]


def test_a_later_reminder_of_a_card_closes_the_earlier_toast(house: House) -> None:
    first = told(house, ending("Mum", in_days=3, operator="kcell"))
    house.tell(NOW + timedelta(days=2))
    second = house.screen.ids[-1]
    assert second != first
    assert house.screen.gone == [first]
    press(house, first, "renewed", NOW + timedelta(days=2))
    assert "out of date" in last(house).body


@pytest.mark.parametrize("key", ["guide", "default"])
def test_the_guide_of_the_card_is_wanted_as_often_as_one_asks(
    house: House, plan: int, key: str
) -> None:
    assert press(house, plan, key) == Wanted("1")
    assert press(house, plan, key) == Wanted("1")
    assert answered(house) == [("acted", None)]
    press(house, plan, "renewed")
    assert [what for what, _ in events(house)] == ["renewed"]


@pytest.mark.parametrize("key", ["", "close", "2", "renewed ", "RENEWED", "%s", "{0}"])
def test_an_unheard_of_button_is_passed_over(house: House, plan: int, key: str) -> None:
    assert press(house, plan, key) is None
    assert len(house.screen.shown) == 1
    assert answered(house) == [("accepted", None)]


def test_a_press_for_what_we_never_sent_is_passed_over(house: House, plan: int) -> None:
    for number in (0, -1, plan + 1, 2**32 - 1):
        press(house, number, "renewed")
    elsewhere = Life("another bus :1.1", ":1.2")
    answer(desk_of(house), Pressed(plan, str(elsewhere), "renewed"), NOW)
    assert events(house) == []
    assert len(house.screen.shown) == 1


def test_a_closed_toast_is_neither_seen_nor_renewed(house: House, plan: int) -> None:
    desk = desk_of(house)
    note_closed(desk, Closed(plan, str(house.screen.life), by_person=True))
    note_closed(desk, Closed(plan + 7, str(house.screen.life), by_person=True))
    assert answered(house) == [("dismissed", None)]
    [again] = house.tell(NOW + timedelta(days=1)).delivered
    assert str(again.reminder.lead) == "0d"


def test_a_digest_puts_all_its_cards_off_and_offers_no_renewal(house: House) -> None:
    labels = [f"Card {number}" for number in range(6)]
    told(house, *(ending(label, in_days=7, operator="kcell") for label in labels))
    digest = house.screen.shown[-1]
    assert [key for key, _ in digest.buttons] == ["tomorrow", "guide"]
    number = house.screen.ids[-1]
    house.renew(card(house, "Card 5"), NOW)
    press(house, number, "tomorrow")
    snoozed = {one.label for one in house.store.cards() if one.silence.snoozed_until}
    assert snoozed == {"Card 3", "Card 4"}
    assert last(house).title == "Tomorrow: 2 cards"
    assert press(house, number, "guide") == Wanted("4")


def test_a_press_under_a_charge_that_has_rolled_on_records_nothing(house: House) -> None:
    charged = ending("Mum", price=Decimal(100), auto_renew=True, operator="kcell")
    shown = told(house, charged)
    press(house, shown, "renewed", NOW + timedelta(days=5))
    assert events(house) == []
    assert "out of date" in last(house).body


def test_a_press_while_the_desktop_is_away_is_recorded_all_the_same(
    house: House, plan: int
) -> None:
    house.screen.fault = TargetAway("as the test ordered")
    press(house, plan, "renewed")
    assert [what for what, _ in events(house)] == ["renewed"]


def test_what_a_card_is_called_by_its_number_stays_masked_in_answers(house: House) -> None:
    number = "+77011234567"
    shown = told(house, ending(number, number=number, operator="kcell"))
    press(house, shown, "renewed")
    assert "123" not in last(house).title + last(house).body
    assert "kzreminder undo 1" in last(house).body


def test_each_kind_offers_what_can_be_answered(house: House) -> None:
    """`Renewed` under plan, charge and idle; a guide where the operator is known."""
    kinds = set()
    for told_card in (
        ending("plan", operator="kcell"),
        ending("charge", price=Decimal(100), auto_renew=True, operator="kcell"),
        a_card("idle", keep_alive=days(90), operator="kcell"),
        a_card("device", device_entered=TODAY, operator="kcell"),
        a_card("balance", threshold=Decimal(100), balance=Decimal(1), operator="kcell"),
        ending("unknown"),
    ):
        until = NOW + timedelta(days=100)
        for _, reminders in upcoming(told_card, house.policy, [], NOW, until):
            kind = reminders[0].deadline.kind
            kinds.add(kind)
            actions = offered(reminders[0])
            renewable = {DeadlineKind.PLAN, DeadlineKind.CHARGE, DeadlineKind.IDLE}
            assert (Action.RENEWED in actions) is (kind in renewable)
            assert Action.TOMORROW in actions
            assert (Action.GUIDE in actions) is (told_card.operator is not None)
    assert len(kinds) >= 5
