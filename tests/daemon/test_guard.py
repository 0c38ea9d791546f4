"""The guard goes by what passes do, and by clocks that nobody can set."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from kzreminder import clock
from kzreminder.daemon.guard import Guard, ServiceStuck


class Machine:
    """Its clocks, moved by hand; what systemd hears; how often a pass was asked for."""

    def __init__(self, systemd: socket.socket) -> None:
        self.monotonic, self.wall_offset, self.asleep = 1000.0, 1.7e9, 0.0
        self.wakes = 0
        self._systemd = systemd

    def wake(self) -> None:
        self.wakes += 1

    def pings(self) -> int:
        """Since it was last asked."""
        heard = 0
        with suppress(BlockingIOError):
            while self._systemd.recv(100) == b"WATCHDOG=1":
                heard += 1
        return heard


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    with (
        tempfile.TemporaryDirectory(prefix="kz-") as folder,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd,
    ):
        address = str(Path(folder, "notify"))
        systemd.bind(address)
        systemd.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        made = Machine(systemd)
        monkeypatch.setattr(clock, "monotonic", lambda: made.monotonic)
        monkeypatch.setattr(clock, "wall_offset", lambda: made.wall_offset)
        monkeypatch.setattr(clock, "asleep", lambda: made.asleep)
        yield made


def guarding(machine: Machine) -> Guard:
    guard = Guard(machine.wake)
    guard.sign_of_life()
    guard.look()  # takes in the clocks as they are
    assert machine.pings() == 1
    machine.wakes = 0
    return guard


def test_all_is_well_as_long_as_passes_say_so(machine: Machine) -> None:
    guard = guarding(machine)
    for _ in range(40):
        machine.monotonic += 15
        guard.sign_of_life()
        guard.look()
        assert machine.pings() == 1
    assert machine.wakes == 0


def test_silence_wakes_then_stops_the_pings_then_ends_the_service(machine: Machine) -> None:
    guard = guarding(machine)
    seen = []
    for silent_for in (15, 59, 61, 89, 91, 299):
        machine.monotonic = 1000.0 + silent_for
        before = machine.wakes
        guard.look()
        seen.append((silent_for, machine.wakes - before, machine.pings()))
    assert seen == [(15, 0, 1), (59, 0, 1), (61, 1, 1), (89, 1, 1), (91, 1, 0), (299, 1, 0)]
    machine.monotonic = 1000.0 + 301
    with pytest.raises(ServiceStuck):
        guard.look()
    assert machine.pings() == 0


@pytest.mark.parametrize("seconds", [3600.0, -7200.0, 365 * 86400.0, -2.0])
def test_a_clock_that_was_set_wakes_once(machine: Machine, seconds: float) -> None:
    guard = guarding(machine)
    machine.wall_offset += seconds
    for _ in range(3):
        machine.monotonic += 15
        guard.sign_of_life()
        guard.look()
    assert machine.wakes == 1


def test_a_clock_that_is_kept_right_little_by_little_wakes_nobody(machine: Machine) -> None:
    guard = guarding(machine)
    for _ in range(100):
        machine.wall_offset += 0.5
        guard.look()
    assert machine.wakes == 0


def test_a_sleep_wakes_once(machine: Machine) -> None:
    guard = guarding(machine)
    machine.asleep += 8 * 3600
    for _ in range(3):
        guard.look()
    assert machine.wakes == 1
