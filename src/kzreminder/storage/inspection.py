"""A look at a database that changes nothing: none is made, set up, upgraded or recovered by it.

Not here: opening one for use (engine), what to make of what is seen (doctor).
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from time import monotonic

from sqlalchemy import Engine, create_engine, exc, func, select
from sqlalchemy.pool import NullPool

from kzreminder.core.card import Card
from kzreminder.errors import N_, StorageFault
from kzreminder.storage.address import file_of, read_address
from kzreminder.storage.delivery import Delivery
from kzreminder.storage.dialects import time_there
from kzreminder.storage.engine import reading
from kzreminder.storage.faults import no_driver
from kzreminder.storage.notes import Notes
from kzreminder.storage.opening import open_to_read
from kzreminder.storage.rows import card_of
from kzreminder.storage.schema import schema_number
from kzreminder.storage.server import options_beside
from kzreminder.storage.services import Services
from kzreminder.storage.tables import SCHEMA, cards, events

PATIENCE_SECONDS = 2
STEPS_BETWEEN_LOOKS = 20_000
"How often a check asks whether its time is up, counted in SQLite's own steps."


class TakesTooLong(Exception):
    """The check was ended before it had seen all; nothing wrong was found so far."""


@dataclass(frozen=True, slots=True)
class Look:
    """A database as it stands. Each question opens it anew and closes it again."""

    engine: Engine
    schema: int | None
    "None: there is nothing in it"
    host: str = ""
    "whose notes are looked at, where several machines share it"

    @property
    def is_current(self) -> bool:
        return self.schema == SCHEMA

    @property
    def delivery(self) -> Delivery:
        """For its questions only."""
        return Delivery(self.engine)

    @property
    def notes(self) -> Notes:
        return Notes(self.engine, self.host)

    @property
    def services(self) -> Services:
        """For its questions only."""
        return Services(self.engine)

    def time_there(self, now: datetime) -> datetime:
        """By the clock of a server; of a file `now`."""
        with reading(self.engine) as connection:
            return time_there(connection, now)

    def count(self) -> int:
        with reading(self.engine) as connection:
            return connection.scalar(select(func.count()).select_from(cards)) or 0

    def newest_event_at(self) -> datetime | None:
        with reading(self.engine) as connection:
            at: datetime | None = connection.scalar(select(func.max(events.c.at)))
            return at

    def bare_cards(self, limit: int) -> list[Card]:
        """Cards in use with none of what most deadlines are made from."""
        nothing = [
            column.is_(None)
            for column in (
                *(cards.c.last_good_on, cards.c.keep_alive),
                *(cards.c.device_entered_on, cards.c.threshold),
            )
        ]
        bare = select(cards).where(~cards.c.archived, ~cards.c.auto_renew, *nothing)
        with reading(self.engine) as connection:
            query = bare.order_by(cards.c.label_key).limit(limit)
            return [card_of(row) for row in connection.execute(query).mappings()]

    def damage(self, *, thorough: bool, seconds: float | None) -> str | None:
        """The first thing that SQLite finds wrong; None where it finds nothing.

        Raises StorageFault where it cannot even be looked for, TakesTooLong.
        """
        pragma = "integrity_check(1)" if thorough else "quick_check(1)"
        ends_at = None if seconds is None else monotonic() + seconds
        with reading(self.engine) as connection:
            raw = connection.connection.dbapi_connection
            assert isinstance(raw, sqlite3.Connection)
            if ends_at is not None:
                raw.set_progress_handler(lambda: monotonic() > ends_at, STEPS_BETWEEN_LOOKS)
            try:
                found = str(raw.execute(f"PRAGMA {pragma}").fetchone()[0])
            except sqlite3.DatabaseError as error:
                if error.sqlite_errorname == "SQLITE_INTERRUPT":
                    raise TakesTooLong from None
                raise exc.DatabaseError(pragma, None, error) from error
        return None if found == "ok" else " ".join(found.split())


def look_at(url: str, host: str = "") -> Look:
    """Raises BadValue, StorageFault; a file that is not there is refused, not made."""
    parsed = read_address(url)
    file = file_of(parsed)
    if file is not None and file.exists() and not file.is_file():
        raise StorageFault(
            N_("the database {path} is not a file"),
            hint=N_("Move it away, or name another database with --db."),
            path=file,
        )
    try:
        if file is not None:
            creator = partial(_connect_to_file, file)
            engine = create_engine(
                parsed, creator=creator, poolclass=NullPool, hide_parameters=True
            )
        else:
            arguments = options_beside(parsed.query) | {"connect_timeout": str(PATIENCE_SECONDS)}
            engine = create_engine(
                parsed, connect_args=arguments, poolclass=NullPool, hide_parameters=True
            )
    except (exc.NoSuchModuleError, ImportError):
        raise no_driver(parsed) from None
    with reading(engine) as connection:
        return Look(engine, schema_number(connection), host)


def _connect_to_file(file: Path) -> sqlite3.Connection:
    # A check has a thread of its own, and may be given up.
    opened = open_to_read(file, timeout=PATIENCE_SECONDS, check_same_thread=False)
    opened.isolation_level = None
    return opened
