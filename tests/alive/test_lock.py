"""The lock keeps others out, and notices when it does not any more."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path

import pytest

from kzreminder.alive import lock as lock_module
from kzreminder.alive.lock import Lock, holder, is_gone, only_one, this_process
from kzreminder.errors import DaemonRuns, StorageFault


def test_nobody_else_gets_it_while_it_is_held(tmp_path: Path) -> None:
    path = tmp_path / "state" / "lock"
    with only_one(path):
        assert holder(path) == (True, os.getpid())
        with pytest.raises(DaemonRuns), only_one(path):
            pass
    assert holder(path) == (False, None)
    with only_one(path):
        pass


@pytest.mark.parametrize("is_made_anew", [False, True])
def test_a_lock_whose_file_has_gone_is_lost_and_can_be_taken_anew(
    tmp_path: Path, is_made_anew: bool
) -> None:
    path = tmp_path / "state" / "lock"
    with only_one(path) as lock:
        assert not lock.is_lost()
        shutil.rmtree(path.parent)
        if is_made_anew:
            path.parent.mkdir()
            path.touch()
        assert lock.is_lost()
        lock.take()
        assert not lock.is_lost()
        assert holder(path) == (True, os.getpid())


def test_what_another_has_taken_meanwhile_is_the_others(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with only_one(path) as lock:
        path.unlink()
        with only_one(path) as other:
            with pytest.raises(DaemonRuns):
                lock.take()
            assert lock.is_lost()
            assert not other.is_lost()


def test_a_lock_that_cannot_be_opened_stays_lost(tmp_path: Path) -> None:
    lock = Lock(tmp_path / "lock")
    lock.take()
    lock.path.unlink()
    lock.path.mkdir()
    with pytest.raises(StorageFault):
        lock.take()
    assert lock.is_lost()
    lock.path.rmdir()
    lock.take()
    assert not lock.is_lost()
    lock.close()


def test_a_process_of_this_boot_that_has_ended_is_gone() -> None:
    ours = this_process()
    boot = ours.rpartition(":")[0]
    assert not is_gone(ours, alone=False)
    assert not is_gone(f"{boot}:1", alone=False)
    assert is_gone(f"{boot}:{2**22 + 1}", alone=False), "no process has such a number"
    assert not is_gone(f"another boot:{2**22 + 1}", alone=False)
    assert is_gone("another boot:1", alone=True)


def test_where_no_boot_is_told_of_nobody_is_taken_for_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on macOS and Windows: two machines may share a database, and a name."""
    monkeypatch.setattr(lock_module, "_boot", lambda: None)
    name = this_process().rpartition(":")[0]
    assert name == socket.gethostname()
    for other in (f"{name}:{2**22 + 1}", f":{2**22 + 1}"):
        assert not is_gone(other, alone=False)
        assert is_gone(other, alone=True)
