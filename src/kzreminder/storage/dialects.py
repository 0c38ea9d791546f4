"""What SQLite and PostgreSQL say in different words: each loads the one dialect in use.

Not here: opening either (engine).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Insert, Table, literal_column, select, text

from kzreminder.storage.address import POSTGRESQL
from kzreminder.storage.server import UNANSWERED_SECONDS
from kzreminder.storage.tables import Instant, meta

NEWS = "kzreminder"
"On this channel a server tells every service that a card has changed."
ADVISORY_LOCK = 0x6B7A72656D
_CLOCK = literal_column("(extract(epoch from clock_timestamp()) * 1000000)::bigint", Instant)


def is_shared(connection: Connection) -> bool:
    """A server, which several machines may ask at once."""
    return connection.dialect.name == POSTGRESQL


def time_there(connection: Connection, now: datetime) -> datetime:
    """Now by the server's clock: machines that share it agree on no other. A file takes ours."""
    if not is_shared(connection):
        return now
    read: datetime = connection.execute(select(_CLOCK)).scalar_one()
    return read


def due_now(connection: Connection, now: datetime) -> datetime:
    """For the pass that has begun at `now`, and for all others: its clock may be behind a server's,
    and a server's goes on while it works."""
    return min(now, time_there(connection, now))


def alone(connection: Connection, patience_seconds: int | None = None) -> None:
    """Nobody else is here until this transaction ends. Of a file the write lock says so.

    `patience_seconds`: for this, where it is more than for any other lock."""
    if not is_shared(connection):
        return
    for_it, after_it = patience_seconds or UNANSWERED_SECONDS, UNANSWERED_SECONDS
    connection.execute(text(f"set local lock_timeout = '{for_it}s'"))
    connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
    connection.execute(text(f"set local lock_timeout = '{after_it}s'"))


def tell_services(connection: Connection) -> None:
    """When this transaction is committed every service hears that something wants attention."""
    if is_shared(connection):
        connection.execute(text("select pg_notify(:news, '')"), {"news": NEWS})


def insert_new(connection: Connection, table: Table) -> Insert:
    """Inserts rows, passes over those that are there."""
    made: Insert = _insert(connection, table).on_conflict_do_nothing()
    return made


def insert_or_update(connection: Connection, table: Table, keys: Sequence[str]) -> Insert:
    """Inserts a row, or writes over the one with the same keys."""
    statement = _insert(connection, table)
    others = {one.name: one for one in statement.excluded if one.name not in keys}
    made: Insert = statement.on_conflict_do_update(index_elements=list(keys), set_=others)
    return made


def remember(connection: Connection, key: str, value: str | None) -> None:
    """Keep one value in `meta` under the key; None forgets it."""
    if value is None:
        connection.execute(meta.delete().where(meta.c.key == key))
    else:
        row = {"key": key, "value": value}
        connection.execute(insert_or_update(connection, meta, ["key"]), row)


def _insert(connection: Connection, table: Table) -> Any:
    if is_shared(connection):
        from sqlalchemy.dialects.postgresql import insert as postgresql_insert

        return postgresql_insert(table)
    from sqlalchemy.dialects.sqlite import insert as sqlite_insert

    return sqlite_insert(table)
