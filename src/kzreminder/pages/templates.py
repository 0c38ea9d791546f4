"""Our templates and style sheets, and how a page names the one style sheet that may count.

Not here: what is put into them (guide_page, timeline_svg).
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Template

HERE = Path(__file__).parent


@cache
def template(name: str) -> Template:
    """What is put into it is escaped, unless it is marked as ours."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


@cache
def style(*names: str) -> str:
    """The style sheets, one after the other."""
    return "".join((HERE / name).read_text(encoding="utf-8") for name in names)


def style_hash(text: str) -> str:
    """As a Content-Security-Policy names the one style sheet that may count."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
