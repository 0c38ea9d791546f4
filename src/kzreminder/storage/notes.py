"""What passes note for the next ones: when the last began, which targets are away, what is left.

Not here: cards (store, delivery).
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, select

from kzreminder.storage.dialects import is_shared, remember, tell_services
from kzreminder.storage.engine import reading, writing
from kzreminder.storage.tables import meta

LAST_PASS = "last_pass_at"
LAST_CHANGE = "last_change_at"
"When a command last changed a card: ahead of now, it was made by a wrong clock."
FINGERPRINT = "fingerprint"
"What every card was last planned for; on a server also noted by each machine, of its own facts."
REPLAN = "replan"


@dataclass(frozen=True, slots=True)
class Absence:
    """A target that is away: since when, how often it was tried, when it is tried again."""

    since: str
    attempts: int
    retry_at: str
    error: str
    was_there: bool
    "the server was there and did not answer, or not in time: it may have shown the message"

    @property
    def since_at(self) -> datetime:
        return datetime.fromisoformat(self.since)

    @property
    def next_try_at(self) -> datetime:
        return datetime.fromisoformat(self.retry_at)


class Notes:
    def __init__(self, engine: Engine, host: str = "") -> None:
        """`host`: whose notes they are, where several machines share the database."""
        self._engine = engine
        self._host = host

    def last_pass_at(self) -> datetime | None:
        """When the last pass of this machine began, by its clock of then."""
        return self.instant(LAST_PASS)

    def absence(self, target: str) -> Absence | None:
        text = self.recall(f"away:{target}")
        return Absence(**json.loads(text)) if text else None

    def note_absence(self, target: str, absence: Absence | None) -> None:
        self.remember(f"away:{target}", json.dumps(asdict(absence)) if absence else None)

    def instant(self, key: str) -> datetime | None:
        text = self.recall(key)
        return datetime.fromisoformat(text) if text else None

    def recall(self, key: str) -> str | None:
        with reading(self._engine) as connection:
            return recall(connection, own(connection, key, self._host))

    def remember(self, key: str, value: str | None) -> None:
        with writing(self._engine) as connection:
            remember(connection, own(connection, key, self._host), value)


def own(connection: Connection, key: str, host: str) -> str:
    """Machines that share a database keep their own notes; a file keeps its notes when it moves."""
    return f"{key}@{host}" if is_shared(connection) else key


def forget_hosts(connection: Connection, living: Collection[str], before: datetime) -> None:
    """Drop the notes of machines that do not live, and have made no pass since."""
    is_pass = meta.c.key.startswith(f"{LAST_PASS}@", autoescape=True)
    for key, passed_at in connection.execute(select(meta).where(is_pass)).all():
        host = key.partition("@")[2]
        if host not in living and datetime.fromisoformat(passed_at) < before:
            theirs = meta.c.key.endswith(f"@{host}", autoescape=True)
            connection.execute(delete(meta).where(theirs))


def recall(connection: Connection, key: str) -> str | None:
    return connection.scalar(select(meta.c.value).where(meta.c.key == key))


def note_change(connection: Connection, now: datetime) -> None:
    """The latest change counts: one made by a clock that was ahead is not forgotten over the next,
    or its card would sleep until that time comes. A server's clock is everybody's."""
    tell_services(connection)
    if is_shared(connection):
        return
    known = recall(connection, LAST_CHANGE)
    if known is None or datetime.fromisoformat(known) < now:
        remember(connection, LAST_CHANGE, now.isoformat())
