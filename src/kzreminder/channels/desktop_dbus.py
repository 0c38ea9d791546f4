"""The desktop's notification server, spoken to directly over the session bus, and listened to.

Not here: the connection (bus), systems without D-Bus (desktop_plyer), what a button does, retries.
"""

from __future__ import annotations

import html
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from jeepney import DBusAddress, new_method_call
from jeepney import Message as Call

from kzreminder.channels.bus import BUS, FAULTS, Bus, Reply, Signal, described
from kzreminder.channels.bus_address import address_of_session
from kzreminder.channels.message import (
    APP_NAME,
    CLICK,
    Accepted,
    Closed,
    Event,
    Life,
    Message,
    Outcome,
    Pressed,
    Refused,
    Server,
    ServerChanged,
    TargetAway,
    Urgency,
)

LIMIT_SECONDS = 5.0
_NAME = "org.freedesktop.Notifications"
_OBJECT = "/org/freedesktop/Notifications"
_URGENCY_BYTE = {Urgency.LOW: 0, Urgency.NORMAL: 1, Urgency.CRITICAL: 2}
_SERVER_DECIDES, _NEVER_EXPIRES = -1, 0
_TELL_SENDER_ONLY = frozenset({"dunst"})
"Measured. Of others it is learnt from the first signal that comes to us alone."
_SHOW_DEFAULT = frozenset({"dunst", "Xfce Notify Daemon", "lxqt-notificationd"})
"Measured: these show a button for a click on the body too; dunst shows it in its menu."
_CLING = frozenset({"Notification Daemon"})
"Measured: what never expires stays there although it is taken away, so it must go with the press."
_CLOSED_BY_PERSON = 2
_GREATEST_ID = 2**32 - 1
_WANTED = (
    f"type='signal',interface='{_NAME}',path='{_OBJECT}'",
    f"type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='{_NAME}'",
)


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
        hear: Callable[[Event], None] | None = None,
        limit_seconds: float = LIMIT_SECONDS,
    ) -> None:
        """`address`: None reads the environment at each connect. `hear`: this process stays; it is
        called by a thread of the connection, and must not call the channel.

        GNOME Shell takes an application's notifications away when their sender leaves the bus, if
        it could match them to a desktop file. So only a process that stays names ours.
        """
        self.target = f"desktop:{host or socket.gethostname()}"
        self._bus = Bus(lambda: address or address_of_session(), hear=self._hear if hear else None)
        self._tell = hear
        self._limit_seconds = limit_seconds
        self._lock = threading.Lock()
        self._known: _Owner | None = None
        self._attended: object = None
        "the connection on which we listen"
        self._bus_id = ""
        self._owner_name = ""
        "unique name of the current owner, as the bus last told"
        self._tells_sender_only = False
        self._late: dict[str, Accepted] = {}
        "what was shown after we had given it up, by what it tells of"

    def describe(self) -> Server | TargetAway:
        """Always asks anew: the answer proves that the server lives, not that it once did."""
        with self._lock:
            self._known = None
            deadline = time.monotonic() + self._limit_seconds
            owner = self._owner(deadline)
            if isinstance(owner, TargetAway):
                return owner
            return replace(owner.server, is_silenced=self._is_silenced(owner, deadline))

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
            reply = self._bus.ask(call, deadline, partial(self._shown_late, message.about))
            if not isinstance(reply, Reply):
                self._known = None
                return reply
            self._late.pop(message.about, None)
            return self._accepted(reply) or Refused(
                f"the server gave no id: {reply.body!r}", permanent=False
            )

    def attend(self) -> Life | None:
        if self._tell is None:
            return None  # what stands there was sent by others, who may hear of it
        with self._lock:
            deadline = time.monotonic() + self._limit_seconds
            if not self._listens(deadline):
                return None
            asking = new_method_call(BUS, "GetNameOwner", "s", (_NAME,))
            reply = self._bus.ask(asking, deadline)
            if not isinstance(reply, Reply):
                return self._sleeping(deadline)
            self._owner_name = str(reply.body[0])
            if self._known is None or self._known.unique_name != self._owner_name:
                self._owner(deadline)  # who it is, where it answers: some tell the sender only
            return self._life(self._owner_name)

    def take_away(self, message_id: int, server: str) -> None:
        with self._lock:
            deadline = time.monotonic() + self._limit_seconds
            owner = self._owner(deadline)
            if isinstance(owner, _Owner) and self._life(owner.unique_name).has(server):
                address = DBusAddress(_OBJECT, bus_name=owner.unique_name, interface=_NAME)
                closing = new_method_call(address, "CloseNotification", "u", (message_id,))
                self._bus.ask(closing, deadline)

    def close(self) -> None:
        self._bus.close()

    def _accepted(self, reply: Reply) -> Accepted | None:
        if len(reply.body) != 1 or type(reply.body[0]) is not int or reply.body[0] < 1:
            return None
        return Accepted(reply.body[0], str(self._life(reply.sender)))

    def _shown_late(self, about: str, reply: Reply) -> None:
        """A thread of the connection calls this: a server that hung shows what we gave up."""
        accepted = self._accepted(reply)
        if accepted is not None and about:
            self._late[about] = accepted
        if self._tell is not None:
            self._tell(ServerChanged())

    def _life(self, owner_name: str) -> Life:
        return Life(f"{self._bus_id} {owner_name}", self._bus.own_name, self._tells_sender_only)

    def _sleeping(self, deadline: float) -> Life | None:
        """Some desktops have their server started by the first message, so none comes by itself."""
        reply = self._bus.ask(new_method_call(BUS, "ListActivatableNames"), deadline)
        if not isinstance(reply, Reply) or _NAME not in reply.body[0]:
            return None
        return replace(self._life(""), sleeps=True)

    def _notify(self, message: Message, owner: _Owner) -> Call:
        # A byte by the specification; servers ignore an urgency of another type.
        hints: dict[str, tuple[str, object]] = {"urgency": ("y", _URGENCY_BYTE[message.urgency])}
        if self._tell:
            hints["desktop-entry"] = ("s", APP_NAME)
        # Nobody would hear a press after the end of a process that does not stay.
        buttons = _buttons(message, owner.server) if self._tell else []
        if buttons and owner.server.name not in _CLING:
            hints["resident"] = ("b", True)  # it stays after `How to renew`: we take it away
        body = message.body
        if "body-markup" in owner.server.capabilities:
            body = html.escape(body, quote=False)
        late = self._late.get(message.about)
        if late is not None and not message.replaces_id:
            message = replace(message, replaces_id=late.id or 0, replaces_on=late.server)
        # An id that another life of the server gave may be a stranger's by now.
        is_there = message.replaces_on is None or self._life(owner.unique_name).has(
            message.replaces_on
        )
        # A title is never markup, so it is never escaped.
        arguments: tuple[object, ...] = (
            APP_NAME,
            message.replaces_id if is_there else 0,
            "",
            message.title,
            body,
            buttons,
            hints,
            _NEVER_EXPIRES if message.urgency is Urgency.CRITICAL else _SERVER_DECIDES,
        )
        # To this owner, not to the name: another server might read the body differently.
        address = DBusAddress(_OBJECT, bus_name=owner.unique_name, interface=_NAME)
        return new_method_call(address, "Notify", "susssasa{sv}i", arguments)

    def _owner(self, deadline: float) -> _Owner | TargetAway:
        """Who serves now; asked what it can do when first met, and again when it is another."""
        asking = new_method_call(BUS, "GetNameOwner", "s", (_NAME,))
        before = self._bus.line
        reply = self._bus.ask(asking, deadline)
        if before is not None and self._bus.line is None:
            # The bus ended since the last call, and may have come back. Nothing was sent yet, so
            # asking once more can show nothing twice.
            reply = self._bus.ask(asking, deadline)
        if isinstance(reply, TargetAway) and self._bus.line is None:
            return reply
        self._listens(deadline)
        if isinstance(reply, Reply) and self._known and reply.body == (self._known.unique_name,):
            return self._known
        met = self._meet(deadline)
        self._known = met if isinstance(met, _Owner) else None
        if isinstance(met, _Owner):
            self._owner_name = met.unique_name
            self._tells_sender_only = met.server.name in _TELL_SENDER_ONLY
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

    def _is_silenced(self, owner: _Owner, deadline: float) -> bool | None:
        """By the property of whoever has one: Plasma's, or dunst's own."""
        properties = DBusAddress(
            _OBJECT, bus_name=owner.unique_name, interface="org.freedesktop.DBus.Properties"
        )
        for named in ((_NAME, "Inhibited"), ("org.dunstproject.cmd0", "paused")):
            reply = self._bus.ask(new_method_call(properties, "Get", "ss", named), deadline)
            if isinstance(reply, Reply) and reply.body[:1] in ((("b", True),), (("b", False),)):
                return bool(reply.body[0][1])
        return None

    def _listens(self, deadline: float) -> bool:
        """Whether what happens to our messages is told to us; asks for it on a new connection."""
        if self._attended is not None and self._attended is self._bus.line:
            return True
        known = self._bus.ask(new_method_call(BUS, "GetId"), deadline)
        if not isinstance(known, Reply):
            return False
        self._bus_id = str(known.body[0])
        line = self._bus.line
        if self._tell is not None:
            for rule in _WANTED:
                asking = new_method_call(BUS, "AddMatch", "s", (rule,))
                if not isinstance(self._bus.ask(asking, deadline), Reply):
                    return False
        self._attended = line
        return True

    def _hear(self, signal: Signal | None) -> None:
        """A thread of the connection calls this: it asks nothing, and believes nobody but the bus
        and the present owner of the service."""
        assert self._tell is not None
        event: Event | None = None
        if signal is None:
            event = ServerChanged()
        elif signal.sender == BUS.bus_name and signal.body[:1] == (_NAME,):
            self._owner_name = str((*signal.body, "", "")[2])
            event = ServerChanged()
        elif signal.sender == self._owner_name and signal.path == _OBJECT:
            event = self._event_of(signal)
        if event is not None:
            self._tell(event)

    def _event_of(self, signal: Signal) -> Event | None:
        first, second = (*signal.body, None, None)[:2]
        if type(first) is not int or not 0 < first <= _GREATEST_ID:
            return None
        self._tells_sender_only |= signal.is_for_us
        server = str(self._life(self._owner_name))
        if signal.name == f"{_NAME}.NotificationClosed":
            return Closed(first, server, by_person=second == _CLOSED_BY_PERSON)
        if signal.name == f"{_NAME}.ActionInvoked":
            return Pressed(first, server, str(second))
        return None


def _buttons(message: Message, server: Server) -> list[str]:
    """Key and label in turns."""
    if "actions" not in server.capabilities:
        return []
    buttons: list[str] = []
    for key, label in message.buttons:
        if key == message.on_click:
            buttons += [CLICK, label]
            if server.name in _SHOW_DEFAULT:
                continue
        buttons += [key, label]
    return buttons
