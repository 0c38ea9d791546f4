"""A bus and a fake server for every test of this room that asks for them."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from kzreminder.channels.desktop_dbus import DesktopDbus
from tests.channels.bus import HASTY_SECONDS, Bus
from tests.channels.fake_server import FakeServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bus]:
    """An empty bus, which is also the session bus of this process and its children."""
    if shutil.which("dbus-daemon") is None:
        pytest.skip("dbus-daemon is not installed")
    with Bus() as started:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", started.address)
        monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
        yield started


@pytest.fixture
def server(bus: Bus, tmp_path: Path) -> Iterator[FakeServer]:
    """Reads markup; `stop` and `start` it for another kind."""
    fake = FakeServer(bus, tmp_path)
    fake.start()
    yield fake
    fake.stop()


@pytest.fixture
def channel() -> Iterator[DesktopDbus]:
    made = DesktopDbus()
    yield made
    made.close()


@pytest.fixture
def hasty() -> Iterator[DesktopDbus]:
    """Gives up soon."""
    made = DesktopDbus(limit_seconds=HASTY_SECONDS)
    yield made
    made.close()
