"""Being one of the services that share a database.

Not here: who the others are (storage.services), on what they agree (settings.shared).
"""

from __future__ import annotations

import os
from datetime import datetime

from kzreminder import __version__
from kzreminder.alive.lock import this_process
from kzreminder.assembly import Parts
from kzreminder.settings.shared import rules_of
from kzreminder.storage.services import Member


def join(parts: Parts, now: datetime, started_at: datetime, *, has_desktop: bool) -> None:
    """Say that we are there, and still are. Raises ServicesDiffer where one goes by other rules.
    With a file of our own nothing is said to anybody."""
    if not parts.is_shared:
        return
    me = Member(
        owner=this_process(),
        host=parts.host,
        pid=os.getpid(),
        version=__version__,
        watches=parts.settings.watches,
        rules=rules_of(parts.settings),
        has_desktop=has_desktop,
        started_at=started_at,
        seen_at=now,
    )
    parts.store.services.join(me, now)


def leave(parts: Parts) -> None:
    if parts.is_shared:
        parts.store.services.leave(this_process())
