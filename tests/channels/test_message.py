"""The values that pass through the room."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from kzreminder.channels.bus_error import outcome_of_error, outcome_of_stderr
from kzreminder.channels.message import Message, Refused, TargetAway, clean


def test_line_breaks_stay_and_other_controls_go() -> None:
    assert clean("a\r\nb\rc\td\x07\x9b\x7f") == "a\nb\nc d"


def test_letters_and_marks_become_one() -> None:
    assert clean("и\u0306") == "й"


@given(st.text(st.characters()))
def test_what_was_cleaned_is_clean_and_can_be_sent(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    once.encode("utf-8")
    assert "\x00" not in once
    title = Message(text, text).cleaned().title
    assert title
    assert "\n" not in title
    json.dumps(title)


def test_an_error_without_words_is_still_told() -> None:
    assert outcome_of_error("org.example.Odd", "") == Refused("org.example.Odd", permanent=False)
    assert outcome_of_stderr("") == TargetAway("ended without a word")
