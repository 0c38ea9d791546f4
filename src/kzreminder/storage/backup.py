"""Copies of a database: made while it is in use, checked, counted, the oldest dropped.

Not here: bringing one back (restoring), when one is made (daemon).
"""

from __future__ import annotations

import os
import re
import secrets
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kzreminder.errors import N_, AlreadyExists, BadValue, StorageFault
from kzreminder.storage.address import digest_of, file_of, sides_of
from kzreminder.storage.faults import CORRUPT, storage_fault
from kzreminder.storage.opening import open_file, open_to_read
from kzreminder.storage.schema import belongs_to_another

PATIENCE_SECONDS = 10
KEPT = 7
KEPT_OF_A_SCHEMA = 2
NIGHTLY_AFTER = timedelta(hours=20)
"Less than a day: a service that wakes a little earlier tonight still makes its copy."
_MOMENT = "%Y%m%dT%H%M%SZ"
_DRAFT = re.compile(r"\.kzreminder-draft-([0-9]+)-[0-9a-f]+\.db(-wal|-shm|-journal)?")


@dataclass(frozen=True, slots=True)
class Contents:
    """What a sound database of ours holds."""

    schema: int
    cards: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Copy:
    path: Path
    contents: Contents


class Backups:
    """The copies of one database in one folder. Of PostgreSQL its server keeps them, not we."""

    def __init__(
        self, url: str, folder: Path, make_folder: Callable[[Path], None] | None = None
    ) -> None:
        self._url = url
        self._folder = folder
        self._make_folder = make_folder
        self._stem = f"cards-{digest_of(url)}"

    def make(self, now: datetime) -> Path:
        """A copy among the others; beyond seven the oldest goes. Raises StorageFault."""
        return self.copy(now).path

    def copy(self, now: datetime) -> Copy:
        """As `make`, with what the copy holds."""
        made = self._add(self._stem, now)
        _drop(self._of(self._stem), KEPT, made.path, now)
        return made

    def before_upgrade(self, schema: int, now: datetime) -> Path:
        """A copy that the nightly ones do not push out; the last two of each schema are kept."""
        stem = f"{self._stem}-schema{schema}"
        made = self._add(stem, now)
        _drop(self._of(stem), KEPT_OF_A_SCHEMA, made.path, now)
        return made.path

    def nightly(self, now: datetime) -> Path | None:
        """A copy where the newest is older than a night or dated ahead; None where none is due."""
        if file_of(self._url) is None:
            return None
        newest = self.newest(now)
        if newest is not None and timedelta(0) <= now - newest[1] < NIGHTLY_AFTER:
            return None
        return self.make(now)

    def newest(self, now: datetime | None = None) -> tuple[Path, datetime] | None:
        """The last copy, and when it was made. What is dated ahead of `now` comes last."""
        copies = self._of(self._stem)
        return max(copies, key=lambda copy: _age_key(copy, now), default=None)

    def copy_to(self, target: Path, now: datetime, *, replace: bool = False) -> Copy:
        """A copy at a place of the user's own; in a folder under the usual name."""
        source = self._source()
        if target.is_dir():
            target = target / _name(self._stem, now)
        of_source = [source, *sides_of(source)]
        if target.resolve() in of_source or (target.exists() and target.samefile(source)):
            raise BadValue(N_("{path} is the database itself"), path=target)
        return _copied(source, target, replace=replace)

    def _add(self, stem: str, now: datetime) -> Copy:
        source = self._source()
        if self._make_folder is not None:
            self._make_folder(self._folder)
        sweep(self._folder)
        target = self._folder / _name(stem, now)
        number = 1
        while target.exists():  # a second one in the same second
            number += 1
            target = self._folder / _name(stem, now, f"-{number}")
        return _copied(source, target)

    def _source(self) -> Path:
        file = file_of(self._url)
        if file is None:
            raise BadValue(
                N_("kzreminder copies SQLite files only"),
                hint=N_("PostgreSQL has its own: see pg_dump and pg_restore."),
            )
        return file

    def _of(self, stem: str) -> list[tuple[Path, datetime]]:
        pattern = re.compile(re.escape(stem) + r"-([0-9]{8}T[0-9]{6}Z)(?:-[0-9]+)?\.db")
        found = []
        with suppress(OSError):
            for path in sorted(self._folder.iterdir()):
                match = pattern.fullmatch(path.name)
                with suppress(ValueError):  # the 31st of February: no name of ours
                    if match:
                        made_at = datetime.strptime(match[1], _MOMENT).replace(tzinfo=UTC)
                        found.append((path, made_at))
        return found


def _age_key(copy: tuple[Path, datetime], now: datetime | None) -> tuple[bool, datetime, int, str]:
    """A clock that was ahead made names that are not to be believed: they come first."""
    path, made_at = copy
    return (now is None or made_at <= now, made_at, len(path.name), path.name)


