"""The QR code of a deadline: printed with --qr, offered on a terminal after add and renew."""

from __future__ import annotations

import pytest

from kzreminder.pages.qr import QUIET_ZONE
from tests.cli.running import Home

OFFER = "into your phone's calendar?"
WHITE = "█" * (2 * QUIET_ZONE)


def code(shown: str) -> list[str]:
    rows = [line.rstrip() for line in shown.splitlines()]
    return [row for row in rows if row and set(row) <= set(" █▀▄")]


@pytest.mark.parametrize("command", [("show", "Mum"), ("renew", "Mum")])
def test_the_code_is_printed_where_it_is_asked_for(
    registered: Home, command: tuple[str, ...]
) -> None:
    result = registered.kz(*command, "--qr")
    assert (result.exit_code, OFFER in result.err) == (0, False)
    rows = code(result.out)
    assert len(rows) > 20
    assert rows[0].startswith(WHITE)


def test_a_new_card_can_be_scanned_at_once(home: Home) -> None:
    result = home.kz("add", "--label", "Mum", "--expires", "+9d", "--qr")
    assert (result.exit_code, len(code(result.out)) > 20) == (0, True)


def test_without_a_deadline_there_is_no_code(registered: Home) -> None:
    result = registered.kz("show", "Bare", "--qr")
    assert (result.exit_code, code(result.out)) == (0, [])
    assert result.err == "No deadline of Bare is ahead for a calendar.\n"


def test_a_code_and_json_are_refused_before_anything_is_done(registered: Home) -> None:
    before = registered.contents()
    for command in (("add", "--label", "New"), ("renew", "Mum"), ("show", "Mum")):
        assert registered.kz(*command, "--qr", "--json").exit_code == 2
    assert registered.contents() == before


@pytest.mark.parametrize(
    ("answer", "is_shown"),
    [("y", True), ("n", False), pytest.param("", False, marks=pytest.mark.long)],
)
def test_on_a_terminal_it_is_offered(registered: Home, answer: str, is_shown: bool) -> None:
    result = registered.terminal("renew", "Mum", typed=f"{answer}\n", NO_COLOR="1")
    assert result.exit_code == 0
    assert OFFER in result.out
    assert bool(code(result.out)) == is_shown


def test_whoever_breaks_off_the_question_has_renewed_all_the_same(registered: Home) -> None:
    result = registered.terminal("renew", "Mum", typed="\x04")
    assert (result.exit_code, "nothing was changed" in result.out) == (0, False)
    assert "renewed" in registered.kz("history", "Mum").out


@pytest.mark.parametrize("options", [("--json",), ("--no-input",)])
def test_it_is_not_offered_where_nobody_wants_to_be_asked(
    registered: Home, options: tuple[str, ...]
) -> None:
    assert OFFER not in registered.terminal("renew", "Mum", *options).out


def test_it_is_not_offered_where_there_is_nothing_to_scan(home: Home) -> None:
    assert OFFER not in home.terminal("add", "--label", "Bare").out


def test_a_narrow_window_is_told_instead_of_a_broken_code(registered: Home) -> None:
    result = registered.terminal("show", "Mum", "--qr", COLUMNS="40")
    assert "too narrow" in result.out
    assert code(result.out) == []
