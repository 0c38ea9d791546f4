"""The only place that picks the concrete parts: settings, store, operators, words, channel.

Not here: what is done with them (reminding, cli, daemon). Each part is imported when asked for: a
command pays for what it uses.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kzreminder import clock, places
from kzreminder.errors import N_
from kzreminder.settings.declared import Desktop
from kzreminder.settings.reading import Defaults, Given, Settings, load

if TYPE_CHECKING:
    from datetime import datetime

    from kzreminder.channels.message import Channel, Event
    from kzreminder.channels.push import Push
    from kzreminder.core.routing import Route
    from kzreminder.operators.best import Wishes
    from kzreminder.operators.book import Book, ClerkBook
    from kzreminder.operators.catalogue import Catalogue
    from kzreminder.operators.sms_patterns import Patterns
    from kzreminder.reminding.desk import Desk, Outlet
    from kzreminder.settings.targets import TargetSettings
    from kzreminder.storage.backup import Backups
    from kzreminder.storage.known import Keeping
    from kzreminder.storage.restoring import Restored
    from kzreminder.storage.store import Store
    from kzreminder.wording.reminders import Scribe


def load_settings(given: Given, environ: Mapping[str, str]) -> Settings:
    """The settings in force on this host, its zone data put right first."""
    clock.zone_data_is_current()
    defaults = Defaults(
        places.config_file(), f"sqlite:///{places.database_file()}", clock.host_zone
    )
    return load(given, environ, defaults)


_THAT_STAY = ("store", "operators")
"A second store would be a second connection; operators are not read anew while a service runs."


@dataclass(frozen=True)
class Parts:
    """The parts as the settings ask for them, each made when first asked for."""

    settings: Settings
    reload: Callable[[], Settings] | None = None
    "reads the settings again, as they are by now"
    tell: Callable[..., None] | None = None
    "talks to whoever waits for a command; None: nobody does"
    sign_of_life: Callable[[], None] = lambda: None
    "called every few seconds while something takes minutes"
    throw_away: bool = False
    "a database that nothing is to be kept of outside its own folder"

    def renewed(self) -> Parts:
        """These parts; where settings or the host's zone have changed since, those of by now.

        The database and the operators stay what they were. Raises ConfigurationInvalid.
        """
        fresh = self.reload() if self.reload else self.settings
        fresh = replace(fresh, database_url=self.settings.database_url)
        if fresh == self.settings:
            return self
        _ = self.store  # shared by all that come after: each of their own would be a connection
        return self._with(settings=fresh)

    def with_sign_of_life(self, sign_of_life: Callable[[], None]) -> Parts:
        """To be called before the store is asked for, which is opened with it."""
        assert "store" not in self.__dict__
        return self._with(sign_of_life=sign_of_life)

    def _with(self, **changes: Any) -> Parts:
        parts = replace(self, **changes)
        there = self.__dict__
        parts.__dict__.update({name: there[name] for name in _THAT_STAY if name in there})
        return parts

    @cached_property
    def store(self) -> Store:
        from kzreminder.alive.poke import poke
        from kzreminder.storage.store import Store

        keeping = None if self.throw_away else self.keeping
        return Store(
            self.settings.database_url,
            places.make_private,
            keeping,
            changed=lambda: poke(self.poke_file),
            watches=self.settings.watches,
            host=self.host,
        )

    def close(self) -> None:
        if "store" in self.__dict__:
            self.store.close()

    @property
    def keeping(self) -> Keeping:
        """What is kept of a database outside its own folder."""
        from kzreminder.storage.known import Keeping

        return Keeping(places.state(), places.make_private, clock.now, self.tell, self.sign_of_life)

    @cached_property
    def backups(self) -> Backups:
        """Copies of the database; made and listed also where it cannot be opened."""
        from kzreminder.storage.backup import Backups

        return Backups(self.settings.database_url, self.keeping.backups, places.make_private)

    def restore(self, copy: Path, now: datetime) -> Restored:
        """Put the copy in the database's place; the store is not to be open. What was there stays
        beside it."""
        from kzreminder.storage.restoring import restore

        return restore(copy, self.settings.database_url, self.keeping, now)

    @cached_property
    def operators(self) -> Catalogue:
        from kzreminder.operators.catalogue import load

        return load(places.shipped("config/operators"), places.own_operators())

    def take_shipped_operators(self) -> None:
        """Where the user's own files are faulty, and the cards must be told of all the same."""
        from kzreminder.operators.catalogue import load

        self.__dict__["operators"] = load(places.shipped("config/operators"), None)

    @cached_property
    def sms_patterns(self) -> Patterns:
        from kzreminder.operators.sms_patterns import load

        names = {one.id: {one.id, *one.called} for one in self.operators.operators}
        return load(places.shipped("config/sms.toml"), places.own_sms_patterns(), names)

    def book(self, language: str) -> Book:
        return _book(language)

    @cached_property
    def clerk(self) -> ClerkBook:
        from kzreminder.operators.book_file import read_clerk

        return read_clerk(places.shipped("config/guides/clerk.toml"))

    def channel(self, hear: Callable[[Event], None] | None = None) -> Channel:
        """The desktop; with `hear` of a process that stays, so the server may tie toasts to it."""
        way = self.desktop_choice[0]
        if way is Desktop.OFF:
            from kzreminder.channels.desktop_off import DesktopOff

            return DesktopOff()
        if way is Desktop.DBUS:
            from kzreminder.channels.desktop_dbus import DesktopDbus

            return DesktopDbus(hear=hear)
        from kzreminder.channels.desktop_plyer import DesktopPlyer

        return DesktopPlyer()

    def push_channels(self) -> tuple[Push, ...]:
        """Whom else to tell, in the settings' order."""
        return tuple(self.push_channel(target) for target in self.settings.targets)

    def push_channel(self, target: TargetSettings) -> Push:
        """Its address is read when something is sent: one that was changed counts at once."""
        from kzreminder.channels.push import Push

        return Push(target.name, lambda: target.address.read(os.environ).reveal())

    @property
    def target(self) -> str:
        """The desktop of this host; the same whichever channel leads to it."""
        return f"desktop:{self.host}"

    @property
    def host(self) -> str:
        return socket.gethostname()

    @property
    def is_shared(self) -> bool:
        """The database is a server's, and several machines may share it."""
        return self.database_folder is None

    @property
    def desktop_choice(self) -> tuple[Desktop, str]:
        """Which way to the desktop is in use, and why."""
        if self.settings.desktop is not Desktop.AUTO:
            return self.settings.desktop, N_("the settings say so")
        if sys.platform == "linux":
            return Desktop.DBUS, N_("Linux desktops take notifications over D-Bus")
        return Desktop.PLYER, N_("there is no D-Bus on this system")

    @property
    def lock_file(self) -> Path:
        """One a database: two databases may each have a daemon."""
        return self._sign("lock")

    def is_gone(self, owner: str) -> bool:
        """Whether the process that claimed cards under this name has died."""
        from kzreminder.alive.lock import is_gone

        return is_gone(owner, alone=self.database_folder is not None)

    @property
    def database_folder(self) -> Path | None:
        """None: the database is no file."""
        from kzreminder.storage.address import file_of

        file = file_of(self.settings.database_url)
        return None if file is None else file.parent

    @property
    def heartbeat_file(self) -> Path:
        return self._sign("beat")

    @property
    def poke_file(self) -> Path:
        return self._sign("poke")

    def _sign(self, kind: str) -> Path:
        from kzreminder.storage.address import digest_of

        return places.state() / f"daemon-{digest_of(self.settings.database_url)}.{kind}"

    def keep_receipt(self, receipt: Path) -> str:
        """Copy a receipt to the kept ones, named by its content; the copy's name."""
        from kzreminder.storage.receipts import keep

        places.make_private(places.receipts())
        return keep(receipt, places.receipts())

    @property
    def wishes(self) -> Wishes:
        """What the user has said about paying."""
        from kzreminder.operators.best import Wishes

        return Wishes(self.settings.methods, self.settings.abroad)

    def scribe(self, language: str | None = None, mask_numbers: bool | None = None) -> Scribe:
        """In the user's language and habits; a language that is named is that of every card."""
        from kzreminder.wording.reminders import Scribe

        chosen = self.settings
        masks = chosen.mask_numbers if mask_numbers is None else mask_numbers
        return Scribe(
            self.operators,
            self.book,
            chosen.policy,
            language or chosen.language,
            masks,
            self.wishes,
            is_for_one_reader=language is not None,
        )

    def desk(self, channel: Channel) -> Desk:
        from kzreminder.alive.lock import this_process
        from kzreminder.reminding.desk import Desk

        policy, known = self.settings.policy, self._fingerprint()
        outlets, owner = self.outlets(channel), this_process()
        return Desk(self.store, channel, outlets, policy, self.scribe(), known, owner=owner)

    def outlets(self, channel: Channel) -> tuple[Outlet, ...]:
        """Where it is told: on the desktop first, where it is not off; then in the file's order."""
        from kzreminder.core.routing import Route
        from kzreminder.reminding.desk import Outlet

        most = self.settings.policy.max_toasts
        desktop = Outlet(Route(channel.target), channel, self.scribe(), most)
        others = (self._outlet(target) for target in self.settings.targets)
        return tuple(others) if self.settings.desktop is Desktop.OFF else (desktop, *others)

    def _outlet(self, target: TargetSettings) -> Outlet:
        from kzreminder.reminding.desk import Outlet

        most = target.max_messages or self.settings.policy.max_toasts
        scribe = self.scribe(target.language, mask_numbers=not target.show_numbers)
        channel = self.push_channel(target)
        return Outlet(target.route, channel, scribe, 0 if target.digest else most)

    @property
    def routes(self) -> tuple[Route, ...]:
        """Where cards are told of, and what of them."""
        from kzreminder.core.routing import Route

        desktop = () if self.settings.desktop is Desktop.OFF else (Route(self.target),)
        return (*desktop, *(target.route for target in self.settings.targets))

    def _fingerprint(self) -> str:
        """Changes when reminders may fall otherwise than they were planned."""
        from hashlib import sha256

        policy = self.settings.policy
        zone = clock.zone_signature(policy.zone)
        rules = [route.rule for route in self.routes]
        parts = (policy, zone, clock.zone_data_version(), self.operators.fingerprint, rules)
        return sha256(repr(parts).encode()).hexdigest()[:16]


@cache
def _book(language: str) -> Book:
    """The guide's words in the nearest language there is."""
    from kzreminder.operators.book_file import book_path, read_book

    return read_book(book_path(places.shipped("config/guides"), language))
