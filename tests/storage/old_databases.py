"""Databases as the programs of their time left them, one of each schema that was.

Made by those programs themselves: cards of every kind, changed and archived, with history, messages
that arrived and that did not, marks, and a desktop that is away. `Rich` was charged by schema 1.

Not here: what becomes of them.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

from kzreminder import places
from kzreminder.storage.backup import Backups
from kzreminder.storage.known import Keeping
from kzreminder.storage.store import Store
from tests.storage.samples import NOW, url_of

FOLDER = Path(__file__).with_name("old")
SCHEMAS = (1, 2, 3)
LABELS = {"Mum", "Office", "Codes", "Мама 妈妈", "Bare", "Phone", "Rich", "Old", "Away"}


def lay_old(folder: Path, schema: int) -> Path:
    """That database as `cards.db` in the folder, as `a_store` opens it."""
    file = folder / "cards.db"
    for side in ("", "-wal", "-shm", "-journal"):
        file.with_name(file.name + side).unlink(missing_ok=True)
    shutil.copy(FOLDER / f"schema_{schema}.db", file)
    file.chmod(0o600)
    return file


def keeping_in(folder: Path) -> Keeping:
    """With a state folder of its own, and a clock that stands still."""
    return Keeping(folder / "state", places.make_private, lambda: NOW)


def kept_store(folder: Path) -> Store:
    return Store(url_of(folder), places.make_private, keeping_in(folder))


def ask(file: Path, query: str, values: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
    """What another program reads in the file, or does to it."""
    with closing(sqlite3.connect(file)) as connection, connection:
        return connection.execute(query, tuple(values)).fetchall()


def schema_in(file: Path) -> int:
    [(number,)] = ask(file, "select value from meta where key = 'schema'")
    return int(number)


def labels_in(file: Path) -> set[str]:
    return {label for (label,) in ask(file, "select label from cards")}


def is_sound(file: Path) -> bool:
    return ask(file, "pragma quick_check") == [("ok",)] and not ask(
        file, "pragma foreign_key_check"
    )


def backups_of(folder: Path) -> Backups:
    keeping = keeping_in(folder)
    return Backups(url_of(folder), keeping.backups, keeping.make_folder)
