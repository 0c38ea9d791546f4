"""A guide as one page for a browser: no script, nothing loaded from elsewhere.

Not here: what stands in it (operators.guide, layout), its markup (guide.html, guide.css).
"""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from kzreminder.operators.guide import Guide
from kzreminder.pages import layout, qr
from kzreminder.wording.guides import Heading, confidence_words, source_words
from kzreminder.wording.language import Words

if TYPE_CHECKING:
    from jinja2 import Template

HERE = Path(__file__).parent


def guide_page(guide: Guide, heading: Heading | None, words: Words, today: date) -> str:
    """HTML; whatever a user or an operator file wrote is escaped."""
    from markupsafe import Markup

    first, *others = guide.methods
    is_own_best = first.id == guide.best
    return _template().render(
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
        style=Markup(_style()),  # noqa: S704 - a file of ours
        style_hash=_style_hash(),
        today=today,
    )


def _unbroken(text: str) -> str:
    """Numbers and amounts stay on one line; where they are copied from they keep plain spaces."""
    return re.sub(r"(?<=\d) (?=[\d₸])", "\u00a0", text)


@cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("guide.html")


@cache
def _style() -> str:
    return (HERE / "guide.css").read_text(encoding="utf-8")


def _style_hash() -> str:
    """As a Content-Security-Policy names the one style sheet that may count."""
    digest = hashlib.sha256(_style().encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
