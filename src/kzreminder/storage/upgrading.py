"""Has an older database brought up to our schema, by a process of its own.

The libraries for it are large, and a command that is stopped must not stop it half way. The address
goes in by stdin: it may hold a password, and a command line is there for all to see.

Not here: the steps, and what that process does (upgrades).
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from time import monotonic

from kzreminder.errors import N_, StorageFault
from kzreminder.storage.address import shown_address
from kzreminder.storage.known import Keeping

SIGN_SECONDS = 5.0
LONGEST_SECONDS = 900.0
"A million cards take minutes; what takes longer is a disk that hangs, and no sign of life."

log = logging.getLogger(__name__)


def upgrade(url: str, keeping: Keeping | None) -> None:
    """Every step up to our schema, or none: then StorageFault says why."""
    order = {
        "url": url,
        "backups": str(keeping.backups) if keeping else None,
        "now": keeping.now().isoformat() if keeping else None,
    }
    if keeping is not None:
        keeping.make_folder(keeping.backups)
    try:
        exit_code, out, err = _carry_out(json.dumps(order), keeping)
    except OSError as error:
        raise not_upgraded(url, str(error)) from error
    if exit_code != 0:
        log.info("the upgrade ended with %s:\n%s", exit_code, err)
        raise _told(out) or not_upgraded(url, _last_line(err, exit_code))


def _carry_out(order: str, keeping: Keeping | None) -> tuple[int, str, str]:
    """The child's exit code, its answer, what it wrote to stderr."""
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "kzreminder.storage.upgrades"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        # It finds our modules where we found them, however that was.
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    ) as child:
        unsent: str | None = order
        hangs_at = monotonic() + LONGEST_SECONDS
        try:
            while True:
                try:
                    out, err = child.communicate(unsent, timeout=SIGN_SECONDS)
                except subprocess.TimeoutExpired:
                    unsent = None
                    if keeping is not None and monotonic() < hangs_at:
                        keeping.sign_of_life()
                else:
                    return child.returncode, out, err
        except BaseException:
            child.kill()  # what it has not finished it has not begun
            raise


def _told(said: str) -> StorageFault | None:
    """The fault in the child's own words."""
    try:
        told = json.loads(said)
        return StorageFault(told["sentence"], hint=told["hint"], **told["values"])
    except (ValueError, LookupError, TypeError):
        return None


def not_upgraded(url: str, why: str) -> StorageFault:
    """Whatever stopped it, the database is as it was."""
    return StorageFault(
        N_("the database {url} could not be brought up to date: {why}"),
        hint=N_("Nothing was changed. Try again; if it stays so, keep to the older kzreminder."),
        url=shown_address(url),
        why=why,
    )


def _last_line(text: str, returncode: int) -> str:
    lines = text.split("\n")
    said = [line.strip() for line in lines if line.strip()]
    return said[-1] if said else f"exit {returncode}"
