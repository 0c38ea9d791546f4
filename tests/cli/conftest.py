"""A user for every test of this room that asks for one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.disks import network_drive, small_disk
from tests.cli.running import Home

__all__ = ["home", "network_drive", "registered", "small_disk"]

CARDS = (
    ("87011234567", "--label", "Mum", "--operator", "kcell", "--period", "30d", "--price", "4990"),
    ("87051234567", "--label", "Office 1", "--operator", "beeline", "--balance", "1200"),
    ("87051234568", "--label", "Office 2", "--expires", "+5d"),
    ("--label", "Bare"),
)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A user who has never run kzreminder."""
    return Home(tmp_path)


@pytest.fixture(scope="session")
def _registered_once(tmp_path_factory: pytest.TempPathFactory) -> Home:
    made = Home(tmp_path_factory.mktemp("registered"))
    for card in CARDS:
        result = made.kz("add", *card)
        assert result.exit_code == 0, result
    return made


@pytest.fixture
def registered(home: Home, _registered_once: Home) -> Home:
    """A user with the cards above: Bare has neither period nor end, Office fits two."""
    shutil.copytree(_registered_once.data, home.data)
    return home
