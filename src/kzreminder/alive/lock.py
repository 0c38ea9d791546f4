"""One daemon a database: a file lock that ends with its process, however that ends.

Not here: what the daemon does while it holds it (daemon).
"""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kzreminder import places
from kzreminder.errors import N_, DaemonRuns, StorageFault

TRIES, TRY_SECONDS = 5, 0.1
"Whoever asks for the holder takes the lock for a moment: that is no other service."
NO_LINK = getattr(os, "O_NOFOLLOW", 0)
"A link in its place would have another file cut to nothing."

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


class Lock:
    """Held from `take` until `close`, with our process id in its file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle: int | None = None

    def take(self) -> None:
        """Raises DaemonRuns where another holds it, StorageFault where it cannot be opened."""
        self.close()
        places.make_private(self.path.parent)
        try:
            self._handle = os.open(self.path, os.O_RDWR | os.O_CREAT | NO_LINK, 0o600)
        except OSError as error:
            raise StorageFault(
                N_("the lock {path} cannot be opened: {why}"),
                path=self.path,
                why=error.strerror or error,
                hint=N_("Its folder must be one that you may write to."),
            ) from error
        for _ in range(TRIES):
            if _take(self._handle):
                break
            time.sleep(TRY_SECONDS)
        else:
            self.close()
            raise DaemonRuns(_pid(self.path))
        with suppress(OSError):  # a full disk: the lock holds without its note
            os.ftruncate(self._handle, 0)
            os.write(self._handle, str(os.getpid()).encode())

    def is_lost(self) -> bool:
        """Its file has gone, or another one has its name: it keeps nobody out any more."""
        if self._handle is None:
            return True
        try:
            there = self.path.lstat()
        except OSError:
            return True
        return not os.path.samestat(there, os.fstat(self._handle))

    def close(self) -> None:
        if self._handle is not None:
            os.close(self._handle)  # the file stays, for another may wait on it
            self._handle = None


@contextmanager
def only_one(path: Path) -> Iterator[Lock]:
    """Hold the lock. Raises as Lock.take does."""
    lock = Lock(path)
    try:
        lock.take()
        yield lock
    finally:
        lock.close()


def this_process() -> str:
    """Who holds what a pass claims: the boot of this machine, and our process in it. Processes in
    different containers may have the same number: so what counts the processes is named, too.
    Where no boot is told of, it is the machine's name."""
    return f"{_boot() or socket.gethostname()}:{os.getpid()}"


def _boot() -> str | None:
    """None: this system does not say."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink().name}"
    except OSError:
        return None


def is_gone(owner: str, *, alone: bool) -> bool:
    """Whether whoever holds a claim has died; of other machines nobody knows: their leases end.

    `alone`: who asks holds the lock that keeps all others out, so every other owner has died.
    """
    ours = this_process()
    if alone or owner == ours:
        return owner != ours
    boot, _, pid = owner.rpartition(":")
    if boot != _boot() or not pid.isdecimal():  # two machines may have the same name
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def holder(path: Path) -> tuple[bool, int | None]:
    """Whether somebody holds the lock, and their process id where it is known."""
    try:
        handle = os.open(path, os.O_RDWR | NO_LINK)
    except OSError:
        return False, None
    try:
        return (False, None) if _take(handle) else (True, _pid(path))
    finally:
        os.close(handle)


def _take(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            os.lseek(handle, 1 << 20, os.SEEK_SET)  # beyond the process id, which others read
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
            os.lseek(handle, 0, os.SEEK_SET)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _pid(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None
