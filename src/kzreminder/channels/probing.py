"""What ways to the desktop there are on this machine, found out without showing anything.

Not here: showing (desktop_dbus, desktop_plyer); plyer is looked for, not imported.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import time
from pathlib import Path

from kzreminder.channels.message import TargetAway


def session_bus(limit_seconds: float) -> str | TargetAway:
    """The address of the bus that answers."""
    from jeepney import new_method_call

    from kzreminder.channels.session_bus import BUS, SessionBus, address_of_session

    bus = SessionBus(None)
    try:
        deadline = time.monotonic() + limit_seconds
        answered = bus.ask(new_method_call(BUS, "GetId"), deadline)
    finally:
        bus.close()
    if isinstance(answered, TargetAway):
        return answered
    return address_of_session() or ""


def unnamed_bus() -> str | None:
    """A session bus of this user that the environment does not name, as after `su` or in cron."""
    if sys.platform == "win32":
        return None
    place = Path("/run/user", str(os.getuid()), "bus")
    try:
        return f"unix:path={place}" if place.is_socket() else None
    except OSError:
        return None


def lacks_for_plyer() -> str | None:
    """The program or package without which plyer shows nothing here; None: nothing is lacking."""
    if sys.platform.startswith("linux"):
        return None if shutil.which("notify-send") else "notify-send"
    return None if importlib.util.find_spec("plyer") else "plyer"
