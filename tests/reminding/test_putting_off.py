"""A card with which a pass cannot go on is put off and said once; the others are told."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from kzreminder.assembly import Parts
from kzreminder.channels.message import Message
from kzreminder.core.digest import Telling
from kzreminder.core.reminder import Reminder
from kzreminder.reminding.desk import PassReport
from kzreminder.wording.reminders import Scribe, Text
from tests.passes import House, leads
from tests.storage.samples import NOW, ending

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SAID = "1 card cannot be reminded of"
POISONS = {
    "a period": "update cards set period = '30 suns' where id = 2",
    "a day": "update cards set last_good_on = 'soon' where id = 2",
    "an amount": "update cards set balance = 'much', read_at = 1 where id = 2",
    "an instant": "update cards set snoozed_until = 9000000000000000000 where id = 2",
    "a text": "update cards set note = cast(x'ff' as text) where id = 2",
    "leads": "update cards set leads = 'often' where id = 2",
}


def poison(house: House, statement: str) -> None:
    with closing(sqlite3.connect(house.folder / "cards.db")) as connection, connection:
        connection.execute(statement)


def told(report: PassReport) -> list[str]:
    return sorted({one.reminder.card.label for one in report.delivered})


@pytest.mark.parametrize("statement", POISONS.values(), ids=POISONS)
def test_one_card_that_cannot_be_read_silences_no_other(house: House, statement: str) -> None:
    house.add(ending("Mum"), ending("Dad"), ending("Son"))
    poison(house, statement)
    report = house.tell(NOW)
    assert told(report) == ["Mum", "Son"]
    [one] = report.put_off
    assert (one.card_id, one.retry_at) == (2, NOW + HOUR)
    assert house.screen.titles.count(SAID) == 1
    # nothing goes round in circles, and nothing is told twice
    asked = house.screen.asked
    for minute in range(1, 60):
        assert house.tell(NOW + minute * MINUTE).put_off == []
    assert house.screen.asked == asked
    [again] = house.tell(NOW + HOUR).put_off
    assert not again.is_new
    assert house.screen.asked == asked
    assert house.store.delivery.undelivered(NOW + HOUR, is_away=False) == 1


def test_it_is_told_once_it_can_be_read_again(house: House) -> None:
    house.add(ending("Mum"), ending("Dad"))
    poison(house, POISONS["a period"])
    house.tell(NOW)
    [(label, why)] = house.store.delivery.put_off_cards(4)
    assert label == "Dad"
    assert "30 suns" in why
    poison(house, "update cards set period = '30d' where id = 2")
    report = house.tell(NOW + HOUR)
    assert told(report) == ["Dad"]
    assert report.put_off == []
    assert house.store.delivery.undelivered(NOW + HOUR, is_away=False) == 0
    assert house.store.delivery.put_off_cards(4) == []


def test_a_mark_that_cannot_be_read_is_its_own_cards_trouble(house: House) -> None:
    house.add(ending("Mum", in_days=3), ending("Dad", in_days=3))
    assert told(house.tell(NOW)) == ["Dad", "Mum"]
    poison(house, "update marks set lead = 'whenever' where card_id = 2")
    report = house.tell(NOW + timedelta(days=2))
    assert leads(report) == [("Mum", "1d")]
    assert [one.card_id for one in report.put_off] == [2]


def test_many_that_cannot_be_read_are_said_in_one_message(house: House) -> None:
    house.add(*(ending(f"Card {number}") for number in range(30)))
    poison(house, "update cards set period = '30 suns' where id > 1")
    report = house.tell(NOW)
    assert told(report) == ["Card 0"]
    assert len(report.put_off) == 29
    assert house.screen.titles[1:] == ["29 cards cannot be reminded of"]


def test_the_trouble_is_logged_whole(house: House, caplog: pytest.LogCaptureFixture) -> None:
    house.add(ending("Mum"))
    poison(house, POISONS["a period"].replace("id = 2", "id = 1"))
    with caplog.at_level(logging.ERROR, "kzreminder"):
        house.tell(NOW)
    [record] = [one for one in caplog.records if one.exc_info]
    assert "card 1 is put off" in record.message


class Tongue(Scribe):
    """Has no words for Dad."""

    def message(self, reminders: Sequence[Reminder], now: object) -> Text:
        if reminders[0].card.label == "Dad":
            raise KeyError("Dad")
        return super().message(reminders, now)  # type: ignore[arg-type]

    def digest(self, tellings: Sequence[Telling], now: object) -> Text:
        if any(telling.headline.card.label == "Dad" for telling in tellings):
            raise KeyError("Dad")
        return super().digest(tellings, now)  # type: ignore[arg-type]


def tongue_tied(parts: Parts) -> Scribe:
    usual = parts.scribe()
    return Tongue(usual.catalogue, parts.book, usual.policy, usual.language, True, parts.wishes)


@pytest.mark.parametrize("others", [1, 8])
def test_one_card_that_cannot_be_worded_silences_no_other(house: House, others: int) -> None:
    """By itself, and within a digest."""
    from kzreminder.reminding.passing import run_pass

    house.add(*(ending(f"Card {number}") for number in range(others)), ending("Dad"))
    desk = house.parts.desk(house.screen)
    scribe = tongue_tied(house.parts)
    desk = replace(desk, scribe=scribe, outlets=(replace(desk.outlets[0], scribe=scribe),))
    report = run_pass(desk, NOW)
    assert told(report) == [f"Card {number}" for number in range(others)]
    assert len(report.put_off) == 1
    assert SAID in house.screen.titles
    assert run_pass(desk, NOW + MINUTE).delivered == []


def test_a_channel_that_breaks_down_over_one_message_shows_the_others(house: House) -> None:
    house.add(ending("Mum"), ending("Dad"), ending("Son"))

    def break_down(message: Message) -> None:
        if "Dad" in message.title:
            raise RuntimeError("no way to draw that")

    house.screen.meanwhile = break_down
    report = house.tell(NOW)
    assert told(report) == ["Mum", "Son"]
    assert [one.error for one in report.put_off] == ["RuntimeError: no way to draw that"]
    house.screen.meanwhile = lambda message: None
    assert told(house.tell(NOW + HOUR)) == ["Dad"]
