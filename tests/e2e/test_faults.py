"""Disks, databases and desktops that fail under the real service, and mend again.

Each story is told in seconds, by pokes and by moving the clock: no minute is waited for.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest

from tests.channels.bus import environment
from tests.channels.fake_server import FakeServer
from tests.e2e.playing import Service, User, titles, wait_until

LONG = "KZREMINDER_LONG_FAULTS" in os.environ
DAY = timedelta(days=1)
TROUBLE = "Reminders cannot be kept just now"
TWO, ONE = "2 days left: Mum, plan ends 20 Dec", "1 day left: Mum, plan ends 20 Dec"
pytestmark = pytest.mark.timeout(300)  # a busy machine takes seconds for each command


@pytest.fixture
def user(tmp_path: Path, server: FakeServer) -> User:
    return User(tmp_path, environment(server.bus))


def database(user: User) -> Path:
    return user.home / ".local/share/kzreminder/kzreminder.db"


def add(user: User, label: str = "Mum", *words: str) -> None:
    user.does("add", "--label", label, "--operator", "kcell", "--expires", "2026-12-20", *words)


def count(server: FakeServer, title: str) -> int:
    return titles(server.received()).count(title)


def shown(server: FakeServer, title: str) -> Callable[[], bool]:
    return lambda: count(server, title) == 1


def _fill(folder: Path) -> Path:
    """Until not a byte more goes in."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (65536, 4096, 1):
            with suppress(OSError):
                while file.write(b"x" * size):
                    pass
    return filler


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A file system of its own; only root may make one."""
    mounting = ("mount", "-t", "tmpfs", "-o", "size=2m,mode=700", "tmpfs", str(folder))
    if subprocess.run(mounting, check=False, capture_output=True, timeout=10).returncode:
        pytest.skip("a file system can be mounted by root only")
    try:
        yield
    finally:
        subprocess.run(("umount", "-l", str(folder)), check=True, timeout=10)


@contextmanager
def told_today(user: User, server: FakeServer) -> Iterator[Service]:
    """A service that has told today's reminder; then it is tomorrow, and the next one is due."""
    add(user)
    with Service(user) as service:
        wait_until(shown(server, TWO), "today's")
        wait_until(service.logs("told on"), "it is recorded")
        wait_until(service.has_passed, "the pass has ended")
        yield service
        assert service.process.poll() is None, service.log
        assert service.stop() < 5
    assert titles(server.received()).count(TWO) == 1


def lives_through(service: Service, server: FakeServer, fault: str, told_so_far: int = 0) -> None:
    """Four passes that fail: one notification, and the heartbeat says why."""
    service.user.clock.step(DAY)
    service.pokes(4)
    assert count(server, TROUBLE) == told_so_far + 1
    assert count(server, ONE) == 0
    assert fault in service.beat["fault"], service.beat
    assert service.beat["is_told"] is True


def is_well_again(service: Service, server: FakeServer) -> None:
    service.pokes(3)
    assert count(server, ONE) == 1
    assert count(server, TROUBLE) == 1
    assert service.beat["fault"] is None
    assert service.user.reads("status")["ok"] is True


def test_a_full_disk_is_told_once_and_costs_no_reminder(user: User, server: FakeServer) -> None:
    with small_disk(user.home), told_today(user, server) as service:
        filler = _fill(user.home)
        lives_through(service, server, "the disk is full")
        status = user.runs("status")
        assert status.returncode == 1
        assert "the disk is full" in status.stdout
        doctor = user.runs("doctor")
        assert doctor.returncode == 1
        assert "the last one failed: the disk is full" in doctor.stdout
        filler.unlink()
        is_well_again(service, server)


