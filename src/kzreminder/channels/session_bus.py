"""The session bus: one connection on which nothing waits beyond a deadline.

Not here: notifications (desktop_dbus), what an error reply means (bus_error).
"""

from __future__ import annotations

import itertools
import os
import stat
import struct
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jeepney import (
    DBusAddress,
    HeaderFields,
    MessageType,
    Parser,
    new_method_call,
)
from jeepney import Message as Call
from jeepney.bus import get_connectable_addresses
from jeepney.io.blocking import prep_socket

from kzreminder.channels.bus_error import outcome_of_error
from kzreminder.channels.message import Refused, TargetAway

if TYPE_CHECKING:
    import socket

BUS = DBusAddress(
    "/org/freedesktop/DBus", bus_name="org.freedesktop.DBus", interface="org.freedesktop.DBus"
)
# jeepney has no error class of its own: a hang-up or a time-out is an OSError, a refused login a
# ValueError, an address it cannot use a RuntimeError, and the rest is what its parser meets in
# bytes that are not D-Bus.
FAULTS = (
    OSError,
    ValueError,
    LookupError,
    RuntimeError,
    AssertionError,
    TypeError,
    struct.error,
)


@dataclass(frozen=True, slots=True)
class Reply:
    sender: str
    "unique name of whoever answered"
    body: tuple[Any, ...]


class SessionBus:
    """Opens when first asked, and again after any fault: a connection that failed is never reused.

    Belongs to one thread at a time. Signals that arrive between replies are passed over.

    jeepney's own blocking connection is not used: its first call, Hello, waits without a limit, and
    its time limits do not cover a full send buffer. Here the socket itself carries the limit.
    """

    def __init__(self, address: str | None) -> None:
        self._address = address
        self._socket: socket.socket | None = None
        self._parser = Parser()
        self._serials = itertools.count(1)

    @property
    def is_open(self) -> bool:
        return self._socket is not None

    def ask(self, call: Call, deadline: float) -> Reply | TargetAway | Refused:
        """`deadline` is on the monotonic clock. The call must be one that can be serialised."""
        try:
            if self._socket is None:
                self._open(deadline)
            return self._exchange(call, deadline)
        except FAULTS as error:
            self.close()
            return TargetAway(f"session bus: {described(error)}")
        except BaseException:
            # An interrupt between question and answer: the next call must not meet the late answer.
            self.close()
            raise

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket = None

    def _open(self, deadline: float) -> None:
        address = self._address or address_of_session()
        if address is None:
            raise FileNotFoundError("DBUS_SESSION_BUS_ADDRESS is not set, and no bus runs for us")
        first_error: OSError | ValueError | None = None
        for place in get_connectable_addresses(address):
            try:
                self._socket = prep_socket(place, timeout=_seconds_until(deadline))
                break
            except (OSError, ValueError) as error:
                first_error = first_error or error
        if first_error is not None and self._socket is None:
            raise first_error
        self._parser = Parser()
        self._exchange(new_method_call(BUS, "Hello"), deadline)

    def _exchange(self, call: Call, deadline: float) -> Reply | TargetAway | Refused:
        assert self._socket is not None
        serial = next(self._serials)
        self._socket.settimeout(_seconds_until(deadline))
        self._socket.sendall(call.serialise(serial=serial))
        while True:
            message = self._parser.get_next_message()
            if message is None:
                self._socket.settimeout(_seconds_until(deadline))
                received = self._socket.recv(65536)
                if not received:
                    raise ConnectionResetError("the bus hung up")
                self._parser.add_data(received)
                continue
            fields = message.header.fields
            if fields.get(HeaderFields.reply_serial) != serial:
                continue
            if message.header.message_type is MessageType.error:
                words = message.body[0] if message.body else ""
                return outcome_of_error(str(fields.get(HeaderFields.error_name)), str(words))
            return Reply(str(fields.get(HeaderFields.sender, "")), tuple(message.body))


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


def described(error: BaseException) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error) or type(error).__name__
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _seconds_until(deadline: float) -> float:
    seconds = deadline - time.monotonic()
    if seconds <= 0:  # a time-out of 0 would mean "do not block", and another error
        raise TimeoutError("timed out")
    return seconds
