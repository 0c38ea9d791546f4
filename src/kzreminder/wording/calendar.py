"""What a deadline is called in a calendar, where its day stands beside it anyway.

Not here: the title of a notification, which says how much time is left (titles).
"""

from __future__ import annotations

from kzreminder.core.deadlines import DeadlineKind
from kzreminder.errors import N_
from kzreminder.wording.language import Words

ENTRIES = {
    DeadlineKind.PLAN: N_("{label}: plan ends"),
    DeadlineKind.CHARGE: N_("{label}: cover the charge"),
    DeadlineKind.IDLE: N_("{label}: use the number"),
    DeadlineKind.DEVICE: N_("{label}: register the phone"),
}
"Of the kinds at which something is lost; no other has a day of its own."


def entry_of(kind: DeadlineKind, label: str, words: Words) -> str:
    return words.gettext(ENTRIES[kind], label=label)
