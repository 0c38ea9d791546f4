"""Opens an SQLite file as it is, on a full disk too, or only to read; never makes one.

Not here: which file, and what its connection is told besides (engine, backup, inspection).
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from kzreminder.storage.address import SQLITE_HEADER_BYTES

NO_ROOM_TO_SHARE = {"SQLITE_IOERR_SHMSIZE", "SQLITE_IOERR_SHMOPEN", "SQLITE_IOERR_SHMMAP"}


class Alone(sqlite3.Connection):
    """One that could not share its view of the log with others, for want of room on the disk.

    It keeps them out for as long as it is open, and can only read.
    """


def open_file(file: Path, **options: Any) -> sqlite3.Connection:
    """Raises sqlite3's errors. A file that has gone stays gone."""
    address = f"{file.absolute().as_uri()}?mode=rw"  # without it SQLite makes the file anew
    connection: sqlite3.Connection = sqlite3.connect(address, **options, uri=True)
    try:
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
        return connection
    except sqlite3.Error as error:
        connection.close()
        if error.sqlite_errorname not in NO_ROOM_TO_SHARE:
            raise
    # The log's index has no room, but whoever has the file for itself can keep it in memory.
    alone = sqlite3.connect(address, **options, uri=True, factory=Alone)
    alone.execute("PRAGMA locking_mode = EXCLUSIVE")
    return alone


def open_to_read(file: Path, **options: Any) -> sqlite3.Connection:
    """Read only, and without the side files that SQLite leaves behind even then.

    It makes them for a database with a log. While nobody has one open it has none, and may be taken
    for unchangeable for the moment; where there is one, what stands in it counts.
    """
    log, index = (file.with_name(file.name + end) for end in ("-wal", "-shm"))
    how = "mode=ro"
    if size_of(log):
        how += "&readonly_shm=1" if index.exists() else ""
    elif _keeps_a_log(file):
        how += "&immutable=1"
    connection: sqlite3.Connection = sqlite3.connect(
        f"{file.absolute().as_uri()}?{how}", **options, uri=True
    )
    return connection


def _keeps_a_log(file: Path) -> bool:
    """As the header says, with which SQLite opens it."""
    try:
        with file.open("rb") as opened:
            return opened.read(SQLITE_HEADER_BYTES)[18:20] == b"\x02\x02"
    except OSError:
        return False


def size_of(file: Path) -> int | None:
    """None where there is no such file."""
    try:
        return file.stat().st_size
    except OSError:
        return None
