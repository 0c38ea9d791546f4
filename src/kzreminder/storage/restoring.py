"""Puts a copy in the database's place, and keeps what was there.

Not here: making copies (backup). Whoever calls holds the lock that keeps a service out.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kzreminder.errors import N_, BadValue, StorageFault
from kzreminder.storage.address import MAGIC, SQLITE_HEADER_BYTES, file_of
from kzreminder.storage.backup import (
    PATIENCE_SECONDS,
    Contents,
    copy_online,
    draft_in,
    examine,
    is_foreign,
    settle,
    sweep,
    sync_folder,
)
from kzreminder.storage.drives import network_drive
from kzreminder.storage.faults import BUSY, CLOSED, fault_of, storage_fault
from kzreminder.storage.known import Keeping
from kzreminder.storage.schema import belongs_to_another, refuse_newer

HAS_TOASTS, HAS_AWAITS = 3, 4
"The first schema that knows which toasts are open and who holds a card; what a card waits for."
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED")


@dataclass(frozen=True, slots=True)
class Restored:
    path: Path
    kept: Path | None
    "what was in its place; None where there was nothing"
    contents: Contents


def look_at(copy: Path, url: str) -> Contents:
    """What the copy holds; refuses one that this kzreminder cannot take."""
    path = file_of(url)
    if path is None:
        raise BadValue(
            N_("kzreminder restores SQLite files only"),
            hint=N_("PostgreSQL has its own: see pg_dump and pg_restore."),
        )
    if not copy.is_file():
        why_not = N_("{path} is not a file") if copy.exists() else N_("there is no file {path}")
        raise BadValue(why_not, path=copy)
    if path.exists():
        if copy.samefile(path):
            raise BadValue(N_("{path} is the database itself"), path=copy)
        _refuse_others(path)
    try:
        contents = examine(copy.resolve())
    except StorageFault as fault:
        if fault.sentence == BUSY[0]:
            raise
        another = N_("Nothing was changed. Restore another copy.")
        raise StorageFault(fault.sentence, hint=another, **fault.values) from fault
    refuse_newer(contents.schema)
    return contents


def _refuse_others(path: Path) -> None:
    """A folder, or another program's database, does not make room for ours."""
    url = f"sqlite:///{path}"
    if not path.is_file():
        raise fault_of(CLOSED, url)
    with suppress(sqlite3.DatabaseError):  # damaged: it is set aside
        if _is_sqlite(path) and is_foreign(path):
            raise belongs_to_another(url)


def restore(copy: Path, url: str, keeping: Keeping, now: datetime) -> Restored:
    """The copy's cards are the database's from here on, and are all planned again.

    What was there keeps its content under another name beside it. Nothing happens by half: until
    the last step the old file is in its place, after it the new one. Raises StorageFault.
    """
    look_at(copy, url)
    path = file_of(url)
    assert path is not None
    keeping.make_folder(path.parent)
    with _faults_of(path):
        sweep(path.parent)
        _forget_unfinished(path)
        with draft_in(path.parent) as draft:
            copy_online(copy.resolve(), draft)
            plan_anew(draft, now)
            contents = examine(draft)
            if network_drive(path.parent) is None:
                _use_log(draft)
            settle(draft)
            keeping.remember(url)
            with held(path) as is_held:
                kept = set_aside(path, now, move_sides=not is_held)
                take_place(draft, path)
    return Restored(path, kept, contents)


def plan_anew(draft: Path, now: datetime) -> None:
    """No card sleeps over what the copy does not know; no toast of its time counts as open."""
    with closing(sqlite3.connect(draft)) as connection, connection:
        connection.execute(
            "UPDATE cards SET wake_at = ?, claim_token = NULL, attempts = 0 WHERE NOT archived",
            [(now - _EPOCH) // timedelta(microseconds=1)],
        )
        connection.execute("DELETE FROM meta WHERE key LIKE 'away:%'")
        [schema] = connection.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()
        if int(schema) >= HAS_AWAITS:
            connection.execute("UPDATE cards SET awaits = NULL")
        elif int(schema) >= HAS_TOASTS:
            connection.execute("UPDATE cards SET held = 0")
        if int(schema) >= HAS_TOASTS:
            connection.execute("UPDATE cards SET claim_owner = NULL")
            connection.execute("DELETE FROM messages WHERE is_open AND answered = 'removed'")
            connection.execute("UPDATE messages SET is_open = 0")


@contextmanager
def held(path: Path) -> Iterator[bool]:
    """Keep every other process out of the old file, with nothing left in a log beside it.

    False where SQLite cannot read it: then nobody else can use it either.
    """
    connection = _hold(path)
    try:
        yield connection is not None
    finally:
        if connection is not None:
            connection.close()


def set_aside(path: Path, now: datetime, *, move_sides: bool) -> Path | None:
    """Give the old file a second name; its log, where it has one, goes along."""
    if not path.exists():
        return None
    kept = _free_name(path, now)
    try:
        os.link(path, kept)  # the first name stays until the new file takes it
    except OSError:  # a drive without links
        path.rename(kept)
    if move_sides:
        for side in ("-wal", "-journal"):
            log = path.with_name(path.name + side)
            if log.exists():
                log.rename(kept.with_name(kept.name + side))
        path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
    sync_folder(path.parent)
    return kept


def take_place(draft: Path, path: Path) -> None:
    draft.replace(path)
    sync_folder(path.parent)


def _use_log(draft: Path) -> None:
    with closing(sqlite3.connect(draft)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")


def _hold(path: Path) -> sqlite3.Connection | None:
    if not path.is_file() or not _is_sqlite(path):
        return None
    connection = sqlite3.connect(
        f"{path.as_uri()}?mode=rw", uri=True, timeout=PATIENCE_SECONDS, isolation_level=None
    )
    try:
        # takes in what the log holds, which nobody may be using then, and does without it
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("BEGIN EXCLUSIVE")
        return connection
    except sqlite3.DatabaseError as error:
        connection.close()
        if error.sqlite_errorname.startswith(_BUSY):
            raise storage_fault(error, f"sqlite:///{path}", path) from error
        return None


def _is_sqlite(path: Path) -> bool:
    """SQLite would throw away the log beside a file that was emptied or cut short."""
    with path.open("rb") as file:
        header = file.read(SQLITE_HEADER_BYTES)
    return header.startswith(MAGIC) and len(header) == SQLITE_HEADER_BYTES


def _free_name(path: Path, now: datetime) -> Path:
    moment = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    kept = path.with_name(f"{path.stem}.kept-{moment}{path.suffix}")
    number = 1
    while kept.exists():
        number += 1
        kept = path.with_name(f"{path.stem}.kept-{moment}-{number}{path.suffix}")
    return kept


def _forget_unfinished(path: Path) -> None:
    """A second name of the file in use was given by a restore that was killed in the middle."""
    if not path.exists():
        return
    for kept in path.parent.glob("*.kept-*"):
        if kept.name.startswith(f"{path.stem}.kept-") and kept.samefile(path):
            kept.unlink()


@contextmanager
def _faults_of(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise storage_fault(error, f"sqlite:///{path}", path) from error
    except OSError as error:
        raise StorageFault(
            N_("the database {path} could not be replaced: {why}"),
            hint=N_("It is as it was. Check the folder, and that there is room."),
            path=path,
            why=error.strerror or error,
        ) from error
