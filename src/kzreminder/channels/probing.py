"""What ways to the desktop there are on this machine, found out without showing anything.

Not here: showing (desktop_dbus, desktop_plyer); plyer is looked for, not imported.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from pathlib import Path

from kzreminder.channels.message import TargetAway


def session_bus(limit_seconds: float) -> str | TargetAway:
    """The address of the bus that lets us in; whoever serves on it is not asked anything."""
    from jeepney.bus import get_connectable_addresses
    from jeepney.io.blocking import prep_socket

    from kzreminder.channels.bus import FAULTS, described
    from kzreminder.channels.bus_address import address_of_session

    address = address_of_session()
    if address is None:
        return TargetAway("DBUS_SESSION_BUS_ADDRESS is not set, and no bus runs for us")
    error: BaseException = ValueError("no address that can be connected to")
    try:
        for place in get_connectable_addresses(address):
            try:
                prep_socket(place, timeout=limit_seconds).close()
            except (OSError, ValueError) as fault:
                error = fault
            else:
                return address
    except FAULTS as fault:
        error = fault
    return TargetAway(described(error))


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
