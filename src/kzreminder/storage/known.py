"""What is kept of a database outside its own folder: that it has held cards, and its copies.

Without it an emptied or vanished file could not be told from one that never was, and a new one
would quietly take its place, without a single card to remind of.

Not here: making the copies (backup).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kzreminder.errors import N_, StorageFault
from kzreminder.storage.address import digest_of, file_of

MakeFolder = Callable[[Path], None]
Tell = Callable[..., None]
"Talks to whoever waits for the command: a message id, and its values."


@dataclass(frozen=True, slots=True)
class Keeping:
    """The user's state folder, and what it takes to keep something there."""

    folder: Path
    make_folder: MakeFolder
    now: Callable[[], datetime]
    tell: Tell | None = None
    sign_of_life: Callable[[], None] = lambda: None
    "called every few seconds while something takes minutes"

    @property
    def backups(self) -> Path:
        return self.folder / "backups"

    def marker(self, url: str) -> Path:
        return self.folder / f"database-{digest_of(url)}.known"

    def knows(self, url: str) -> bool:
        return self.marker(url).exists()

    def remember(self, url: str) -> None:
        """That this database has held cards. On a disk without room the next command does it."""
        marker, file = self.marker(url), file_of(url)
        if file is None or marker.exists():
            return
        with suppress(OSError, StorageFault):
            self.make_folder(self.folder)
            marker.touch(0o600)
            marker.chmod(0o600)
            marker.write_text(f"{file}\n", encoding="utf-8", errors="surrogateescape")


def lost(file: Path, keeping: Keeping, url: str) -> StorageFault:
    """The file has gone, or nothing is left in it."""
    from kzreminder.storage.backup import Backups

    newest = Backups(url, keeping.backups, keeping.make_folder).newest()
    sentence = (
        N_("the database {path} is empty, though it has held cards")
        if file.exists()
        else N_("the database {path} has gone; it has held cards")
    )
    hint = (
        N_("Is its disk there? Else: kzreminder restore-backup {backup}; or anew: rm {marker}")
        if newest
        else N_("Is its disk there? Else put a copy in its place; to begin anew: rm {marker}")
    )
    return StorageFault(
        sentence,
        hint=hint,
        path=file,
        backup=newest[0] if newest else "",
        marker=keeping.marker(url),
    )
