"""Passes over a real file on a screen that only counts: one database, as many starts as one wants.

Not here: what is expected of them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from kzreminder.assembly import Parts
from kzreminder.channels.message import Accepted, Message, Outcome
from kzreminder.core.card import Card
from kzreminder.core.moves import Renewal, renew
from kzreminder.core.policy import Policy
from kzreminder.reminding.desk import Desk, Outlet, PassReport
from kzreminder.reminding.passing import run_pass
from kzreminder.settings.declared import Desktop
from kzreminder.settings.reading import Settings
from kzreminder.settings.secret import Address
from kzreminder.settings.targets import TargetSettings
from kzreminder.storage.store import Store
from tests.channels.fake_channel import FakeChannel
from tests.storage.samples import NOW, POLICY, TARGET, TODAY, url_of


class Screen(FakeChannel):
    """A desktop that counts what it is asked, and lets something happen while it is."""

    def __init__(self) -> None:
        super().__init__(TARGET)
        self.asked = 0
        self.meanwhile: Callable[[Message], None] = lambda message: None

    def send(self, message: Message) -> Outcome:
        self.asked += 1
        self.meanwhile(message)
        return super().send(message)

    @property
    def titles(self) -> list[str]:
        return [message.title for message in self.shown]


class Phone(FakeChannel):
    """A target beside the desktop: it counts what it is asked, and gives no ids."""

    def __init__(self, name: str) -> None:
        super().__init__(f"push:{name}")
        self.asked = 0
        self.meanwhile: Callable[[Message], None] = lambda message: None

    def send(self, message: Message) -> Outcome:
        self.asked += 1
        self.meanwhile(message)
        outcome = super().send(message)
        return Accepted(None) if isinstance(outcome, Accepted) else outcome

    @property
    def titles(self) -> list[str]:
        return [message.title for message in self.shown]


class House:
    """One database, one screen, and as many starts of the program as a test wants."""

    url = ""
    "of the database; without one it is a file in the folder"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.screen = Screen()
        self.policy = POLICY
        self.somebody_is_there = True
        self.desktop = Desktop.AUTO
        self.targets: tuple[TargetSettings, ...] = ()
        self.phones: dict[str, Phone] = {}
        self.parts = self._parts()

    def _parts(self) -> Parts:
        return Parts(self._settings(), self._settings)

    def _settings(self) -> Settings:
        file = self.folder / "config.toml"
        return Settings(
            file,
            "en",
            self.url or url_of(self.folder),
            self.policy,
            self.desktop,
            mask_numbers=True,
            targets=self.targets,
        )

    @property
    def store(self) -> Store:
        return self.parts.store

    def restart(self, policy: Policy | None = None) -> None:
        self.parts.store.close()
        self.policy = policy or self.policy
        self.parts = self._parts()

    def change_policy(self, policy: Policy) -> None:
        """While it runs, as the service takes over changed settings."""
        self.policy = policy
        self.parts = self.parts.renewed()

    def tells(self, *targets: TargetSettings, desktop: Desktop = Desktop.AUTO) -> None:
        """These too from now on, as the service takes over changed settings."""
        self.targets, self.desktop = targets, desktop
        for target in targets:
            self.phones.setdefault(target.name, Phone(target.name))
        self.parts = self.parts.renewed()

    def add(self, *cards: Card) -> list[Card]:
        return [self.store.add(card, card.registered_at) for card in cards]

    def tell(self, now: datetime, *, patient: bool = True) -> PassReport:
        return run_pass(self.desk(), now, patient=patient)

    def desk(self) -> Desk:
        desk = self.parts.desk(self.screen)
        return replace(
            desk,
            outlets=tuple(self._played(outlet) for outlet in desk.outlets),
            somebody_is_there=lambda: self.somebody_is_there,
        )

    def _played(self, outlet: Outlet) -> Outlet:
        if outlet.route.is_desktop:
            return outlet
        return replace(outlet, channel=self.phones[outlet.route.name])

    def renew(self, card: Card, now: datetime) -> Card:
        move = partial(renew, renewal=Renewal(TODAY), now=NOW)
        return self.store.change(card.id, "renewed", move, now)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.folder / "cards.db")) as connection:
            return connection.execute(query).fetchall()


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    made = House(tmp_path)
    yield made
    made.store.close()


def leads(report: PassReport) -> list[tuple[str, str]]:
    return [(one.reminder.card.label, str(one.reminder.lead)) for one in report.delivered]


def a_target(name: str, **told: Any) -> TargetSettings:
    return TargetSettings(name, Address("url_env", "NOWHERE"), **told)
