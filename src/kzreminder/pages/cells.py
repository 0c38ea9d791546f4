"""How wide a text is where each letter takes one cell or two: cut, filled up, broken into lines.

Not here: which text, and on what it is drawn (timeline_lines, timeline_sheet).
"""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len, set_cell_size


def filled(text: str, cells: int) -> str:
    return text + " " * (cells - cell_len(text))


def cut(text: str, cells: int, ending: str = "…") -> str:
    """At most so many cells, with the ending where something is left out."""
    if cell_len(text) <= cells:
        return text
    return set_cell_size(text, max(cells - 1, 0)).rstrip() + ending


def wrapped(text: str, width: int) -> Iterator[str]:
    """By words; a script without spaces is broken anywhere."""
    line = ""
    for word in text.split():
        joined = f"{line} {word}" if line else word
        if cell_len(joined) <= width:
            line = joined
            continue
        if line:
            yield line
        while cell_len(word) > width:
            head = _head(word, width)
            yield head
            word = word[len(head) :]
        line = word
    if line:
        yield line


def _head(word: str, width: int) -> str:
    """As much of the word as fits, at least one sign."""
    used = 1
    while used < len(word) and cell_len(word[: used + 1]) <= width:
        used += 1
    return word[:used]
