"""The files by which others find the service, put back where somebody has deleted them.

Not here: the files themselves (alive), what is done after a poke (service).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from kzreminder.alive.lock import Lock
from kzreminder.alive.poke import Ear
from kzreminder.daemon.notify import is_under_systemd
from kzreminder.errors import DaemonRuns, StorageFault

LINGER_SECONDS = 150.0
"Somebody may be mending the disk."
GIVE_WAY_SECONDS = 60.0
"`run --once` and `restore-backup` hold the lock for a moment, too."

log = logging.getLogger(__name__)


class Signs:
    def __init__(self, lock: Lock, poke_file: Path, monotonic: Callable[[], float]) -> None:
        self.ear = Ear(poke_file)
        self._lock = lock
        self._monotonic = monotonic
        self._lost_since: float | None = None

    @contextmanager
    def shown(self) -> Iterator[None]:
        self.ear.attach()
        try:
            yield
        finally:
            self.ear.close()

    def mend(self) -> bool:
        """Whether something had to be put back. Raises DaemonRuns where another service has come to
        stay, StorageFault where systemd has shut us out of the folder for good.
        """
        if not self._lock.is_lost():
            self._lost_since = None
            return self.ear.is_lost() and self.ear.attach()
        try:
            self._lock.take()
        except (DaemonRuns, StorageFault) as error:
            if self._lost_since is None:
                self._lost_since = self._monotonic()
                log.error("the lock was deleted, and is not ours: %s", error)  # noqa: TRY400
            if self._is_hopeless(error):
                raise
            return False
        log.warning("the lock was deleted; it is taken anew")
        self._lost_since = None
        self.ear.attach()
        return True

    def _is_hopeless(self, error: DaemonRuns | StorageFault) -> bool:
        assert self._lost_since is not None
        lasts = self._monotonic() - self._lost_since
        if isinstance(error, DaemonRuns):
            return lasts >= GIVE_WAY_SECONDS
        return lasts >= LINGER_SECONDS and is_shut_out_of(self._lock.path.parent)


def is_shut_out_of(folder: Path) -> bool:
    """Under systemd a folder that it opened for us is lost when it is deleted, and comes back only
    in a sandbox made anew: so only another process can go on.
    """
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return is_under_systemd() and not os.access(folder, os.W_OK)
