"""Log lines that systemd reads: each begins with its level, `<6>` for information.

Not here: results and talk, which are the commands' own.
"""

from __future__ import annotations

import logging
import os
import sys

from kzreminder.errors import for_terminal
from kzreminder.operators.numbers import masked_in

_SYSLOG = {
    logging.DEBUG: 7,
    logging.INFO: 6,
    logging.WARNING: 4,
    logging.ERROR: 3,
    logging.CRITICAL: 2,
}


class _Lines(logging.Formatter):
    """One line a record, a trace's too, so that nothing a user typed can forge another.

    Numbers are masked here, whatever brought them: a server's answer, the values of a failed query.
    """

    def __init__(self, with_level: bool) -> None:
        super().__init__("%(message)s" if with_level else "%(asctime)s %(levelname)s %(message)s")
        self._with_level = with_level

    def format(self, record: logging.LogRecord) -> str:
        line = masked_in(for_terminal(super().format(record))).replace("\n", "\\n")
        return f"<{_SYSLOG.get(record.levelno, 6)}>{line}" if self._with_level else line


def log_to_stderr(*, verbose: bool, quiet: bool) -> None:
    """Quiet: warnings only, unless verbose. Under systemd the journal has the time already."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines(with_level="JOURNAL_STREAM" in os.environ))
    level = logging.WARNING if quiet else logging.INFO
    ours = logging.getLogger("kzreminder")
    ours.handlers = [handler]
    ours.setLevel(logging.DEBUG if verbose else level)
    scheduler = logging.getLogger("apscheduler")
    scheduler.handlers = [handler]
    scheduler.setLevel(logging.DEBUG if verbose else logging.ERROR)
