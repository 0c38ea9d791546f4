"""No cell that we write is run by a spreadsheet, and every text comes back."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kzreminder.exchange.spreadsheet_cells import shielded, unshielded

FORMULAS = tuple("=+-@＝＋－＠")
SIGNS = st.sampled_from(list("=+-@'＝＋ \t\r\n\u00a01"))
TEXTS = st.text() | st.builds(lambda signs, rest: "".join(signs) + rest, st.lists(SIGNS), st.text())


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


@pytest.mark.parametrize(
    ("text", "cell"),
    [
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
