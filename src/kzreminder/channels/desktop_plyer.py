"""plyer, for systems without D-Bus and for whoever configures it; kept at arm's length.

Not here: what the child process does (plyer_child). plyer itself is imported nowhere else.
"""

from __future__ import annotations

import html
import os
import socket
import sys
from dataclasses import asdict, replace
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from kzreminder.channels.bus_error import outcome_of_stderr
from kzreminder.channels.child import (
    ask_child,
    outcome_from_json,
    python_child,
    with_our_modules,
)
from kzreminder.channels.message import Message, Outcome, Server, TargetAway

if TYPE_CHECKING:
    from kzreminder.channels.desktop_dbus import DesktopDbus

LIMIT_SECONDS = 10.0
# Windows has room for 64 and 256 UTF-16 units with a NUL; one more, and plyer shows nothing.
_WINDOWS_TITLE_UNITS, _WINDOWS_BODY_UNITS = 62, 250


class DesktopPlyer:
    """Each message has a process of its own, because plyer may block for ever or leave threads.

    Any thread may call it; messages sent at the same time run beside each other.
    """

    name = "plyer"

    def __init__(
        self,
        *,
        host: str | None = None,
        platform: str = sys.platform,
        limit_seconds: float = LIMIT_SECONDS,
        command: tuple[str, ...] = (),
    ) -> None:
        """`command`: what is run in place of the child, for tests of children that misbehave."""
        self.target = f"desktop:{host or socket.gethostname()}"
        self._platform = platform
        self._limit_seconds = limit_seconds
        self._command = command or python_child("kzreminder.channels.plyer_child")
        self._probe: DesktopDbus | None = None

    def describe(self) -> Server | TargetAway:
        if self._platform.startswith("linux"):
            return self._server_on_the_bus()
        try:
            return Server("plyer", "", version("plyer"))
        except PackageNotFoundError:
            return TargetAway("plyer is not installed")

    def send(self, message: Message) -> Outcome:
        """Accepted carries an id where notify-send gave one; elsewhere plyer tells us nothing."""
        message = message.cleaned()
        if self._platform.startswith("linux"):
            # plyer and notify-send hand the body on as it is, so only the server can say whether
            # what a user typed would be read as markup. Without its answer nothing is sent.
            server = self._server_on_the_bus()
            if isinstance(server, TargetAway):
                return server
            if "body-markup" in server.capabilities:
                message = replace(message, body=html.escape(message.body, quote=False))
        elif self._platform == "win32":
            message = replace(
                message,
                title=cut(message.title, _WINDOWS_TITLE_UNITS),
                body=cut(message.body, _WINDOWS_BODY_UNITS),
            )
        return self._in_a_child(message)

    def attend(self) -> None:
        """Nobody tells us what becomes of a message."""

    def take_away(self, message_id: int, server: str) -> None:
        """plyer cannot."""

    def close(self) -> None:
        if self._probe is not None:
            self._probe.close()

    def _server_on_the_bus(self) -> Server | TargetAway:
        if self._probe is None:
            # Late, because jeepney is installed on Linux only.
            from kzreminder.channels.desktop_dbus import DesktopDbus

            self._probe = DesktopDbus(limit_seconds=self._limit_seconds / 2)
        return self._probe.describe()

    def _in_a_child(self, message: Message) -> Outcome:
        environ = with_our_modules(os.environ)
        ended = ask_child(self._command, asdict(message), environ, self._limit_seconds)
        if isinstance(ended, TargetAway):
            return ended
        if ended.exit_code != 0:
            return outcome_of_stderr(ended.said)
        try:
            return outcome_from_json(ended.told)
        except (ValueError, LookupError, TypeError, AttributeError):
            return TargetAway(f"the child process did not say what became of it: {ended.told!r}")


def cut(text: str, units: int) -> str:
    """At most so many UTF-16 units, with a mark where something is missing."""
    encoded = text.encode("utf-16-le")
    if len(encoded) <= 2 * units:
        return text
    # "ignore": half of a pair at the cut is dropped.
    return encoded[: 2 * (units - 1)].decode("utf-16-le", "ignore").rstrip() + "…"
