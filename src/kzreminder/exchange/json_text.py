"""The objects of one JSON array, one by one, each with the place where it begins.

Never more than a little is in memory, whatever stands in the file: so it is read by the standard
library, an object at a time, and not whole.

Not here: what the objects mean (json_cards).
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, NoReturn

from kzreminder.errors import N_, printable
from kzreminder.exchange.batch import Unreadable
from kzreminder.exchange.csv_lines import NOT_UTF8, not_utf8

MOST_SIGNS = 65_536
"No card needs more: an endless text, or a brace that is never closed, ends here."
_BLANK = re.compile(r"[ \t\n\r]*")
_EXCERPT = 20
_LONGEST_WORD = 10
"A word that is cut is found to be wrong where it begins."
HINT = N_("A file of cards in JSON is what this prints: kzreminder list --json --all")


class Number(str):
    """A number as it was written, told apart from a text; of any length."""

    __slots__ = ()


class _Wrong(ValueError):
    """What JSON allows, or the library takes, and we do not."""


class JsonObjects:
    """Iterates over the objects of the array, which may hold nothing else. Raises Unreadable,
    OSError."""

    def __init__(self, stream: BinaryIO) -> None:
        self._text = io.TextIOWrapper(
            stream, encoding="utf-8-sig", errors="surrogateescape", newline=""
        )
        self._ahead = ""
        self._at = 0
        "how far it was read"
        self._line, self._column = 1, 1
        "where `_ahead` begins"
        self._is_whole = False
        self._decoder = json.JSONDecoder(
            object_pairs_hook=_each_once,
            parse_constant=_refuse_constant,
            parse_float=Number,
            parse_int=Number,
        )

    def __iter__(self) -> Iterator[dict[str, Any]]:
        try:
            yield from self._objects()
        finally:
            self._text.detach()  # whoever opened the stream closes it

    def _objects(self) -> Iterator[dict[str, Any]]:
        self._expect("[", N_("this is no JSON array of cards: it does not begin with ["))
        if self._next() == "]":
            return self._end()
        while True:
            yield self._object()
            if self._next() == "]":
                return self._end()
            self._expect(",", N_("between two cards stands a comma, and after the last a ]"))

    def _end(self) -> None:
        self._at += 1
        if self._next():
            self._refuse(self._at, N_("something stands after the end of the array"))

    def _object(self) -> dict[str, Any]:
        if self._next() != "{":
            self._refuse(self._at, N_("a card in braces is expected here, not {text}"))
        self._look_ahead()
        try:
            card, end = self._decoder.raw_decode(self._ahead, self._at)
        except json.JSONDecodeError as error:
            is_cut = not self._is_whole and (
                error.msg.startswith("Unterminated")
                or error.pos >= len(self._ahead) - _LONGEST_WORD
            )
            self._refuse_long() if is_cut else self._refuse(
                error.pos, N_("this is no JSON: {text}")
            )
        except (RecursionError, _Wrong) as error:
            if isinstance(error, RecursionError):
                self._refuse(self._at, N_("this card has lists within lists without end"))
            sentence, value = error.args
            self._refuse(self._at, sentence, value=value)
        if end - self._at > MOST_SIGNS:
            self._refuse_long()
        self._at = end
        assert isinstance(card, dict)
        return card

    def _expect(self, sign: str, sentence: str) -> None:
        if self._next() != sign:
            self._refuse(self._at, sentence)
        self._at += 1

    def _next(self) -> str:
        """The next sign that is not blank; nothing at the end."""
        while True:
            blank = _BLANK.match(self._ahead, self._at)
            assert blank is not None
            self._at = blank.end()
            if self._at < len(self._ahead):
                return self._ahead[self._at]
            if self._is_whole:
                return ""
            self._read(MOST_SIGNS)

    def _look_ahead(self) -> None:
        """Have the whole of the next card in memory, if it is one."""
        missing = MOST_SIGNS + 1 - (len(self._ahead) - self._at)
        if missing > 0 and not self._is_whole:
            self._read(2 * MOST_SIGNS)

    def _read(self, most: int) -> None:
        """Some more; what was read is let go."""
        done = self._ahead[: self._at]
        self._line, self._column = self._place(self._at)
        self._ahead, self._at = self._ahead[len(done) :], 0
        while not self._is_whole and len(self._ahead) <= MOST_SIGNS:
            more = self._text.read(most)
            self._is_whole = not more
            if not more.isascii() and (found := NOT_UTF8.search(more)):
                line, _ = self._place(len(self._ahead) + found.start(), self._ahead + more)
                raise not_utf8(line, more)
            self._ahead += more

    def _place(self, at: int, text: str | None = None) -> tuple[int, int]:
        """Line and column of a sign that is ahead."""
        before = (self._ahead if text is None else text)[:at]
        line_breaks = before.count("\n")
        if not line_breaks:
            return self._line, self._column + at
        return self._line + line_breaks, at - before.rindex("\n")

    def _refuse_long(self) -> NoReturn:
        self._refuse(
            self._at,
            N_("a card of more than {most} characters: is a brace or a quote never closed?"),
            most=MOST_SIGNS,
        )

    def _refuse(self, at: int, sentence: str, **values: object) -> NoReturn:
        line, column = self._place(at)
        if at >= len(self._ahead) and self._is_whole:
            sentence = N_("the file ends here, and the array does not: is it cut short?")
            values = {}
        else:
            values.setdefault("text", printable(self._ahead[at : at + _EXCERPT]))
        raise Unreadable(line, sentence, column=column, hint=HINT, **values)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for place, name in enumerate(names) if name in names[:place])
        raise _Wrong(N_("this card says {value} twice"), printable(twice[:_EXCERPT]))
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise _Wrong(N_("in this card stands {value}, which is no JSON"), name)
