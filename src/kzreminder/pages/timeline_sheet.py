"""Where each thing of the picture stands on a sheet: points from its upper left corner.

Not here: what is told (timeline), the markup it becomes (timeline_svg).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from rich.cells import cell_len

from kzreminder.pages.axis import Axis
from kzreminder.pages.cells import cut, wrapped
from kzreminder.pages.timeline import Block, Mark, Picture

MARGIN, ROW, GAP = 16, 24, 14
AXIS = 520
"Points from the first to the last day."
CELL = 7.6
"Points that a letter takes at most, a Chinese one twice that; as far as one can know."
MOST_LABEL, MOST_TEXT = 26, 44
"Cells."
_MONTH_APART, _WEEK_APART = 40, 22


@dataclass(frozen=True, slots=True)
class Rule:
    x: float
    top: float
    bottom: float
    look: str


@dataclass(frozen=True, slots=True)
class Bar:
    left: float
    right: float
    y: float
    look: str


@dataclass(frozen=True, slots=True)
class Sign:
    x: float
    y: float
    look: str
    tip: str


@dataclass(frozen=True, slots=True)
class Text:
    x: float
    y: float
    text: str
    look: str = ""
    tip: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything at its place, in points from the upper left."""

    id: str
    title: str
    about: str
    width: float
    height: float
    rules: tuple[Rule, ...]
    bars: tuple[Bar, ...]
    signs: tuple[Sign, ...]
    texts: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class _Layout:
    """The columns that all sheets of a picture share."""

    axis: Axis
    left: float
    "where the first day is"
    width: float

    @staticmethod
    def of(picture: Picture) -> _Layout:
        marks = [mark for block in picture.blocks for mark in block.marks]
        label = max((cell_len(mark.label) for mark in marks), default=0)
        text = max((cell_len(mark.text) for mark in marks), default=0)
        left = MARGIN * 2 + GAP + round(min(label, MOST_LABEL) * CELL)
        width = left + AXIS + GAP + round(min(text, MOST_TEXT) * CELL) + MARGIN
        return _Layout(picture.axis, left, width)

    def x(self, place: float) -> float:
        return round(self.left + AXIS * place / self.axis.days, 1)

    @property
    def beside(self) -> float:
        return self.left + AXIS + GAP


def whole_sheet(picture: Picture) -> Sheet:
    """Title, legend, axis, each operator's cards, notes."""
    drawn = _Drawn(picture, _Layout.of(picture))
    drawn.write(picture.title, "title", 18)
    drawn.write(picture.about, "faint", 20)
    drawn.add_legend()
    drawn.begin_axis()
    for block in picture.blocks:
        drawn.write(block.operator, "operator", ROW + 4)
        drawn.add(block)
        if block.more:
            drawn.write(block.more, "faint", ROW)
    drawn.end_axis()
    for note in picture.notes:
        drawn.write(note, "faint", ROW)
    return drawn.sheet("timeline", picture.title)


def operator_sheet(picture: Picture, nth: int) -> Sheet | None:
    """The cards of one operator; None where none is drawn."""
    block = picture.blocks[nth]
    if not block.marks:
        return None
    drawn = _Drawn(picture, _Layout.of(picture))
    drawn.begin_axis()
    drawn.add(block)
    drawn.end_axis()
    return drawn.sheet(f"operator-{nth}", f"{block.operator}: {picture.title}")


@dataclass(slots=True)
class _Drawn:
    """A sheet that grows downwards."""

    picture: Picture
    layout: _Layout
    y: float = 8
    begins: float = 0
    rules: list[Rule] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    signs: list[Sign] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)

    def write(self, text: str, look: str, height: float) -> None:
        cells = int((self.layout.width - 2 * MARGIN) / CELL)
        for line in wrapped(text, cells):
            self.y += height
            self.texts.append(Text(MARGIN, self.y, line, look))

    def add_legend(self) -> None:
        x, self.y = float(MARGIN), self.y + 28
        for urgency, said in self.picture.legend:
            wide = round(48 + cell_len(said) * CELL)
            if x > MARGIN and x + wide > self.layout.width:
                x, self.y = float(MARGIN), self.y + ROW
            self.signs.append(Sign(x + 8, self.y - 4, urgency.value, ""))
            self.texts.append(Text(x + 22, self.y, said))
            x += wide

    def begin_axis(self) -> None:
        """Months and weeks are written here, their lines drawn when it ends."""
        axis, layout = self.picture.axis, self.layout
        self.y += 20
        for place, said in axis.months(_MONTH_APART * axis.days / AXIS):
            self.texts.append(Text(layout.x(place) + 3, self.y, said, "tick"))
        self.y += 16
        for place, said in axis.weeks(_WEEK_APART * axis.days / AXIS):
            self.texts.append(Text(layout.x(place) + 3, self.y, said, "tick"))
        self.y += 18
        self.texts.append(Text(layout.x(axis.today) + 4, self.y, self.picture.today, "todays"))
        self.begins = self.y - 12

    def end_axis(self) -> None:
        axis, layout = self.picture.axis, self.layout
        ends = self.y + 10
        weeks = axis.weeks(_WEEK_APART * axis.days / AXIS)
        months = axis.months(_MONTH_APART * axis.days / AXIS)
        self.rules += [Rule(layout.x(n), self.begins - 16, ends, "grid") for n, _ in weeks]
        self.rules += [Rule(layout.x(n), self.begins - 32, ends, "month") for n, _ in months]
        self.rules.append(Rule(layout.x(axis.today), self.begins, ends, "today"))
        self.y = ends

    def add(self, block: Block) -> None:
        for mark in block.marks:
            self.y += ROW
            self._mark(mark)

    def _mark(self, mark: Mark) -> None:
        layout, middle = self.layout, self.y - 4
        at, today = layout.x(mark.place), layout.x(self.picture.axis.today)
        look = mark.urgency.value
        label, text = cut(mark.label, MOST_LABEL), cut(mark.text, MOST_TEXT)
        tip = f"{mark.card}: {mark.text}"
        if at != today:
            self.bars.append(Bar(min(at, today), max(at, today), middle, look))
        self.signs.append(Sign(at, middle, look, tip))
        if mark.is_earlier:
            self.signs.append(Sign(at - 14, middle, "earlier", tip))
        if label:
            self.texts.append(Text(MARGIN * 2, self.y, label, "", mark.label))
        self.texts.append(Text(layout.beside, self.y, text, look, tip))

    def sheet(self, name: str, title: str) -> Sheet:
        return Sheet(
            name, title, self.picture.about, self.layout.width, self.y + MARGIN,
            tuple(self.rules), tuple(self.bars), tuple(self.signs), tuple(self.texts),
        )  # fmt: skip
