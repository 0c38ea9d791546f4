"""A system bus and a logind of the tests' own."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.channels.bus import Bus
from tests.daemon.fake_logind import FakeLogind

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def system_bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bus]:
    """An empty bus, which is the system's for this process and its children."""
    if shutil.which("dbus-daemon") is None:
        pytest.skip("dbus-daemon is not installed")
    with Bus() as started:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", started.address)
        yield started


@pytest.fixture
def login(system_bus: Bus) -> Iterator[FakeLogind]:
    fake = FakeLogind(system_bus)
    fake.start()
    yield fake
    fake.stop()
