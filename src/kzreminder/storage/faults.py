"""The libraries' errors as ours: one sentence, and what to do.

Not here: faults that no library notices (known, soundness).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Engine, exc

from kzreminder.errors import N_, AlreadyExists, StorageFault
from kzreminder.storage.address import SQLITE, file_of, shown_address
from kzreminder.storage.server import NO_ROOM, OTHER, TAKEN, meaning_of, reason_of

LEAST_ROOM_BYTES = 64 * 1024
"With less than this left an input or output error means a full disk."

UNWRITABLE = (
    N_("the database {url} is read-only"),
    N_("Check who owns the file, those beside it (-wal, -shm) and its folder."),
)
BUSY = (
    N_("the database {url} is locked by another program"),
    N_("Try again; if it lasts, see which program holds the file open."),
)
CORRUPT = (
    N_("the database {url} is damaged, or not a database"),
    N_("Nothing was changed. Put a copy in its place: kzreminder restore-backup FILE"),
)
FULL = NO_ROOM
CLOSED = (
    N_("the database {url} cannot be opened"),
    N_("Check that it is a file in a folder you may write to, or name another with --db."),
)
MOVED = (
    N_("the database {url} was replaced by another meanwhile"),
    N_("Try again; nothing was changed."),
)
_FAULTS: dict[str, tuple[str, str | None]] = {
    "SQLITE_BUSY": BUSY,
    "SQLITE_LOCKED": BUSY,
    "SQLITE_PROTOCOL": BUSY,
    "SQLITE_READONLY": UNWRITABLE,
    "SQLITE_READONLY_DBMOVED": MOVED,
    "SQLITE_FULL": FULL,
    "SQLITE_CORRUPT": CORRUPT,
    "SQLITE_NOTADB": CORRUPT,
    "SQLITE_CANTOPEN": CLOSED,
}
"By the whole name, else by its first two words: SQLITE_BUSY_SNAPSHOT is a kind of SQLITE_BUSY."
UNREADABLE = (
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AssertionError,
    AttributeError,
)
"What our own reading runs into where a value is not one that we ever wrote."


def storage_fault(error: BaseException | None, url: str, file: Path | None) -> StorageFault:
    """What the database's own error means to whoever asked."""
    sentence, hint = _meaning(error, file)
    why = str(error) if error is None or file is not None else reason_of(error)
    return StorageFault(sentence, hint=hint, url=url, why=" ".join(why.split()))


def _meaning(error: BaseException | None, file: Path | None) -> tuple[str, str | None]:
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith("SQLITE_IOERR") and file is not None and is_full(file.parent):
        return FULL
    if is_undecodable(error):
        return CORRUPT
    kind = "_".join(name.split("_")[:2])
    of_server = meaning_of(error) if error is not None else None
    return _FAULTS.get(name) or _FAULTS.get(kind) or of_server or OTHER


def is_undecodable(error: BaseException | None) -> bool:
    """All that we write is UTF-8; this error has no name."""
    return isinstance(error, sqlite3.Error) and str(error).startswith("Could not decode to UTF-8")


def is_full(folder: Path) -> bool:
    try:
        disk = os.statvfs(folder)
    except (OSError, AttributeError):  # the latter: Windows
        return False
    return disk.f_bavail * disk.f_frsize < LEAST_ROOM_BYTES


def damaged(url: str) -> StorageFault:
    return fault_of(CORRUPT, url)


def fault_of(meaning: tuple[str, str | None], url: str) -> StorageFault:
    sentence, hint = meaning
    return StorageFault(sentence, hint=hint, url=url)


def no_driver(url: URL) -> StorageFault:
    return StorageFault(
        N_("the driver for {url} is not installed"),
        hint=N_("Install kzreminder with it: pipx install '.[postgres]'"),
        url=shown_address(url),
    )


@contextmanager
def translated(engine: Engine) -> Iterator[None]:
    """SQLAlchemy's errors as ours; those of a bug pass through.

    Damage can look like a bug: a table is missing, a date is none. Then all that is stored is read
    once, and the database is to blame where that fails.
    """
    try:
        yield
    except (exc.IntegrityError, *UNREADABLE) as error:
        if _is_taken(error):
            raise AlreadyExists(
                N_("another card was given that label or number just now"),
                hint=N_("Nothing was changed. See it: kzreminder list"),
            ) from error
        if _is_unsound(engine):
            raise damaged(shown_address(engine.url)) from error
        raise
    except (exc.DatabaseError, exc.InterfaceError) as error:
        if _is_of_a_bug(error):
            if not _is_unsound(engine):
                raise
            raise damaged(shown_address(engine.url)) from error
        url = shown_address(engine.url)
        raise storage_fault(error.orig, url, file_of(engine.url)) from error


def _is_taken(error: BaseException) -> bool:
    """On a server another one may have been quicker, after we have looked."""
    orig = error.orig if isinstance(error, exc.IntegrityError) else None
    return getattr(orig, "sqlstate", None) == TAKEN


def _is_of_a_bug(error: exc.DatabaseError | exc.InterfaceError) -> bool:
    if error.orig is not None and hasattr(error.orig, "sqlstate"):
        # what its address says of the connection is the user's, and no statement of ours
        return error.statement is not None and meaning_of(error.orig) is None
    name = getattr(error.orig, "sqlite_errorname", "")
    of_ours = (exc.ProgrammingError, exc.InterfaceError)
    return isinstance(error, of_ours) or name == "SQLITE_ERROR"


def _is_unsound(engine: Engine) -> bool:
    """Of a server we do not ask: it says so itself, and what it holds may be far too much."""
    from kzreminder.storage.soundness import is_sound

    if engine.dialect.name != SQLITE:
        return False
    try:
        with engine.connect() as connection:
            return not is_sound(connection)
    except (exc.DatabaseError, *UNREADABLE):
        return True
