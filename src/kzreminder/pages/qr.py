"""QR codes: what a phone dials or opens when it is held before the screen.

Not here: which code or link is worth scanning (layout). Many phones refuse to dial a code of the
network from a scan, so its text always stands beside it.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from segno import QRCode

QUIET_ZONE = 4
"Modules of white around a code, as ISO/IEC 18004 wants it."


def dial(code: str) -> str:
    """`*111*3#` as a link that dials it: the hash sign would end an address."""
    return f"tel:{quote(code, safe='*+')}"


def is_link(text: str) -> bool:
    """Only what a browser opens as a page over https, and says so: a file could name anything."""
    host = text.removeprefix("https://").partition("/")[0]
    return text.startswith("https://") and "@" not in host and not set(text) & set(" \t\n\"'<>\\")


def as_svg(content: str, title: str) -> str:
    """An inline SVG in black on white, whatever the page's colours are."""
    code = _code(content)
    return str(
        code.svg_inline(
            border=QUIET_ZONE, dark="#000", light="#fff", omitsize=True, title=title, svgclass="qr",
            lineclass=None,
        )
    )  # fmt: skip


def as_text(content: str, *, dense: bool = False) -> str:
    """Half blocks, to be shown in white on black.

    `dense`: for what is long and is read from a screen, which has no stains.
    """
    text = io.StringIO()
    _code(content, error="l" if dense else "m").terminal(text, border=QUIET_ZONE, compact=True)
    return text.getvalue().rstrip("\n")


def _code(content: str, error: str = "m") -> QRCode:
    import segno

    # Micro QR codes are smaller, and many phones cannot read them. UTF-8 is what phones try first.
    return segno.make(content, micro=False, error=error, encoding="utf-8")
