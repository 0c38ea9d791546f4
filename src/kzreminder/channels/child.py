"""A library kept at arm's length: in a process of its own that ends within a fixed time.

Not here: what such a process does (plyer_child, push_child), what becomes of a message by it.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from kzreminder.channels.message import Accepted, Outcome, Refused, TargetAway

_NO_WINDOW = 0x08000000  # subprocess.CREATE_NO_WINDOW, which exists on Windows only


@dataclass(frozen=True, slots=True)
class Ended:
    """A child that came to its end by itself."""

    exit_code: int
    told: str
    "its answer, on stdout"
    said: str
    "whatever stood on stderr"


def python_child(module: str) -> tuple[str, ...]:
    # -P: nothing is imported from the folder that we happen to stand in. utf8: the words of a
    # command are else written in the locale's encoding, which may be ASCII.
    return (sys.executable, "-P", "-X", "utf8", "-W", "ignore", "-m", module)


def with_our_modules(environ: Mapping[str, str]) -> dict[str, str]:
    """A child finds our modules where we found them, however that was."""
    return {**environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


def ask_child(
    command: tuple[str, ...], question: object, environ: Mapping[str, str], limit_seconds: float
) -> Ended | TargetAway:
    """Its answer to what it is asked by stdin, as JSON: a command line is there for all to see."""
    try:
        child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,  # what it starts can be killed with it
            creationflags=_NO_WINDOW if sys.platform == "win32" else 0,
            env=dict(environ),
        )
    except OSError as error:
        return TargetAway(f"no child process: {error}")
    with child:
        try:
            # JSON escapes all but ASCII, so the child's locale does not matter.
            told, said = child.communicate(json.dumps(question), timeout=limit_seconds)
        except subprocess.TimeoutExpired:
            return TargetAway(f"no answer within {limit_seconds:g} s")
        finally:
            # Only while it is not reaped: afterwards its number may be another's.
            if child.returncode is None:
                _kill(child)
    return Ended(child.returncode, told, said)


def outcome_as_json(outcome: Outcome) -> str:
    return json.dumps({"kind": type(outcome).__name__} | asdict(outcome))


def outcome_from_json(text: str) -> Outcome:
    """ValueError, LookupError or TypeError where the child did not get as far as an outcome."""
    fields = json.loads(text)
    kinds = {kind.__name__: kind for kind in (Accepted, TargetAway, Refused)}
    outcome: Outcome = kinds[fields.pop("kind")](**fields)
    return outcome


def _kill(child: subprocess.Popen[str]) -> None:
    if sys.platform == "win32":
        child.kill()
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
