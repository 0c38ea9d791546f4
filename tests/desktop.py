"""A real desktop without a screen: a bus, an X server and dunst, for tests from end to end.

Not here: a server that can be told to misbehave (channels/fake_server).
"""

from __future__ import annotations

import html
import json
import shutil
import subprocess
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Self

import pytest
from jeepney import DBusAddress, Properties
from jeepney.io.blocking import open_dbus_connection

from tests.channels.bus import Bus, end, environment, first_line, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAMS = ("dbus-daemon", "dbus-send", "Xvfb", "dunst", "dunstctl", "import")
CALL_SECONDS = 10.0
NAME, PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"
# As distributions ship it: it reads markup. Beyond that, nothing that was sent twice may be counted
# once, and nothing may fall out of the history.
_CONFIG = """[global]
markup = full
stack_duplicates = false
history_length = 1000
notification_limit = 5
font = Monospace 11
"""


class Desktop:
    """`env` is what a program needs in its environment to be on this desktop."""

    def __init__(self) -> None:
        self._running = ExitStack()
        self.env: dict[str, str] = {}

    def __enter__(self) -> Self:
        with ExitStack() as starting:
            bus = starting.enter_context(Bus())
            # It takes a free display by itself, and says which once it can be used.
            screen = subprocess.Popen(
                ["Xvfb", "-displayfd", "1", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            starting.callback(end, screen)
            # Without a UTF-8 locale dunst draws no Chinese.
            display = f":{first_line(screen, 'Xvfb')}"
            self.env = environment(bus, DISPLAY=display, LC_ALL="C.UTF-8")
            config = Path(starting.enter_context(TemporaryDirectory(prefix="kz-dunst-")), "dunstrc")
            config.write_text(_CONFIG, encoding="utf-8")
            server = subprocess.Popen(
                ["dunst", "-conf", str(config)],
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            starting.callback(end, server)
            wait_until(self._is_served, "dunst owns the name of the notification service")
            self._running = starting.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def history(self) -> list[dict[str, object]]:
        """Every notification so far, newest first; `body` is what a person reads of `markup`.

        Those still on the screen are put away for it: dunst lists only what it no longer shows,
        and in the order of its screen, the urgent first.
        """
        self._call("dunstctl", "close-all")
        listed = json.loads(self._call("dunstctl", "history"))["data"][0]
        found_last_first = sorted(listed, key=lambda found: -int(found["id"]["data"]))
        return [
            {
                "id": found["id"]["data"],
                "title": found["summary"]["data"],
                "body": html.unescape(found["body"]["data"]),
                "markup": found["body"]["data"],
                "app": found["appname"]["data"],
                "stays": found["timeout"]["data"] == 0,
            }
            for found in found_last_first
        ]

    def count_shown(self) -> int:
        """How many stand on the screen, or wait because it is full."""
        dunst = DBusAddress(PATH, bus_name=NAME, interface="org.dunstproject.cmd0")
        with open_dbus_connection(self.env["DBUS_SESSION_BUS_ADDRESS"]) as connection:
            asked = connection.send_and_get_reply(Properties(dunst).get_all(), timeout=CALL_SECONDS)
        [told] = asked.body
        return sum(int(told[kind][1]) for kind in ("displayedLength", "waitingLength"))

    def screenshot(self, path: Path) -> None:
        self._call("import", "-window", "root", str(path))

    def _is_served(self) -> bool:
        words = self._call(
            "dbus-send",
            "--session",
            "--print-reply=literal",
            "--dest=org.freedesktop.DBus",
            "/org/freedesktop/DBus",
            "org.freedesktop.DBus.NameHasOwner",
            "string:org.freedesktop.Notifications",
        )
        return "true" in words

    def _call(self, *arguments: str) -> str:
        done = subprocess.run(
            arguments,
            env=self.env,
            check=True,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=CALL_SECONDS,
        )
        return done.stdout


@pytest.fixture
def desktop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desktop]:
    """A desktop of this test's own; this process is on it too."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    with Desktop() as started:
        for name in ("DBUS_SESSION_BUS_ADDRESS", "DISPLAY"):
            monkeypatch.setenv(name, started.env[name])
        monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
        yield started
