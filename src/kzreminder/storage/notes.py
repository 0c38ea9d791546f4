"""What passes note for the next ones: when the last began, which targets are away, what is left.

Not here: cards (store, delivery).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
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
_AWAY = "away:"


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
        return self.absences([target])[target]

    def absences(self, targets: Iterable[str]) -> dict[str, Absence | None]:
        """None: it is not known to be away."""
        keys = {target: f"{_AWAY}{target}" for target in targets}
        noted = self.recalled(keys.values())
        return {
            target: Absence(**json.loads(noted[key])) if key in noted else None
            for target, key in keys.items()
        }

    def note_absence(self, target: str, absence: Absence | None) -> None:
        self.remember(f"{_AWAY}{target}", json.dumps(asdict(absence)) if absence else None)

    def instant(self, key: str) -> datetime | None:
        return self.instants([key]).get(key)

    def instants(self, keys: Iterable[str]) -> dict[str, datetime]:
        """Those that are noted."""
        return {key: datetime.fromisoformat(text) for key, text in self.recalled(keys).items()}

    def recalled(self, keys: Iterable[str]) -> dict[str, str]:
        """What is noted under each of them: one question, whatever their number."""
        with reading(self._engine) as connection:
            ours = {own(connection, key, self._host): key for key in keys}
            query = select(meta.c.key, meta.c.value).where(meta.c.key.in_(ours))
            return {ours[key]: value for key, value in connection.execute(query)}

    def recall(self, key: str) -> str | None:
        return self.recalled([key]).get(key)

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
