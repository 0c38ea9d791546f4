"""A list of very many cards: a page of it, a state of it, only how many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from kzreminder.cli import show
from kzreminder.cli.base import STATE_NAMES
from kzreminder.core.planning import State
from tests.cli.running import Home

NOW = datetime.fromisoformat("2026-11-21T05:00:00+00:00")  # 10:00 in Almaty
ENDS = (-90, -3, -2, 1, 5, 9, 50, 70, 90)
STATES = {"lapsed": 1, "overdue": 2, "low": 1, "ending": 2, "muted": 1, "ok": 3, "archived": 1}


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("fleet"))
    lines = ["label,number,tags,expires,threshold,archived"]
    for nth, days in enumerate(ENDS):
        tag = "odd" if nth % 2 else "even"
        ends_on = (NOW + timedelta(days=days)).date()
        lines.append(f"Card {nth},+7701123456{nth},{tag},{ends_on},,no")
    lines += ["Low,,odd,2027-02-09,500,no", "Away,,odd,2026-11-26,,yes"]
    file = home.folder / "cards.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    with time_machine.travel(NOW, tick=False):
        for told in (("import", str(file)), ("balance", "Low", "100"), ("mute", "Card 5")):
            assert home.kz(*told).exit_code == 0
    return home


def listed(home: Home, *options: str) -> list[str]:
    return [card["label"] for card in home.kz("list", "--json", *options).json]


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--all",),
        ("--tag", "odd"),
        ("--state", "ok"),
        ("--state", "overdue"),
        ("--sort", "label"),
        ("--sort", "added", "--state", "ok"),
    ],
)
def test_pages_make_up_the_whole(fleet: Home, options: tuple[str, ...]) -> None:
    whole = listed(fleet, *options)
    assert whole
    for size in (1, 2, 3, 50):
        pages = [
            listed(fleet, *options, "--limit", str(size), "--offset", str(start))
            for start in range(0, len(whole) + size, size)
        ]
        assert [label for page in pages for label in page] == whole
    assert listed(fleet, *options, "--limit", "0") == whole


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--limit", "4"), "6 more: --offset 4"),
        (("--limit", "4", "--offset", "4"), "2 more: --offset 8"),
        (("--limit", "4", "--offset", "6"), ""),
        (("--limit", "2", "--state", "ok"), "more: --offset 2"),
        (("--limit", "3", "--state", "ok"), ""),
        (("--limit", "0"), ""),
        (("--limit", "99999999999999999999"), ""),
        (("--limit", "9223372036854775807", "--offset", "5"), ""),
        ((), ""),
    ],
)
def test_what_is_left_out_is_said(fleet: Home, options: tuple[str, ...], said: str) -> None:
    told = f"... and {said} goes on, --limit 0 shows all\n" if said else ""
    assert fleet.kz("list", *options).err == told


@pytest.mark.parametrize(
    "words",
    [
        ("list", "--limit", "1", "--offset", "99999999999999999999"),
        ("list", "--operator", "izi"),
        ("list", "--tag", "x"),
        ("timeline", "--tag", "x"),
    ],
)
def test_no_cards_and_none_that_matches_are_two_things(
    fleet: Home, tmp_path: Path, words: tuple[str, ...]
) -> None:
    assert fleet.kz(*words).err == "No card matches.\n"
    assert "No cards here" in Home(tmp_path / "new").kz(*words).err


def test_a_terminal_shows_the_first_hundred(home: Home) -> None:
    file = home.folder / "cards.csv"
    file.write_text("label\n" + "\n".join(f"Card {nth}" for nth in range(103)), encoding="utf-8")
    assert home.kz("import", str(file)).exit_code == 0
    assert len(home.kz("list").out.splitlines()) == 1 + 103
    shown = home.terminal("list").out
    assert "Card 99" in shown
    assert "Card 100" not in shown
    assert "... and 3 more: --offset 100 goes on, --limit 0 shows all" in shown


@pytest.mark.parametrize("state", [None, *STATES])
def test_how_many_there_are_is_told_by_state(fleet: Home, state: str | None) -> None:
    options = ("--all",) if state is None else ("--state", state)
    cards = fleet.kz("list", "--json", *options).json
    assert dict(Counter(card["state"] for card in cards)) == {
        name: count for name, count in STATES.items() if state in (None, name)
    }
    counted = fleet.kz("list", "--count", "--json", *options).json
    assert counted.pop("total") == len(cards)
    assert counted == {name: n for name, n in STATES.items() if state in (None, name)}


def test_counts_are_a_table_too(fleet: Home) -> None:
    shown = fleet.kz("list", "--count", "--tag", "odd").out
    assert shown == "muted\t1\noverdue\t1\nlow balance\t1\nending\t1\nok\t1\ntogether\t5\n"


def test_of_very_many_that_were_changed_the_first_are_printed(
    fleet: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(show, "MOST_LINES", 2)
    changed = fleet.kz("edit", "--tag", "odd", "--note", "x", "--yes")
    assert len(changed.out.splitlines()) == 2
    assert changed.err == "... and 3 more cards.\n"
    assert len(fleet.kz("edit", "--tag", "odd", "--note", "y", "--yes", "--json").json) == 5


def test_a_card_is_found_by_its_whole_number_and_by_its_end(fleet: Home) -> None:
    for named in ("+77011234563", "8 701 123-45-63", "7011234563", "34563"):
        assert fleet.kz("show", named, "--json").json["label"] == "Card 3"
    assert fleet.kz("show", "car").exit_code == 4
    assert fleet.kz("show", "lo", "--json").json["label"] == "Low"


def test_the_states_that_can_be_asked_for_are_those_there_are() -> None:
    assert tuple(State) == STATE_NAMES
