"""Whatever is typed is taken or refused: no bug shows, and a refusal stores nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cli.running import Home
from tests.cli.test_refusals import faults_of

CODES = {0, 2, 3, 4, 5}

# A process can be given all but a NUL; bytes that are no UTF-8 come as halves of surrogate pairs.
anything = st.text(st.characters(exclude_characters="\x00", exclude_categories=()), max_size=90)
almost = st.one_of(
    st.from_regex(r"[-+]?[0-9., ]{0,9}( ?[a-zа-я天月年₸:/.-]{0,8}){0,2}", fullmatch=True),
    st.from_regex(r"[+78 ()-]{0,3}[0-9 ()-]{0,16}", fullmatch=True),
    st.sampled_from(
        [
            *("Mum", "mu", "1", "567", "-", "--", "--json", "-h", "30d", "today", "-320", "kcell"),
            *("none", "month-start", "zh", "14d,7d", "a|b", "%", "2026-12-31", "expiry", "1e309"),
            *("\udcff", "\U0001f9d3", "\u202e", "%s{0}", "99999999999999999999", "2199-12-31"),
        ]
    ),
)
typed = st.one_of(anything, almost)

OPTIONS = {
    "add": (
        *("--label", "--operator", "--plan", "--period", "--started", "--expires", "--price"),
        *("--balance", "--threshold", "--keep-alive", "--last-used", "--device-entered", "--note"),
        *("--protects", "--leads", "--lang", "--tag"),
    ),
    "renew": ("--until", "--for", "--from", "--on", "--paid", "--method", "--receipt", "--note"),
    "topup": ("--on", "--method", "--receipt", "--note"),
    "balance": ("--at",),
    "sms": ("--card",),
    "used": ("--on",),
}
OPTIONS["edit"] = (*OPTIONS["add"], "--number")


@pytest.fixture(scope="module")
def fuzzed() -> Iterator[Home]:
    """One home for all examples: what they add stays, as it would for a user."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        home.kz("add", "87011234567", "--label", "Mum", "--period", "30d", "--operator", "kcell")
        yield home


@st.composite
def command_lines(draw: st.DrawFn, command: str) -> tuple[str, ...]:
    """A command that is all right but for one or two things."""
    rest = [draw(typed) for _ in range(1 if command in ("topup", "balance") else 0)]
    if command == "add":
        words = [*draw(st.sampled_from([["--label"], []])), draw(typed)]
    else:
        words = [draw(st.one_of(st.just("1"), typed)), *rest]
        is_sound = draw(st.booleans())
        if rest and is_sound:
            words[1] = "100"
    for option in draw(st.lists(st.sampled_from(OPTIONS[command]), max_size=2)):
        words += [option, draw(typed)]
    return (command, *words)


@pytest.mark.parametrize("command", sorted(OPTIONS))
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_whatever_is_typed_is_taken_or_refused(
    fuzzed: Home, command: str, data: st.DataObject
) -> None:
    words = data.draw(command_lines(command))
    before = fuzzed.contents()
    result = fuzzed.kz(*words)
    assert result.exit_code in CODES, result
    if result.exit_code:
        assert faults_of(result, result.exit_code) == [], result
        assert fuzzed.contents() == before
    else:
        assert "Traceback" not in result.err
        assert fuzzed.kz("list", "--all", "--json").exit_code == 0, "what was taken can be shown"


@settings(max_examples=30, deadline=None)
@given(words=st.lists(typed, max_size=4))
def test_words_alone_break_nothing(words: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        result = home.kz(*(word for word in words if word not in ("run", "demo")))
        assert result.exit_code in CODES | {9}, result
        assert "Traceback" not in result.err


@settings(max_examples=50, deadline=None)
@given(command=st.sampled_from(["show", "history", "guide", "archive", "remove"]), wanted=typed)
def test_any_word_may_stand_for_a_card(fuzzed: Home, command: str, wanted: str) -> None:
    before = fuzzed.contents()
    result = fuzzed.kz(command, "--", wanted)
    assert result.exit_code in CODES, result
    if result.exit_code:
        assert faults_of(result, result.exit_code) == [], result
        assert fuzzed.contents() == before
    elif command == "archive":
        assert fuzzed.kz("restore", "--", wanted).exit_code == 0


@settings(max_examples=40, deadline=None)
@given(content=st.one_of(anything.map(str), st.binary(max_size=200)))
def test_any_configuration_is_read_or_refused(content: str | bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        file = home.folder / "mine.toml"
        raw = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
        file.write_bytes(raw)
        result = home.kz("config", "check", "--config", str(file))
        assert result.exit_code in (0, 9), result
        assert result.exit_code == 0 or result.error
