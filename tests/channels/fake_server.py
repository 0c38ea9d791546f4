"""A notification server that does as it is told and writes down what it was sent.

Not here: the bus it serves on (bus), real servers (tests/desktop).
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any

from dbus_fast import BusType, DBusError, MessageType, RequestNameReply, Variant
from dbus_fast import Message as BusMessage
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusDict, DBusInt32, DBusSignature, DBusStr, DBusUInt32
from dbus_fast.service import ServiceInterface, dbus_method
from jeepney import DBusAddress, new_method_call
from jeepney.io.blocking import open_dbus_connection

from tests.channels.bus import Bus, Served, environment

NAME = "org.freedesktop.Notifications"
PATH = "/org/freedesktop/Notifications"
TEST = "io.github.kzreminder.Test"
MARKUP = ("actions", "body", "body-markup")
PLAIN = ("actions", "body")

Strings = Annotated[list[str], DBusSignature("as")]
Nothing = Annotated[None, DBusSignature("")]
Information = Annotated[tuple[str, str, str, str], DBusSignature("ssss")]


class FakeServer(Served):
    """The server as the tests hold it: a process of its own, told what to do through a file."""

    def __init__(self, bus: Bus, folder: Path) -> None:
        super().__init__()
        self.bus = bus
        self._log = folder / "notified.jsonl"
        self._orders = folder / "orders.json"

    def start(
        self, capabilities: tuple[str, ...] = MARKUP, *, name: str = "fake", alone: bool = False
    ) -> None:
        """`alone`: it tells of a pressed button only the connection that sent the message."""
        self.obey("accept")
        signals = "alone" if alone else "all"
        arguments = (str(self._log), str(self._orders), name, signals, *capabilities)
        module = "tests.channels.fake_server"
        self._serve("the fake server", module, *arguments, env=environment(self.bus))

    def obey(self, order: str, error: str = "") -> None:
        """`accept`, `error` (with that name), `no-id`, or `die` at the next message."""
        written = self._orders.with_suffix(".new")
        written.write_text(json.dumps({"order": order, "error": error}), encoding="utf-8")
        written.replace(self._orders)

    def press(self, message_id: int, key: str) -> None:
        """A person presses the button; most servers close the message then, this one does not."""
        self._emit("ActionInvoked", "us", (message_id, key))

    def close(self, message_id: int, reason: int = 2) -> None:
        """1: its time is over, 2: a person closed it."""
        self._emit("NotificationClosed", "uu", (message_id, reason))

    def closed(self) -> list[int]:
        """The ids that were asked to be taken away."""
        return [one["closed"] for one in self._logged() if "closed" in one]

    def _emit(self, member: str, signature: str, body: tuple[Any, ...]) -> None:
        address = DBusAddress(PATH, bus_name=NAME, interface=TEST)
        ordered = json.dumps([member, signature, body])
        with open_dbus_connection(self.bus.address) as connection:
            call = new_method_call(address, "Emit", "s", (ordered,))
            connection.send_and_get_reply(call, timeout=10)

    def received(self) -> list[dict[str, Any]]:
        return [one for one in self._logged() if "closed" not in one]

    def _logged(self) -> list[dict[str, Any]]:
        if not self._log.exists():
            return []
        return [json.loads(line) for line in self._log.read_text(encoding="utf-8").splitlines()]


class Notifications(ServiceInterface):
    def __init__(self, log: Path, orders: Path, name: str, capabilities: list[str]) -> None:
        super().__init__(NAME)
        self._name = name
        self.caller = ""
        "who asks just now"
        self.senders: dict[int, str] = {}
        self._log = log
        self._orders = orders
        self._capabilities = capabilities
        self._last_id = 0

    @dbus_method()
    def Notify(  # noqa: N802 - the protocol's own name
        self,
        app_name: DBusStr,
        replaces_id: DBusUInt32,
        icon: DBusStr,
        title: DBusStr,
        body: DBusStr,
        actions: Strings,
        hints: DBusDict,
        expire_timeout: DBusInt32,
    ) -> DBusUInt32:
        told = json.loads(self._orders.read_text(encoding="utf-8"))
        if told["order"] == "die":
            os._exit(1)
        if told["order"] == "error":
            raise DBusError(told["error"], "as the test ordered")
        if told["order"] == "no-id":
            return 0
        if not replaces_id:
            self._last_id += 1
        identity = replaces_id or self._last_id
        message = {
            "id": identity,
            "app_name": app_name,
            "replaces_id": replaces_id,
            "icon": icon,
            "title": title,
            "body": body,
            "actions": actions,
            "hints": {key: _plain(value) for key, value in hints.items()},
            "expire_timeout": expire_timeout,
        }
        self.senders[identity] = self.caller
        self._write(message)
        return identity

    @dbus_method()
    def CloseNotification(self, message_id: DBusUInt32) -> Nothing:  # noqa: N802
        self._write({"closed": message_id})

    def _write(self, line: dict[str, object]) -> None:
        with self._log.open("a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")

    @dbus_method()
    def GetCapabilities(self) -> Strings:  # noqa: N802
        return self._capabilities

    @dbus_method()
    def GetServerInformation(self) -> Information:  # noqa: N802
        return (self._name, "kzreminder", "1.0", "1.2")


class Orders(ServiceInterface):
    """What the test has it do by itself."""

    def __init__(self, bus: MessageBus, notifications: Notifications, alone: bool) -> None:
        super().__init__(TEST)
        self._bus = bus
        self._notifications = notifications
        self._alone = alone

    @dbus_method()
    async def Emit(self, ordered: DBusStr) -> Nothing:  # noqa: N802
        member, signature, body = json.loads(ordered)
        sender = self._notifications.senders.get(body[0]) if self._alone else None
        await self._bus.send(
            BusMessage(
                message_type=MessageType.SIGNAL,
                destination=sender,
                path=PATH,
                interface=NAME,
                member=member,
                signature=signature,
                body=body,
            )
        )


def _plain(value: Variant) -> list[object]:
    return [value.signature, value.value]


async def serve(log: str, orders: str, name: str, signals: str, capabilities: list[str]) -> None:
    bus = await MessageBus(bus_type=BusType.SESSION).connect()
    notifications = Notifications(Path(log), Path(orders), name, capabilities)

    def note_caller(message: BusMessage) -> None:
        notifications.caller = message.sender or ""

    bus.add_message_handler(note_caller)
    bus.export(PATH, notifications)
    bus.export(PATH, Orders(bus, notifications, signals == "alone"))
    reply = await bus.request_name(NAME)
    assert reply is RequestNameReply.PRIMARY_OWNER
    print("ready", flush=True)
    await asyncio.Event().wait()  # it is killed, or its bus ends


if __name__ == "__main__":
    log_path, orders_path, called, tells, *able = sys.argv[1:]
    asyncio.run(serve(log_path, orders_path, called, tells, able))
