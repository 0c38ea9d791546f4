"""What people type for leads and repeats: days before and after a deadline.

Not here: days, periods and money (typed), what the days mean (leads).
"""

from __future__ import annotations

import re

from kzreminder.core import spellings
from kzreminder.core.period import Unit
from kzreminder.core.policy import FARTHEST_LEAD, FARTHEST_REPEAT
from kzreminder.core.typed import refused
from kzreminder.errors import N_


def read_leads(text: str) -> tuple[int, ...]:
    """Days before a deadline, the longest first, each once."""
    return _days_list(
        text,
        range(FARTHEST_LEAD + 1),
        N_('"{text}" is no list of days before a deadline'),
        N_("Write days before it, at most 365, with commas between: 14d,7d,3d,1d,0d"),
    )


def read_repeats(text: str) -> tuple[int, ...]:
    """Days after a deadline, the shortest first, each once."""
    return _days_list(
        text,
        range(1, FARTHEST_REPEAT + 1),
        N_('"{text}" is no list of days after a deadline'),
        N_("Write days after it, from 1 on, with commas between: 1d,3d,7d,30d"),
    )[::-1]


def leads_text(leads: tuple[int, ...]) -> str:
    """As `read_leads` takes them: `14d,7d,0d`."""
    return ",".join(f"{days}d" for days in leads)


def _days_list(text: str, known: range, sentence: str, hint: str) -> tuple[int, ...]:
    """The longest first, each once."""
    matches = [
        re.fullmatch(spellings.COUNT, part.strip()) for part in spellings.plain(text).split(",")
    ]
    days = [
        int(match["count"])
        for match in matches
        if match and spellings.UNITS.get(match["unit"]) == (Unit.DAYS, 1)
    ]
    if len(days) < len(matches) or not all(count in known for count in days):
        raise refused(sentence, text, hint)
    return tuple(sorted(set(days), reverse=True))
