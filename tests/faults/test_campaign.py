"""The campaign of kills, short: lost nothing, twice only what was sent and not yet known.

Not here: the long one, which is run on demand (campaign).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.timeout(170)
def test_a_kill_at_any_step_loses_nothing() -> None:
    if shutil.which("dbus-daemon") is None:
        pytest.skip("dbus-daemon is not installed")
    # a process of its own, without threads: it forks
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.campaign", "2"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=160,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
