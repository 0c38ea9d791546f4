"""What is shown, who can show it, and what may become of it: values and one protocol.

Not here: any way of showing (the other modules of this room), any wording.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol

APP_NAME = "kzreminder"
CLICK = "default"
"The protocol's own key for a click on the body."


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
    replaces_on: str | None = None
    "the server that gave that id, as `Accepted` named it; None: whichever is there"
    buttons: tuple[tuple[str, str], ...] = ()
    "key and label of each, for servers that have buttons"
    on_click: str = ""
    "key of the button that a click on the body means"
    about: str = ""
    "what it tells of: one that the server was too slow to answer for gives its place to the next"

    def cleaned(self) -> Message:
        """The same message, fit for any server: one line of title, and never an empty one."""
        title = " ".join(clean(self.title).split())
        return replace(self, title=title or APP_NAME, body=clean(self.body).strip("\n"))


@dataclass(frozen=True, slots=True)
class Accepted:
    """The target answered for it; not that a person saw it."""

    id: int | None
    "None where the target gives none"
    server: str | None = field(default=None, compare=False)
    "which life of which server gave the id, and to which connection of ours; None: nobody knows"


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
    is_silenced: bool | None = None
    "whether the user has asked for no disturbance; None where the server does not say"


@dataclass(frozen=True, slots=True)
class Life:
    """One life of one server, seen from one connection of ours."""

    server: str
    "the same as long as the server lives"
    ear: str
    "our connection"
    tells_sender_only: bool = False
    "a button pressed on a message is told to the connection that sent it, and to no other"
    sleeps: bool = False
    "no server is there, and a message would start one"

    def __str__(self) -> str:
        return f"{self.server} {self.ear}"

    def has(self, sent_on: str) -> bool:
        """Whether a message that was sent on that life still stands there, as far as one knows."""
        return sent_on.rpartition(" ")[0] == self.server

    def hears(self, sent_on: str) -> bool:
        """Whether a button pressed on a message that was sent on that life is told to us."""
        return sent_on == str(self) if self.tells_sender_only else self.has(sent_on)


@dataclass(frozen=True, slots=True)
class Pressed:
    """A person pressed a button of a message, or clicked its body."""

    id: int
    server: str
    key: str
    "of the button; of a click on the body it is `CLICK`"


@dataclass(frozen=True, slots=True)
class Closed:
    """A message has left the screen; by whom it was closed, servers say in different ways."""

    id: int
    server: str
    by_person: bool


@dataclass(frozen=True, slots=True)
class ServerChanged:
    """A server has come, or gone, or may have: what is on the screen is to be looked at again."""


Event = Pressed | Closed | ServerChanged


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

    def attend(self) -> Life | None:
        """Listen from now on, where the channel was made to, and say to whom; None: to nobody."""

    def take_away(self, message_id: int, server: str) -> None:
        """Take a message off the screen, where it may still stand there. A failure is none."""

    def close(self) -> None:
        """Give back what is held. A later send opens it again."""


def clean(text: str) -> str:
    """NFC, without control characters and lone surrogates; line breaks stay, a tab is a space.

    A NUL ends the text or the connection on several servers, a lone surrogate is not UTF-8.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    kept = "".join(c for c in lines if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs"))
    return unicodedata.normalize("NFC", kept)
