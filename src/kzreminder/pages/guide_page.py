"""A guide as one page for a browser: no script, nothing loaded from elsewhere.

Not here: what stands in it (operators.guide, layout), its markup (guide.html, guide.css).
"""

from __future__ import annotations

import re
from datetime import date
from functools import partial

from kzreminder.operators.guide import Guide
from kzreminder.pages import layout, qr
from kzreminder.pages.templates import style, style_hash, template
from kzreminder.wording.guides import Heading, confidence_words, source_words
from kzreminder.wording.language import Words


def guide_page(guide: Guide, heading: Heading | None, words: Words, today: date) -> str:
    """HTML; whatever a user or an operator file wrote is escaped."""
    from markupsafe import Markup

    first, *others = guide.methods
    css = style("guide.css")
    is_own_best = first.id == guide.best
    return template("guide.html").render(
        guide=guide,
        unbroken=_unbroken,
        heading=heading,
        first=first,
        others=others,
        because=guide.because if is_own_best else None,
        stages=guide.stages if guide.stage is None else guide.stages[1:],
        scans=layout.scans(guide, words),
        sources=layout.sourced(guide),
        terms=partial(layout.terms, words=words),
        beside_terms=layout.beside_terms,
        svg=lambda scan: Markup(qr.as_svg(scan.content, scan.what)),  # noqa: S704 - segno's own
        sure=partial(confidence_words, words=words),
        source=partial(source_words, words=words),
        is_link=qr.is_link,
        gettext=words.gettext,
        style=Markup(css),  # noqa: S704 - a file of ours
        style_hash=style_hash(css),
        today=today,
    )


def _unbroken(text: str) -> str:
    """Numbers and amounts stay on one line; where they are copied from they keep plain spaces."""
    return re.sub(r"(?<=\d) (?=[\d₸])", "\u00a0", text)
