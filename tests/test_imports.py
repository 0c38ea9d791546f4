"""Quick commands load little: what each may load, which holds on every machine, unlike a time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import SOURCES

# As the script that pip makes.
START = "import sys; from kzreminder.cli.main import main; sys.exit(main())"

DAEMON = {"apscheduler", "jeepney", "plyer"}
DATA = {"sqlalchemy", "phonenumbers"}
SLOW = {"asyncio", "importlib.metadata", "rich", "urllib.request"}

UNUSED = {"phonenumbers", "sqlalchemy.orm", "sqlalchemy.dialects.postgresql", "urllib.request"}

FORBIDDEN = {
    "--version": DAEMON | DATA | SLOW | {"platformdirs", "tomllib", "zoneinfo"},
    # The configuration may say in which language to help, hence platformdirs and tomllib.
    "--help": DAEMON | DATA | SLOW,
    "edit --help": DAEMON | DATA | SLOW | {"kzreminder.core.planning"},
    # sqlalchemy itself loads asyncio and importlib.metadata; rich draws the table.
    "list": DAEMON | UNUSED,
    "list --json": DAEMON | UNUSED | {"rich"},
}


COMPLETED = {
    "kzreminder show ": DAEMON | DATA | SLOW,
    "kzreminder add --operator ": DAEMON | DATA | SLOW,
    # no command is imported to be offered
    "kzreminder ": DAEMON | DATA | SLOW | {"kzreminder.cli.listing", "kzreminder.settings"},
}


def loaded(command: str, home: Path, **environ: str) -> set[str]:
    """The modules that the command imports, with the packages they are in."""
    here = {"HOME": str(home), "LC_ALL": "C.UTF-8", "PYTHONPATH": str(SOURCES)}
    here["PATH"] = os.environ["PATH"]
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", START, *command.split()],
        env=here | environ,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip() for line in lines}


@pytest.mark.parametrize("command", FORBIDDEN)
def test_a_quick_command_loads_nothing_it_does_not_need(command: str, tmp_path: Path) -> None:
    if command.startswith("list"):
        loaded("add +77011234567 --label Mum", tmp_path)  # sets up the database too
    assert loaded(command, tmp_path) & FORBIDDEN[command] == set()


@pytest.mark.parametrize("line", COMPLETED)
def test_a_shell_that_completes_waits_for_nothing_it_does_not_need(
    line: str, tmp_path: Path
) -> None:
    environ = {"_KZREMINDER_COMPLETE": "bash_complete", "COMP_LINE": line}
    assert loaded("", tmp_path, **environ) & COMPLETED[line] == set()
