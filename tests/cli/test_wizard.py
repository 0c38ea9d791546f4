"""The questions of `add`: how answers are read, and that they make the same card as options."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine

from tests.cli.running import Home

NOW = datetime.fromisoformat("2026-11-21T07:00:00+00:00")  # noon in Almaty, a Saturday
CTRL_D = ""
"The end of what is typed."


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def answers(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)


def only_card(home: Home) -> Any:
    [card] = home.kz("list", "--json").json
    return card


SKIP = YES = ""
KCELL, BEELINE = "8 701 123 45 67", "+7(705)123-45-67"
SAME = {
    "a plan that ends on a day": (
        (KCELL, "Mum", SKIP, "1", "31.12.2026", "1mo", "eGov, Kaspi", YES),
        ("87011234567", "--label", "Mum", "--operator", "kcell", "--expires", "2026-12-31",
         "--period", "1mo", "--protects", "eGov, Kaspi"),
    ),
    "a plan of some days from a day on": (
        (KCELL, SKIP, SKIP, SKIP, "30 дней", "yesterday", SKIP, YES),
        ("87011234567", "--operator", "kcell", "--period", "30d", "--started", "yesterday"),
    ),
    "a day at a distance, in Chinese": (
        (SKIP, "办公室", SKIP, "1", "30天后", SKIP, SKIP, YES),
        ("--label", "办公室", "--expires", "+30d"),
    ),
    "a plan that renews itself": (
        (BEELINE, "Office", SKIP, "2", "in 3 weeks", "30天", "4 990 ₸", "-12,50", SKIP, YES),
        ("+77051234567", "--label", "Office", "--operator", "beeline", "--auto-renew",
         "--expires", "in 3 weeks", "--period", "30d", "--price", "4990", "--balance", "-12,50"),
    ),
    "one of which neither price nor balance are known": (
        (SKIP, "Tab", "Теле2", "2", "quarter", SKIP, SKIP, SKIP, SKIP, YES),
        ("--label", "Tab", "--operator", "tele2", "--auto-renew", "--period", "3mo"),
    ),
    "a number that is only kept": (
        (KCELL, "Codes", "activ", "3", "90 days", "01.11.2026", "WeChat", YES),
        ("87011234567", "--label", "Codes", "--operator", "activ", "--keep-alive", "90d",
         "--last-used", "2026-11-01", "--protects", "WeChat"),
    ),
    "what is refused is asked again": (
        ("12", "8 727 250 00 00", KCELL, "Mum", "nobody", "kcell", "4", "1", "30", "12/01/2027",
         "+1w", "1m", "1mo", SKIP, YES),
        ("87011234567", "--label", "Mum", "--operator", "kcell", "--expires", "+1w",
         "--period", "1mo"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SAME)
def test_answers_make_the_same_card_as_options(case: str, tmp_path: Path) -> None:
    typed, options = SAME[case]
    asked, told = Home(tmp_path / "asked"), Home(tmp_path / "told")
    done = asked.asked("add", typed=answers(*typed))
    assert done.exit_code == 0, done
    assert told.kz("add", *options).exit_code == 0
    assert only_card(asked) == only_card(told)
    shown = done.out.splitlines()[0].partition(":")[0]
    assert shown == only_card(asked)["label"]


def test_an_answer_is_said_back_as_it_was_understood(home: Home) -> None:
    said = home.asked("add", typed=answers(*SAME["a plan that renews itself"][0])).err
    for understood in ("+7 705 123 45 67", "Beeline", "Saturday, 12 Dec 2026", "30 days", "4 990 ₸",
                       "-12.50 ₸"):  # fmt: skip
        assert f"  = {understood}" in said


def test_a_refused_answer_is_asked_again_with_the_reason(home: Home) -> None:
    said = home.asked("add", typed=answers(*SAME["what is refused is asked again"][0])).err
    for reason in ("no valid telephone number", "not a mobile one", "no operator is called nobody",
                   "'4' is not one of", '"12/01/2027" is no day', '"1m" is no period'):  # fmt: skip
        assert reason in said
    assert "Known operators: kcell" in said
    assert "Write a day as 2026-12-31" in said


def test_the_card_and_its_first_reminders_are_shown_before_it_is_saved(home: Home) -> None:
    typed = answers(*SAME["a plan that ends on a day"][0][:-1], "n")
    shown = home.asked("add", typed=typed)
    assert shown.exit_code == 1
    assert "17 Dec 10:00\t14 days left: Mum, plan ends 31 Dec" in shown.out.splitlines()
    assert "stopped; nothing was changed" in shown.err
    assert home.kz("list", "--json").json == []


def test_what_is_due_at_once_is_told_as_now(home: Home) -> None:
    shown = home.asked("add", typed=answers(SKIP, "Old", SKIP, "1", "вчера", SKIP, SKIP, YES))
    assert "in the past" in shown.err
    assert "now\t1 day over: Old, plan ended 20 Nov" in shown.out.splitlines()


@pytest.mark.parametrize("after", range(8))
def test_leaving_at_any_question_leaves_nothing_behind(home: Home, after: int) -> None:
    typed = answers(*SAME["a plan that ends on a day"][0][:after]) + CTRL_D
    left = home.asked("add", typed=typed)
    assert left.exit_code == 1
    assert left.err.endswith("\nError: stopped; nothing was changed\n")
    assert home.kz("list", "--all", "--json").json == []


def test_a_name_or_number_that_is_taken_is_refused_where_it_is_typed(home: Home) -> None:
    home.kz("add", "87011234567", "--label", "Mum")
    typed = answers(KCELL, SKIP, "Mum", "Dad", SKIP, "3", "90d", SKIP, SKIP, YES)
    done = home.asked("add", typed=typed)
    assert done.exit_code == 0, done
    assert "the number +77011234567 is registered already, as Mum" in done.err
    assert "a card called Mum is registered already" in done.err


@pytest.mark.parametrize(("kind", "rest"), [("1", ()), ("2", (SKIP, SKIP))])
def test_an_end_that_is_not_known_is_skipped(home: Home, kind: str, rest: tuple[str, ...]) -> None:
    done = home.asked("add", typed=answers(KCELL, SKIP, SKIP, kind, SKIP, *rest, SKIP, YES))
    assert done.exit_code == 0, done
    assert "until its end is known" in done.err
    assert only_card(home)["plan"]["ends_at"] is None


def test_a_number_given_as_a_name_is_the_cards_number(home: Home) -> None:
    done = home.asked("add", typed=answers(SKIP, KCELL, SKIP, "3", "90d", SKIP, SKIP, YES))
    assert done.exit_code == 0, done
    card = only_card(home)
    assert (card["number"], card["label"]) == ("+77011234567", "+7 701 123 45 67")
    assert "This is a telephone number" in done.err
    again = home.asked("add", typed=answers(SKIP, KCELL))
    assert "is registered already" in again.err


def test_the_end_says_what_to_do_next(home: Home) -> None:
    typed = answers(*SAME["a number that is only kept"][0])
    assert "kzreminder service install" in home.asked("add", typed=typed).err.splitlines()[-1]


def test_the_language_of_the_card_and_other_countries_may_be_told_before(home: Home) -> None:
    typed = answers("+86 138 0013 8000", SKIP, SKIP, "3", "90d", SKIP, SKIP, YES)
    done = home.asked("add", "--any-country", "--lang", "zh", typed=typed)
    assert done.exit_code == 0, done
    assert (only_card(home)["lang"], only_card(home)["number"]) == ("zh", "+8613800138000")


@pytest.mark.parametrize("args", [("add", "--no-input"), ("--no-input", "add"), ("add", "--json")])
def test_nothing_is_asked_where_that_is_not_wanted(home: Home, args: tuple[str, ...]) -> None:
    refused = home.asked(*args, typed=answers(KCELL))
    assert (refused.exit_code, refused.error) == (2, "a card needs a number or a label")
    assert home.kz("add").error == "a card needs a number or a label"


def test_an_option_without_a_name_is_no_wish_to_be_asked(home: Home) -> None:
    refused = home.asked("add", "--period", "30d", typed=answers(KCELL))
    assert (refused.exit_code, refused.error) == (2, "a card needs a number or a label")
