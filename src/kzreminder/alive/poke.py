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
    """Only its owner may poke, whatever the umask: the folder and the socket are private."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.socket: socket.socket | None = None
        "has something to read after each poke; None where the system has no such, or no room"

    def attach(self) -> None:
        """Or not, on a full disk, say: a change is then found within a minute."""
        self._hang_up()
        if sys.platform == "win32":
            return
        places.make_private(self._path.parent)
        ours = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            _bind(ours, self._path)
        except OSError:
            ours.close()
        else:
            self.socket = ours

    def close(self) -> None:
        if self.socket is not None:
            with suppress(OSError):
                self._path.unlink()
        self._hang_up()

    def _hang_up(self) -> None:
        if self.socket is not None:
            self.socket.close()
            self.socket = None


@contextmanager
def ear(path: Path) -> Iterator[Ear]:
    listening = Ear(path)
    try:
        listening.attach()
        yield listening
    finally:
        listening.close()


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
