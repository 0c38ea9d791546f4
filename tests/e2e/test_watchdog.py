"""What systemd is told by the real service, how it ends, and clocks that are set under it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from tests.channels.bus import Bus, environment
from tests.channels.fake_server import FakeServer
from tests.e2e.playing import Service, User, titles, wait_until

WATCHDOG_SECONDS = 3.0
LOOKING = {"WATCHDOG_USEC": str(int(WATCHDOG_SECONDS * 1e6))}
"Has the guard look every second: so a clock that is set is seen at once."


class Systemd:
    """Listens on NOTIFY_SOCKET, and notes when it heard what."""

    def __init__(self, folder: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.address = str(folder / "notify")
        self.socket.bind(self.address)
        self.socket.setblocking(False)
        self.heard: list[tuple[float, str]] = []

    def hear(self) -> list[str]:
        with suppress(BlockingIOError):
            while True:
                said = self.socket.recv(4096).decode()
                self.heard += [(time.monotonic(), line) for line in said.splitlines()]
        return [line for _, line in self.heard]

    def has(self, beginning: str) -> Callable[[], bool]:
        return lambda: any(line.startswith(beginning) for line in self.hear())


pytestmark = pytest.mark.timeout(300)  # a busy machine takes seconds for each command


@pytest.fixture
def user(tmp_path: Path, server: FakeServer) -> User:
    someone = User(tmp_path, environment(server.bus))
    words = ("--label", "Mum", "--operator", "kcell", "--expires", "2026-12-20")
    someone.does("add", *words)
    return someone


@pytest.fixture
def systemd() -> Iterator[Systemd]:
    import tempfile

    # Not pytest's folder: a socket's path has 108 bytes.
    with tempfile.TemporaryDirectory(prefix="kz-") as folder:
        listening = Systemd(Path(folder))
        with closing(listening.socket):
            yield listening


def test_systemd_hears_when_it_is_ready_how_it_goes_and_that_it_lives(
    user: User, server: FakeServer, systemd: Systemd
) -> None:
    server.pause()  # so that the first pass takes as long as a server may hang
    with Service(user, NOTIFY_SOCKET=systemd.address, **LOOKING) as service:
        wait_until(service.logs("started"), "it has begun")
        time.sleep(1)
        assert "READY=1" not in systemd.hear()
        server.resume()
        wait_until(systemd.has("READY=1"), "the first pass has ended")
        assert titles(server.received()) == ["2 days left: Mum, plan ends 20 Dec"]
        # 19 Dec at ten is when the next lead falls
        wait_until(systemd.has("STATUS=next wake at 2026-12-19 10:00"), "how it goes")
        before = len(systemd.heard)
        end = time.monotonic() + 2 * WATCHDOG_SECONDS
        while time.monotonic() < end:
            systemd.hear()
            time.sleep(0.02)
        pings = [at for at, line in systemd.heard[before:] if line == "WATCHDOG=1"]
        gaps = [later - earlier for earlier, later in pairwise(pings)]
        assert max(gaps) < 2 * WATCHDOG_SECONDS / 3  # a third is meant; a busy machine is late
        assert service.stop() < 5
        assert systemd.hear()[-1] == "STOPPING=1"


def test_it_ends_in_time_whatever_hangs(
    user: User, server: FakeServer, systemd: Systemd, tmp_path: Path
) -> None:
    """The server, the database and the system's bus, all at once."""
    with Bus() as system:
        user.env["DBUS_SYSTEM_BUS_ADDRESS"] = system.address
        os.kill(system.pid, signal.SIGSTOP)
        server.pause()
        file = user.home / ".local/share/kzreminder/kzreminder.db"
        with (
            closing(sqlite3.connect(file, isolation_level=None)) as other,
            Service(user, NOTIFY_SOCKET=systemd.address) as service,
        ):
            other.execute("BEGIN EXCLUSIVE")
            wait_until(service.logs("logind tells nothing"), "it meets what hangs")
            assert service.stop() < 5
            other.execute("ROLLBACK")


def test_clocks_that_are_set_a_year_ahead_back_and_two_hours_back(
    user: User, server: FakeServer
) -> None:
    """Each due reminder once; and neither messages nor memory without end."""
    with Service(user, **LOOKING) as service:
        wait_until(lambda: len(server.received()) == 1, "today's")
        wait_until(service.has_passed, "the pass has ended")
        before_mb, before_cpu = service.resident_mb(), service.cpu_seconds()

        def set_by(step: timedelta) -> list[str]:
            told = len(server.received())
            passed = service.beat["passed_at"]
            user.clock.step(step)
            wait_until(lambda: service.beat.get("passed_at") != passed, "a pass by itself", 20)
            service.pokes(2)
            return titles(server.received())[told:]

        year = timedelta(days=365)
        assert len(set_by(year)) <= 1
        set_by(-year)  # what was told in the wrong year silences nothing, and is not told again
        assert set_by(timedelta(hours=-2)) + set_by(timedelta(hours=2)) == []
        assert set_by(timedelta(days=1)) == ["1 day left: Mum, plan ends 20 Dec"]
        assert set_by(timedelta(hours=-2)) + set_by(timedelta(hours=2)) == []
        assert set_by(timedelta(days=1)) == ["Today: Mum, plan ends 20 Dec"]
        assert len(server.received()) <= 5
        assert service.resident_mb() < before_mb + 20
        assert service.cpu_seconds() < before_cpu + 20
        assert service.stop() < 5


def test_a_service_whose_state_folder_was_deleted_is_found_and_poked_again(
    user: User, server: FakeServer
) -> None:
    with Service(user, **LOOKING) as service:
        wait_until(service.has_passed, "it has passed")
        # at once: what is written meanwhile would keep the folder from being removed
        shutil.rmtree(service.state.rename(user.folder / "away"))
        wait_until(service.has_passed, "it has passed again", 20)
        assert user.runs("run", "--once").returncode == 8
        assert user.reads("status")["daemon"]["pid"] == service.process.pid
        service.pokes()
        assert service.stop() < 5
    assert titles(server.received()) == ["2 days left: Mum, plan ends 20 Dec"]
