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
    """The address of the bus that lets us in; whoever serves on it is not asked anything."""
    from kzreminder.channels.bus import FAULTS, connected, described
    from kzreminder.channels.bus_address import address_of_session

    address = address_of_session()
    try:
        connected(address, time.monotonic() + limit_seconds).close()
    except FAULTS as error:
        return TargetAway(described(error))
    assert address is not None  # else nothing has let us in
    return address


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
