"""The catalogues are complete, and their check finds what is wrong with a translation."""

from __future__ import annotations

import gettext

import pytest
from babel.messages.catalog import Message

from tests import catalogues


def test_every_sentence_is_translated() -> None:
    assert catalogues.check() == []


def test_compiled_catalogues_load() -> None:
    catalogues.compile_all()
    for source in catalogues.catalogues():
        language = source.parents[1].name
        read = gettext.translation("kzreminder", catalogues.LOCALE, languages=[language])
        assert read.info()["language"] == language.replace("-", "_")


@pytest.mark.parametrize(
    ("original", "translation", "fault"),
    [
        ("{n} days left", "", "not translated"),
        ("{n} days left", "还剩 {m} 天", "differ in ['m!!', 'n!!']"),
        ("{n} days left", "还剩 {n 天", "broken placeholder"),
        ("{n:>3} days", "{n} 天", "differ"),
        (("one day left", "{n} days left"), ("还剩 {n} 天",), None),
        (("one day left", "{n} days left"), ("还剩 {k} 天",), "differ"),
        (("{who}: {n} day", "{who}: {n} days"), ("{n} 天",), "differ"),
        ("{n} days left", "还剩 {n} 天", None),
    ],
)
def test_a_wrong_translation_is_found(
    original: str | tuple[str, ...], translation: str | tuple[str, ...], fault: str | None
) -> None:
    found = catalogues.faults_of(Message(original, string=translation))
    assert bool(found) == bool(fault)
    assert fault is None or fault in found[0]


def test_a_guess_counts_as_a_fault() -> None:
    guess = Message("day", string="天", flags={"fuzzy"})
    assert catalogues.faults_of(guess) == ["'day' is marked fuzzy"]
