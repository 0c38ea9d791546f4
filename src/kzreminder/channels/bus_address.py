"""Where the buses of this user and of this machine are.

Not here: speaking on one (bus).
"""

from __future__ import annotations

import os
import stat
from pathlib import Path


def address_of_session() -> str | None:
    """As libdbus finds it: the environment, else the bus that systemd keeps for this user."""
    named = os.environ.get("DBUS_SESSION_BUS_ADDRESS")
    if named:
        return named
    folder = os.environ.get("XDG_RUNTIME_DIR")
    if not folder:
        return None
    place = Path(folder, "bus")
    try:
        found = place.stat()
    except OSError:
        return None
    if not stat.S_ISSOCK(found.st_mode) or found.st_uid != os.getuid():
        return None
    return f"unix:path={place}"


def address_of_system() -> str:
    """As libdbus finds it: the environment, else where every system has it."""
    return os.environ.get("DBUS_SYSTEM_BUS_ADDRESS") or "unix:path=/run/dbus/system_bus_socket"
