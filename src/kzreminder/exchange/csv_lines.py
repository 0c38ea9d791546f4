"""The rows of a CSV file, each with the line it begins on, as an editor counts lines.

Not here: what the cells mean (csv_cards). Never more than one row is in memory.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO

from kzreminder.errors import N_
from kzreminder.exchange.batch import Unreadable

MOST_SIGNS = 65_536
"No card needs a longer row: an endless line, or a quote that is never closed, ends here."

NOT_UTF8 = re.compile("[\ud800-\udfff]")
"what `surrogateescape` makes of bytes that are no UTF-8"
_IS_UTF16 = N_("this is UTF-16 text, not UTF-8")
_UTF16 = ("\udcff\udcfe", "\udcfe\udcff")
"how its byte order mark reads"
_ARCHIVE = "PK\x03\x04"
"So begins what a spreadsheet saves for itself: xlsx, ods."
_SEPARATOR = re.compile(r"\s*sep=([,;|\t])\s*", re.IGNORECASE)
"A line that Excel writes and reads before the header."
AS_UTF8 = N_("Save it as UTF-8: in a spreadsheet choose CSV UTF-8, or that character set")


class CsvRows:
    """Iterates over (line, cells); the first are the header's. Raises Unreadable, OSError.

    UTF-8 with or without a byte order mark; commas, or semicolons or tabs where the header has
    those. Rows of which every cell is blank are passed over.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._text = io.TextIOWrapper(
            stream, encoding="utf-8-sig", errors="surrogateescape", newline=""
        )
        self._line = 0
        self._signs = 0

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        try:
            yield from self._rows()
        finally:
            self._text.detach()  # whoever opened the stream closes it

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        lines = self._lines()
        header = next((line for line in lines if line.strip()), "")
        if separator := _SEPARATOR.fullmatch(header.strip("\r\n")):
            header = next((line for line in lines if line.strip()), "")
        delimiter = separator[1] if separator else _delimiter(header)
        rows = csv.reader(
            chain([header], lines), delimiter=delimiter, strict=True, skipinitialspace=True
        )
        begins = self._line
        while True:
            try:
                cells = next(rows)
            except StopIteration:
                return
            except csv.Error:
                raise Unreadable(
                    begins, N_("a quote is never closed, or stands in the middle of a cell")
                ) from None
            if any(cell.strip() for cell in cells):
                yield begins, cells
            begins = self._line + 1
            self._signs = 0

    def _lines(self) -> Iterator[str]:
        while line := self._text.readline(MOST_SIGNS + 1):
            self._line += 1
            self._signs += len(line)
            if self._line == 1:
                _refuse_other_kinds(line)
            if self._signs > MOST_SIGNS:
                raise Unreadable(
                    self._line,
                    N_("a row of more than {most} characters: is a quote never closed?"),
                    most=MOST_SIGNS,
                )
            if not line.isascii() and NOT_UTF8.search(line):
                raise not_utf8(self._line, line)
            yield line


def _refuse_other_kinds(line: str) -> None:
    if line.startswith(_ARCHIVE):
        raise Unreadable(1, N_("this is a spreadsheet's own file, no CSV file"), hint=AS_UTF8)
    if line.count("\0") * 3 > len(line):  # every other byte, where no mark tells of UTF-16
        raise Unreadable(1, _IS_UTF16, hint=AS_UTF8)


def not_utf8(line: int, text: str) -> Unreadable:
    if line == 1 and text.startswith(_UTF16):
        return Unreadable(line, _IS_UTF16, hint=AS_UTF8)
    return Unreadable(line, N_("this is not UTF-8 text"), hint=AS_UTF8)


def _delimiter(header: str) -> str:
    return next((sign for sign in "\t;" if sign in header), ",")
