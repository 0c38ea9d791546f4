"""What a pass works with, and what it has done.

Not here: doing it (passing, telling, sending, answering).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from kzreminder.channels.message import Channel
from kzreminder.core.policy import Policy
from kzreminder.core.reminder import Reminder
from kzreminder.core.routing import Route
from kzreminder.storage.delivery import Attention, Delivery
from kzreminder.storage.messages import Sent
from kzreminder.storage.notes import Notes
from kzreminder.storage.store import Store
from kzreminder.storage.toasts import Toasts
from kzreminder.wording.reminders import Scribe, Text


@dataclass(frozen=True, slots=True)
class Delivered:
    reminder: Reminder
    text: Text
    target: str
    late: bool
    notification_id: int | None
    digest: bool
    attempt: int


@dataclass(frozen=True, slots=True)
class Failed:
    reminder: Reminder
    text: Text
    target: str
    error: str
    permanent: bool
    retry_at: datetime | None


@dataclass(frozen=True, slots=True)
class PutOff:
    """A card with which the pass could not go on."""

    card_id: int
    error: str
    retry_at: datetime
    is_new: bool
    "it was well before"


@dataclass(slots=True)
class PassReport:
    """What one pass did. `next_wake_at` is when the next one has something to do."""

    now: datetime
    delivered: list[Delivered] = field(default_factory=list)
    failed: list[Failed] = field(default_factory=list)
    put_off: list[PutOff] = field(default_factory=list)
    next_wake_at: datetime | None = None


@dataclass(slots=True)
class Shown:
    """A message that a target took, until the database knows of it."""

    told: Sent
    done: Sequence[Attention]
    token: str
    at: datetime
    message_id: int | None = None
    is_kept: bool = False
    "the database has the message, and not yet what follows from it"


@dataclass(frozen=True, slots=True)
class Outlet:
    """One target, with all that it takes to tell something there."""

    route: Route
    channel: Channel
    scribe: Scribe
    most_messages: int
    "cards told by themselves in one pass, the rest share a digest; 0: all of them do"

    @property
    def target(self) -> str:
        return self.route.target


@dataclass(frozen=True, slots=True)
class Desk:
    """What a pass works with."""

    store: Store
    channel: Channel
    "the desktop, which is answered, too"
    outlets: tuple[Outlet, ...]
    "where it is told; the desktop first, where it is among them"
    policy: Policy
    scribe: Scribe
    fingerprint: str = ""
    "of policy, operator data and zone data: when it changes, every card is planned again"
    unrecorded: list[Shown] = field(default_factory=list)
    "what was shown while the database could not be reached: it is recorded before anything else"
    owner: str = ""
    "who holds the cards that this pass claims: the boot and the process"
    sign_of_life: Callable[[], None] = lambda: None
    "called as a pass goes on, however long it takes"
    somebody_is_there: Callable[[], bool] = lambda: True
    "whether a person can see the screen; what can wait waits for one"

    @property
    def delivery(self) -> Delivery:
        return self.store.delivery

    @property
    def notes(self) -> Notes:
        return self.store.notes

    @property
    def toasts(self) -> Toasts:
        return self.store.toasts

    @property
    def voice(self) -> Channel:
        """Who is told what is no reminder."""
        return voice_of(self.outlets)

    @property
    def routes(self) -> tuple[Route, ...]:
        return tuple(outlet.route for outlet in self.outlets)


def voice_of(outlets: Sequence[Outlet]) -> Channel:
    """The desktop; where it is off, the first target."""
    return outlets[0].channel
