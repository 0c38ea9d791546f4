"""No cell that we write is run by a spreadsheet, and every text comes back."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kzreminder.exchange.spreadsheet_cells import shielded, unshielded

WHITE = "".join(sign for sign in map(chr, range(0x3001)) if sign.isspace())
FORMULAS = tuple("=+-@＝＋－＠")
SIGNS = st.sampled_from(list("=+-@'＝＋ \t\r\n\u00a01;\"x"))
TEXTS = st.text() | st.text(SIGNS) | st.builds(str.__add__, st.text(SIGNS), st.text())


@given(TEXTS)
@example("'=1")
@example("''+7 701")
def test_every_text_comes_back(text: str) -> None:
    assert unshielded(shielded(text)) == text


@given(TEXTS)
def test_no_cell_begins_like_a_formula(text: str) -> None:
    cell = shielded(text)
    begins_badly = cell.startswith(("\t", "\r", "\n")) or cell.lstrip().startswith(FORMULAS)
    assert not begins_badly or re.fullmatch(r"\+[0-9 ]+", cell)


@given(TEXTS)
@example('x;""=1&""')
def test_nothing_begins_like_a_formula_wherever_a_spreadsheet_parts_the_line(text: str) -> None:
    _, *parts = re.split(r"[;\t\r\n]", shielded(text))
    assert not [part for part in parts if part.lstrip(WHITE + '"').startswith(FORMULAS)]


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("x;=cmd|'/C calc'!A1;y", "x;'=cmd|'/C calc'!A1;y"),
        ("x;;' =1; @1", "x;;'' =1;' @1"),
        ("to do:\n- call", "to do:\n'- call"),
        ("x\r\n=1", "x\r'\n'=1"),
        ("x\t=1", "x\t'=1"),
        ("=1;=1", "'=1;'=1"),
        ('x;"=1"', 'x;\'"=1"'),
        ("a; b; c=1", "a; b; c=1"),
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("@SUM(1)", "'@SUM(1)"),
        ("-1+1", "'-1+1"),
        ("-", "'-"),
        ("  =1", "'  =1"),
        ("\t1", "'\t1"),
        ("＝1", "'＝1"),
        ("+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"),
        ("'=1", "''=1"),
        ("+7 701 123 45 67", "+7 701 123 45 67"),
        ("+77011234567", "+77011234567"),
        ("+7-701", "'+7-701"),
        ("'s-Gravenhage", "'s-Gravenhage"),
        ("a=1", "a=1"),
        ("", ""),
    ],
)
def test_what_is_shielded(text: str, cell: str) -> None:
    assert shielded(text) == cell


def test_an_apostrophe_of_somebody_elses_file_stays() -> None:
    assert unshielded("'Mum'") == "'Mum'"
