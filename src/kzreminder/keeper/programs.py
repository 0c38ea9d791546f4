"""Asking systemctl and its kin: a list of words, a time limit, and whatever comes of it an answer.

Not here: what is asked (user_manager, autostart).
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

ANSWER_SECONDS = 10.0
START_SECONDS = 60.0
"A start waits until the service says that it is ready."


@dataclass(frozen=True, slots=True)
class Answer:
    code: int | None
    "None: the program is not there, or did not answer in time"
    out: str
    err: str

    @property
    def is_well(self) -> bool:
        return self.code == 0

    @property
    def why(self) -> str:
        """The last line that it said, in one line."""
        said = (self.err or self.out).strip().splitlines()
        return said[-1].strip() if said else f"exit code {self.code}"


def ask(*words: str, seconds: float = ANSWER_SECONDS) -> Answer:
    try:
        done = subprocess.run(
            words,
            env=environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Answer(None, "", f"{words[0]} did not answer in {seconds:g} s")
    except OSError as error:
        return Answer(None, "", f"{words[0]}: {error.strerror or error}")
    return Answer(done.returncode, done.stdout, done.stderr)


def environment() -> dict[str, str]:
    """In English, for us to read; with the user's bus also where no log-in named it (su, cron)."""
    env = os.environ | {"LC_ALL": "C.UTF-8", "SYSTEMD_COLORS": "0", "SYSTEMD_PAGER": ""}
    if "XDG_RUNTIME_DIR" not in env and hasattr(os, "getuid"):
        usual = Path("/run/user", str(os.getuid()))
        if usual.is_dir():
            env["XDG_RUNTIME_DIR"] = str(usual)
    return env
