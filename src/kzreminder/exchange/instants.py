"""An instant as we write it: ISO 8601 with its offset, perhaps ahead of now.

Not here: what people type for one, which is never ahead (core.typed).
"""

from __future__ import annotations

from datetime import UTC, datetime

from kzreminder.core.typed import YEARS, refused
from kzreminder.errors import N_

_HINT = N_("Write it as 2026-12-31T10:00:00+05:00")


def read_instant_text(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise refused(N_("{text} is no time with its offset"), text, _HINT) from None
    if at.tzinfo is None or at.year not in YEARS:
        raise refused(N_("{text} is no time with its offset"), text, _HINT)
    return at.astimezone(UTC)
