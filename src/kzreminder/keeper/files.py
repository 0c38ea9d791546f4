"""The few files that a keeper needs: read, put in place, taken away.

Not here: what stands in them (unit, autostart).
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from kzreminder import places
from kzreminder.errors import N_, KzreminderError, StorageFault


def text_of(file: Path) -> str | None:
    """None where there is none, or none that can be read."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None


def put(file: Path, text: str) -> None:
    """Whole or not at all, with the folders above it."""
    try:
        places.make_private(file.parent)
    except StorageFault as fault:  # its exit code is for the database
        raise KzreminderError(
            N_("the folder {path} cannot be made: {why}"), path=file.parent, why=fault.values["why"]
        ) from fault
    places.write_private(file, text)


def take_away(file: Path) -> bool:
    """With its folder where that is empty then. False: there was none."""
    was_there = file.is_symlink() or file.exists()
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise KzreminderError(
            N_("{path} cannot be removed: {why}"), path=file, why=error.strerror or error
        ) from error
    with suppress(OSError):
        file.parent.rmdir()
    return was_there
