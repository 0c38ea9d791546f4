"""What is shown, who can show it, and what may become of it: values and one protocol.

Not here: any way of showing (the other modules of this room), any wording.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

APP_NAME = "kzreminder"


class Urgency(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Message:
    title: str
    body: str
    urgency: Urgency = Urgency.NORMAL
    replaces_id: int = 0
    "id that the server gave an earlier message, which this one takes the place of; 0 for none"

    def cleaned(self) -> Message:
        """The same message, fit for any server: one line of title, and never an empty one."""
        title = " ".join(clean(self.title).split())
        return replace(self, title=title or APP_NAME, body=clean(self.body).strip("\n"))


@dataclass(frozen=True, slots=True)
class Accepted:
    """The target answered for it; not that a person saw it."""

    id: int | None
    "None where the target gives none"


@dataclass(frozen=True, slots=True)
class TargetAway:
    """The state of the target: no bus, no server, no answer in time. Any message would fail now."""

    error: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The state of this message: the target is there and does not want it."""

    error: str
    permanent: bool
    "the same message would be refused again, however often it is sent"


Outcome = Accepted | TargetAway | Refused


@dataclass(frozen=True, slots=True)
class Server:
    """Who shows the messages, by its own account."""

    name: str
    vendor: str
    version: str
    capabilities: tuple[str, ...] = ()


class Channel(Protocol):
    @property
    def target(self) -> str:
        """Whom a mark is kept for: `desktop:<host>`, the same for every channel to one desktop."""

    @property
    def name(self) -> str: ...

    def describe(self) -> Server | TargetAway:
        """Who would show a message now, or why nobody would; shows nothing itself."""

    def send(self, message: Message) -> Outcome:
        """Every failure is an outcome; nothing is raised, and the call ends within a fixed time."""

    def close(self) -> None:
        """Give back what is held. A later send opens it again."""


def clean(text: str) -> str:
    """NFC, without control characters and lone surrogates; line breaks stay, a tab is a space.

    A NUL ends the text or the connection on several servers, a lone surrogate is not UTF-8.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    kept = "".join(c for c in lines if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs"))
    return unicodedata.normalize("NFC", kept)
