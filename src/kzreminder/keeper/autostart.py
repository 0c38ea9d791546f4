"""Without systemd: the desktop starts the service at log-in, by the XDG autostart folder.

Not here: the choice (choice). Nobody starts it again after a crash before the next log-in.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from kzreminder import __version__, places
from kzreminder.alive.lock import holder
from kzreminder.errors import N_, KzreminderError
from kzreminder.keeper.files import put, take_away, text_of
from kzreminder.keeper.look import Kept
from kzreminder.keeper.refusals import NotInstalled, NotStarted
from kzreminder.keeper.setup import Setup, program, setup_here

SETTLE_SECONDS = 1.5
"A service that cannot start has ended by then."
STOP_SECONDS = 7.0
MOST_BYTES = 1_000_000
"of a log; the one before it is kept too"
LINES = "100"
_OFF = ("Hidden=true", "X-GNOME-Autostart-enabled=false")


class Autostart:
    def look(self) -> Kept:
        file = desktop_file()
        text = text_of(file)
        if text is None:
            return Kept("autostart", None, False, False, running() is not None, None)
        lines = text.splitlines()
        return Kept(
            "autostart",
            file,
            _common(text) == _common(desktop_text(setup_here({}))),
            not any(line in _OFF for line in lines),
            running() is not None,
            None,
        )

    def install(self, setup: Setup) -> bool:
        file, text = desktop_file(), desktop_text(setup)
        was_there = text_of(file) == text
        if not was_there:
            put(file, text)
        was_running = running() is not None
        self.start()
        return not (was_there and was_running)

    def uninstall(self) -> bool:
        if (pid := running()) is not None:
            _end(pid)
        files = (desktop_file(), log_file(), _older(log_file()), pid_file())
        were_there = [take_away(file) for file in files]
        return any(were_there)

    def start(self) -> None:
        if not desktop_file().exists():
            raise NotInstalled
        if running() is not None:
            return
        log = log_file()
        places.make_private(log.parent)
        if log.exists() and log.stat().st_size > MOST_BYTES:
            log.replace(_older(log))
        with os.fdopen(
            os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab"
        ) as written:
            process = subprocess.Popen(
                [*program(), "run"],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=written,
                start_new_session=True,  # it outlives this terminal
            )
        try:
            process.wait(SETTLE_SECONDS)
        except subprocess.TimeoutExpired:
            places.write_private(pid_file(), str(process.pid), follows=False)
            process.returncode = 0  # it is let go: nobody here waits for it
            return
        raise NotStarted(_last_error(log) or f"exit code {process.returncode}")

    def stop(self) -> None:
        if not desktop_file().exists():
            raise NotInstalled
        if (pid := running()) is not None:
            _end(pid)

    def restart(self) -> None:
        self.stop()
        self.start()

    def logs(self, *, follow: bool) -> None:
        log = log_file()
        if not log.exists():
            raise KzreminderError(
                N_("there is no log yet: {path}"),
                hint=N_("Start the service: kzreminder service start"),
                path=log,
            )
        # By name: the log is put aside when it is too long.
        words = ["tail", "-n", LINES, *(["-F"] if follow else []), str(log)]
        with suppress(KeyboardInterrupt):  # that is how --follow is ended
            subprocess.run(words, stdin=subprocess.DEVNULL, check=False)


def desktop_file() -> Path:
    return places.config_file().parent.parent / "autostart" / "kzreminder.desktop"


def log_file() -> Path:
    return places.state() / "service.log"


def pid_file() -> Path:
    return places.state() / "service.pid"


def running() -> int | None:
    """The process that was started here, else one that holds a lock; as long as it is a service."""
    for pid in (_noted(), *(holder(lock)[1] for lock in places.state().glob("daemon-*.lock"))):
        if pid is not None and _is_service(pid):
            return pid
    return None


def _noted() -> int | None:
    try:
        return int(pid_file().read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def desktop_text(setup: Setup) -> str:
    """A desktop entry. It does as `service start` does, which keeps a log."""
    told = [f"{name}={value}" for name, value in setup.environment]
    words = [*(["/usr/bin/env", *told] if told else []), *setup.program, "service", "start"]
    return "\n".join(
        (
            f"# kzreminder {__version__} wrote this file: kzreminder service install",
            "[Desktop Entry]",
            "Type=Application",
            "Name=kzreminder",
            "Comment=Reminders before a SIM card loses its plan, its balance or its number",
            f"Exec={exec_line(words)}",
            "Terminal=false",
            "NoDisplay=true",
            "X-GNOME-Autostart-enabled=true",
            "",
        )
    )


def exec_line(words: Iterable[str]) -> str:
    """Each word in quotes: first as Exec wants it, then as any string of the file does."""
    quoted = []
    for word in words:
        for sign in ("\\", '"', "`", "$"):
            word = word.replace(sign, f"\\{sign}")
        quoted.append(f'"{word.replace("%", "%%")}"')
    line = " ".join(quoted)
    for sign, written in (("\\", "\\\\"), ("\n", "\\n"), ("\t", "\\t"), ("\r", "\\r")):
        line = line.replace(sign, written)
    return line


def _common(text: str) -> list[str]:
    """Without what is told in the environment, which depends on the shell that one asks in."""
    lines = []
    for line in text.splitlines():
        if line.startswith("Exec="):
            line = " ".join(word for word in line[5:].split('" "') if "=" not in word)
            line = line.removeprefix('"/usr/bin/env ').lstrip('"')
        if line not in _OFF and not line.startswith("X-GNOME-Autostart-enabled="):
            lines.append(line)
    return lines


def _is_service(pid: int) -> bool:
    folder = Path("/proc", str(pid))
    try:
        if folder.stat().st_uid != os.getuid():
            return False
        words = folder.joinpath("cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]
    except OSError:
        return False
    return words[-1:] == ["run"] and any(Path(word).name == places.APP for word in words)


def _end(pid: int) -> None:
    """By SIGTERM, on which it ends in five seconds, else as hard as systemd does it.

    Its number may be reused meanwhile.
    """
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        if not _is_service(pid):
            return
        # One that was stopped, as by Ctrl-Z, would not see the first before the second.
        for numbers in ((signal.SIGTERM, signal.SIGCONT), (signal.SIGKILL,)):
            for number in numbers:
                with suppress(ProcessLookupError):
                    signal.pidfd_send_signal(handle, number)
            if select.select([handle], [], [], STOP_SECONDS)[0]:
                return
        raise KzreminderError(
            N_("process {pid} does not end"),
            hint=N_("Its disk may hang: it ends when that answers, or the machine is restarted."),
            pid=pid,
        )
    finally:
        os.close(handle)


def _older(log: Path) -> Path:
    return log.with_name(f"{log.name}.1")


def _last_error(log: Path) -> str:
    """The error that it ended with, without the advice that follows it."""
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    said = [line.removeprefix("Error: ") for line in lines if line.startswith("Error: ")]
    return (said or lines or [""])[-1]