def _drop(copies: list[tuple[Path, datetime]], kept: int, made: Path, now: datetime) -> None:
    """By number, never by age: nothing is thrown away because the clock jumped."""
    copies = sorted(copies, key=lambda copy: _age_key(copy, now))
    for path, _made_at in copies[:-kept]:
        if path != made:
            with suppress(OSError):
                path.unlink()


def _name(stem: str, now: datetime, number: str = "") -> str:
    return f"{stem}-{now.astimezone(UTC).strftime(_MOMENT)}{number}.db"


# The steps of a copy


def _copied(source: Path, target: Path, *, replace: bool = False) -> Copy:
    with _faults_of(target), draft_in(target.parent) as draft:
        copy_online(source, draft)
        contents = examine(draft)
        settle(draft)
        publish(draft, target, replace=replace)
    return Copy(target, contents)


@contextmanager
def draft_in(folder: Path) -> Iterator[Path]:
    """An unfinished file, for the owner's eyes only; gone afterwards unless it was published."""
    draft = folder / f".kzreminder-draft-{os.getpid()}-{secrets.token_hex(8)}.db"
    os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    try:
        draft.chmod(0o600)
        yield draft
    finally:
        for file in (draft, *sides_of(draft)):
            file.unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Take away what a process that was killed had begun."""
    if sys.platform == "win32":  # there nobody can be asked about without being ended
        return
    for path in folder.glob(".kzreminder-draft-*"):
        match = _DRAFT.fullmatch(path.name)
        if match is None or int(match[1]) == os.getpid():
            continue
        try:
            os.kill(int(match[1]), 0)
        except ProcessLookupError:
            path.unlink(missing_ok=True)
        except OSError:
            continue


def copy_online(source: Path, draft: Path) -> None:
    """All pages as of one instant, whoever writes meanwhile; one file, without a log beside it."""
    with closing(_open(source)) as original, closing(_open(draft)) as copy:
        copy.execute("PRAGMA synchronous = OFF")  # `settle` does it once
        copy.execute("PRAGMA locking_mode = EXCLUSIVE")
        try:
            # the instant is taken here: on a locked source the copying itself would wait for ever
            original.execute("BEGIN")
            original.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
            original.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.Error as error:
            raise storage_fault(error, f"sqlite:///{source}", draft) from error


def examine(file: Path) -> Contents:
    """What stands in a database file; refuses what is not ours and what is damaged.

    The file is left as it is, and nothing is made beside it.
    """
    url = f"sqlite:///{file}"
    try:
        with closing(_open_to_read(file)) as connection:
            if is_foreign(file):
                raise belongs_to_another(url)
            if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise StorageFault(CORRUPT[0], url=url)
            if connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None:
                raise StorageFault(N_("there are no cards in {url}: it is empty"), url=url)
            number = connection.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()
            if number is None or not str(number[0]).isdecimal():
                raise belongs_to_another(url)
            [cards] = connection.execute("SELECT count(*) FROM cards").fetchone()
            return Contents(int(number[0]), cards, file.stat().st_size)
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorname == "SQLITE_ERROR":
            raise belongs_to_another(url) from error
        raise storage_fault(error, url, file) from error


def is_foreign(file: Path) -> bool:
    """Another program's database. Raises sqlite3's own error where that cannot be read."""
    with closing(_open_to_read(file)) as connection:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    return bool(tables) and not {"meta", "cards"} <= tables


def settle(draft: Path) -> None:
    """On the disk itself, whatever happens to the machine now."""
    with draft.open("rb+") as file:
        os.fsync(file.fileno())


def publish(draft: Path, target: Path, *, replace: bool = False) -> None:
    """Give it its name: whole or not at all, and over no other file unless that is asked for."""
    if replace:
        draft.replace(target)
    else:
        try:
            os.link(draft, target)
        except FileExistsError:
            raise
        except OSError:  # a drive without links
            if target.exists():
                raise FileExistsError(target) from None
            draft.rename(target)
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    with suppress(OSError):  # not every system and drive lets a folder be opened
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _open(file: Path) -> sqlite3.Connection:
    return open_file(file, timeout=PATIENCE_SECONDS, isolation_level=None)


def _open_to_read(file: Path) -> sqlite3.Connection:
    return open_to_read(file, timeout=PATIENCE_SECONDS)


@contextmanager
def _faults_of(target: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError as error:
        raise AlreadyExists(N_("{path} exists already"), path=target) from error
    except sqlite3.Error as error:
        raise storage_fault(error, f"sqlite:///{target}", target) from error
    except OSError as error:
        raise StorageFault(
            N_("the copy {path} could not be written: {why}"),
            hint=N_("Nothing was left behind. Make room, or name another place."),
            path=target,
            why=error.strerror or error,
        ) from error
