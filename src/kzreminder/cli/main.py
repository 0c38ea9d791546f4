"""The way in: the root command, its subcommands by name, errors as one line and an exit code.

Not here: the commands themselves; each is imported when it is called.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from kzreminder import __version__


def main() -> None:
    """Run the command line and end the process with the contract's exit code."""
    _open_what_is_closed()
    if sys.argv[1:] == ["--version"]:  # asked for by scripts and prompts: no library for it
        with suppress(OSError):  # the root command says what is wrong with the output
            os.write(1, f"kzreminder {__version__}\n".encode())  # nothing is left in a buffer
            return
    try:
        from kzreminder.cli.root import run
    except KeyboardInterrupt:
        sys.exit(1)  # nothing has begun, and there are no words yet to say so

    sys.exit(run(sys.argv[1:]))


def _open_what_is_closed() -> None:
    """A caller may have closed our streams, as `>&-` does: no file may get their numbers."""
    while (handle := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(handle)
    sys.stdin = sys.stdin or os.fdopen(0, closefd=False)
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)
