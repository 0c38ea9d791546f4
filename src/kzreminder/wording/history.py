"""What happened and what was told, as words.

Not here: keeping it (storage).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kzreminder.errors import N_
from kzreminder.wording.language import Words

EVENTS = {
    "added": N_("registered"),
    "edited": N_("corrected"),
    "renewed": N_("renewed"),
    "topped_up": N_("topped up"),
    "balance_read": N_("balance read"),
    "used": N_("used"),
    "archived": N_("archived"),
    "restored": N_("restored"),
}
OUTCOMES = {
    "accepted": N_("told"),
    "acted": N_("answered"),
    "dismissed": N_("dismissed"),
    "failed": N_("not delivered"),
}


def entry_words(kind: str, fields: Mapping[str, Any], words: Words) -> tuple[str, str]:
    """What it was, and what there is to say of it."""
    if kind == "message":
        outcome = words.gettext(OUTCOMES[fields["outcome"]])
        error = f" ({fields['error']})" if fields["error"] else ""
        return outcome, f"{fields['title']}{error}"
    said = [f"{name}: {value}" for name, value in fields["details"].items()]
    said += [
        f"{name}: {_shown(before)} → {_shown(after)}"
        for name, (before, after) in fields["changes"].items()
    ]
    return words.gettext(EVENTS[fields["what"]]), ", ".join(said)


def _shown(value: object) -> str:
    return "–" if value is None else str(value)
