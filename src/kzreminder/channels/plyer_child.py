"""The child process in which plyer runs: one message on stdin, what became of it on stdout (JSON).

Not here: the time limit and the killing (desktop_plyer), which the child could not do for itself.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

from kzreminder.channels.bus_error import outcome_of_stderr
from kzreminder.channels.child import outcome_as_json
from kzreminder.channels.message import (
    APP_NAME,
    Accepted,
    Message,
    Outcome,
    Refused,
    TargetAway,
    Urgency,
)

# On Windows plyer's thread sleeps this long and then takes the balloon away again.
_BALLOON_SECONDS = 6


def show(message: Message, platform: str) -> Outcome:
    """plyer's own way with notify-send is never taken: it has no `--`, and hides every failure."""
    if platform.startswith("linux"):
        program = shutil.which("notify-send")
        if program is not None:
            return _through_notify_send(program, message)
        if Path("/app").is_dir():
            return TargetAway("plyer takes this for a Flatpak, and would paste the text unquoted")
    return _through_plyer(message)


def _through_notify_send(program: str, message: Message) -> Outcome:
    options = ["-a", APP_NAME, "-u", str(message.urgency)]
    if message.urgency is Urgency.CRITICAL:
        options += ["-t", "0"]
    # It reads backslash escapes in the body, and there only.
    texts = ["--", message.title, message.body.replace("\\", "\\\\")]
    place = ["-r", str(message.replaces_id)] if message.replaces_id else []
    ended = _run([program, "-p", *place, *options, *texts])
    if isinstance(ended, Refused):
        return ended
    if ended.returncode == 0:
        written = ended.stdout.strip()
        if written.isdecimal() and int(written) > 0:
            return Accepted(int(written))
        return Refused(f"notify-send gave no id: {written!r}", permanent=False)
    if not ended.stderr.startswith("Unknown option"):
        return outcome_of_stderr(ended.stderr)
    # Before 0.8 it could not print the id. Its exit status can be believed, as all the words are
    # after the `--`, where none of them can ask for its version.
    ended = _run([program, *options, *texts])
    if isinstance(ended, Refused):
        return ended
    return Accepted(None) if ended.returncode == 0 else outcome_of_stderr(ended.stderr)


def _run(arguments: list[str]) -> subprocess.CompletedProcess[str] | Refused:
    try:
        return subprocess.run(
            arguments,
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            # It reads its arguments in the locale's encoding, and its errors are read here.
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        )
    except OSError as error:
        if error.errno != errno.E2BIG:
            raise
        return Refused("longer than the words of a command may be", permanent=True)


def _through_plyer(message: Message) -> Outcome:
    from plyer import notification

    failed: list[str] = []
    # On Windows all of it happens in a thread, which would die of an error without telling.
    threading.excepthook = lambda args: failed.append(f"{args.exc_type.__name__}: {args.exc_value}")
    try:
        notification.notify(
            title=message.title,
            message=message.body,
            app_name=APP_NAME,
            timeout=_BALLOON_SECONDS,
        )
    except NotImplementedError:
        return TargetAway("plyer has no way to show notifications here")
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()
    return TargetAway(failed[0]) if failed else Accepted(None)


def main() -> None:
    fields = json.loads(sys.stdin.read())
    message = Message(**fields | {"urgency": Urgency(fields["urgency"])})
    with contextlib.redirect_stdout(sys.stderr):  # what a library prints is not our answer
        outcome = show(message, sys.platform)
    print(outcome_as_json(outcome))  # noqa: T201 - the answer to the parent process


if __name__ == "__main__":
    main()
