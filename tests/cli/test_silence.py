"""ack, snooze, mute, unmute, undo and why by command: one card, many, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from kzreminder.channels.message import Refused
from tests.cli.running import Home
from tests.passes import House
from tests.storage.samples import ending, url_of

NOW = datetime.fromisoformat("2026-12-17T07:00:00+00:00")  # noon in Almaty


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as moved:
        yield moved


@pytest.fixture
def family(home: Home) -> Home:
    """Three cards that end on 20 December; two are of the family, two of Beeline."""
    for label, operator, tags in (
        ("Mum", "kcell", ["--tag", "family"]),
        ("Dad", "beeline", ["--tag", "family"]),
        ("Shop", "beeline", []),
    ):
        done = home.kz("add", "--label", label, "--operator", operator, "--expires", "2026-12-20",
                       "--period", "30d", *tags)  # fmt: skip
        assert done.exit_code == 0, done
    return home


def shown(home: Home, *args: str) -> Any:
    result = home.kz(*args, "--json")
    assert result.exit_code == 0, result
    return result.json


def test_a_snoozed_card_says_until_when_and_what_comes_then(family: Home) -> None:
    card = shown(family, "snooze", "Mum", "2d")
    assert card["snoozed_until"] == "2026-12-19T12:00:00+05:00"
    assert card["next_reminder"] == {
        "at": "2026-12-19T12:00:00+05:00",
        "deadline": "plan",
        "lead": "snooze",
    }
    assert shown(family, "snooze", "Mum", "1mo")["snoozed_until"] == "2026-12-20T10:00:00+05:00"


def test_a_muted_card_is_muted_through_its_day(family: Home, clock: time_machine.Traveller) -> None:
    card = shown(family, "mute", "Mum", "--until", "2026-12-18")
    assert (card["state"], card["muted_until"]) == ("muted", "2026-12-18")
    assert [one["label"] for one in shown(family, "list", "--state", "muted")] == ["Mum"]
    clock.move_to(NOW + timedelta(days=2))
    assert (shown(family, "show", "Mum")["muted_until"]) is None
    assert shown(family, "mute", "Mum")["state"] == "muted"
    assert shown(family, "unmute", "Mum")["state"] == "ending"


@pytest.mark.parametrize(
    ("chosen", "labels"),
    [
        (("--tag", "family"), {"Mum", "Dad"}),
        (("--operator", "Билайн"), {"Dad", "Shop"}),
        (("--tag", "family", "--operator", "beeline"), {"Dad"}),
    ],
)
@pytest.mark.parametrize("command", [("ack",), ("mute",), ("unmute",), ("snooze", "2d")])
def test_many_cards_are_silenced_at_once(
    family: Home, command: tuple[str, ...], chosen: tuple[str, ...], labels: set[str]
) -> None:
    changed = shown(family, *command, *chosen, "--yes")
    assert {card["label"] for card in changed} == labels
    what = {"ack": "acknowledged", "mute": "muted", "unmute": "unmuted", "snooze": "snoozed"}
    events = [one for one in shown(family, "history") if one.get("what") == what[command[0]]]
    assert len(events) == len(labels)
    table = family.kz(*command, *chosen, "--yes")
    assert {line.split("\t")[0] for line in table.out.splitlines()} == labels


@pytest.mark.parametrize(
    ("args", "exit_code"),
    [
        (("ack",), 2),
        (("ack", "Mum", "--tag", "family"), 2),
        (("mute", "Mum", "--operator", "beeline"), 2),
        (("snooze", "Mum"), 2),
        (("snooze", "--tag", "family"), 2),
        (("snooze", "2d"), 2),
        (("snooze", "Mum", "2"), 2),
        (("snooze", "Mum", "month-start"), 2),
        (("snooze", "Mum", "2y"), 2),
        (("snooze", "Mum", "-2d"), 2),
        (("mute", "Mum", "--until", "2026-12-16"), 2),
        (("mute", "Mum", "--until", "soon"), 2),
        (("ack", "--tag", "nobody"), 3),
        (("ack", "--operator", "nobody"), 3),
        (("unmute", "Nobody"), 3),
        (("undo", "Nobody"), 3),
        (("undo", "Mum"), 3),
        (("why", "Nobody"), 3),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_line(
    family: Home, args: tuple[str, ...], exit_code: int
) -> None:
    before = shown(family, "history")
    refused = family.kz(*args)
    assert (refused.exit_code, refused.out) == (exit_code, "")
    assert refused.err.count("Error: ") == 1
    assert shown(family, "history") == before


def test_undo_goes_back_to_the_registration(family: Home) -> None:
    start = shown(family, "show", "Mum")
    family.kz("renew", "Mum", "--paid", "4990", "--method", "kaspi")
    family.kz("edit", "Mum", "--label", "Mother")
    family.kz("snooze", "Mother", "2d")
    said = [family.kz("undo", "1").err.strip() for _ in range(3)]
    assert said == ["Undone: snoozed.", "Undone: corrected.", "Undone: renewed."]
    assert shown(family, "show", "Mum") == start
    assert family.kz("undo", "Mum").exit_code == 3


def test_a_renewal_moves_a_number_to_another_plan_and_operator_with_its_history(
    family: Home,
) -> None:
    family.kz("edit", "Mum", "--operator", "tele2", "--plan", "Next", "--price", "2990")
    family.kz("renew", "Mum", "--for", "1mo")
    what = [one["what"] for one in shown(family, "history", "Mum")]
    assert what == ["renewed", "edited", "added"]
    assert shown(family, "show", "Mum")["operator"] == "tele2"


def test_why_goes_through_every_lead_in_json_and_in_words(family: Home) -> None:
    family.kz("snooze", "Mum", "1d")
    told = shown(family, "why", "Mum")
    assert told["silent"] == [{"because": "snoozed", "until": "2026-12-18T12:00:00+05:00"}]
    [plan] = told["deadlines"]
    status = {one["lead"]: one["status"] for one in plan["leads"]}
    assert status["3d"] == "snoozed"
    assert status["1d"] == "coming"
    assert told["next_reminder"]["lead"] == "snooze"
    said = family.kz("why", "Mum").out
    assert "Silent: snoozed until 18 Dec 12:00." in said
    assert "Next: 18 Dec 12:00, because the snooze has ended." in said
    assert "静默" in family.kz("--lang", "zh", "why", "Mum").out


def test_why_says_that_the_desktop_refused_the_message(family: Home, house: House) -> None:
    family.environ["KZREMINDER_DATABASE"] = url_of(house.folder)
    house.add(ending("Mum", in_days=1, at=NOW))
    house.screen.target = house.parts.target
    assert shown(family, "why", "Mum")["refused"] is None
    assert "refused" not in family.kz("why", "Mum").out
    house.screen.fault = Refused("too long", permanent=True)
    assert house.tell(NOW).failed
    assert shown(family, "why", "Mum")["refused"] == "too long"
    assert "The desktop refused the message: too long" in family.kz("why", "Mum").out
    assert family.kz("renew", "Mum").exit_code == 0
    assert shown(family, "why", "Mum")["refused"] is None


def test_the_forecast_is_shown_and_listed(family: Home, clock: time_machine.Traveller) -> None:
    family.kz("edit", "Mum", "--threshold", "500")
    assert "not enough readings" not in family.kz("show", "Mum").out
    for day, amount in enumerate((3000, 2900, 2800)):
        clock.move_to(NOW + timedelta(days=day))
        family.kz("balance", "Mum", str(amount))
        if day == 1:
            assert "not enough readings" in family.kz("show", "Mum").out
    assert shown(family, "show", "Mum")["balance"]["runs_low_on"] == "2027-01-11"
    said = family.kz("show", "Mum").out
    assert "about 100 ₸" in said
    assert "11 Jan" in said
    assert "2 800 ₸, low on 11 Jan" in family.kz("list").out
    assert shown(family, "why", "Mum")["forecast"] == {
        "spent_a_day": "100",
        "runs_low_on": "2027-01-11",
        "charge_covered": None,
    }
