"""The picture of all deadlines as lines of text, for a terminal or a pipe.

Not here: what stands in it (timeline). Widths are those of what a terminal shows: Chinese letters
take two cells, what combines takes none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from rich.cells import cell_len

from kzreminder.core.timeline import Urgency
from kzreminder.pages.axis import Axis
from kzreminder.pages.cells import cut, filled, wrapped
from kzreminder.pages.timeline import Block, Mark, Picture

LEAST_AXIS = 12
"In fewer cells an axis tells nothing, and is left out."
LEAST_LABEL, LEAST_TEXT = 10, 18
INDENT = 2
_MONTH_CELLS, _WEEK_CELLS = 5, 3


class Look(StrEnum):
    TITLE = "title"
    HEADING = "heading"
    PLAIN = "plain"
    FAINT = "faint"
    TODAY = "today"
    OVERDUE = "overdue"
    URGENT = "urgent"
    SOON = "soon"
    LATER = "later"


Span = tuple[str, Look]
Line = tuple[Span, ...]


class Signs(NamedTuple):
    """None of those that stand on the axis is of a width that terminals disagree on."""

    overdue: str
    urgent: str
    soon: str
    later: str
    cut: str

    def of(self, urgency: Urgency) -> str:
        return str(getattr(self, urgency.value))


SIGNS = Signs("✗", "!", "◉", "◦", "…")
ASCII_SIGNS = Signs("x", "!", "*", "o", "~")


@dataclass(frozen=True, slots=True)
class _Columns:
    label: int
    axis: int
    "0: none"
    text: int


def timeline_lines(
    picture: Picture, width: int, signs: Signs, shown: Callable[[str], str]
) -> Iterator[Line]:
    """No line is wider than `width`; `shown`: a text as the terminal will show it."""
    columns = _columns(picture, width, shown)
    yield ((cut(shown(picture.title), width, signs.cut), Look.TITLE),)
    yield from (((line, Look.PLAIN),) for line in wrapped(shown(picture.about), width))
    yield from _legend(picture, width, signs, shown)
    yield ()
    if columns.axis:
        yield from _axis_lines(picture, columns, shown)
    for block in picture.blocks:
        yield from _block_lines(block, picture.axis, columns, signs, shown, width)
    if picture.notes:
        yield ()
    for note in picture.notes:
        yield from (((line, Look.FAINT),) for line in wrapped(shown(note), width))


def _columns(picture: Picture, width: int, shown: Callable[[str], str]) -> _Columns:
    marks = [mark for block in picture.blocks for mark in block.marks]
    widest_label = max((cell_len(shown(mark.label)) for mark in marks), default=LEAST_LABEL)
    widest_text = max((cell_len(shown(mark.text)) for mark in marks), default=LEAST_TEXT)
    label = min(widest_label, max(LEAST_LABEL, width // 4))
    text = min(widest_text, max(LEAST_TEXT, width * 2 // 5))
    axis = width - INDENT - label - text - 4
    if axis < LEAST_AXIS:
        return _Columns(label, 0, max(width - INDENT - label - 4, 1))
    return _Columns(label, axis, text)


def _legend(
    picture: Picture, width: int, signs: Signs, shown: Callable[[str], str]
) -> Iterator[Line]:
    line: list[Span] = []
    used = 0
    for urgency, said in picture.legend:
        text = cut(f"{signs.of(urgency)} {shown(said)}", width, signs.cut)
        if line and used + cell_len(text) + 3 > width:
            yield tuple(line)
            line, used = [], 0
        elif line:
            line.append(("   ", Look.PLAIN))
            used += 3
        line.append((text, Look(urgency)))
        used += cell_len(text)
    yield tuple(line)


def _axis_lines(picture: Picture, columns: _Columns, shown: Callable[[str], str]) -> Iterator[Line]:
    axis, room = picture.axis, columns.axis
    days_a_cell = axis.days / room
    before = " " * (INDENT + columns.label + 1)
    for ticks in (axis.months(_MONTH_CELLS * days_a_cell), axis.weeks(_WEEK_CELLS * days_a_cell)):
        if ticks:
            written = _written([(_cell(axis, place, room), shown(t)) for place, t in ticks], room)
            yield ((before + written, Look.FAINT),)
    today = f"| {shown(picture.today)}"
    at = min(_cell(axis, axis.today, room), max(room - cell_len(today), 0))
    yield ((before + " " * at + today, Look.TODAY),)


def _written(ticks: Iterable[tuple[int, str]], room: int) -> str:
    """Each where it belongs, as long as it does not touch the one before or the end."""
    line = ""
    for cell, text in ticks:
        used = cell_len(line)
        if cell < used + (1 if line else 0) or cell + cell_len(text) > room:
            continue
        line += " " * (cell - used) + text
    return line


def _block_lines(
    block: Block, axis: Axis, columns: _Columns, signs: Signs, shown: Callable[[str], str],
    width: int,
) -> Iterator[Line]:  # fmt: skip
    yield ((cut(shown(block.operator), width, signs.cut), Look.HEADING),)
    for mark in block.marks:
        label = filled(cut(shown(mark.label), columns.label, signs.cut), columns.label)
        text = cut(shown(mark.text), columns.text, signs.cut)
        look = Look(mark.urgency)
        yield (
            (" " * INDENT + label + " ", Look.PLAIN),
            *(_lane(mark, axis, columns.axis, signs) if columns.axis else ()),
            (f" {signs.of(mark.urgency)} {text}", look),
        )
    if block.more:
        yield ((" " * INDENT + cut(shown(block.more), width - INDENT, signs.cut), Look.FAINT),)


def _lane(mark: Mark, axis: Axis, room: int, signs: Signs) -> Iterator[Span]:
    """A bar between today and the deadline's sign."""
    look = Look(mark.urgency)
    today = _cell(axis, axis.today, room)
    at = _cell(axis, mark.place, room)
    sign = signs.of(mark.urgency)
    if at < today:
        if mark.is_earlier:
            sign = f"<{sign}"[-today:]
        yield " " * at, Look.PLAIN
        yield sign + "-" * (today - at - len(sign)), look
        yield "|" + " " * (room - today - 1), Look.TODAY
    elif at == today:
        yield " " * at, Look.PLAIN
        yield sign, look
        yield " " * (room - at - 1), Look.PLAIN
    else:
        yield " " * today + "|", Look.TODAY
        yield "-" * (at - today - 1) + sign, look
        yield " " * (room - at - 1), Look.PLAIN


def _cell(axis: Axis, place: int, room: int) -> int:
    return round(place * (room - 1) / axis.days)
