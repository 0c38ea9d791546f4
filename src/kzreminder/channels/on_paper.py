"""Where there is no desktop: takes every message, shows none, and keeps them to be printed.

Not here: printing.
"""

from __future__ import annotations

from kzreminder.channels.message import Accepted, Message, Outcome, Server, TargetAway


class OnPaper:
    """A channel to nobody; whoever made it reads `taken`."""

    name = "paper"

    def __init__(self) -> None:
        self.target = "paper"
        self.taken: list[Message] = []

    def describe(self) -> Server | TargetAway:
        return Server(self.name, "kzreminder", "1")

    def send(self, message: Message) -> Outcome:
        self.taken.append(message.cleaned())
        return Accepted(None)

    def attend(self) -> None:
        """Paper is not pressed."""

    def take_away(self, message_id: int, server: str) -> None:
        """What is printed stays."""

    def close(self) -> None:
        """Nothing is held."""
