"""Opens a database: file modes, pragmas, transactions; what is new is set up, what is old upgraded.

Not here: what is asked of the tables (store, delivery), what errors mean (faults).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc, select
from sqlalchemy.engine.interfaces import DBAPIConnection, Dialect
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from kzreminder.errors import N_, StorageFault
from kzreminder.storage.address import (
    MAGIC,
    SQLITE,
    SQLITE_HEADER_BYTES,
    file_of,
    no_address,
    read_address,
    shown_address,
)
from kzreminder.storage.drives import network_drive
from kzreminder.storage.faults import FULL, MOVED, damaged, fault_of, no_driver, translated
from kzreminder.storage.known import Keeping, MakeFolder, lost
from kzreminder.storage.opening import Alone, open_file, size_of
from kzreminder.storage.schema import refuse_newer, schema_number, set_up
from kzreminder.storage.server import SESSION, leave_values_out, options_beside
from kzreminder.storage.tables import SCHEMA, cards

PATIENCE_SECONDS = 10
LARGEST_PAGE_BYTES = 65536


def open_engine(url: str, make_folder: MakeFolder, keeping: Keeping | None = None) -> Engine:
    """A connected engine on a database with our schema; an empty database is set up.

    `make_folder` makes a private folder where there is none; without `keeping` nothing is kept
    outside of the database. Refuses a newer schema, a database that is somebody else's, and one
    that has lost its cards, before it writes anything.
    """
    engine = connect(url)
    try:
        _make_ready(engine, url, make_folder, keeping)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _make_ready(engine: Engine, url: str, make_folder: MakeFolder, keeping: Keeping | None) -> None:
    file = file_of(url)
    # read before the file is: whoever sets up the file leaves this behind only afterwards
    is_known = keeping is not None and file is not None and keeping.knows(url)
    if file is not None:
        if is_known and keeping is not None and not size_of(file):
            raise lost(file, keeping, url)
        _prepare_file(file, make_folder)
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


def connect(url: str, *, patience: float = PATIENCE_SECONDS, foreign_keys: bool = True) -> Engine:
    """An engine on the database as it is. A file is never made: what has gone stays gone."""
    parsed = read_address(url)
    is_sqlite = parsed.get_backend_name() == SQLITE
    try:
        # without the values: an error of SQL is logged whole, and they are numbers and notes
        engine = create_engine(
            parsed,
            hide_parameters=True,
            **(_to_file(patience) if is_sqlite else _to_server(parsed)),
        )
    except exc.ArgumentError:  # sqlite://cards.db would be a server called cards.db
        raise no_address(url) from None
    except (exc.NoSuchModuleError, ImportError):
        raise no_driver(parsed) from None
    if is_sqlite:
        file = file_of(parsed)
        if file is not None and "uri" not in parsed.query:
            event.listen(engine, "do_connect", _opener(file))
            event.listen(engine, "checkout", _refuse_moved)
        event.listen(engine, "connect", _pragmas(foreign_keys))
        event.listen(engine, "begin", _begin)
    else:
        event.listen(engine, "connect", _set_session)
        event.listen(engine, "handle_error", leave_values_out)
    return engine


def _to_file(patience: float) -> dict[str, Any]:
    return {"connect_args": {"timeout": patience}}


def _to_server(url: URL) -> dict[str, Any]:
    """One connection is kept, so that very many services may share a server; one that has died
    meanwhile is noticed before it is used."""
    return {
        "connect_args": options_beside(url.query),
        "pool_pre_ping": True,
        "pool_size": 1,
        "max_overflow": 14,
    }


def _set_session(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    was = connection.autocommit
    connection.autocommit = True
    connection.cursor().execute(SESSION)
    connection.autocommit = was


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    with translated(engine), engine.connect() as connection:
        try:
            yield connection
        finally:
            if _is_alone(connection):
                connection.invalidate()  # closed, or it would keep everybody else out


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction; on SQLite with the write lock from its start: a read is never outrun."""
    with translated(engine), engine.connect() as connection:
        if _is_alone(connection):
            connection.invalidate()
            raise fault_of(FULL, shown_address(engine.url))
        connection = connection.execution_options(kz_writes=True)
        with connection.begin():
            yield connection


def _is_alone(connection: Connection) -> bool:
    return not connection.invalidated and isinstance(connection.connection.dbapi_connection, Alone)


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
    size = size_of(path)
    if path.is_dir() or (size is None and path.is_symlink()):
        return
    # a journal beside an empty file is another process's, which is setting it up just now
    if _has_side(path, "-wal") if not size else _is_cut(path, size):
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
    return not _has_side(path, "-wal", "-journal") and size_of(path) == size


def _has_side(path: Path, *sides: str) -> bool:
    return any(size_of(path.with_name(path.name + side)) for side in sides)


def _opener(file: Path) -> Callable[..., sqlite3.Connection]:
    def opened(
        _dialect: Dialect, record: ConnectionPoolEntry, _cargs: Any, options: dict[str, Any]
    ) -> sqlite3.Connection:
        record.info["file"] = file
        record.info["is"] = _which(file)
        return open_file(file, **options)

    return opened


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
    is_full = bool(size_of(record.info["file"]))
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
        raise fault_of(MOVED, shown_address(connection.engine.url))


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
