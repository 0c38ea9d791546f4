"""Desktops for the played users, some of them without anybody who serves."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.channels.bus import Bus
from tests.channels.fake_server import FakeServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _programs() -> None:
    if shutil.which("dbus-daemon") is None:
        pytest.skip("dbus-daemon is not installed")


@pytest.fixture
def bus_alone() -> Iterator[Bus]:
    """A bus on which nobody serves, and which starts nobody."""
    with Bus() as bus:
        yield bus


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FakeServer]:
    """A server that can be ended and started, on a bus of its own."""
    with Bus() as bus:
        fake = FakeServer(bus, tmp_path)
        fake.start()
        yield fake
        fake.stop()
