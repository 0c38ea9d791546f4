"""Labels, tags and operators for a shell that completes: read at once, or not at all.

Not here: what commands work with (store). Without SQLAlchemy: whoever presses Tab waits for it.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

MOST = 100
"Nobody looks through more."
MOST_TAGGED = 20_000
"Tags have no index: those of the newest cards are enough to choose from."
PATIENCE_SECONDS = 0.3
_BEYOND = "\U0010ffff"
"Sorts after whatever may follow a prefix."


def sqlite_file(url: str) -> Path | None:
    """None for a server, and for an address that says more than which file."""
    named = re.fullmatch(r"sqlite(?:\+pysqlite)?:///([^?]+)", url)
    return Path(named[1]) if named else None


def labels_from(file: Path, typed: str) -> list[str]:
    """Of the cards that begin as typed, in whatever case. Raises sqlite3.Error."""
    key = unicodedata.normalize("NFC", typed).lstrip().casefold()
    query = (
        "SELECT label FROM cards WHERE label_key >= ? AND label_key < ? ORDER BY label_key LIMIT ?"
    )
    with _opened(file) as ask:
        return [label for (label,) in ask(query, (key, key + _BEYOND, MOST))]


def tags_in(file: Path) -> list[str]:
    query = "SELECT DISTINCT tags FROM (SELECT tags FROM cards ORDER BY id DESC LIMIT ?)"
    with _opened(file) as ask:
        kept = [tags for (tags,) in ask(query, (MOST_TAGGED,))]
    return sorted({tag for tags in kept for tag in tags.split("|") if tag})


def operator_of(file: Path, label: str) -> str | None:
    """The operator of the card that is called so, or begins so."""
    key = unicodedata.normalize("NFC", label).lstrip().casefold()
    query = "SELECT operator FROM cards WHERE label_key >= ? AND label_key < ? ORDER BY label_key"
    with _opened(file) as ask:
        found = next(ask(query, (key, key + _BEYOND)), (None,))
    return found[0]


@contextmanager
def _opened(file: Path) -> Iterator[Callable[..., sqlite3.Cursor]]:
    """Only to read. While nothing waits in a log beside it, the file is taken for unchangeable:
    else SQLite leaves an empty log behind."""
    log = file.with_name(f"{file.name}-wal")
    is_busy = log.exists() and log.stat().st_size
    address = f"{file.absolute().as_uri()}?mode=ro{'' if is_busy else '&immutable=1'}"
    with closing(sqlite3.connect(address, uri=True, timeout=PATIENCE_SECONDS)) as connection:
        yield connection.execute
