"""Deadlines as events of a calendar, read back by a parser of calendars."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from kzreminder.core.card import Card
from kzreminder.core.correcting import correct
from kzreminder.core.deadlines import deadlines_of
from kzreminder.core.leads import told_times
from kzreminder.core.moves import Renewal, archive, renew
from kzreminder.core.period import days
from kzreminder.core.policy import Policy
from kzreminder.core.silence import mute
from kzreminder.exchange.calendar import calendar_file, events_of, scanned_text, to_scan
from kzreminder.pages.qr import as_text
from kzreminder.wording.reminders import Scribe
from tests.core.cards import HOSTS
from tests.operators.shipped import BOOKS, CATALOGUE
from tests.storage.samples import NOW, POLICY, TODAY, a_card, ending

MUM = replace(
    ending(in_days=29, number="+77011234567", operator="kcell", price=Decimal(4990)), id=7
)
RENEWED = Renewal(TODAY)


def a_scribe(policy: Policy = POLICY, **rest: Any) -> Scribe:
    return Scribe(CATALOGUE, BOOKS.__getitem__, policy, **rest)


def text_of(*cards: Card, now: datetime = NOW, scribe: Scribe | None = None) -> str:
    speaker = scribe or a_scribe()
    found = (event for card in cards for event in events_of(card, speaker, now))
    return "".join(calendar_file(found, now))


def events(*cards: Card, now: datetime = NOW, scribe: Scribe | None = None) -> list[Any]:
    calendar = Calendar.from_ical(text_of(*cards, now=now, scribe=scribe))
    found = calendar.walk("VEVENT")
    assert not any(component.errors for component in [calendar, *found])
    return found


def alarms(event: Any, zone: str = "Asia/Almaty") -> list[datetime]:
    """When they ring on a phone that keeps the time of that zone, UTC."""
    begins = datetime.combine(event["DTSTART"].dt, time(0))
    rings = [begins + alarm["TRIGGER"].dt for alarm in event.walk("VALARM")]
    return [at.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) for at in rings]


def test_a_deadline_is_its_last_good_day_with_an_alarm_for_each_reminder() -> None:
    [event] = events(MUM)
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (
        TODAY + timedelta(days=29),
        TODAY + timedelta(days=30),
    )
    assert event["SUMMARY"] == "Mum: plan ends"
    assert event["DESCRIPTION"].splitlines()[:2] == [
        "Kcell: pay 4 990 ₸ in Kaspi.kz for +7 701 ••• •• 67",
        "All steps: kzreminder guide Mum",
    ]
    end = datetime(2026, 12, 20, 10, tzinfo=ZoneInfo("Asia/Almaty"))
    assert alarms(event) == [end - timedelta(days=before) for before in (14, 7, 3, 1, 0)]
    assert {alarm["ACTION"] for alarm in event.walk("VALARM")} == {"DISPLAY"}
    assert event["TRANSP"] == "TRANSPARENT"


@pytest.mark.parametrize("host", HOSTS)
def test_an_alarm_rings_when_the_reminder_would_be_told(host: str) -> None:
    policy = Policy(zone=ZoneInfo(host), quiet=None)
    [event] = events(MUM, scribe=a_scribe(policy))
    [deadline] = deadlines_of(MUM, NOW)
    told = [at for lead, at in told_times(MUM, deadline, policy, NOW) if lead.days <= 0]
    assert alarms(event, host) == [at for at in told if at > NOW]


def test_each_deadline_ahead_is_an_event_and_what_has_passed_is_none() -> None:
    card = a_card(
        expires=TODAY - timedelta(days=1),
        keep_alive=days(90),
        device_entered=TODAY,
        threshold=Decimal(100),
        balance=Decimal(1),
    )
    titles = [event["SUMMARY"] for event in events(card)]
    assert sorted(titles) == ["Mum: register the phone", "Mum: use the number"]
    assert events(archive(card)) == []
    assert events(a_card("Bare")) == []


def test_a_charge_stands_on_the_evening_before_it() -> None:
    charged = a_card(period=days(30), price=Decimal(100), auto_renew=True, balance=Decimal(1))
    [event] = events(charged)
    assert event["SUMMARY"] == "Mum: cover the charge"
    assert event["DTSTART"].dt == charged.plan.last_good_on
    assert alarms(event)[-1].astimezone(ZoneInfo("Asia/Almaty")).hour == 18


def test_a_charge_that_is_covered_is_an_event_where_its_balance_will_be_old_by_then() -> None:
    covered = a_card(period=days(30), price=Decimal(100), auto_renew=True, balance=Decimal(900))
    [event] = events(covered)
    assert len(alarms(event)) == 2
    soon = a_card(expires=TODAY + timedelta(days=9), auto_renew=True, price=Decimal(100),
                  balance=Decimal(900))  # fmt: skip
    assert events(soon) == []


def test_what_is_taken_in_again_moves_the_event() -> None:
    later = NOW + timedelta(hours=1)
    renamed = correct(MUM, {"label": "Mama", "number": "+77017654321"}, POLICY, later)
    [before] = events(MUM)
    [after] = events(renew(renamed, RENEWED, later), now=later)
    assert after["UID"] == before["UID"]
    assert after["DTSTART"].dt == before["DTSTART"].dt + timedelta(days=30)
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after["DTSTAMP"].dt == after["LAST-MODIFIED"].dt == later


def test_no_two_events_have_one_name() -> None:
    both = replace(a_card(keep_alive=days(90), expires=TODAY), id=1)
    found = events(both, replace(both, id=2), replace(both, registered_at=NOW - timedelta(1)))
    assert len({event["UID"] for event in found}) == 6
    assert "7701123" not in text_of(MUM)


def test_past_alarms_are_left_out_and_so_are_those_of_a_muted_card() -> None:
    [event] = events(MUM, now=NOW + timedelta(days=27))
    assert len(alarms(event)) == 2
    [muted] = events(mute(MUM, None))
    assert alarms(muted) == []
    [for_a_while] = events(mute(MUM, TODAY + timedelta(days=25)))
    assert len(alarms(for_a_while)) == 3


@pytest.mark.parametrize("language", BOOKS)
def test_every_language_is_folded_so_that_it_comes_back(language: str) -> None:
    label = "妈妈的第二张卡：家里, обо; \\ всём "
    card = replace(MUM, label=label.strip() * 2, lang=language, keep_alive=MUM.keep_alive)
    text = text_of(card)
    assert all(len(line) <= 75 for line in text.encode().split(b"\r\n"))
    [event] = events(card)
    assert event["SUMMARY"].startswith(card.label)
    assert "kzreminder guide 7" in event["DESCRIPTION"]


def test_what_was_typed_is_no_line_of_the_file() -> None:
    card = replace(MUM, label="x\nEND:VEVENT\nBEGIN:VEVENT", protects="a\r\nATTACH:file:///etc")
    [event] = events(card)
    assert "ATTACH" not in event


def test_a_calendar_without_events_is_one_too() -> None:
    assert str(Calendar.from_ical(text_of())["PRODID"]).startswith("-//kzreminder//")


def test_numbers_are_shown_where_the_user_wants_them() -> None:
    card = replace(MUM, label="+7 701 123 45 67")
    assert "701 123" not in text_of(card)
    [event] = events(card, scribe=a_scribe(mask_numbers=False))
    assert event["SUMMARY"] == "+7 701 123 45 67: plan ends"


# The QR code


def test_a_phone_scans_the_last_call_of_the_next_deadline() -> None:
    card = replace(MUM, device_entered_on=TODAY)
    event = to_scan(events_of(card, a_scribe(), NOW), NOW)
    assert event is not None
    assert scanned_text(event).splitlines() == [
        "BEGIN:VEVENT",
        "SUMMARY:Mum: plan ends",
        "DTSTART:20261220T050000Z",
        "DTEND:20261220T053000Z",
        "BEGIN:VALARM",
        "ACTION:AUDIO",
        "TRIGGER:-P1D",
        "END:VALARM",
        "END:VEVENT",
    ]


def test_a_deadline_without_a_last_call_to_come_is_not_scanned() -> None:
    card = replace(MUM, device_entered_on=TODAY)
    evening = NOW + timedelta(days=29, hours=5)
    event = to_scan(events_of(card, a_scribe(), evening), evening)
    assert event is not None
    assert event.title == "Mum: register the phone"
    assert to_scan(events_of(MUM, a_scribe(), evening), evening) is None


@pytest.mark.parametrize("language", BOOKS)
@pytest.mark.parametrize("label", ["Mum", "妈" * 80, "Ж" * 80])
def test_the_code_fits_a_small_terminal(label: str, language: str) -> None:
    auto = replace(MUM.plan, auto_renew=True)
    for card in (MUM, replace(MUM, plan=auto)):
        named = replace(card, label=label, lang=language)
        event = to_scan(events_of(named, a_scribe(), NOW), NOW)
        assert event is not None
        rows = as_text(scanned_text(event), dense=True).splitlines()
        assert (len(rows) <= 40, len(rows[0]) <= 80) == (True, True)