def test_a_database_that_another_program_locks(user: User, server: FakeServer) -> None:
    """Patience ends after 10 s, so two passes of it tell the same as the minute on demand."""
    seconds = 60 if LONG else 12
    with told_today(user, server) as service:
        user.clock.step(DAY)
        with closing(sqlite3.connect(database(user), isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            began = time.monotonic()
            while time.monotonic() - began < seconds:
                service.pokes()
            assert count(server, TROUBLE) == 1
            assert "locked by another program" in service.beat["fault"]
            other.execute("ROLLBACK")
        is_well_again(service, server)


def replace_by_nonsense(file: Path) -> None:
    nonsense = file.with_name("nonsense")
    nonsense.write_bytes(bytes(range(256)) * (file.stat().st_size // 256))
    nonsense.replace(file)


def empty(file: Path) -> None:
    os.truncate(file, 0)


@pytest.mark.long
@pytest.mark.parametrize("spoil", [replace_by_nonsense, empty])
def test_a_spoilt_database_waits_for_a_copy_that_is_put_back_by_hand(
    user: User, server: FakeServer, spoil: Callable[[Path], None]
) -> None:
    file, copy = database(user), user.folder / "copy.db"
    with told_today(user, server) as service:
        user.does("backup", str(copy))
        spoil(file)
        lives_through(service, server, "kzreminder.db")
        assert user.runs("run", "--once").returncode == 8
        assert user.runs("list").returncode == 6
        assert not file.read_bytes().startswith(b"SQLite"), "no new database in its place"
        put_back(copy, file)
        is_well_again(service, server)


def put_back(copy: Path, file: Path) -> None:
    """As a careful person does it: the log of the old one does not fit the copy."""
    for side in ("-wal", "-shm"):
        file.with_name(file.name + side).unlink(missing_ok=True)
    beside = file.with_name("beside")
    shutil.copyfile(copy, beside)
    beside.replace(file)


def test_a_database_that_goes_with_its_folder_and_comes_back(
    user: User, server: FakeServer
) -> None:
    folder = database(user).parent
    with told_today(user, server) as service:
        away = folder.rename(user.folder / "away")
        lives_through(service, server, "cannot be opened")
        assert not folder.exists()
        for toast in {one["id"] for one in server.received()}:
            server.close(toast)
        time.sleep(0.5)
        service.pokes()
        assert count(server, TROUBLE) == 1  # what cannot be noted of them provokes no other
        away.rename(folder)
        is_well_again(service, server)


def test_a_service_that_starts_on_an_unusable_database(user: User, server: FakeServer) -> None:
    """It waits, says so once over three starts, and goes on when it can."""
    add(user)
    file, copy = database(user), user.folder / "copy.db"
    user.does("backup", str(copy))
    replace_by_nonsense(file)
    once = user.runs("run", "--once")
    assert once.returncode == 6
    assert once.stderr.startswith("Error: ")
    for _ in range(2):
        with Service(user) as service:
            wait_until(service.has_passed, "a pass")
            service.pokes(2)
            assert count(server, TROUBLE) == 1
            service.kill()
    with Service(user) as service:
        wait_until(service.has_passed, "a pass")
        assert service.beat["is_told"] is True
        put_back(copy, file)
        service.pokes(2)
        assert titles(server.received()) == [TROUBLE, TWO]
        replace_by_nonsense(file)  # another time: that is news
        service.pokes(2)
        assert count(server, TROUBLE) == 2
        assert service.stop() < 5
    assert user.runs("run", "--once").returncode == 6


def test_a_fault_is_told_when_a_desktop_comes(user: User, server: FakeServer) -> None:
    add(user)
    server.stop()
    replace_by_nonsense(database(user))
    with Service(user) as service:
        wait_until(service.has_passed, "a pass")
        service.pokes(2)
        assert service.beat["is_told"] is False
        server.start()
        service.pokes(3)
        assert titles(server.received()) == [TROUBLE]
        service.stop()


def test_a_card_that_nobody_can_read_silences_no_other(user: User, server: FakeServer) -> None:
    add(user)
    add(user, "Dad")
    with closing(sqlite3.connect(database(user))) as connection, connection:
        connection.execute("update cards set period = '30 suns' where label = 'Dad'")
    with Service(user) as service:
        wait_until(lambda: len(server.received()) == 2, "Mum, and what is wrong with Dad")
        wait_until(service.has_passed, "the pass has ended")
        service.pokes(3)
        assert titles(server.received()) == [TWO, "1 card cannot be reminded of"]
        assert service.beat["fault"] is None
        doctor = user.runs("doctor").stdout
        assert "nothing can be told of Dad" in doctor
        with closing(sqlite3.connect(database(user))) as connection, connection:
            connection.execute("update cards set period = '30d' where label = 'Dad'")
        user.clock.step(timedelta(hours=1))
        service.pokes(2)
        assert titles(server.received())[2:] == [TWO.replace("Mum", "Dad")]
        assert service.stop() < 5
