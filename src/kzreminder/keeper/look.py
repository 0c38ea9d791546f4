"""Who keeps the service up here, and whether what was installed for it is in order.

Not here: installing it (user_manager, autostart).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

By = Literal["systemd", "autostart", "nothing"]


@dataclass(frozen=True, slots=True)
class Kept:
    by: By
    "what keeps services on this system, installed or not"
    file: Path | None
    "where the unit or the desktop file stands; None: not installed"
    is_current: bool
    "the file is the one that this version would write"
    enabled: bool
    "it starts by itself"
    running: bool
    lingers: bool | None
    "it runs while nobody is logged in; None: not known, or nobody here knows of that"


NOBODY = Kept("nothing", None, False, False, False, None)


def look() -> Kept:
    from kzreminder.keeper.choice import keeper_here

    keeper = keeper_here()
    return keeper.look() if keeper else NOBODY
