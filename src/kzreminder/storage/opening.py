"""Opens an SQLite file as it is, on a full disk too; never makes one.

Not here: which file, and what its connection is told besides (engine, backup).
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

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
