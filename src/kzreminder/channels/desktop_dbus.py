"""The desktop's notification server, spoken to directly over the session bus.

Not here: the connection (session_bus), systems without D-Bus (desktop_plyer), buttons, retries.
"""

from __future__ import annotations

import html
import socket
import threading
import time
from dataclasses import dataclass

from jeepney import DBusAddress, new_method_call
from jeepney import Message as Call

from kzreminder.channels.message import (
    APP_NAME,
    Accepted,
    Message,
    Outcome,
    Refused,
    Server,
    TargetAway,
    Urgency,
)
from kzreminder.channels.session_bus import BUS, FAULTS, Reply, SessionBus, described

LIMIT_SECONDS = 5.0
_NAME = "org.freedesktop.Notifications"
_OBJECT = "/org/freedesktop/Notifications"
_URGENCY_BYTE = {Urgency.LOW: 0, Urgency.NORMAL: 1, Urgency.CRITICAL: 2}
_SERVER_DECIDES, _NEVER_EXPIRES = -1, 0


@dataclass(frozen=True, slots=True)
class _Owner:
    unique_name: str
    server: Server


class DesktopDbus:
    """Any thread may call it: a lock lets one call through at a time.

    So a call may wait for the limit of the one before it besides its own.
    """

    name = "dbus"

    def __init__(
        self,
        *,
        address: str | None = None,
        host: str | None = None,
        lasting: bool = False,
        limit_seconds: float = LIMIT_SECONDS,
    ) -> None:
        """`address`: None reads the environment at each connect. `lasting`: this process stays.

        GNOME Shell takes an application's notifications away when their sender leaves the bus, if
        it could match them to a desktop file. So only a process that stays names ours.
        """
        self.target = f"desktop:{host or socket.gethostname()}"
        self._bus = SessionBus(address)
        self._lasting = lasting
        self._limit_seconds = limit_seconds
        self._lock = threading.Lock()
        self._known: _Owner | None = None

    def describe(self) -> Server | TargetAway:
        """Always asks anew: the answer proves that the server lives, not that it once did."""
        with self._lock:
            self._known = None
            owner = self._owner(time.monotonic() + self._limit_seconds)
            return owner if isinstance(owner, TargetAway) else owner.server

    def send(self, message: Message) -> Outcome:
        """Accepted always carries an id: without one the server is not believed."""
        with self._lock:
            deadline = time.monotonic() + self._limit_seconds
            owner = self._owner(deadline)
            if isinstance(owner, TargetAway):
                return owner
            call = self._notify(message.cleaned(), owner)
            try:
                call.serialise(serial=1)
            except FAULTS as error:
                return Refused(f"cannot be written as D-Bus: {described(error)}", permanent=True)
            reply = self._bus.ask(call, deadline)
            if not isinstance(reply, Reply):
                self._known = None
                return reply
            if len(reply.body) != 1 or type(reply.body[0]) is not int or reply.body[0] < 1:
                return Refused(f"the server gave no id: {reply.body!r}", permanent=False)
            return Accepted(reply.body[0])

    def close(self) -> None:
        with self._lock:
            self._bus.close()

    def _notify(self, message: Message, owner: _Owner) -> Call:
        # A byte by the specification; servers ignore an urgency of another type.
        hints: dict[str, tuple[str, object]] = {"urgency": ("y", _URGENCY_BYTE[message.urgency])}
        if self._lasting:
            hints["desktop-entry"] = ("s", APP_NAME)
        body = message.body
        if "body-markup" in owner.server.capabilities:
            body = html.escape(body, quote=False)
        # A title is never markup, so it is never escaped.
        arguments: tuple[object, ...] = (
            APP_NAME,
            message.replaces_id,
            "",
            message.title,
            body,
            [],
            hints,
            _NEVER_EXPIRES if message.urgency is Urgency.CRITICAL else _SERVER_DECIDES,
        )
        # To this owner, not to the name: another server might read the body differently.
        address = DBusAddress(_OBJECT, bus_name=owner.unique_name, interface=_NAME)
        return new_method_call(address, "Notify", "susssasa{sv}i", arguments)

    def _owner(self, deadline: float) -> _Owner | TargetAway:
        """Who serves now; asked what it can do when first met, and again when it is another."""
        asking = new_method_call(BUS, "GetNameOwner", "s", (_NAME,))
        was_open = self._bus.is_open
        reply = self._bus.ask(asking, deadline)
        if was_open and not self._bus.is_open:
            # The bus ended since the last call, and may have come back. Nothing was sent yet, so
            # asking once more can show nothing twice.
            reply = self._bus.ask(asking, deadline)
        if isinstance(reply, TargetAway) and not self._bus.is_open:
            return reply
        if isinstance(reply, Reply) and self._known and reply.body == (self._known.unique_name,):
            return self._known
        met = self._meet(deadline)
        self._known = met if isinstance(met, _Owner) else None
        return met

    def _meet(self, deadline: float) -> _Owner | TargetAway:
        # To the name, so that the bus starts a server where it can; whoever answers is the owner.
        # An answer also proves that it lives: a started service may have died at once.
        address = DBusAddress(_OBJECT, bus_name=_NAME, interface=_NAME)
        told = self._bus.ask(new_method_call(address, "GetServerInformation"), deadline)
        if not isinstance(told, Reply):
            return TargetAway(told.error)
        able = self._bus.ask(new_method_call(address, "GetCapabilities"), deadline)
        if not isinstance(able, Reply):
            return TargetAway(able.error)
        name, vendor, version = (*map(str, told.body), "", "", "")[:3]
        listed = able.body[0] if able.body and isinstance(able.body[0], list) else []
        return _Owner(told.sender, Server(name, vendor, version, tuple(map(str, listed))))
