"""A database's address: read, shown without its password, the same for every name of one file.

Not here: opening what it leads to (engine).
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from urllib.parse import unquote

from sqlalchemy import URL, exc, make_url

from kzreminder.errors import N_, BadValue

SQLITE, POSTGRESQL = "sqlite", "postgresql"
DRIVER = "+psycopg"
MAGIC = b"SQLite format 3\0"
"With it every SQLite file begins."
SQLITE_HEADER_BYTES = 100
SIDES = ("-wal", "-shm", "-journal")
"What SQLite puts beside a file, by the end of its name."


def read_address(url: str) -> URL:
    """Raises BadValue for what is no address, and for kinds of databases that we do not know."""
    try:
        parsed = make_url(url)
        kind = parsed.get_backend_name()
    except (exc.ArgumentError, ValueError):
        raise no_address(url) from None
    if kind not in (SQLITE, POSTGRESQL):
        hint = N_("Write it like postgresql://user@host/database")
        raise BadValue(
            N_("databases of the kind {kind} are not supported"),
            hint=hint if kind == "postgres" else None,
            kind=kind,
        )
    if kind == SQLITE and parsed.database in (None, "", ":memory:"):
        raise no_address(url)  # in memory, it would be gone with the command
    if kind == POSTGRESQL and "@" in f"{parsed.host}{parsed.database}":
        raise BadValue(
            N_("{url} is not a database address"),
            hint=N_("In a password, write @ as %40, / as %2F and : as %3A."),
            url=shown_address(url),
        )
    if parsed.drivername == POSTGRESQL:
        return parsed.set(drivername=f"{POSTGRESQL}{DRIVER}")  # the one that we bring along
    return parsed


def no_address(url: str) -> BadValue:
    return BadValue(
        N_("{url} is not a database address"),
        hint=N_("Write it like sqlite:////home/me/cards.db"),
        url=shown_address(url),
    )


def shown_address(url: str | URL) -> str:
    """The address without its passwords, whether or not it is one that can be opened; as it is
    written, without the driver that we add."""
    written = str(url).replace(f"{POSTGRESQL}{DRIVER}:", f"{POSTGRESQL}:", 1)
    shown = re.sub(r"(:/{0,3}|//|^)([^:/@]*):(?!/).*@", r"\1\2:***@", written)
    return re.sub(r"(?i)([?&][^=&]*(?:pass|secret|key)[^=&]*=)[^&]*", r"\1***", shown)


def file_of(url: str | URL) -> Path | None:
    """The SQLite file behind all links; None for a server."""
    parsed = read_address(url) if isinstance(url, str) else url
    if parsed.get_backend_name() != SQLITE:
        return None
    name = str(parsed.database)
    if "uri" in parsed.query:
        name = unquote(name.removeprefix("file:").partition("?")[0])
    return Path(name).resolve()


def sides_of(file: Path) -> list[Path]:
    """What SQLite may have put beside the file."""
    return [file.with_name(file.name + side) for side in SIDES]


def identity_of(url: str | URL) -> str:
    """The same for every name of one SQLite file. Holds no password."""
    parsed = read_address(url) if isinstance(url, str) else url
    return str(file_of(parsed) or parsed.render_as_string())


def digest_of(url: str | URL) -> str:
    """The identity, fit for the name of a file."""
    return hashlib.sha256(identity_of(url).encode()).hexdigest()[:16]
