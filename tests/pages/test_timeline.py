"""The picture of all deadlines: the same facts in the terminal, as SVG and as a page; whatever a
label is made of, it is text, and everything stays where it belongs."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from kzreminder.core.languages import LANGUAGES
from kzreminder.core.timeline import Timeline, timeline_of
from kzreminder.pages.axis import Axis
from kzreminder.pages.timeline import Picture, picture_of
from kzreminder.pages.timeline_lines import ASCII_SIGNS, SIGNS, Signs, timeline_lines
from kzreminder.pages.timeline_svg import timeline_page, timeline_svg
from kzreminder.wording.language import MONTHS, Words
from tests.browser import look_at
from tests.core.cards import POLICY, a_card, at
from tests.pages.test_guide_page import Elements

NOW = at("2026-11-21 10:00")
EVIL = "<script>alert(1)</script>\"'&<img src=x onerror=alert(2)>"
LABELS = ("Mum", "妈妈的上网卡", "Әжем үйдегі", "Cafe\u0301", "👨‍👩‍👧 family", "a label " * 9, EVIL)
SVG = "{http://www.w3.org/2000/svg}"


def a_timeline(labels: Sequence[str] = LABELS, days: int = 60, more: int = 0) -> Timeline:
    """Each card a step later than the one before, beginning long ago; the first has two lanes."""
    cards = [
        replace(
            a_card(
                ends_on=(NOW.date() + timedelta(days=nth * 11 - 40)).isoformat(),
                device_entered_on=None if nth else "2026-11-02",
                id=nth + 1,
            ),
            label=label,
            operator=("kcell", "beeline", None)[nth % 3],
        )
        for nth, label in enumerate(labels)
    ]
    rest: dict[tuple[str | None, int], int] = {}
    if more:
        rest = {("izi", 2): more, ("kcell", -1): 1}
    total = len(cards) + sum(rest.values()) + 2
    return timeline_of(cards, rest, total, POLICY, NOW, days)


def a_picture(
    labels: Sequence[str] = LABELS, days: int = 60, more: int = 0, language: str = "en"
) -> Picture:
    return picture_of(a_timeline(labels, days, more), lambda name: name or "?", Words(language))


def lines(picture: Picture, width: int = 80, signs: Signs = SIGNS) -> list[str]:
    drawn = timeline_lines(picture, width, signs, lambda text: " ".join(text.split()))
    return ["".join(text for text, _ in line) for line in drawn]


def bars(told: Sequence[str]) -> set[int]:
    """The cells in which the line of today stands."""
    return {cell_len(line[: line.index("|")]) for line in told if "|" in line}


# The days


def an_axis(first: str, days: int) -> Axis:
    return Axis(date.fromisoformat(first), days, 0, MONTHS, "{month} {year}")


@pytest.mark.parametrize(
    ("first", "days", "apart", "months"),
    [
        ("2026-11-10", 70, 9, [(0, "Nov"), (21, "Dec"), (52, "Jan 2027")]),
        ("2026-11-25", 40, 9, [(6, "Dec"), (37, "Jan 2027")]),
        ("2026-12-01", 30, 9, [(0, "Dec")]),
        ("2026-12-02", 20, 9, []),
        ("2026-11-10", 200, 50, [(0, "Nov"), (52, "Jan 2027"), (111, "Mar"), (172, "May")]),
        ("2026-11-10", 1200, 300, [(52, "2027"), (417, "2028"), (783, "2029"), (1148, "2030")]),
        ("2026-11-10", 3660, 2000, []),
    ],
)
def test_months_are_written_where_they_begin(
    first: str, days: int, apart: float, months: list[tuple[int, str]]
) -> None:
    assert an_axis(first, days).months(apart) == months


@pytest.mark.parametrize(
    ("apart", "weeks"),
    [(3, ["16", "23", "30", "7"]), (8, ["16", "30"]), (15, [])],
)
def test_weeks_are_their_mondays_until_they_crowd(apart: float, weeks: list[str]) -> None:
    assert [said for _, said in an_axis("2026-11-10", 30).weeks(apart)] == weeks


@given(st.dates(date(2026, 1, 1), date(2030, 1, 1)), st.integers(1, 4000), st.floats(1, 900))
def test_what_is_written_along_the_axis_stands_on_it_and_apart(
    first: date, days: int, apart: float
) -> None:
    axis = Axis(first, days, 0, MONTHS, "{month} {year}")
    for ticks in (axis.months(apart), axis.weeks(apart)):
        places = [place for place, _ in ticks]
        assert all(0 <= place <= days for place in places)
        assert all(b - a >= apart for a, b in pairwise(places))


# In the terminal


@pytest.mark.parametrize("width", [80, 200])
@pytest.mark.parametrize("language", LANGUAGES)
def test_all_lanes_are_aligned_whatever_the_letters(language: str, width: int) -> None:
    told = lines(a_picture(more=99_900, language=language), width)
    assert max(cell_len(line) for line in told) <= width
    assert len(bars(told)) == 1


def test_every_deadline_has_its_sign_and_its_words() -> None:
    told = "\n".join(lines(a_picture(LABELS[:6])))
    for sign, words in (
        ("✗", "40 days over: plan ends"),
        ("◉", "11 days left: phone blocked"),
        ("✗", "7 days over: plan ends"),
        ("◉", "4 days left: plan ends"),
        ("◦", "15 days left: plan ends"),
    ):
        assert f"{sign} {words}" in told
    assert re.search(r"<✗-+\|.*40 days over", told), "it passed before the axis begins"


def test_in_plain_ascii_nothing_is_beyond_it() -> None:
    told = lines(a_picture(("Mum", "Dad")), signs=ASCII_SIGNS)
    assert all(line.isascii() for line in told)
    assert any("x 40 days over" in line for line in told)


def test_what_is_not_drawn_is_counted() -> None:
    told = "\n".join(lines(a_picture(more=99_900), 200))
    assert "and 99 900 more cards" in told
    assert "And 99 901 more cards, counted only" in told
    assert "passed 1, from 5 Dec 99 900" in told
    assert "2 cards have no deadline in these days" in told


def test_where_there_is_no_room_for_an_axis_the_words_stay() -> None:
    told = lines(a_picture(), 34)
    assert bars(told) == set()
    assert any("✗ 40 days over" in line for line in told)


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30)


@given(st.lists(TEXT, min_size=1, max_size=5), st.integers(24, 240), st.integers(1, 4000))
def test_no_line_is_too_wide_for_any_label_width_and_time(
    labels: list[str], width: int, days: int
) -> None:
    told = lines(a_picture(labels, days), width)
    assert max(cell_len(line) for line in told) <= width
    assert len({cell for line in told if (cell := line.find("|")) >= 0}) < 9


# As SVG


def test_the_svg_is_told_in_words_too() -> None:
    drawn = ET.fromstring(timeline_svg(a_picture(more=7)))
    assert drawn.get("role") == "img"
    names = (drawn.get("aria-labelledby") or "").split()
    assert [drawn.find(f"*[@id='{name}']").tag for name in names] == [  # type: ignore[union-attr]
        f"{SVG}title", f"{SVG}desc",
    ]  # fmt: skip
    texts = {text.text or "".join(text.itertext()) for text in drawn.iter(f"{SVG}text")}
    assert "妈妈的上网卡" in " ".join(texts)
    assert "and 7 more cards" in texts
    signs = {group.get("class") for group in drawn.iter(f"{SVG}g")}
    assert signs == {"overdue", "urgent", "soon", "later", "earlier"}


@given(st.text(min_size=1, max_size=40))
def test_any_label_is_text_in_the_svg_and_on_the_page(label: str) -> None:
    drawn = ET.fromstring(timeline_svg(a_picture((label, EVIL))))
    assert {one.tag.removeprefix(SVG) for one in drawn.iter()} <= {
        "svg", "title", "desc", "style", "rect", "path", "circle", "g", "text",
    }  # fmt: skip


def test_nothing_on_the_sheet_stands_beside_it() -> None:
    for days in (1, 60, 3660):
        drawn = ET.fromstring(timeline_svg(a_picture(days=days)))
        width, height = (float(drawn.get(side) or 0) for side in ("width", "height"))
        for text in drawn.iter(f"{SVG}text"):
            assert 0 <= float(text.get("x") or -1) <= width
            assert 0 <= float(text.get("y") or -1) <= height


# As a page


def test_nothing_runs_and_nothing_is_loaded() -> None:
    page = timeline_page(a_picture(more=3), Words("en"))
    found = Elements(page)
    names = {tag for tag, _ in found.found}
    assert not names & {"script", "img", "iframe", "link", "object", "embed", "form", "base", "a"}
    for _, attributes in found.found:
        assert not {"src", "style", "srcset", "href"} & set(attributes)
        assert not [name for name in attributes if name.startswith("on")]
    assert len(re.findall(r"<style>", page)) == 1
    assert "default-src 'none'; style-src 'sha256-" in page
    assert "url(" not in page
    assert "@import" not in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_has_all_of_it_as_a_table(language: str) -> None:
    picture = a_picture(language=language)
    page = Elements(timeline_page(picture, Words(language)))
    assert ("html", {"lang": language}) in page.found
    for block in picture.blocks:
        for mark in block.marks:
            for part in (block.operator, mark.card, mark.day, mark.text):
                assert " ".join(part.split()) in page.text
    ids = [attributes["id"] for _, attributes in page.found if "id" in attributes]
    assert len(ids) == len(set(ids))


@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize(("name", "dark"), [("page.html", False), ("picture.svg", True)])
def test_a_browser_draws_it_in_silence(name: str, dark: bool, tmp_path: Path) -> None:
    picture, file = a_picture(more=3, language="zh"), tmp_path / name
    drawn = timeline_page(picture, Words("zh")) if name == "page.html" else timeline_svg(picture)
    file.write_text(drawn, encoding="utf-8")
    seen = look_at(file, 1100, 900, dark=dark)
    assert seen.complaints == []
    assert seen.requests == []
