"""Which keeper this system has.

Not here: what a keeper does (user_manager, autostart).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Protocol

from kzreminder.keeper.look import Kept
from kzreminder.keeper.setup import Setup

BOOTED = Path("/run/systemd/system")
"There as long as systemd runs the machine, as sd_booted(3) says."


class Keeper(Protocol):
    def look(self) -> Kept: ...

    def install(self, setup: Setup) -> bool:
        """Put it in place, let it start by itself, and start it. False: it was all there before."""

    def uninstall(self) -> bool:
        """Stop it and leave nothing of it. False: there was nothing."""

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def restart(self) -> None: ...

    def logs(self, *, follow: bool) -> None:
        """To stdout, by a program of the system."""


def keeper_here() -> Keeper | None:
    """None where something else keeps services, for which we write no files (Windows, macOS)."""
    if sys.platform != "linux":
        return None
    from kzreminder.keeper.user_manager import UserManager, answers

    if answers() or BOOTED.is_dir():
        return UserManager()
    from kzreminder.keeper.autostart import Autostart

    return Autostart()
