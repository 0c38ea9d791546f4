"""The services that share one database on a server: who they are, when each was last seen, and that
all go by the same rules.

Not here: what they do (reminding, daemon). Of a file there is one, which a lock on it says.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, RowMapping, delete, func, select, update

from kzreminder.errors import ServicesDiffer
from kzreminder.storage.dialects import alone, insert_or_update, is_shared, time_there
from kzreminder.storage.engine import reading, writing
from kzreminder.storage.notes import forget_hosts
from kzreminder.storage.rows import listed, names_of
from kzreminder.storage.tables import cards, services

ALIVE = timedelta(minutes=3)
"Each is heard of once a minute, or it has died or stands still."
FORGOTTEN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Member:
    """One service, as it says of itself."""

    owner: str
    host: str
    pid: int
    version: str
    watches: tuple[str, ...]
    rules: Mapping[str, str]
    "what decides when and where a card is told of: key of the settings -> value"
    has_desktop: bool
    started_at: datetime
    seen_at: datetime
    "by the clock of the server"


class Services:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def join(self, me: Member, now: datetime) -> None:
        """Be one of them, or go on being one. Raises ServicesDiffer where another one that lives
        goes by other rules. On a file nothing happens."""
        with reading(self._engine) as connection:
            if not is_shared(connection):
                return
        with writing(self._engine) as connection:
            there = time_there(connection, now)
            row = _row_of(me, there)
            if _goes_on(connection, row, there):
                return
            alone(connection)  # of two that begin at once with different rules one must see it
            there = row["seen_at"] = time_there(connection, now)
            for other in _alive(connection, there):
                keys = different(me.rules, other.rules)
                if other.owner != me.owner and keys:
                    raise ServicesDiffer(other.host, keys)
            connection.execute(delete(services).where(services.c.seen_at < there - FORGOTTEN))
            connection.execute(insert_or_update(connection, services, ["owner"]), row)
            hosts = connection.scalars(select(services.c.host).distinct()).all()
            forget_hosts(connection, hosts, there - FORGOTTEN)

    def leave(self, owner: str) -> None:
        with writing(self._engine) as connection:
            connection.execute(delete(services).where(services.c.owner == owner))

    def alive(self, now: datetime) -> list[Member]:
        """Those heard of lately, by machine."""
        with reading(self._engine) as connection:
            return _alive(connection, time_there(connection, now))

    def lost(self, now: datetime) -> list[Member]:
        """Those that have not been heard of for too long, and have not said that they end."""
        with reading(self._engine) as connection:
            silent = services.c.seen_at <= time_there(connection, now) - ALIVE
            return _members(connection, silent)

    def watchers(self) -> dict[str | None, int]:
        """How many living cards have each watcher; None: none."""
        counted = select(cards.c.watcher, func.count()).where(~cards.c.archived)
        with reading(self._engine) as connection:
            rows = connection.execute(counted.group_by(cards.c.watcher))
            return {row[0]: row[1] for row in rows}


def _row_of(me: Member, there: datetime) -> dict[str, Any]:
    return {
        "owner": me.owner,
        "host": me.host,
        "pid": me.pid,
        "version": me.version,
        "watches": listed(me.watches),
        "policy": json.dumps(me.rules, sort_keys=True),
        "has_desktop": me.has_desktop,
        "started_at": me.started_at,
        "seen_at": there,
    }


def _goes_on(connection: Connection, row: Mapping[str, Any], there: datetime) -> bool:
    """Whether it was one of them all the time, by the same rules: then it agrees with the others
    still, and nobody waits for anybody."""
    was = (services.c.owner == row["owner"], services.c.policy == row["policy"])
    renewed = update(services).where(*was, services.c.seen_at > there - ALIVE).values(**row)
    return connection.execute(renewed).rowcount == 1


def hosts_alive(connection: Connection, now: datetime) -> list[str]:
    """The machines of those heard of lately."""
    return [one.host for one in _alive(connection, time_there(connection, now))]


def _alive(connection: Connection, there: datetime) -> list[Member]:
    return _members(connection, services.c.seen_at > there - ALIVE)


def _members(connection: Connection, which: ColumnElement[bool]) -> list[Member]:
    query = select(services).where(which).order_by(services.c.host, services.c.pid)
    return [_member_of(row) for row in connection.execute(query).mappings()]


def _member_of(row: RowMapping) -> Member:
    return Member(
        row["owner"],
        row["host"],
        row["pid"],
        row["version"],
        names_of(row["watches"]),
        json.loads(row["policy"]),
        row["has_desktop"],
        row["started_at"],
        row["seen_at"],
    )


def different(ours: Mapping[str, str], theirs: Mapping[str, str]) -> tuple[str, ...]:
    """The keys of the settings in which two differ."""
    return tuple(sorted(key for key in {*ours, *theirs} if ours.get(key) != theirs.get(key)))
