"""timeline and stats, as a user runs them: what they show, write, count and refuse."""

from __future__ import annotations

import stat
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
import time_machine

from tests.cli.running import Home

NOW = "2026-11-21T05:00:00+00:00"  # 10:00 in Almaty
NUMBER = "87011234567"
SPENT_NOTHING = {
    "total": "0", "renewed_for": "0", "renewals": 0, "renewals_without_amount": 0,
    "topped_up": "0", "topups": 0,
}  # fmt: skip


@pytest.fixture
def fleet(home: Home) -> Any:
    """Mum ends in three days, 妈妈 is over, one is called by its number, Bare has no deadline."""
    with time_machine.travel(NOW, tick=False):
        for card in (
            ("--label", "Mum", "--operator", "kcell", "--expires", "+3d", "--period", "30d",
             "--price", "4990", "--tag", "family"),
            ("--label", "妈妈", "--operator", "beeline", "--expires", "-2d", "--price", "3990"),
            (NUMBER, "--operator", "kcell", "--expires", "+20d", "--period", "30d"),
            ("--label", "Bare"),
        ):  # fmt: skip
            assert home.kz("add", *card).exit_code == 0
        yield home


# timeline


def test_the_most_urgent_operator_comes_first_and_numbers_are_masked(fleet: Home) -> None:
    told = fleet.kz("timeline", COLUMNS="80").out
    assert told.index("Beeline") < told.index("Kcell")
    assert "✗ 2 days over: plan ends" in told
    assert "! 3 days left: plan ends" in told
    assert "+7 701 ••• •• 67" in told
    assert "1234567" not in told.replace(" ", "")
    assert "1 card has no deadline in these days." in told
    assert max(map(len, told.splitlines())) <= 80


def test_where_only_ascii_can_be_written_it_is_drawn_in_ascii(fleet: Home) -> None:
    told = fleet.process("timeline", PYTHONIOENCODING="ascii", PYTHONUTF8="0").out
    assert told.isascii()
    assert "days over: plan ends" in told
    assert "|" in told
    assert fleet.process("stats", PYTHONIOENCODING="ascii", PYTHONUTF8="0").exit_code == 0


def test_colour_is_for_terminals_and_not_where_it_is_unwanted(fleet: Home) -> None:
    assert "\x1b[" not in fleet.kz("timeline").out
    shown = fleet.terminal("timeline").out
    assert "\x1b[1;31m" in shown
    plain = fleet.terminal("timeline", NO_COLOR="1").out
    assert not [code for code in ("31m", "33m", "36m") if code in plain]


@pytest.mark.parametrize(
    ("options", "labels", "more", "without"),
    [
        ((), ["妈妈", "Mum", "+7 701 123 45 67"], 0, 1),
        (("--days", "10"), ["妈妈", "Mum"], 0, 2),
        (("--limit", "1"), ["妈妈"], 2, 1),
        (("--operator", "kcell"), ["Mum", "+7 701 123 45 67"], 0, 0),
        (("--tag", "family"), ["Mum"], 0, 0),
        (("--tag", "nobody"), [], 0, 0),
    ],
)
def test_json_has_what_is_drawn_and_what_is_counted(
    fleet: Home, options: tuple[str, ...], labels: list[str], more: int, without: int
) -> None:
    told = fleet.kz("timeline", "--json", *options).json
    cards = [card for group in told["operators"] for card in group["cards"]]
    assert [card["label"] for card in cards] == labels
    assert (told["more"], told["without_deadline"]) == (more, without)
    assert sum(week["cards"] for week in told["more_by_week"]) == more
    assert told["today"] == "2026-11-21"


def test_a_deadline_in_json_says_how_urgent_it_is(fleet: Home) -> None:
    [group] = fleet.kz("timeline", "--json", "--tag", "family").json["operators"]
    assert group["cards"][0]["deadlines"] == [
        {"kind": "plan", "at": "2026-11-24T23:59:59+05:00", "urgency": "urgent", "days_left": 3}
    ]


@pytest.mark.parametrize("option", ["--svg", "--html"])
def test_a_picture_is_written_for_the_users_eyes_only(fleet: Home, option: str) -> None:
    file = fleet.folder / "picture"
    told = fleet.kz("timeline", option, str(file))
    assert (told.exit_code, told.out) == (0, "")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    written = file.read_text(encoding="utf-8")
    assert "妈妈" in written
    assert "1234567" not in written.replace(" ", "")
    assert fleet.kz("timeline", option, "-").out == written
    if option == "--svg":
        ET.fromstring(written)


@pytest.mark.parametrize(
    "words", [("timeline", "--svg"), ("timeline", "--html"), ("guide", "kcell", "--html")]
)
def test_what_is_no_picture_is_replaced_only_with_yes(fleet: Home, words: tuple[str, ...]) -> None:
    file = fleet.folder / "config.toml"
    file.write_text("mine")
    refused = fleet.kz(*words, str(file))
    assert (refused.exit_code, "must be confirmed" in refused.error) == (2, True)
    assert file.read_text() == "mine"
    assert fleet.kz(*words, str(file), "--yes").exit_code == 0
    assert fleet.kz(*words, str(file)).exit_code == 0  # as every night
    assert file.read_text(encoding="utf-8").startswith("<")
    nameless = fleet.kz(*words, "")
    assert (nameless.exit_code, "name of a file" in nameless.error) == (2, True)


