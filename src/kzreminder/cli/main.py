"""The way in: the root command, its subcommands by name, errors as one line and an exit code.

Not here: the commands themselves; each is imported when it is called.
"""

from __future__ import annotations

import sys

from kzreminder import __version__


def main() -> None:
    """Run the command line and end the process with the contract's exit code."""
    if sys.argv[1:] == ["--version"]:  # asked for by scripts and prompts: no library for it
        print(f"kzreminder {__version__}")
        return
    from kzreminder.cli.root import run

    sys.exit(run(sys.argv[1:]))
