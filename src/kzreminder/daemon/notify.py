"""What systemd is told: ready, how it goes, still alive, ending. Nothing where no systemd asks.

Not here: when to say it (guard). The protocol is sd_notify(3): one datagram of lines.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress


def notify(*lines: str) -> None:
    """Such as `READY=1` or `STATUS=...`; a lost one is no fault of ours."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]  # in the abstract name space
    text = "\n".join(line.replace("\n", " ") for line in lines)
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ours:
        ours.setblocking(False)
        ours.sendto(text.encode(), address)


def extend_start() -> None:
    """The start takes long, as with very many cards, but it goes on."""
    notify("EXTEND_TIMEOUT_USEC=120000000")


def is_under_systemd() -> bool:
    """Whether this process is a service of systemd's, and not the child of one, as a terminal may
    be. Before systemd 248 that cannot be told apart."""
    pid = str(os.getpid())
    return "INVOCATION_ID" in os.environ and os.environ.get("SYSTEMD_EXEC_PID", pid) == pid


def watchdog_seconds() -> float | None:
    """How often systemd wants to hear WATCHDOG=1, and kills after; None where it does not watch."""
    try:
        microseconds = int(os.environ["WATCHDOG_USEC"])
        pid = int(os.environ.get("WATCHDOG_PID", os.getpid()))
    except (KeyError, ValueError):
        return None
    return microseconds / 1e6 if pid == os.getpid() and microseconds > 0 else None
