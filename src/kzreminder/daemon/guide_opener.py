"""Opens a card's guide in the browser, as `kzreminder guide CARD --open` does, in a process beside.

Not here: drawing the page (pages), which card it is (reminding).
"""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable

from kzreminder.daemon.notify import is_under_systemd
from kzreminder.settings.reading import Settings

LIMIT_SECONDS = 60.0
_PLACES = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")

log = logging.getLogger(__name__)


def open_guide(card: str, settings: Settings, failed: Callable[[], None]) -> None:
    """Returns at once; `failed` is called by a thread where no page could be opened.

    The database's address may hold a password, so it goes by the environment.
    """
    told = {"KZREMINDER_DATABASE": settings.database_url, "KZREMINDER_LANG": settings.language}
    if settings.file.is_file():
        told["KZREMINDER_CONFIG"] = str(settings.file)
    kept = [name for name in _PLACES if name in os.environ]
    passed_on = [f"--setenv={name}" for name in (*told, *kept)]
    command = [sys.executable, "-m", "kzreminder", "guide", "--open", "--", card]
    try:
        child = subprocess.Popen(
            [*_outside_the_unit(passed_on), *command],
            env={**os.environ, **told},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        log.exception("the guide could not be opened")
        failed()
        return
    threading.Thread(target=_wait, args=(child, failed), daemon=True).start()


def _outside_the_unit(passed_on: list[str]) -> list[str]:
    """A browser cannot start under the unit's hardening: the user's manager starts it."""
    if not is_under_systemd() or shutil.which("systemd-run") is None:
        return []
    return ["systemd-run", "--user", "--collect", "--quiet", "--wait", *passed_on, "--"]


def _wait(child: subprocess.Popen[bytes], failed: Callable[[], None]) -> None:
    try:
        if child.wait(LIMIT_SECONDS):
            log.error("the guide could not be opened: exit status %s", child.returncode)
            failed()
    except subprocess.TimeoutExpired:
        child.wait()  # the browser itself, which ends when the user closes it
