"""The heartbeat: what a service last said of itself, readable while its database is not.

Not here: whether a service is there at all (lock).
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from kzreminder import places
from kzreminder.alive.lock import NO_LINK
from kzreminder.errors import KzreminderError

NO_WAIT = getattr(os, "O_NONBLOCK", 0)
"A pipe in its place would keep us waiting for whoever reads it."


@dataclass(frozen=True, slots=True)
class Heartbeat:
    pid: int
    version: str
    started_at: datetime
    passed_at: datetime | None
    "when its last pass ended well; None: none has yet"
    fault: str | None = None
    "what its last pass ran into, in English; None where it ended well"
    is_told: bool = False
    "a notification of that fault was taken"


def write(path: Path, beat: Heartbeat) -> None:
    """Whole or not at all; nothing raises, for a heartbeat is not worth the service."""
    text = json.dumps(asdict(beat), default=datetime.isoformat)
    try:
        places.make_private(path.parent)
        places.write_private(path, text, follows=False)
    except KzreminderError:
        _write_over(path, text.encode())


def _write_over(path: Path, text: bytes) -> None:
    """On a full disk there is no room but where the last one stands: a block of some thousand."""
    try:
        handle = os.open(path, os.O_WRONLY | NO_WAIT | NO_LINK)
        try:
            beside = os.fstat(handle).st_size - len(text)
            if os.write(handle, text + b" " * beside) == len(text) + max(beside, 0):
                return
        finally:
            os.close(handle)
    except OSError:
        pass
    with suppress(OSError):
        path.unlink(missing_ok=True)  # an old one would say what is not true any more


def take_away(path: Path) -> None:
    """Where it is this process's own: another may have come in its place."""
    beat = read(path)
    if beat is not None and beat.pid == os.getpid():
        with suppress(OSError):
            path.unlink(missing_ok=True)


def read(path: Path) -> Heartbeat | None:
    """None where there is none, or none that can be read."""
    try:
        if not path.is_file():  # a pipe in its place would keep us waiting
            return None
        said = json.loads(path.read_text(encoding="utf-8"))
        passed_at = said["passed_at"]
        return Heartbeat(
            int(said["pid"]),
            str(said["version"]),
            datetime.fromisoformat(said["started_at"]),
            datetime.fromisoformat(passed_at) if passed_at else None,
            said["fault"],
            bool(said.get("is_told")),
        )
    except (OSError, ValueError, LookupError, TypeError):
        return None
