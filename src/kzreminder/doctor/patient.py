"""Who is examined: the parts as the settings ask for them, and what several checks look at.

Not here: the checks. Everything is looked at once, when first asked for, and opened to read only.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from kzreminder import places
from kzreminder.alive import heartbeat, lock
from kzreminder.alive.heartbeat import Heartbeat
from kzreminder.assembly import Parts, load_settings
from kzreminder.errors import BadValue, KzreminderError, ServicesDiffer
from kzreminder.keeper.look import Kept
from kzreminder.keeper.look import look as look_at_keeper
from kzreminder.settings.reading import Given

if TYPE_CHECKING:
    from kzreminder.storage.inspection import Look
    from kzreminder.storage.services import Member


@dataclass(frozen=True)
class Patient:
    parts: Parts
    now: datetime
    settings_error: KzreminderError | None = None
    "why the settings in force are not those that the user wrote"
    deep: bool = False
    "look at every page of the database, however long that takes"

    @cached_property
    def database_file(self) -> Path | None:
        """None: the database is a server's or in memory, or its address is none."""
        from kzreminder.storage.address import file_of

        with suppress(BadValue):  # said where the database is checked
            return file_of(self.parts.settings.database_url)
        return None

    @cached_property
    def look(self) -> Look | None:
        """None: there is none yet, or nothing in it. Raises BadValue, StorageFault."""
        from kzreminder.storage.inspection import look_at

        if self.database_file is not None and not os.path.lexists(self.database_file):
            return None
        look = look_at(self.parts.settings.database_url, self.parts.host)
        return look if look.schema is not None else None

    @property
    def is_shared(self) -> bool:
        """The database is on a server, where other services may share it."""
        with suppress(BadValue):
            return self.parts.is_shared
        return False

    @cached_property
    def others(self) -> tuple[Member, ...]:
        """The services of other machines that share the database and live; none of a file."""
        with suppress(KzreminderError):  # said where the database is checked
            if self.is_shared and self.look is not None and self.look.is_current:
                alive = self.look.services.alive(self.now)
                return tuple(one for one in alive if one.host != self.parts.host)
        return ()

    @cached_property
    def differs(self) -> ServicesDiffer | None:
        """What would end our service beside one that lives; None where the user's own settings
        cannot be read, too. Raises StorageFault."""
        if self.settings_error is not None or self.look is None or not self.look.is_current:
            return None
        return self.differs_from(self.look.services.alive(self.now))

    def differs_from(self, alive: Iterable[Member]) -> ServicesDiffer | None:
        from kzreminder.settings.shared import rules_of
        from kzreminder.storage.services import different

        ours, our_own = rules_of(self.parts.settings), (self.parts.host, self.holder[1])
        for one in alive:
            # our own, if it runs, takes changed settings over within a minute
            if (one.host, one.pid) != our_own and (keys := different(ours, one.rules)):
                return ServicesDiffer(one.host, keys)
        return None

    @property
    def has_held_cards(self) -> bool:
        """As is noted outside of it: a file that has gone cannot say so itself."""
        return self.parts.keeping.knows(self.parts.settings.database_url)

    @cached_property
    def is_alive(self) -> bool:
        return self.holder[0]

    @cached_property
    def holder(self) -> tuple[bool, int | None]:
        return lock.holder(self.parts.lock_file)

    @cached_property
    def kept(self) -> Kept:
        """Who keeps the service up."""
        return look_at_keeper()

    @cached_property
    def heartbeat(self) -> Heartbeat | None:
        """The last one, of a service that runs or of one that has ended."""
        with suppress(BadValue):
            return heartbeat.read(self.parts.heartbeat_file)
        return None


def patient_of(
    given: Given, environ: Mapping[str, str], now: datetime, *, deep: bool = False
) -> Patient:
    """Where the settings have faults, the rest is examined with what they are by default."""
    try:
        return Patient(Parts(load_settings(given, environ)), now, deep=deep)
    except KzreminderError as error:
        known = _named_database(given.file or places.config_file())
        without = replace(given, file=Path(os.devnull), database_url=given.database_url or known)
        kept = {key: value for key, value in environ.items() if key != "KZREMINDER_LANG"}
        if given.database_url is None and environ.get("KZREMINDER_DATABASE"):
            without = replace(without, database_url=environ["KZREMINDER_DATABASE"])
        return Patient(Parts(load_settings(without, kept)), now, error, deep)


def _named_database(file: Path) -> str | None:
    """The database that a faulty file names, so that it is not said that there is none."""
    text = ""
    with suppress(OSError, ValueError):
        text = file.read_text(encoding="utf-8-sig")
    line = re.search(r"""^database\s*=\s*("[^"\n]*"|'[^'\n]*')""", text, re.MULTILINE)
    if line is None:
        return None
    with suppress(tomllib.TOMLDecodeError):
        named = str(tomllib.loads(line[0])["database"])
        return named if re.match(r"(sqlite|postgresql)(\+\w+)?://", named) else None
    return None
