"""Many cards at once: which are chosen, the question before, and that all are changed or none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine

from tests.cli.running import Home

NOW = datetime.fromisoformat("2026-12-17T07:00:00+00:00")  # noon in Almaty
CARDS = (
    ("Mum", "87011234567", "kcell", "family", "2026-12-20"),
    ("Dad", "87051234567", "beeline", "family", "2026-12-10"),
    ("Shop", "87051234568", "beeline", "work", "2027-03-01"),
    ("Bare, no plan", "87071234567", "tele2", "work", None),
)
ALL = {label for label, *_ in CARDS}


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(scope="module")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Home:
    made = Home(tmp_path_factory.mktemp("many"))
    with time_machine.travel(NOW, tick=False):
        for label, number, operator, tag, ends_on in CARDS:
            plan = ("--expires", ends_on, "--period", "30d") if ends_on else ()
            card = (number, "--label", label, "--operator", operator, "--tag", tag)
            assert made.kz("add", *card, *plan).exit_code == 0
    return made


@pytest.fixture
def home(_made: Home, tmp_path: Path) -> Home:
    made = Home(tmp_path)
    made.database.parent.mkdir(parents=True)
    made.database.write_bytes(_made.database.read_bytes())
    return made


def listed(home: Home, *lines: str) -> str:
    file = home.folder / "cards.txt"
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return str(file)


def labels(cards: Any) -> set[str]:
    return {card["label"] for card in cards}


CHOSEN = [
    (("--tag", "family"), {"Mum", "Dad"}),
    (("--operator", "Билайн"), {"Dad", "Shop"}),
    (("--state", "overdue"), {"Dad"}),
    (("--state", "ending", "--tag", "family"), {"Mum"}),
    (("--tag", "work", "--operator", "tele2"), {"Bare, no plan"}),
]


@pytest.mark.parametrize(("chosen", "wanted"), CHOSEN)
@pytest.mark.parametrize(
    "command",
    [("archive",), ("mute",), ("ack",), ("snooze", "2d"), ("edit", "--note", "x"),
     ("renew", "--for", "1y")],
)  # fmt: skip
def test_all_that_fit_are_changed_together(
    home: Home, command: tuple[str, ...], chosen: tuple[str, ...], wanted: set[str]
) -> None:
    changed = home.kz(*command, *chosen, "--yes", "--json")
    assert changed.exit_code == 0, changed
    assert labels(changed.json) == wanted
    happened = home.kz("history", "--json").json
    assert len([one for one in happened if one["what"] != "added"]) == len(wanted)


def test_what_is_changed_is_changed_of_each(home: Home) -> None:
    renewed = home.kz("renew", "--tag", "family", "--paid", "4990", "--yes", "--json").json
    assert {card["label"]: card["plan"]["ends_at"][:10] for card in renewed} == {
        "Mum": "2027-01-19",  # in time: from its expiry
        "Dad": "2027-01-15",  # too late: from today
    }
    edited = home.kz(
        "edit", "--operator", "beeline", "--new-operator", "tele2", "--new-tag", "moved",
        "--price", "2990", "--yes", "--json",
    ).json  # fmt: skip
    assert labels(edited) == {"Dad", "Shop"}
    assert {(card["operator"], card["plan"]["price"], *card["tags"]) for card in edited} == {
        ("tele2", "2990", "moved")
    }


@pytest.mark.parametrize(
    "lines",
    [
        ("8 705 123 45 67", "Mum"),
        ("\ufeffnumber", "+77051234567", "", "7011234567"),
        ("number,label,plan", '"+7 (705) 123-45-67",Dad,x', "Mum,,"),
        ("label;number", "Dad;", "Mum;87011234567"),
        ("operator,label,number", "kcell,Mum,", "beeline,Nobody,87051234567"),
        ("Mum", "Dad", "Mum", "87011234567"),
    ],
)
def test_cards_are_listed_in_a_file_in_the_usual_forms(home: Home, lines: tuple[str, ...]) -> None:
    changed = home.kz("mute", "--numbers", listed(home, *lines), "--yes", "--json")
    assert changed.exit_code == 0, changed
    assert labels(changed.json) == {"Mum", "Dad"}


def test_a_label_with_a_comma_is_quoted_and_an_archived_card_is_meant_too(home: Home) -> None:
    home.kz("archive", "Bare")
    file = listed(home, '"Bare, no plan"')
    assert labels(home.kz("edit", "--numbers", file, "--note", "x", "--yes", "--json").json) == {
        "Bare, no plan"
    }
    assert home.kz("edit", "--tag", "work", "--note", "y", "--yes").out.startswith("Shop\t")


def test_what_export_writes_is_a_list(home: Home) -> None:
    assert home.kz("add", "--label", "=1; -2").exit_code == 0
    file = str(home.folder / "cards.csv")
    assert home.kz("export", "--output", file).exit_code == 0
    assert labels(home.kz("archive", "--numbers", file, "--yes", "--json").json) == ALL | {"=1; -2"}


@pytest.mark.parametrize("form", ["json", "ics"])
def test_another_kind_of_export_is_no_list(home: Home, form: str) -> None:
    file = str(home.folder / f"cards.{form}")
    assert home.kz("export", "--output", file).exit_code == 0
    refused = home.kz("archive", "--numbers", file, "--yes")
    assert refused.exit_code == 2
    assert f"{file}:1: a CSV file is expected here" in refused.err


def test_a_list_may_come_through_a_pipe(home: Home) -> None:
    file = listed(home, "Mum")
    assert home.shell(f"mute --numbers - --yes < {file}").out.startswith("Mum\t")


def test_what_to_do_is_told_of_many_as_of_one(home: Home) -> None:
    [*_, hint] = home.kz("renew", "Bare").err.splitlines()
    assert home.kz("renew", "--tag", "work", "--yes").err.splitlines()[2:] == [hint]
    file = home.folder / "cards.txt"
    file.write_text("Mum", encoding="utf-16")
    assert "Save it as UTF-8" in home.kz("archive", "--numbers", str(file), "--yes").err


@pytest.mark.parametrize(
    ("lines", "exit_code", "faults"),
    [
        (("Mum", "Nobody", "87770000000", "Mu"), 3, {2: "Nobody", 3: "87770000000", 4: "Mu"}),
        (("Mum", "number"), 3, {2: "number"}),
        (("Mum", '"Dad'), 2, {2: "a quote is never closed"}),
        (("Mum", ",Dad"), 3, {2: "neither a number nor a label stands here"}),
        (
            ("plan,label,number", "x,,", "x,Mum,87770000000"),
            3,
            {2: "neither a number nor a label stands here", 3: "87770000000"},
        ),
    ],
)
def test_what_is_not_known_is_listed_with_its_line_and_nothing_is_changed(
    home: Home, lines: tuple[str, ...], exit_code: int, faults: dict[int, str]
) -> None:
    before, file = home.contents(), listed(home, *lines)
    refused = home.kz("archive", "--numbers", file, "--yes")
    assert (refused.exit_code, refused.out) == (exit_code, "")
    shown = refused.err.splitlines()[1:]
    assert len(shown) == len(faults)
    for (line, what), told in zip(faults.items(), shown, strict=True):
        assert told.startswith(f"{file}:{line}: ")
        assert what in told
    assert home.contents() == before


def test_who_leaves_the_question_reads_on_on_a_new_line(home: Home) -> None:
    left = home.asked("mute", "--tag", "family", typed="")
    assert left.err.endswith("\nError: stopped; nothing was changed\n")


def test_one_card_that_cannot_be_renewed_keeps_all_from_it(home: Home) -> None:
    before = home.contents()
    refused = home.kz("renew", "--tag", "work", "--yes")
    assert (refused.exit_code, refused.out) == (2, "")
    assert refused.error.startswith("no card was changed; faults: 1")
    assert refused.err.splitlines()[1].startswith("Bare, no plan: ")
    assert home.contents() == before


@pytest.mark.parametrize(
    "command", [("archive",), ("mute",), ("ack",), ("snooze", "2d"), ("edit", "--note", "x")]
)
def test_many_are_changed_only_when_that_is_confirmed(home: Home, command: tuple[str, ...]) -> None:
    before = home.contents()
    unasked = home.kz(*command, "--tag", "family")
    assert (unasked.exit_code, unasked.out) == (2, "")
    assert "--yes" in unasked.error
    assert "Dad, Mum" in unasked.err
    assert home.asked(*command, "--tag", "family", "--no-input", typed="y\n").exit_code == 2
    refused = home.asked(*command, "--tag", "family", typed="\n")
    assert refused.exit_code == 1
    assert "2 cards would be changed: Dad, Mum. Go on? [y/N]" in refused.err
    assert home.contents() == before
    assert home.asked(*command, "--tag", "family", typed="y\n").exit_code == 0


@pytest.mark.parametrize(
    ("args", "exit_code"),
    [
        (("edit", "--note", "x"), 2),
        (("archive",), 2),
        (("renew",), 2),
        (("archive", "Mum", "--tag", "family"), 2),
        (("edit", "Mum", "--state", "ok", "--note", "x"), 2),
        (("renew", "Mum", "--operator", "beeline"), 2),
        (("mute", "Mum", "--numbers", "FILE"), 2),
        (("edit", "--tag", "family", "--label", "x"), 2),
        (("edit", "--tag", "family", "--number", "87010000000"), 2),
        (("edit", "--tag", "family"), 2),
        (("edit", "--tag", "family", "--tag", "work", "--note", "x"), 2),
        (("archive", "--state", "nonsense"), 2),
        (("archive", "--numbers", "missing.txt"), 2),
        (("renew", "--tag", "family", "--method", "nonsense"), 2),
        (("archive", "--tag", "nobody"), 3),
        (("archive", "--operator", "nobody"), 3),
        (("archive", "--state", "lapsed"), 3),
    ],
)
def test_what_cannot_be_meant_changes_nothing(
    home: Home, args: tuple[str, ...], exit_code: int
) -> None:
    before, file = home.contents(), listed(home, "Mum")
    refused = home.kz(*(file if arg == "FILE" else arg for arg in args), "--yes")
    assert (refused.exit_code, refused.out) == (exit_code, "")
    assert refused.err.count("Error: ") == 1
    assert home.contents() == before
