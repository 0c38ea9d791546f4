"""What may be told of a failure where the address itself is the secret: a cause, a few plain words.

Two sieves, each for what the other lets through: every part of the address is blacked out in every
form that it may take, and of what is left only plain words and small numbers stay.

Not here: finding out what went wrong (push_child).
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterator
from urllib.parse import quote, quote_plus, unquote, unquote_plus

HIDDEN = "***"
_LONGEST = 160
_SHORT = 4
"Shorter parts are blacked out as words of their own: they would be found inside any other."
_PUBLIC_KEYS = {
    *("format", "overflow", "verify", "redirect", "cto", "rto", "priority", "level"),
    *("image", "mode", "auth", "method", "emojis"),
}
"What is set by these says how to send; their values are no secret, and words such as `no`."
_CUT_AT = re.compile(r"[^\w.%-]+")
_OPEN = " \t\r\n()[]{}<>,;:=\"'!?|，。：；！？（）【】、"
_LUMP = re.compile(f"[^{re.escape(_OPEN)}]+")
_PLAIN = re.compile(
    r"[^\W\d_]{1,20}(?:[-'’/][^\W\d_]{1,20}){0,3}"  # a word
    r"|[^\W\d_a-zA-Z]{1,60}"  # a sentence without spaces
    r"|\d{1,6}|\d(?:\.\d{1,3}){1,2}"  # a code; one of SMTP
)


def plain_words(text: str, address: str) -> str:
    """What of the text may be shown, on one line; "" where nothing of it may."""
    text = " ".join(html.unescape(text).split())[: 10 * _LONGEST]
    for part in _parts(address):
        text = part.sub(HIDDEN, text)
    text = re.sub(r"\S*(\.\.\.|…)\S*", HIDDEN, text)  # a secret that somebody shortened
    text = _LUMP.sub(_as_it_is_or_hidden, text)
    text = re.sub(rf"{re.escape(HIDDEN)}(?:\W*{re.escape(HIDDEN)})+", HIDDEN, text)
    shown = text[:_LONGEST].strip(" .,:;")
    return shown if re.search(r"\w", shown) else ""


def _as_it_is_or_hidden(found: re.Match[str]) -> str:
    word = found[0].rstrip(".")
    kept = word if word == HIDDEN or not word or _PLAIN.fullmatch(word) else HIDDEN
    return kept + found[0][len(word) :]


def _parts(address: str) -> Iterator[re.Pattern[str]]:
    """The longest first: what stands inside another is gone with it."""
    for part in sorted(_secrets(address), key=len, reverse=True):
        pattern = re.escape(part)
        if len(part) < _SHORT:
            pattern = rf"(?<!\w){pattern}(?!\w)"
        yield re.compile(pattern, re.IGNORECASE)


def _secrets(address: str) -> set[str]:
    rest = address.partition("://")[2] or address
    path, _, query = rest.partition("?")
    pairs = [pair.partition("=") for pair in re.split("[&;]", query)]
    told = [value for key, _, value in pairs if key.lower().strip("+-:") not in _PUBLIC_KEYS]
    whole = {path, path.rpartition("@")[0], *told}
    found = {form for one in whole for form in _forms(one)}
    for form in list(found):
        found |= {piece for cut in _CUT_AT.split(form) for piece in _forms(cut)}
    found |= {address, rest} | {_base64(user) for user in _forms(path.rpartition("@")[0])}
    return {one.strip() for one in found if re.search(r"\w", one)}


def _forms(text: str) -> set[str]:
    plain = unquote(text)
    return {text, plain, unquote_plus(text), quote(plain, safe=""), quote(plain), quote_plus(plain)}


def _base64(text: str) -> str:
    """As the header for a name and a password has it."""
    return base64.b64encode(text.encode()).decode().rstrip("=")
