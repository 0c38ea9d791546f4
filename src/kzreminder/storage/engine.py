"""Opens a database: URL, file modes, pragmas, transactions, schema number, library errors.

Not here: what is asked of the tables (store, delivery).
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep

from sqlalchemy import Connection, Engine, create_engine, event, exc, inspect, make_url, select
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from kzreminder.errors import N_, BadValue, StorageFault
from kzreminder.storage.tables import SCHEMA, meta, metadata
from kzreminder.storage.upgrades import upgrade

PATIENCE_SECONDS = 10
SQLITE_HEADER_BYTES = 100


MakeFolder = Callable[[Path], None]


def open_engine(url: str, make_folder: MakeFolder) -> Engine:
    """A connected engine on a database with our schema; an empty database is set up.

    `make_folder` makes a private folder where there is none. Refuses a newer schema and a database
    that is somebody else's, before it writes anything.
    """
    try:
        parsed = make_url(url)
        dialect = parsed.get_backend_name()
    except (exc.ArgumentError, ValueError):
        raise _no_address(url) from None
    if dialect not in ("sqlite", "postgresql"):
        raise BadValue(N_("databases of the kind {kind} are not supported"), kind=dialect)
    connect_args = {"timeout": PATIENCE_SECONDS} if dialect == "sqlite" else {}
    try:
        engine = create_engine(parsed, connect_args=connect_args)
    except exc.ArgumentError:  # sqlite://cards.db would be a server called cards.db
        raise _no_address(url) from None
    except (exc.NoSuchModuleError, ImportError):
        raise StorageFault(
            N_("the driver for {url} is not installed"),
            hint=N_("Install kzreminder with it: pipx install '.[postgres]'"),
            url=parsed.render_as_string(),
        ) from None
    if dialect == "sqlite":
        if parsed.database and parsed.database != ":memory:":
            _prepare_file(Path(parsed.database), make_folder)
        event.listen(engine, "connect", _set_pragmas)
        event.listen(engine, "begin", _begin)
    _check_schema(engine)
    return engine


def shown_address(url: str) -> str:
    """The address without its password, whether or not it is one that can be opened."""
    return re.sub(r"(:/{1,2}(?!/)[^:/@]*):.*@", r"\1:***@", url)


def _no_address(url: str) -> BadValue:
    return BadValue(
        N_("{url} is not a database address"),
        hint=N_("Write it like sqlite:////home/me/cards.db"),
        url=shown_address(url),
    )


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    with _translated(engine), engine.connect() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction; on SQLite with the write lock from its start: a read is never outrun."""
    with _translated(engine), engine.connect() as connection:
        connection = connection.execution_options(kz_writes=True)
        with connection.begin():
            yield connection


def _prepare_file(path: Path, make_folder: MakeFolder) -> None:
    """Make the file 0600 whatever the umask; SQLite's side files follow it."""
    try:
        make_folder(path.parent)
        try:
            handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        except FileExistsError:
            if 0 < path.stat().st_size < SQLITE_HEADER_BYTES and path.is_file():
                # SQLite would take so short a file for an empty database, and write over it
                sentence, hint = _CORRUPT
                raise StorageFault(sentence, hint=hint, url=f"sqlite:///{path}") from None
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


def _set_pragmas(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    assert isinstance(connection, sqlite3.Connection)
    connection.isolation_level = None  # we say BEGIN ourselves; pysqlite's own leaves DDL outside
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("kz_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _check_schema(engine: Engine) -> None:
    with reading(engine) as connection:
        found = _schema_number(connection)
    if found is None:
        if engine.dialect.name == "sqlite":
            _set_wal(engine)
        with writing(engine) as connection:
            found = _schema_number(connection)  # another process may have been quicker
            if found is None:
                metadata.create_all(connection)
                connection.execute(meta.insert().values(key="schema", value=str(SCHEMA)))
                found = SCHEMA
    if found < SCHEMA:
        with writing(engine) as connection:
            found = _schema_number(connection) or found  # another process may have been quicker
            if found < SCHEMA:
                upgrade(connection, found, SCHEMA)
    if found > SCHEMA:
        raise StorageFault(
            N_("the database was written by a newer kzreminder (schema {found}, known: {known})"),
            hint=N_("Update kzreminder; nothing was changed."),
            found=found,
            known=SCHEMA,
        )


def _set_wal(engine: Engine) -> None:
    """WAL stays with the file; it cannot be set inside a transaction.

    Where another process is setting up the same file, SQLite answers "busy" at once, without the
    patience it has elsewhere: so the patience is ours.
    """
    with _translated(engine), engine.connect() as connection:
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


def _schema_number(connection: Connection) -> int | None:
    """The schema's number; None for an empty database; refuses one that is not ours."""
    tables = inspect(connection).get_table_names()
    if not tables:
        return None
    number = None
    if meta.name in tables and _has_our_columns(connection):
        number = connection.scalar(select(meta.c.value).where(meta.c.key == "schema"))
    if number is None or not number.isdecimal():
        raise StorageFault(
            N_("the database {url} belongs to another program"),
            hint=N_("Name another database with --db; nothing was changed."),
            url=connection.engine.url.render_as_string(),
        )
    return int(number)


def _has_our_columns(connection: Connection) -> bool:
    return {column["name"] for column in inspect(connection).get_columns(meta.name)} == {
        column.name for column in meta.columns
    }


@contextmanager
def _translated(engine: Engine) -> Iterator[None]:
    """SQLAlchemy's errors as ours; those of a bug pass through."""
    try:
        yield
    except exc.IntegrityError:
        raise
    except exc.DatabaseError as error:
        name = getattr(error.orig, "sqlite_errorname", "")
        sentence, hint = _FAULTS.get(name, (None, None))
        if sentence is None:
            if isinstance(error, exc.ProgrammingError) or name == "SQLITE_ERROR":
                raise
            sentence = N_("the database {url} cannot be used: {why}")
        raise StorageFault(
            sentence,
            hint=hint,
            url=engine.url.render_as_string(),
            why=" ".join(str(error.orig).split()),
        ) from error


_UNWRITABLE = (
    N_("the database {url} is read-only"),
    N_("Check who owns the file and its folder."),
)
_BUSY = (
    N_("the database {url} is locked by another program"),
    N_("Try again; if it lasts, see which program holds the file open."),
)
_CORRUPT = (
    N_("the database {url} is damaged, or not a database"),
    N_("Nothing was changed. Move the file away; put a copy in its place if you have one."),
)
_FAULTS: dict[str, tuple[str, str]] = {
    "SQLITE_BUSY": _BUSY,
    "SQLITE_BUSY_SNAPSHOT": _BUSY,
    "SQLITE_LOCKED": _BUSY,
    "SQLITE_READONLY": _UNWRITABLE,
    "SQLITE_READONLY_DIRECTORY": _UNWRITABLE,
    "SQLITE_READONLY_CANTINIT": _UNWRITABLE,
    "SQLITE_READONLY_DBMOVED": _UNWRITABLE,
    "SQLITE_FULL": (
        N_("the disk is full: the database {url} could not be written"),
        N_("Make room and try again; nothing was changed."),
    ),
    "SQLITE_CORRUPT": _CORRUPT,
    "SQLITE_NOTADB": _CORRUPT,
    "SQLITE_CANTOPEN": (
        N_("the database {url} cannot be opened"),
        N_("Check that it is a file in a folder you may write to, or name another with --db."),
    ),
}
