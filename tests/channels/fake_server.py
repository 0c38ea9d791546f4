"""A notification server that does as it is told and writes down what it was sent.

Not here: the bus it serves on (bus), real servers (tests/desktop).
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

from dbus_fast import BusType, DBusError, RequestNameReply, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusDict, DBusInt32, DBusSignature, DBusStr, DBusUInt32
from dbus_fast.service import ServiceInterface, dbus_method

from tests.channels.bus import Bus, end, environment, first_line

NAME = "org.freedesktop.Notifications"
MARKUP = ("actions", "body", "body-markup")
PLAIN = ("actions", "body")

Strings = Annotated[list[str], DBusSignature("as")]
Information = Annotated[tuple[str, str, str, str], DBusSignature("ssss")]


class FakeServer:
    """The server as the tests hold it: a process of its own, told what to do through a file."""

    def __init__(self, bus: Bus, folder: Path) -> None:
        self.bus = bus
        self._log = folder / "notified.jsonl"
        self._orders = folder / "orders.json"
        self._process: subprocess.Popen[str] | None = None

    def start(self, capabilities: tuple[str, ...] = MARKUP) -> None:
        self.obey("accept")
        root = Path(__file__).parents[2]
        arguments = [str(self._log), str(self._orders), *capabilities]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.channels.fake_server", *arguments],
            cwd=root,
            env=environment(self.bus),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        first_line(self._process, "the fake server")

    def stop(self) -> None:
        if self._process is not None:
            end(self._process)
        self._process = None

    def pause(self) -> None:
        """It keeps its name and answers nothing, as a server that hangs."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGCONT)

    def obey(self, order: str, error: str = "") -> None:
        """`accept`, `error` (with that name), `no-id`, or `die` at the next message."""
        written = self._orders.with_suffix(".new")
        written.write_text(json.dumps({"order": order, "error": error}), encoding="utf-8")
        written.replace(self._orders)

    def received(self) -> list[dict[str, Any]]:
        if not self._log.exists():
            return []
        return [json.loads(line) for line in self._log.read_text(encoding="utf-8").splitlines()]


class Notifications(ServiceInterface):
    def __init__(self, log: Path, orders: Path, capabilities: list[str]) -> None:
        super().__init__(NAME)
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
        with self._log.open("a", encoding="utf-8") as log:
            log.write(json.dumps(message) + "\n")
        return identity

    @dbus_method()
    def GetCapabilities(self) -> Strings:  # noqa: N802
        return self._capabilities

    @dbus_method()
    def GetServerInformation(self) -> Information:  # noqa: N802
        return ("fake", "kzreminder", "1.0", "1.2")


def _plain(value: Variant) -> list[object]:
    return [value.signature, value.value]


async def serve(log: str, orders: str, capabilities: list[str]) -> None:
    bus = await MessageBus(bus_type=BusType.SESSION).connect()
    bus.export(
        "/org/freedesktop/Notifications", Notifications(Path(log), Path(orders), capabilities)
    )
    reply = await bus.request_name(NAME)
    assert reply is RequestNameReply.PRIMARY_OWNER
    print("ready", flush=True)
    await asyncio.Event().wait()  # it is killed, or its bus ends


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], sys.argv[2], sys.argv[3:]))
