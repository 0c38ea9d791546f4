"""The cards of a CSV file: its header, and what each row says.

Not here: lines and quotes (csv_lines), what a cell says (cells), whether the database knows a card
already (storage).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO

from kzreminder.errors import N_, printable
from kzreminder.exchange.batch import Batch, Registrar, Row, Unreadable
from kzreminder.exchange.cells import COLUMNS, SELDOM, Reader, cell_readers
from kzreminder.exchange.csv_lines import CsvRows
from kzreminder.exchange.rows import Rows

_KNOWN = frozenset((*COLUMNS, *SELDOM))
_OPTIONS = {"tag": "tags", "target": "targets"}
"As the options of `add` are called."
_NAME = 60
"Characters of a strange column that are shown."


def read_cards(
    stream: BinaryIO, batch: Batch, readers: Mapping[str, Reader], registrar: Registrar
) -> Iterator[Row]:
    """Every card of the file, one by one, and every fault into the batch. `readers` know all
    columns but yes-no ones and lists of names.

    Raises OSError where the stream breaks.
    """
    rows: Rows | None = None
    try:
        for line, cells in CsvRows(stream):
            if rows is None:
                columns = _columns(batch, line, cells)
                if batch.faults:
                    return
                rows = Rows(batch, columns, cell_readers(readers), registrar, nothing="")
            elif len(cells) < rows.width or any(map(str.strip, cells[rows.width :])):
                # a comma too many or too few: each cell may stand under a wrong name
                batch.wrong(
                    line,
                    "",
                    N_("the header names {columns} columns, and here are {cells} cells"),
                    columns=rows.width,
                    cells=len(cells),
                )
            else:
                yield rows.read(line, [cell.strip() for cell in cells])
    except Unreadable as end:
        batch.breaks_off(end)
    if rows is None and not batch.faults:
        batch.wrong(1, "", N_("there is no header: the first line names the columns"))


def _columns(batch: Batch, line: int, cells: Sequence[str]) -> list[tuple[str, str]]:
    """What each is, and how the file calls it."""
    names = [re.sub(r"[\s-]+", "_", cell.strip().lower()) for cell in cells]
    while not names[-1]:
        names.pop()
    columns = [_OPTIONS.get(name, name) for name in names]
    for place, column in enumerate(columns):
        named = printable(cells[place].strip()[:_NAME])
        if column not in _KNOWN:
            batch.wrong(line, named, N_("there is no such column"))
        elif column in columns[:place]:
            batch.wrong(line, named, N_("the column stands here twice"))
    if not {"number", "label"} & set(columns):
        batch.wrong(line, "", N_("a column number or label is needed"))
    return list(zip(columns, names, strict=True))
