"""Receipts, copied in and named by their content: the same file is kept once.

Not here: which card or payment a receipt belongs to (events hold its name).
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path

from kzreminder.errors import N_, BadValue, StorageFault

MOST_BYTES = 50 * 1024 * 1024


def keep(receipt: Path, folder: Path) -> str:
    """Copy the file into the folder, 0600; the copy's name. Refuses what can be no receipt."""
    try:
        if not receipt.is_file():  # a pipe would be waited for, a device would never end
            raise BadValue(N_("{path} is no ordinary file"), path=receipt)
        with receipt.open("rb") as original:
            content = original.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise BadValue(N_("{path} is too large for a receipt (50 MB)"), path=receipt)
        if not content:
            raise BadValue(N_("{path} is empty"), path=receipt)
        ending = receipt.suffix.lower()
        kept_ending = ending if re.fullmatch(r"\.[a-z0-9]{1,8}", ending) else ""
        name = hashlib.sha256(content).hexdigest()[:32] + kept_ending
        if not (folder / name).exists():
            _write(content, folder / name)
        return name
    except OSError as error:
        raise StorageFault(
            N_("the receipt {path} could not be kept: {why}"),
            path=receipt,
            why=error.strerror or error,
        ) from error


def _write(content: bytes, target: Path) -> None:
    """Whole or not at all."""
    handle, name = tempfile.mkstemp(dir=target.parent)  # 0600 by itself
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "wb") as copy:
            copy.write(content)
            copy.flush()
            os.fsync(copy.fileno())
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