def test_picture_and_json_can_be_had_at_once_in_two_places(fleet: Home, tmp_path: Path) -> None:
    file = tmp_path / "p.svg"
    assert fleet.kz("timeline", "--svg", str(file), "--json").json["more"] == 0
    assert file.exists()


@pytest.mark.parametrize(
    ("words", "exit_code"),
    [
        (("timeline", "--svg", "a", "--html", "b"), 2),
        (("timeline", "--svg", "-", "--json"), 2),
        (("timeline", "--days", "0"), 2),
        (("timeline", "--limit", "0"), 2),
        (("timeline", "--operator", "nobody"), 3),
        (("timeline", "--svg", "/nowhere/at/all.svg"), 1),
        (("stats", "--months", "0"), 2),
        (("stats", "--operator", "nobody"), 3),
    ],
)
def test_what_cannot_be_is_refused(fleet: Home, words: tuple[str, ...], exit_code: int) -> None:
    assert fleet.kz(*words).exit_code == exit_code


def test_without_cards_or_deadlines_it_says_so(home: Home) -> None:
    assert "No cards here" in home.kz("timeline").err
    home.kz("add", "--label", "Bare")
    assert "Nothing in the next 60 days" in home.kz("timeline").err
    assert home.kz("timeline", "--svg", "-").exit_code == 0


# stats


def test_what_was_paid_is_told_by_month_operator_and_card(fleet: Home) -> None:
    fleet.kz("renew", "Mum", "--paid", "4990")
    fleet.kz("renew", NUMBER)
    fleet.kz("topup", "妈妈", "12,50", "--on", "2026-10-31")
    fleet.kz("topup", "妈妈", "777")
    fleet.kz("undo", "妈妈")
    told = fleet.kz("stats", "--months", "2", "--json").json
    october = SPENT_NOTHING | {"total": "12.50", "topped_up": "12.50", "topups": 1}
    november = SPENT_NOTHING | {
        "total": "4990", "renewed_for": "4990", "renewals": 1, "renewals_without_amount": 1,
    }  # fmt: skip
    assert told["months"] == [{"month": "2026-10"} | october, {"month": "2026-11"} | november]
    assert [(one["operator"], one["total"]) for one in told["operators"]] == [
        ("kcell", "4990"), ("beeline", "12.50"),
    ]  # fmt: skip
    assert [(one["label"], one["total"]) for one in told["cards"]] == [
        ("Mum", "4990"), ("妈妈", "12.50"), ("+7 701 123 45 67", None),
    ]  # fmt: skip
    assert told["total"]["total"] == "5002.50"


def test_the_forecast_counts_what_it_does_not_know(fleet: Home) -> None:
    told = fleet.kz("stats", "--json").json["forecast"]
    assert told == {
        "month": "2026-12", "total": "4990", "plans": "4990", "renewals": 1,
        "renewals_without_price": 1, "plans_ended": 1, "from_balances": "0", "balances": 0,
        "balances_unknown": 0,
    }  # fmt: skip


def test_sums_are_told_with_what_they_are_made_of(fleet: Home) -> None:
    fleet.kz("renew", "Mum", "--paid", "4990")
    fleet.kz("renew", NUMBER)
    told = fleet.kz("stats").out
    assert "Nov 2026\t4 990 ₸\t4 990 ₸\t0 ₸\t1\t" + "█" * 12 in told
    assert "+7 701 123 45 67\tnot known\tnot known\t0 ₸\t1\tKcell" in told
    assert "1 renewal without an amount is in no sum." in told
    assert "Forecast for Dec 2026:" in told
    assert "Not counted: 1 plan that has ended and was not renewed." in told


def test_where_nothing_was_paid_the_months_stand_there_all_the_same(home: Home) -> None:
    with time_machine.travel(NOW, tick=False):
        told = home.kz("stats", "--json").json
    assert len(told["months"]) == 6
    assert told["cards"] == []
    assert told["total"] == SPENT_NOTHING
    assert told["forecast"]["total"] == "0"


def test_a_topup_read_from_a_message_counts(fleet: Home) -> None:
    told = fleet.kz("sms", "--card", "Mum", "--apply", "Ваш счёт пополнен на 2 000 тг")
    assert told.exit_code == 0
    assert fleet.kz("stats", "--json").json["total"]["topped_up"] == "2000"


@pytest.mark.parametrize("language", ["zh", "zh-Hant", "ru", "kk"])
def test_both_speak_every_language(fleet: Home, language: str) -> None:
    for words in (("timeline",), ("timeline", "--html", "-"), ("stats",)):
        told = fleet.kz("--lang", language, *words)
        assert (told.exit_code, told.err) == (0, "")
