"""The poke: a command tells the service that a card has changed, and waits for nothing.

Not here: what the service does then (daemon). A poke that is lost costs up to a minute, no more.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kzreminder import places
from kzreminder.errors import StorageFault


def poke(path: Path) -> None:
    """Where nobody listens, or too many pokes wait already, nothing happens."""
    if sys.platform == "win32":
        return
    with (
        suppress(OSError),
        _short(path) as name,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ours,
    ):
        ours.setblocking(False)
        ours.sendto(b"!", name)


class Ear:
    """Listens for pokes from `attach` until `close`.

    Only its owner may poke, whatever the umask: the folder and the socket are private.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: os.stat_result | None = None
        self.socket: socket.socket | None = None
        "has something to read after each poke; None where the system has no such, or no room"

    def attach(self) -> bool:
        """Where there is no room for the socket it stays away: a change is then found in a minute.

        Whether it hears now; whatever had its name is replaced.
        """
        self._hang_up()
        if sys.platform == "win32":
            return False
        try:
            places.make_private(self._path.parent)
            ours = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        except (OSError, StorageFault):
            return False
        try:
            _bind(ours, self._path)
            self._file = self._path.lstat()
        except OSError:
            ours.close()
            return False
        self.socket = ours
        return True

    def is_lost(self) -> bool:
        """Pokes go nowhere, or to somebody else."""
        if sys.platform == "win32":
            return False
        try:
            return self._file is None or not os.path.samestat(self._path.lstat(), self._file)
        except OSError:
            return True

    def close(self) -> None:
        if not self.is_lost():
            with suppress(OSError):
                self._path.unlink()
        self._hang_up()

    def _hang_up(self) -> None:
        self._file = None
        if self.socket is not None:
            self.socket.close()
            self.socket = None


def _bind(ours: socket.socket, path: Path) -> None:
    path.unlink(missing_ok=True)  # of a service that was killed; the lock says that none is left
    ours.setblocking(False)
    with _short(path) as name:
        before = os.umask(0o177)
        try:
            ours.bind(name)
        finally:
            os.umask(before)


@contextmanager
def _short(path: Path) -> Iterator[str]:
    """A name of the file that a socket's address has room for: 107 bytes, whatever the folder."""
    if not Path("/proc/self/fd").is_dir():
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
