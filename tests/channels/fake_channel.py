"""A channel without a desktop, for tests of whoever sends; it keeps the contract of the real ones.

Not here: a server to send to (fake_server).
"""

from __future__ import annotations

from kzreminder.channels.message import (
    Accepted,
    Life,
    Message,
    Outcome,
    Refused,
    Server,
    TargetAway,
)


class FakeChannel:
    """`fault` is answered in place of Accepted as long as it is set."""

    name = "fake"

    def __init__(self, target: str = "desktop:test") -> None:
        self.target = target
        self.fault: TargetAway | Refused | None = None
        self.shown: list[Message] = []
        self.ids: list[int] = []
        self.life = Life("bus :1.1", ":1.2")
        self.gone: list[int] = []
        "ids that were taken away"

    def describe(self) -> Server | TargetAway:
        if isinstance(self.fault, TargetAway):
            return self.fault
        return Server("fake", "kzreminder", "1.0")

    def send(self, message: Message) -> Outcome:
        if self.fault is not None:
            return self.fault
        known = message.replaces_on is None or self.life.has(message.replaces_on)
        replaced = message.replaces_id if known else 0
        identity = replaced or max(self.ids, default=0) + 1
        self.shown.append(message.cleaned())
        self.ids.append(identity)
        return Accepted(identity, str(self.life))

    def attend(self) -> Life | None:
        return None if isinstance(self.fault, TargetAway) else self.life

    def take_away(self, message_id: int, server: str) -> None:
        if self.life.has(server):
            self.gone.append(message_id)

    def close(self) -> None:
        pass
