"""A logind that says what the test tells it to, and counts who delays a sleep.

Not here: the bus it serves on (tests/channels/bus).
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Annotated, Any

from dbus_fast import BusType, DBusError, PropertyAccess, RequestNameReply
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusBool, DBusSignature, DBusStr, DBusUnixFd
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property, dbus_signal

from tests.channels.bus import Bus, Served, environment, first_line

NAME = "org.freedesktop.login1"
OBJECT = "/org/freedesktop/login1"
HAND_OVER_SECONDS = 0.05
"A descriptor that was sent is closed here when it has surely left."

Rows = Annotated[list[tuple[str, int, str, str, str]], DBusSignature("a(susso)")]
Named = Annotated[tuple[str, str], DBusSignature("so")]


class FakeLogind(Served):
    """logind as the tests hold it: a process of its own, told what to do line by line."""

    def __init__(self, bus: Bus) -> None:
        super().__init__()
        self.bus = bus

    def start(self) -> None:
        env = environment(None, DBUS_SYSTEM_BUS_ADDRESS=self.bus.address)
        self._serve("the fake logind", "tests.daemon.fake_logind", env=env)

    def session(self, name: str, *, uid: int | None = None, **properties: object) -> None:
        """A new session, of this user and graphical and in use where nothing else is said."""
        whose = os.getuid() if uid is None else uid
        self._do(do="session", name=name, uid=whose, properties=properties)

    def change(self, name: str, *, silently: bool = False, **properties: object) -> None:
        self._do(do="change", name=name, properties=properties, silently=silently)

    def end_session(self, name: str) -> None:
        self._do(do="end", name=name)

    def sleep(self, begins: bool) -> None:
        self._do(do="sleep", begins=begins)

    def refuse_delays(self) -> None:
        self._do(do="refuse")

    def delays(self) -> list[tuple[list[str], bool]]:
        """Each that was asked for, with whether it is still held."""
        return [(asked, is_held) for asked, is_held in self._do(do="delays")]

    def calls(self) -> list[str]:
        """Every method that was called."""
        called: list[str] = self._do(do="calls")
        return called

    def _do(self, **order: object) -> Any:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return json.loads(first_line(self._process, "the fake logind"))


class Session(ServiceInterface):
    def __init__(self, uid: int, properties: dict[str, Any]) -> None:
        super().__init__(f"{NAME}.Session")
        self.uid = uid
        self.known: dict[str, Any] = {
            "Class": "user",
            "Type": "wayland",
            "State": "active",
            "Active": True,
            "Remote": False,
            "LockedHint": False,
            "IdleHint": False,
        } | properties

    @dbus_property(access=PropertyAccess.READ)
    def Class(self) -> DBusStr:  # noqa: N802 - logind's own names
        return str(self.known["Class"])

    @dbus_property(access=PropertyAccess.READ)
    def Type(self) -> DBusStr:  # noqa: N802
        return str(self.known["Type"])

    @dbus_property(access=PropertyAccess.READ)
    def State(self) -> DBusStr:  # noqa: N802
        return str(self.known["State"])

    @dbus_property(access=PropertyAccess.READ)
    def Active(self) -> DBusBool:  # noqa: N802
        return bool(self.known["Active"])

    @dbus_property(access=PropertyAccess.READ)
    def Remote(self) -> DBusBool:  # noqa: N802
        return bool(self.known["Remote"])

    @dbus_property(access=PropertyAccess.READ)
    def LockedHint(self) -> DBusBool:  # noqa: N802
        return bool(self.known["LockedHint"])

    @dbus_property(access=PropertyAccess.READ)
    def IdleHint(self) -> DBusBool:  # noqa: N802
        return bool(self.known["IdleHint"])


class Manager(ServiceInterface):
    def __init__(self, sessions: dict[str, Session]) -> None:
        super().__init__(f"{NAME}.Manager")
        self._sessions = sessions
        self.refuses = False
        self.calls: list[str] = []
        self.delays: list[tuple[list[str], int]] = []

    @dbus_method()
    def ListSessions(self) -> Rows:  # noqa: N802
        self.calls.append("ListSessions")
        return [
            [name, session.uid, "somebody", "seat0", path_of(name)]  # type: ignore[misc]
            for name, session in self._sessions.items()
        ]

    @dbus_method()
    def Inhibit(  # noqa: N802
        self, what: DBusStr, who: DBusStr, why: DBusStr, mode: DBusStr
    ) -> DBusUnixFd:
        self.calls.append("Inhibit")
        if self.refuses:
            raise DBusError("org.freedesktop.DBus.Error.AccessDenied", "Permission denied")
        ours, given = os.pipe()
        os.set_blocking(ours, False)
        self.delays.append(([what, who, why, mode], ours))
        asyncio.get_running_loop().call_later(HAND_OVER_SECONDS, os.close, given)
        return given

    @dbus_signal()
    def PrepareForSleep(self, begins: bool) -> DBusBool:  # noqa: N802
        return begins

    @dbus_signal()
    def SessionNew(self, name: str) -> Named:  # noqa: N802
        return [name, path_of(name)]  # type: ignore[return-value]

    @dbus_signal()
    def SessionRemoved(self, name: str) -> Named:  # noqa: N802
        return [name, path_of(name)]  # type: ignore[return-value]


class Login:
    """All of it on one bus."""

    def __init__(self, bus: MessageBus) -> None:
        self._bus = bus
        self._sessions: dict[str, Session] = {}
        self._manager = Manager(self._sessions)
        bus.export(OBJECT, self._manager)

    def obey(self, order: dict[str, Any]) -> object:
        done: object = getattr(self, f"_{order.pop('do')}")(**order)
        return done

    def _session(self, name: str, uid: int, properties: dict[str, Any]) -> None:
        self._sessions[name] = Session(uid, properties)
        self._bus.export(path_of(name), self._sessions[name])
        self._manager.SessionNew(name)

    def _change(self, name: str, properties: dict[str, Any], silently: bool) -> None:
        session = self._sessions[name]
        session.known |= properties
        if silently:
            session.emit_properties_changed({}, list(properties))
        else:
            session.emit_properties_changed(properties)

    def _end(self, name: str) -> None:
        del self._sessions[name]
        self._bus.unexport(path_of(name))
        self._manager.SessionRemoved(name)

    def _sleep(self, begins: bool) -> None:
        self._manager.PrepareForSleep(begins)

    def _refuse(self) -> None:
        self._manager.refuses = True

    def _delays(self) -> list[tuple[list[str], bool]]:
        return [(asked, _is_held(end)) for asked, end in self._manager.delays]

    def _calls(self) -> list[str]:
        return self._manager.calls


def path_of(session: str) -> str:
    return f"{OBJECT}/session/{session}"


def _is_held(reading: int) -> bool:
    try:
        return os.read(reading, 1) != b""
    except BlockingIOError:
        return True


async def serve() -> None:
    bus = await MessageBus(bus_type=BusType.SYSTEM, negotiate_unix_fd=True).connect()
    login = Login(bus)
    reply = await bus.request_name(NAME)
    assert reply is RequestNameReply.PRIMARY_OWNER

    def obey() -> None:
        line = sys.stdin.readline()
        if not line:
            os._exit(0)
        print(json.dumps(login.obey(json.loads(line))), flush=True)

    asyncio.get_running_loop().add_reader(sys.stdin, obey)
    print("ready", flush=True)
    await asyncio.Event().wait()  # it is killed


if __name__ == "__main__":
    asyncio.run(serve())
