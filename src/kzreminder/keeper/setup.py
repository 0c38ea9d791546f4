"""What the installed service is started with: the program, what it is told, where it may write.

Not here: writing it down (unit, autostart).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kzreminder import places
from kzreminder.errors import N_, KzreminderError

CARRIED = (
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
    "XDG_CACHE_HOME",
    "KZREMINDER_LANG",
    "TZ",
)
"A shell may know these, a service does not: it would look elsewhere, or speak otherwise."


@dataclass(frozen=True, slots=True)
class Setup:
    program: tuple[str, ...]
    environment: tuple[tuple[str, str], ...] = ()
    folders: tuple[Path, ...] = ()
    "its own, where they are not the usual ones"
    found: tuple[Path, ...] = ()
    "others that it writes to and never makes: an empty folder is not the disk that is missing"
    cache: Path | None = None
    "where its guide pages go; None: the usual place"


def setup_here(
    environ: Mapping[str, str], config: Path | None = None, database: Path | None = None
) -> Setup:
    """As this process was started. `config`: the settings, unless the usual; `database`: its file.

    Never the database's address, which may hold a password.
    """
    told = [(name, environ[name]) for name in CARRIED if environ.get(name)]
    if config is not None:
        told.append(("KZREMINDER_CONFIG", str(config.absolute())))
    cache = places.page("").parent
    usual = {Path.home() / part / places.APP for part in (".local/share", ".local/state", ".cache")}
    own = {places.receipts().parent, places.state(), cache}
    found = {database.parent} - own - usual if database else set()
    return Setup(
        program(),
        tuple(told),
        tuple(sorted(own - usual)),
        tuple(found),
        None if cache in usual else cache,
    )


def program() -> tuple[str, ...]:
    """The kzreminder that runs now, by an absolute path; a link to it stays a link (pipx, uv)."""
    started = Path(sys.argv[0]).absolute()
    if started.name == places.APP and started.is_file() and os.access(started, os.X_OK):
        return (str(started),)
    if not sys.executable:
        raise KzreminderError(N_("which Python runs kzreminder cannot be found out"))
    return (sys.executable, "-m", places.APP)
