"""Others are kept out of the service's place, and heard by it, whatever is deleted under it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kzreminder.alive import heartbeat
from kzreminder.alive.lock import holder, only_one
from kzreminder.alive.poke import Ear, poke
from kzreminder.daemon import signs as module
from kzreminder.daemon.signs import GIVE_WAY_SECONDS, LINGER_SECONDS, Signs
from kzreminder.errors import DaemonRuns, StorageFault
from tests.alive.test_heartbeat import BEATS


class Clock:
    seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def signs(folder: Path, clock: Clock) -> Iterator[Signs]:
    with only_one(folder / "lock") as lock:
        made = Signs(lock, folder / "poke", clock)
        with made.shown():
            yield made


def hears(ear: Ear, folder: Path) -> bool:
    poke(folder / "poke")
    assert ear.socket is not None
    try:
        return ear.socket.recv(8) == b"!"
    except BlockingIOError:
        return False


def test_as_long_as_all_is_there_nothing_is_done(signs: Signs, folder: Path) -> None:
    assert not signs.mend()
    assert hears(signs.ear, folder)


@pytest.mark.parametrize("lost", ["lock", "poke", ""])
def test_what_was_deleted_is_put_back(signs: Signs, folder: Path, lost: str) -> None:
    if lost:
        (folder / lost).unlink()
    else:
        shutil.rmtree(folder)
    assert signs.mend()
    assert not signs.mend()
    assert holder(folder / "lock")[0]
    assert hears(signs.ear, folder)


def test_a_command_that_holds_the_lock_for_a_moment_ends_nothing(
    signs: Signs, folder: Path, clock: Clock
) -> None:
    shutil.rmtree(folder)
    with only_one(folder / "lock"):
        assert not signs.mend()
        clock.seconds += GIVE_WAY_SECONDS - 1
        assert not signs.mend()
    assert signs.mend()
    assert holder(folder / "lock")[0]


def test_a_service_that_has_come_to_stay_is_given_way_and_keeps_its_files(
    signs: Signs, folder: Path, clock: Clock
) -> None:
    shutil.rmtree(folder)
    with only_one(folder / "lock"):
        other = Ear(folder / "poke")
        assert other.attach()
        heartbeat.write(folder / "beat", replace(BEATS[0], pid=1))
        assert not signs.mend()
        clock.seconds += GIVE_WAY_SECONDS
        with pytest.raises(DaemonRuns):
            signs.mend()
        signs.ear.close()
        heartbeat.take_away(folder / "beat")
        assert heartbeat.read(folder / "beat") is not None
        assert hears(other, folder)
        other.close()


def test_a_folder_that_cannot_be_made_is_waited_for(
    signs: Signs, folder: Path, clock: Clock
) -> None:
    shutil.rmtree(folder)
    folder.write_text("in the way", encoding="utf-8")
    for _ in range(3):
        assert not signs.mend()
        clock.seconds += LINGER_SECONDS
    folder.unlink()
    assert signs.mend()


def test_where_only_another_process_can_go_on_this_one_ends(
    signs: Signs, folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(folder)
    folder.write_text("in the way", encoding="utf-8")
    monkeypatch.setattr(module, "is_shut_out_of", lambda _folder: True)
    assert not signs.mend()
    clock.seconds += LINGER_SECONDS
    with pytest.raises(StorageFault):
        signs.mend()
