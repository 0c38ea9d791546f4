"""Every reminder in every language: title whole and short, body by lines, nothing English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from kzreminder.core.card import Card
from kzreminder.core.period import days
from kzreminder.core.planning import due
from kzreminder.core.reminder import Mark, Reminder, marked
from kzreminder.wording.reminders import BODY_LENGTH, Scribe
from kzreminder.wording.titles import TITLE_LENGTH
from tests.core.cards import POLICY, a_card, at
from tests.operators.shipped import BOOKS, CATALOGUE

LABEL = "Бабушка 01"
SUBSCRIBED = a_card(started_on="2026-11-21", ends_on="2026-12-20", period=days(30), price=14990)
CARDS = [
    SUBSCRIBED,
    replace(SUBSCRIBED, plan=replace(SUBSCRIBED.plan, auto_renew=True)),
    a_card(started_on="2026-11-21", ends_on="2026-12-20", period=days(30), price=14990,
           auto_renew=True, balance=1000, read_at="2026-11-21 10:00"),
    a_card(keep_alive=days(90), last_used_on="2026-09-21"),
    a_card(device_entered_on="2026-11-20"),
    a_card(balance=320, threshold=1500, read_at="2026-11-21 10:00", low_since="2026-11-21 10:00"),
    replace(a_card(), paid_on=SUBSCRIBED.plan.started_on),
]  # fmt: skip
ENGLISH = re.compile(r"\b(the|and|not|left|over|days?|pay|paid|balance|plan|card|steps)\b")
TYPED = re.compile(r"kzreminder .*|Beeline Kazakhstan")


def told(card: Card) -> Iterator[tuple[Reminder, Mark]]:
    """All that a year of passes at noon tells of it, with each one's mark."""
    marks: list[Mark] = []
    now = at("2026-11-22 12:00")
    for _ in range(100):
        for reminder in due(card, POLICY, tuple(marks), now):
            marks.append(marked(reminder, now))
            yield reminder, marks[-1]
        now += timedelta(days=1)


@pytest.mark.parametrize("language", BOOKS)
@pytest.mark.parametrize("card", CARDS, ids=range(len(CARDS)))
def test_a_reminder_is_whole_in_every_language(card: Card, language: str) -> None:
    card = replace(card, label=LABEL, number="+77051234567", operator="beeline",
                   protects="eGov, Kaspi", lang=language)  # fmt: skip
    scribe = Scribe(CATALOGUE, BOOKS.__getitem__, POLICY, language)
    seen = list(told(card))
    assert seen
    for reminder, mark in seen:
        text = scribe.message([reminder], mark.told_at)
        assert len(text.title) <= TITLE_LENGTH
        assert LABEL[:6] in text.title, text.title  # a longer title costs the label its end
        assert not text.title.endswith("…"), text.title
        assert len(text.body) <= BODY_LENGTH
        first, second, *_ = text.body.splitlines()
        assert "Beeline" in first
        assert "kzreminder guide" in second
        assert not set("{}") & set(text.title + text.body)
        if language != "en":
            shown = TYPED.sub("", f"{text.title}\n{text.body}")
            assert not ENGLISH.search(shown), shown
