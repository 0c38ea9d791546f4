"""A channel without a desktop, for tests of whoever sends; it keeps the contract of the real ones.

Not here: a server to send to (fake_server).
"""

from __future__ import annotations

from kzreminder.channels.message import (
    Accepted,
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

    def describe(self) -> Server | TargetAway:
        if isinstance(self.fault, TargetAway):
            return self.fault
        return Server("fake", "kzreminder", "1.0")

    def send(self, message: Message) -> Outcome:
        if self.fault is not None:
            return self.fault
        identity = message.replaces_id or max(self.ids, default=0) + 1
        self.shown.append(message.cleaned())
        self.ids.append(identity)
        return Accepted(identity)

    def close(self) -> None:
        pass
