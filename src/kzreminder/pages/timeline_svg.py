"""The picture of all deadlines as SVG, and as one page for a browser: no script, nothing loaded.

Not here: where each thing stands (timeline_sheet), the markup (timeline.svg, timeline.html).
"""

from __future__ import annotations

import re

from kzreminder.pages.templates import style, style_hash, template
from kzreminder.pages.timeline import Picture
from kzreminder.pages.timeline_sheet import operator_sheet, whole_sheet
from kzreminder.wording.language import Words

_UNSEEN = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u202a-\u202e\u2066-\u2069]"
)
"What XML forbids, and what a browser obeys without showing it."


def timeline_svg(picture: Picture) -> str:
    """A file of its own; whatever a user wrote is escaped."""
    from markupsafe import Markup

    drawn = template("timeline.svg").render(
        sheet=whole_sheet(picture),
        style=Markup(style("timeline.css")),  # noqa: S704 - a file of ours
    )
    return _UNSEEN.sub("", f'<?xml version="1.0" encoding="UTF-8"?>\n{drawn.strip()}\n')


def timeline_page(picture: Picture, words: Words) -> str:
    """HTML: a picture for each operator, and all of it once more as a table."""
    from markupsafe import Markup

    css = style("guide.css", "timeline.css", "timeline_page.css")
    page = template("timeline.html").render(
        picture=picture,
        sheets=[(block, operator_sheet(picture, nth)) for nth, block in enumerate(picture.blocks)],
        sheet=None,
        rows=[(block, mark) for block in picture.blocks for mark in block.marks],
        as_table=words.gettext("The same as a table"),
        style=Markup(css),  # noqa: S704 - files of ours
        style_hash=style_hash(css),
    )
    return _UNSEEN.sub("", page)
