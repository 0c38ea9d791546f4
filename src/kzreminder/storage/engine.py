"""Opens a database: file modes, pragmas, transactions; what is new is set up, what is old upgraded.

Not here: what is asked of the tables (store, delivery), what errors mean (faults).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import sleep
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, exc, select
from sqlalchemy.engine.interfaces import DBAPIConnection, Dialect
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from kzreminder.errors import N_, StorageFault
from kzreminder.storage.address import MAGIC, SQLITE, file_of, no_address, read_address
from kzreminder.storage.drives import network_drive
from kzreminder.storage.faults import MOVED, damaged, translated
from kzreminder.storage.known import Keeping, MakeFolder, lost
from kzreminder.storage.schema import refuse_newer, schema_number, set_up
from kzreminder.storage.tables import SCHEMA, cards

PATIENCE_SECONDS = 10
SQLITE_HEADER_BYTES = 100
LARGEST_PAGE_BYTES = 65536
NO_ROOM_TO_SHARE = {"SQLITE_IOERR_SHMSIZE", "SQLITE_IOERR_SHMOPEN", "SQLITE_IOERR_SHMMAP"}


class Alone(sqlite3.Connection):
    """One that could not share its view of the log with others, for want of room on the disk."""


def open_engine(url: str, make_folder: MakeFolder, keeping: Keeping | None = None) -> Engine:
    """A connected engine on a database with our schema; an empty database is set up.

    `make_folder` makes a private folder where there is none; without `keeping` nothing is kept
    outside of the database. Refuses a newer schema, a database that is somebody else's, and one
    that has lost its cards, before it writes anything.
    """
    file = file_of(url)
    # read before the file is: whoever sets up the file leaves this behind only afterwards
    is_known = keeping is not None and file is not None and keeping.knows(url)
    if file is not None:
        if is_known and keeping is not None and not _size(file):
            raise lost(file, keeping, url)
        _prepare_file(file, make_folder)
    engine = connect(url)
    found = _number(engine)
    if found is None:
        if is_known and keeping is not None and file is not None:
            raise lost(file, keeping, url)
        if file is not None:
            _set_journal(engine, file, keeping)
        with writing(engine) as connection:
            found = set_up(connection)
    if found < SCHEMA:
        from kzreminder.storage.upgrading import upgrade

        upgrade(url, keeping)
        found = _number(engine) or found
    refuse_newer(found)
    if keeping is not None and file is not None and not is_known and _has_cards(engine):
        keeping.remember(url)
    return engine


def connect(url: str, *, patience: float = PATIENCE_SECONDS, foreign_keys: bool = True) -> Engine:
    """An engine on the database as it is. A file is never made: what has gone stays gone."""
    parsed = read_address(url)
    is_sqlite = parsed.get_backend_name() == SQLITE
    try:
        engine = create_engine(parsed, connect_args={"timeout": patience} if is_sqlite else {})
    except exc.ArgumentError:  # sqlite://cards.db would be a server called cards.db
        raise no_address(url) from None
    except (exc.NoSuchModuleError, ImportError):
        raise StorageFault(
            N_("the driver for {url} is not installed"),
            hint=N_("Install kzreminder with it: pipx install '.[postgres]'"),
            url=parsed.render_as_string(),
        ) from None
    if is_sqlite:
        file = file_of(parsed)
        if file is not None and "uri" not in parsed.query:
            event.listen(engine, "do_connect", _opener(file))
            event.listen(engine, "checkout", _refuse_moved)
        event.listen(engine, "connect", _pragmas(foreign_keys))
        event.listen(engine, "begin", _begin)
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    with translated(engine), engine.connect() as connection:
        is_alone = isinstance(connection.connection.dbapi_connection, Alone)
        try:
            yield connection
        finally:
            if is_alone:
                connection.invalidate()  # closed, or it would keep everybody else out


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction; on SQLite with the write lock from its start: a read is never outrun."""
    with translated(engine), engine.connect() as connection:
        connection = connection.execution_options(kz_writes=True)
        with connection.begin():
            yield connection


def _size(file: Path) -> int | None:
    """None where there is no such file."""
    try:
        return file.stat().st_size
    except OSError:
        return None


def _prepare_file(path: Path, make_folder: MakeFolder) -> None:
    """Make the file 0600 whatever the umask; SQLite's side files follow it."""
    try:
        make_folder(path.parent)
        _refuse_remains(path)
        try:
            handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        except FileExistsError:
            return
        try:
            path.chmod(0o600)
        finally:
            os.close(handle)
    except OSError as error:
        raise StorageFault(
            N_("the database {path} cannot be opened: {why}"),
            hint=N_("Check the folder, or name another database with --db."),
            path=path,
            why=error.strerror or error,
        ) from error


