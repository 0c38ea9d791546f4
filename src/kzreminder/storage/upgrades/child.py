"""The upgrade itself: the lock, a copy, every step, a check, the number; all or nothing.

Not here: the steps (versions).
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, text

from kzreminder.errors import N_, StorageFault
from kzreminder.storage.address import file_of, shown_address
from kzreminder.storage.backup import Backups
from kzreminder.storage.dialects import alone
from kzreminder.storage.engine import PATIENCE_SECONDS, connect, writing
from kzreminder.storage.faults import UNREADABLE, damaged
from kzreminder.storage.schema import refuse_newer, schema_number
from kzreminder.storage.soundness import has_sound_pages
from kzreminder.storage.tables import SCHEMA
from kzreminder.storage.upgrading import not_upgraded

UPGRADE_SECONDS = 900
UPGRADED_BYTES_A_SECOND = 2_000_000
"Much slower than any machine is: who waits for another's upgrade does not give up too early."


def carry_out(url: str, backups: str | None, now: str | None) -> None:
    """Bring the database up to our schema; nothing to do where another process was quicker."""
    engine = connect(url, patience=_patience(file_of(url)), foreign_keys=False)
    with writing(engine) as connection:
        found = still_older(connection)
        if found is None:
            return
        if backups is not None and now is not None and file_of(url) is not None:
            keep_a_copy(url, Path(backups), found, datetime.fromisoformat(now))
        take_steps(connection, found)
        set_number(connection)
        check(connection)
    engine.dispose()


def still_older(connection: Connection) -> int | None:
    """The schema found, once nobody else can change it."""
    alone(connection, UPGRADE_SECONDS)  # another process may be at it
    found = schema_number(connection)
    if found is None or found == SCHEMA:
        return None
    refuse_newer(found)
    return found


def keep_a_copy(url: str, folder: Path, schema: int, now: datetime) -> None:
    """The last state that this transaction has not touched: it is read beside it."""
    Backups(url, folder).before_upgrade(schema, now)


def take_steps(connection: Connection, schema: int) -> None:
    config = Config()
    config.set_main_option("script_location", "kzreminder.storage:upgrades")
    config.attributes["connection"] = connection
    config.attributes["schema"] = schema
    try:
        command.upgrade(config, str(SCHEMA))
    except (CommandError, *UNREADABLE) as error:
        raise not_upgraded(shown_address(connection.engine.url), str(error)) from error


def set_number(connection: Connection) -> None:
    connection.execute(
        text("update meta set value = :known where key = 'schema'"), {"known": str(SCHEMA)}
    )


def check(connection: Connection) -> None:
    """A database that is not sound now was not before: what was damaged stays as it was."""
    if connection.dialect.name != "sqlite":
        return
    if not has_sound_pages(connection):
        raise damaged(shown_address(connection.engine.url))
    if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
        raise StorageFault(
            N_("the database {url} has rows of cards that are not there"),
            hint=N_("Nothing was changed. Bring a copy back: kzreminder restore-backup FILE"),
            url=shown_address(connection.engine.url),
        )


def _patience(file: Path | None) -> float:
    size = file.stat().st_size if file is not None and file.exists() else 0
    return PATIENCE_SECONDS + size / UPGRADED_BYTES_A_SECOND
