"""The desktop of a machine that has none, or whose settings say that nothing is shown there.

Not here: the targets that are told instead (push).
"""

from __future__ import annotations

import socket

from kzreminder.channels.message import Message, Outcome, Server, TargetAway

OFF = TargetAway("the desktop is switched off in the settings")


class DesktopOff:
    """Takes nothing: whatever is handed to it waits until the desktop is switched on."""

    name = "off"

    def __init__(self) -> None:
        self.target = f"desktop:{socket.gethostname()}"

    def describe(self) -> Server | TargetAway:
        return OFF

    def send(self, message: Message) -> Outcome:
        return OFF

    def attend(self) -> None:
        """Nothing is shown that could be pressed."""

    def take_away(self, message_id: int, server: str) -> None:
        """Nothing is shown."""

    def close(self) -> None:
        """Nothing is held."""
