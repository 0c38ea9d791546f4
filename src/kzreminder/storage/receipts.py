"""Receipts, copied in and named by their content: the same file is kept once.

Not here: which card or payment a receipt belongs to (events hold its name).
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path

from kzreminder.errors import N_, StorageFault

MOST_BYTES = 50 * 1024 * 1024


def keep(receipt: Path, folder: Path) -> str:
    """Copy the file into the folder, 0600; the copy's name. Refuses what is too large to be one."""
    try:
        if receipt.stat().st_size > MOST_BYTES:
            raise StorageFault(N_("{path} is too large for a receipt (50 MB)"), path=receipt)
        content = receipt.read_bytes()
        ending = receipt.suffix.lower()
        kept_ending = ending if re.fullmatch(r"\.[a-z0-9]{1,8}", ending) else ""
        name = hashlib.sha256(content).hexdigest()[:32] + kept_ending
        if not (folder / name).exists():
            handle, unfinished = tempfile.mkstemp(dir=folder)  # 0600 by itself
            with os.fdopen(handle, "wb") as copy:
                copy.write(content)
            Path(unfinished).replace(folder / name)  # whole or not at all
        return name
    except OSError as error:
        raise StorageFault(
            N_("the receipt {path} could not be kept: {why}"),
            path=receipt,
            why=error.strerror or error,
        ) from error
