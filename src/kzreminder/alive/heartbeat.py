"""The heartbeat: what a service last said of itself, readable while its database is not.

Not here: whether a service is there at all (lock).
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from kzreminder import places
from kzreminder.errors import KzreminderError


@dataclass(frozen=True, slots=True)
class Heartbeat:
    pid: int
    version: str
    started_at: datetime
    passed_at: datetime | None
    "when its last pass ended well; None: none has yet"
    fault: str | None = None
    "what its last pass ran into, in English; None where it ended well"


def write(path: Path, beat: Heartbeat) -> None:
    """Whole or not at all; a disk without room costs the heartbeat, not the service."""
    text = json.dumps(asdict(beat), default=datetime.isoformat)
    try:
        places.make_private(path.parent)
        places.write_private(path, text, follows=False)
    except KzreminderError:
        with suppress(OSError):
            path.unlink()  # an old one would say what is not true any more


def read(path: Path) -> Heartbeat | None:
    """None where there is none, or none that can be read."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        passed_at = said["passed_at"]
        return Heartbeat(
            int(said["pid"]),
            str(said["version"]),
            datetime.fromisoformat(said["started_at"]),
            datetime.fromisoformat(passed_at) if passed_at else None,
            said["fault"],
        )
    except (OSError, ValueError, LookupError, TypeError):
        return None
