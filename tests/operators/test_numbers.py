"""Numbers in every usual form become one, and what is no mobile number of Kazakhstan is refused."""

from __future__ import annotations

import subprocess
import sys

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kzreminder.errors import BadValue
from kzreminder.operators.numbers import masked, masked_in, parse_number, spaced


@pytest.mark.parametrize(
    "text",
    [
        "+7 701 123 45 67",
        "8 701 123 45 67",
        "77011234567",
        "7011234567",
        "+7 (701) 123-45-67",
        "8(701)1234567",
        "+7.701.123.45.67",
        "\u202a+7\xa0701\xa0123\u201145\u201167\u202c",
        "tel:+77011234567",
        "＋７７０１１２３４５６７",
        "  +77011234567\n",
    ],
)
def test_a_number_in_any_usual_form_is_the_same_number(text: str) -> None:
    assert parse_number(text) == "+77011234567"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("0077011234567", "no valid telephone number"),
        ("89161234567", "not a number of Kazakhstan"),
        ("+447911123456", "not a number of Kazakhstan"),
        ("87172123456", "not a mobile one"),
        ("+77511234567", "not a mobile one"),
        ("77031234567", "no valid telephone number"),
        ("", "not a telephone number"),
        ("   ", "not a telephone number"),
        ("\u200e", "not a telephone number"),
        ("+", "not a telephone number"),
        ("701", "no valid telephone number"),
        ("Mum", "it has “M” in it"),
        ("+7 701 123 45 67 ext 5", "it has “e” in it"),
        ("8701CALLNOW", "it has “C” in it"),
        ("7011234567;phone-context=+7", "it has “;” in it"),
        ("*100#", "it has “*” in it"),
        ("7" * 10_000, "too long"),
        ("+7701123456\0", "it has “\\x00” in it"),
        ("\ud800", "it has “\\ud800” in it"),
        ("{text}", "it has “{” in it"),
    ],
)
def test_what_is_no_mobile_number_of_kazakhstan_is_refused_with_the_reason(
    text: str, reason: str
) -> None:
    with pytest.raises(BadValue) as refused:
        parse_number(text)
    assert reason in str(refused.value)
    assert refused.value.hint is not None
    assert phonenumbers.__version__ in refused.value.hint.format(**refused.value.values)


def test_a_refused_text_is_shown_short_and_harmless() -> None:
    with pytest.raises(BadValue) as refused:
        parse_number("\x1b[31m" + "x" * 10_000)
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 150


def test_other_countries_are_taken_when_any_country_is() -> None:
    assert parse_number("+44 7911 123456", any_country=True) == "+447911123456"
    assert parse_number("89161234567", any_country=True) == "+79161234567"
    assert parse_number("87172123456", any_country=True) == "+77172123456"
    with pytest.raises(BadValue):
        parse_number("0077011234567", any_country=True)


@given(st.text(st.characters(), max_size=60) | st.text("+78 ()-0123456789٧۷", max_size=20))
def test_any_text_is_a_number_or_is_refused(text: str) -> None:
    for any_country in (False, True):
        try:
            number = parse_number(text, any_country)
        except BadValue as refused:
            str(refused).encode()  # can be printed
        else:
            assert number.startswith("+")
            assert number[1:].isascii()
            assert number[1:].isdigit()
            assert parse_number(number, any_country=True) == number


def test_numbers_are_shown_spaced_and_masked() -> None:
    assert spaced("+77011234567") == "+7 701 123 45 67"
    assert masked("+77011234567") == "+7 701 ••• •• 67"
    assert spaced("+447911123456") == "+44 7911 123456"
    assert masked("+447911123456") == "+•••••••••• 56"


@pytest.mark.parametrize("number", ["+77011234567", "+447911123456", "+8613800138000"])
def test_a_number_is_masked_wherever_it_stands_and_however_it_is_spaced(number: str) -> None:
    digits = number.removeprefix("+")
    for written in (number, spaced(number), f"+{digits[:3]} ({digits[3:6]}) {digits[6:]}"):
        assert masked_in(written) == masked(number)
        assert masked_in(f"Mum: {written}.") == f"Mum: {masked(number)}."
        assert masked_in(f"妈妈{written}") == f"妈妈{masked(number)}"
    assert masked_in(digits, number) == masked(number)
    for other in (digits[:-2], f"{number}000000000", "Mum", "30 days, 4990.00, 2026-12-20 10:00"):
        assert masked_in(other) == other


@pytest.mark.parametrize(
    "written",
    ["87011234567", "8 701 123 45 67", "8 (701) 123-45-67", "7011234567", "7701 1234567"],
)
def test_a_number_is_masked_as_people_write_it_at_home(written: str) -> None:
    assert masked_in(f"Mum {written}") == f"Mum {masked('+77011234567')}"


def test_what_is_shown_spaced_reads_back() -> None:
    for number in ("+77011234567", "+447911123456"):
        assert parse_number(spaced(number), any_country=True) == number


def test_a_foreign_number_without_its_plus_is_told_what_it_lacks() -> None:
    with pytest.raises(BadValue) as refused:
        parse_number("79161234567", any_country=True)
    assert "begins with a plus" in str(refused.value.hint)
    assert parse_number("+79161234567", any_country=True) == "+79161234567"


def test_showing_a_number_loads_no_number_data() -> None:
    program = (
        "import sys\n"
        "from kzreminder.operators import catalogue, guide, numbers\n"
        "numbers.spaced('+77011234567'), numbers.masked('+447911123456')\n"
        "assert 'phonenumbers' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30)
