"""The page of a guide: whole, safe, readable, and the same when a browser draws it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from kzreminder.core.card import Card
from kzreminder.core.policy import Policy
from kzreminder.operators.best import Wishes
from kzreminder.operators.case import Case, case_of
from kzreminder.operators.catalogue import Catalogue, load
from kzreminder.operators.guide import Guide, guide_for
from kzreminder.pages.guide_page import guide_page
from kzreminder.wording.guides import Heading, heading_of
from kzreminder.wording.language import Words
from tests.browser import look_at, scanned
from tests.operators.shipped import BOOKS, CATALOGUE, CLERK, OPERATORS, SPACED, a_card
from tests.operators.test_facts import written

TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 5, tzinfo=UTC)
EVIL = "<script>alert(1)</script>\"'&<img src=x onerror=alert(2)>"
CARD = replace(
    a_card(), plan=replace(a_card().plan, last_good_on=date(2026, 11, 23)), protects="eGov, Kaspi"
)


def made(
    operator: str, card: Card | None = CARD, language: str = "en", catalogue: Catalogue = CATALOGUE
) -> tuple[Guide, Heading | None]:
    words = Words(language)
    case = case_of(card, Policy(), Wishes(), NOW) if card else Case()
    found = catalogue.by_id(operator)
    guide = guide_for(found, catalogue.country, case, BOOKS[language], CLERK)
    return guide, heading_of(card, words, NOW) if card else None


def drawn(
    operator: str, card: Card | None = CARD, language: str = "en", catalogue: Catalogue = CATALOGUE
) -> str:
    guide, heading = made(operator, card, language, catalogue)
    return guide_page(guide, heading, Words(language), TODAY)


class Elements(HTMLParser):
    """Every element with its attributes, and the text that is read."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.mark.parametrize("language", BOOKS)
@pytest.mark.parametrize("operator", CATALOGUE.ids)
def test_the_page_holds_the_whole_guide(operator: str, language: str) -> None:
    guide, heading = made(operator, CARD, language)
    page = Elements(guide_page(guide, heading, Words(language), TODAY))
    text = page.text.replace("\u00a0", " ")
    assert ("html", {"lang": language}) in page.found
    for method in guide.methods:
        for line in (method.name, *method.steps, *method.needs, *method.cautions):
            assert " ".join(line.split()) in text, line
    for line in (guide.clerk.ru, guide.clerk.kk, *guide.cautions, *guide.not_found, guide.because):
        assert " ".join(line.split()) in text, line
    for stage in guide.stages:
        assert all(step in text for step in stage.steps)
    for topic in guide.topics:
        assert all(line in text for line in topic.lines)
    facts = [*guide.balance, *guide.facts]
    facts += [fact for topic in guide.topics for fact in topic.facts]
    for fact in facts:
        assert " ".join(fact.value.split()) in text
        assert (fact.source or "") in text


@pytest.mark.parametrize("operator", CATALOGUE.ids)
def test_nothing_runs_and_nothing_is_loaded(operator: str) -> None:
    page = Elements(drawn(operator))
    names = {tag for tag, _ in page.found}
    assert not names & {"script", "img", "iframe", "link", "object", "embed", "form", "base"}
    for tag, attributes in page.found:
        assert not {"src", "style", "srcset"} & set(attributes)
        assert not [name for name in attributes if name.startswith("on")]
        if "href" in attributes:
            assert tag == "a"
            assert re.match(r"https?://", attributes["href"] or "")
            assert attributes["rel"] == "noreferrer noopener"


def test_the_policy_allows_our_style_sheet_and_nothing_else() -> None:
    page = drawn("kcell")
    [style] = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    [policy] = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy.split("; ") == [
        "default-src 'none'",
        f"style-src 'sha256-{digest}'",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    assert "url(" not in style
    assert "@import" not in style


def test_what_users_and_files_wrote_is_text(tmp_path: Path) -> None:
    written(
        tmp_path,
        "kcell.toml",
        f"""
        [methods.kaspi]
        note = '''{EVIL}'''
        [facts.site]
        value = "javascript:alert(1)"
        source = '''{EVIL}'''
        checked_on = 2026-11-21
        confidence = "low"
        """,
    )
    card = replace(CARD, label=EVIL[:80], note=EVIL, protects=EVIL)
    page = drawn("kcell", card, catalogue=load(OPERATORS, tmp_path))
    assert "<script" not in page
    assert "onerror=alert(2)&gt;" in page
    links = [attributes.get("href") for tag, attributes in Elements(page).found if tag == "a"]
    assert "javascript:alert(1)" not in links
    assert page.count("<img") == 0


def test_number_and_amount_can_be_copied_as_they_are() -> None:
    page = drawn("kcell")
    assert f'<dd class="copy">{SPACED}</dd>' in page
    assert '<dd class="copy">4 990 ₸</dd>' in page


def test_a_guide_about_no_card_shows_no_stage_and_asks_for_nothing() -> None:
    page = Elements(drawn("kcell", None)).text
    assert "To pay" not in page
    assert "Before it ends" in page


def test_an_unconfirmed_balance_code_says_so_beside_its_picture() -> None:
    page = drawn("beeline")
    assert re.search(r"\*102#</b><br><span class=\"sure unsourced\">not confirmed", page)
    assert "<svg" not in drawn("lycamobile")


# What a browser makes of it

PHONE, DESK = (390, 5200), (1280, 4200)
WINDOWS = [("en", PHONE, True), ("zh", PHONE, False), ("zh-Hant", DESK, True), ("ru", DESK, False),
           ("kk", PHONE, False)]  # fmt: skip
"Each language, width and light at least once; each takes a start of the browser."


@pytest.mark.xdist_group("browser")
def test_the_browser_would_tell_of_a_request_and_of_a_complaint(tmp_path: Path) -> None:
    page = tmp_path / "loud.html"
    page.write_text('<img src="http://127.0.0.1:9/"><script>console.log("x")</script>')
    seen = look_at(page, 300, 300)
    assert seen.requests == ["http://127.0.0.1:9/"]
    assert len(seen.complaints) == 1


@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize(("language", "window", "dark"), WINDOWS)
def test_a_browser_draws_it_in_silence_and_its_codes_can_be_scanned(
    language: str, window: tuple[int, int], dark: bool, tmp_path: Path
) -> None:
    page = tmp_path / f"{language}.html"
    page.write_text(drawn("kcell", CARD, language), encoding="utf-8")
    seen = look_at(page, *window, dark=dark)
    assert seen.complaints == []
    assert seen.requests == []
    assert scanned(seen.picture) == ["https://www.kcell.kz/en/product/topup", "tel:*100%23"]