def _refuse_remains(path: Path) -> None:
    """SQLite takes a file that was cut short for an empty database, and throws its log away."""
    size = _size(path)
    if path.is_dir() or (size is None and path.is_symlink()):
        return
    # a journal beside an empty file is of whoever sets it up just now: that is waited for
    if _has_side(path, ("-wal",)) if not size else _is_cut(path, size):
        raise damaged(f"sqlite:///{path}")


def _is_cut(path: Path, size: int) -> bool:
    """In the middle of a page, which SQLite would fill up with zeros."""
    if size < SQLITE_HEADER_BYTES:
        return path.is_file()
    with path.open("rb") as file:
        header = file.read(SQLITE_HEADER_BYTES)
    page = int.from_bytes(header[16:18], "big")
    page = LARGEST_PAGE_BYTES if page == 1 else page
    if not header.startswith(MAGIC) or not page or size % page == 0:
        return False
    # else a crash has interrupted a write, and SQLite will finish or take it back
    return not _has_side(path) and _size(path) == size


def _has_side(path: Path, sides: Sequence[str] = ("-wal", "-journal")) -> bool:
    return any(_size(path.with_name(path.name + side)) for side in sides)


def _opener(file: Path) -> Callable[..., sqlite3.Connection]:
    address = f"{file.as_uri()}?mode=rw"  # without it SQLite makes a file that has gone anew

    def open_file(
        _dialect: Dialect, record: ConnectionPoolEntry, _cargs: Any, options: dict[str, Any]
    ) -> sqlite3.Connection:
        record.info["file"] = file
        record.info["is"] = _which(file)
        connection: sqlite3.Connection = sqlite3.connect(address, **options, uri=True)
        try:
            connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
            return connection
        except sqlite3.Error as error:
            connection.close()
            if error.sqlite_errorname not in NO_ROOM_TO_SHARE:
                raise
        # On a full disk the log's index has no room, but it can be kept in memory by whoever has
        # the file for itself: so that at least reading goes on.
        alone = sqlite3.connect(address, **options, uri=True, factory=Alone)
        alone.execute("PRAGMA locking_mode = EXCLUSIVE")
        return alone

    return open_file


def _which(file: Path) -> tuple[int, int] | None:
    """Which file has that name now."""
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _refuse_moved(
    _connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: PoolProxiedConnection
) -> None:
    """What is written to a file that has lost its name is lost: the file of that name is opened."""
    is_full = bool(_size(record.info["file"]))
    # Emptied in place, it would go on from memory and its log, and everybody else would not.
    is_emptied = record.info.get("was_full", False) and not is_full
    record.info["was_full"] = is_full
    if is_emptied or _which(record.info["file"]) != record.info["is"]:
        raise exc.DisconnectionError


def _pragmas(foreign_keys: bool) -> Callable[..., None]:
    def set_pragmas(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        assert isinstance(connection, sqlite3.Connection)
        # we say BEGIN ourselves; pysqlite's own leaves DDL outside
        connection.isolation_level = None
        connection.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")
        connection.execute("PRAGMA synchronous = FULL")

    return set_pragmas


def _begin(connection: Connection) -> None:
    if not connection.get_execution_options().get("kz_writes"):
        connection.exec_driver_sql("BEGIN")
        return
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    info = connection.connection.record_info or {}
    if "file" in info and _which(info["file"]) != info["is"]:
        connection.exec_driver_sql("ROLLBACK")  # it was replaced while we waited for the lock
        sentence, hint = MOVED
        raise StorageFault(sentence, hint=hint, url=connection.engine.url.render_as_string())


def _number(engine: Engine) -> int | None:
    with reading(engine) as connection:
        return schema_number(connection)


def _has_cards(engine: Engine) -> bool:
    with reading(engine) as connection:
        return connection.scalar(select(cards.c.id).limit(1)) is not None


def _set_journal(engine: Engine, file: Path, keeping: Keeping | None) -> None:
    """The write-ahead log stays with the file; it cannot be set inside a transaction.

    Where another process is setting up the same file, SQLite answers "busy" at once, without the
    patience it has elsewhere: so the patience is ours.
    """
    drive = network_drive(file.parent)
    if drive is not None:
        if keeping is not None and keeping.tell is not None:
            keeping.tell(
                N_(
                    "Note: {path} is on a drive shared over a network ({drive}): slower, and for "
                    "one machine at a time."
                ),
                path=file.parent,
                drive=drive,
            )
        return
    with translated(engine), engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        assert isinstance(raw, sqlite3.Connection)
        for tries_left in range(PATIENCE_SECONDS * 20, -1, -1):
            try:
                raw.execute("PRAGMA journal_mode = WAL")
            except sqlite3.DatabaseError as error:
                if not tries_left or error.sqlite_errorname != "SQLITE_BUSY":
                    raise exc.DatabaseError("journal_mode", None, error) from error
                sleep(0.05)
            else:
                return
