"""Telephone numbers: read in any usual form, kept as E.164, shown spaced or masked.

Not here: whose number it is (catalogue guesses the operator from its first digits).
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from kzreminder.errors import N_, BadValue, printable

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

PREFIX_SIGNS = 5
"Of an E.164 of Kazakhstan: +7 and the three digits that hint at the operator."
_LONGEST = 40
"no usual form of a number is longer, and parsing stays quick"
_PLAIN = re.compile(r"(?:\+?7|8)(7\d{9})", re.ASCII)
_DASHES = "-‐‑‒–—−"
_HIDDEN = "•"
_BETWEEN = rf"[\s().{re.escape(_DASHES)}]*"
_MOBILE = re.compile(rf"(?<!\d)(?:[78]{_BETWEEN})?7\d\d(?:{_BETWEEN}\d){{7}}(?!\d)")
_WITH_PLUS = re.compile(rf"\+\d(?:{_BETWEEN}\d){{7,14}}(?!\d)")


def parse_number(text: str, any_country: bool = False) -> str:
    """The number as E.164; only mobile numbers of Kazakhstan unless any country is allowed."""
    # Late: its number data is large, and most commands read no number.
    import phonenumbers

    written = _written(text)
    if (plain := _PLAIN.fullmatch(written)) and _mobiles().fullmatch(plain[1]):
        return f"+7{plain[1]}"  # what the library would find out at thirty times the cost
    try:
        number = phonenumbers.parse(written, "KZ")
    except phonenumbers.NumberParseException as error:
        raise _refusal(N_("{text} is not a telephone number"), text) from error
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if _is_mobile_of_kazakhstan(number):  # first: nearly all are, and each question takes its time
        return e164
    if not phonenumbers.is_valid_number(number):
        raise _refusal(N_("{text} is no valid telephone number"), text, _with_plus(written))
    if any_country:
        return e164
    hint = N_(
        "Numbers of other countries are taken with --any-country."
        " Checked against number data version {version}."
    )
    if not phonenumbers.is_valid_number_for_region(number, "KZ"):
        raise _refusal(N_("{text} is not a number of Kazakhstan"), text, hint)
    raise _refusal(N_("{text} is a number of Kazakhstan, but not a mobile one"), text, hint)


@cache
def _mobiles() -> re.Pattern[str]:
    """The mobile numbers of Kazakhstan, after the +7, by the library's own data."""
    import phonenumbers

    known = phonenumbers.PhoneMetadata.metadata_for_region("KZ")
    pattern = known.mobile.national_number_pattern if known and known.mobile else None
    return re.compile(pattern or "(?!)", re.ASCII)


def _is_mobile_of_kazakhstan(number: PhoneNumber) -> bool:
    import phonenumbers

    is_mobile = phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
    return is_mobile and phonenumbers.region_code_for_number(number) == "KZ"


def spaced(e164: str) -> str:
    """`+7 701 123 45 67`; other countries' numbers as they are written there."""
    if _is_seven(e164):
        return " ".join((e164[:2], e164[2:5], e164[5:8], e164[8:10], e164[10:]))
    import phonenumbers

    international = phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return str(phonenumbers.format_number(phonenumbers.parse(e164), international))


def masked(e164: str) -> str:
    """`+7 701 ••• •• 67`; of other countries' numbers only the last two digits are shown."""
    if _is_seven(e164):
        return f"{e164[:2]} {e164[2:5]} {_HIDDEN * 3} {_HIDDEN * 2} {e164[10:]}"
    digits = e164.removeprefix("+")
    return f"+{_HIDDEN * max(len(digits) - 2, 0)} {digits[-2:]}"


def masked_in(text: str, own: str | None = None) -> str:
    """The text with numbers masked, however they are spaced: of Kazakhstan, and with a plus.

    `own`, an E.164, without its plus too.
    """
    text = _WITH_PLUS.sub(lambda found: masked(f"+{_digits(found[0])}"), text)
    text = _MOBILE.sub(lambda found: masked(f"+7{_digits(found[0])[-10:]}"), text)
    if own is None or _digits(own) not in _digits(text):
        return text  # a pattern of its own for each card is what takes the time
    spelled = _BETWEEN.join(_digits(own))
    return re.sub(rf"(?<!\d){spelled}(?!\d)", masked(own), text)


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _is_seven(e164: str) -> bool:
    return len(e164) == 12 and e164.startswith("+7") and e164[1:].isdigit()


def _written(text: str) -> str:
    """The text with nothing in it but what numbers are written with."""
    if _PLAIN.fullmatch(text):
        return text
    # Contact lists wrap what they copy in invisible direction marks (category Cf).
    seen = "".join(char for char in text if unicodedata.category(char) != "Cf").strip()
    if seen[:4].casefold() == "tel:":
        seen = seen[4:]
    if not seen:
        raise _refusal(N_("{text} is not a telephone number"), text)
    if len(seen) > _LONGEST:
        raise _refusal(N_("{text} is too long for a telephone number"), text)
    # phonenumbers would take letters as keys of the dial and drop an extension without a word.
    for char in seen:
        if not (char.isdecimal() or char.isspace() or char in "+＋()（）." or char in _DASHES):
            raise _refusal(
                N_("{text} is not a telephone number: it has {char} in it"), text, char=char
            )
    return " ".join(seen.split())


def _with_plus(written: str) -> str | None:
    """What helps with a number of another country that lacks its plus."""
    import phonenumbers

    try:
        number = phonenumbers.parse(f"+{written}")
    except phonenumbers.NumberParseException:
        return None
    if written.startswith("+") or not phonenumbers.is_valid_number(number):
        return None
    return N_(
        "A number of another country begins with a plus and is taken with --any-country."
        " Checked against number data version {version}."
    )


def _refusal(sentence: str, text: str, hint: str | None = None, char: str = "") -> BadValue:
    import phonenumbers

    return BadValue(
        sentence,
        hint=hint
        or N_("Write it like +7 701 123 45 67. Checked against number data version {version}."),
        text=_quotable(text),
        char=_quotable(char),
        # The package tells no day of its data; its version is what can truthfully be said.
        version=phonenumbers.__version__,
    )


def _quotable(text: str) -> str:
    """The text fit for an error line: short, and with nothing in it that a terminal obeys."""
    return f"“{printable(text if len(text) <= _LONGEST else text[:_LONGEST] + '…')}”"
