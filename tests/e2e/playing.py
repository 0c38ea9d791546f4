"""Plays a user of the real program: processes with a home and a clock of their own.

Not here: the desktop they meet (tests/desktop, channels/fake_server), what is expected of them.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from zoneinfo import ZoneInfo

import libfaketime
import time_machine

import kzreminder
from kzreminder import clock
from kzreminder.alive.poke import poke
from tests.channels.bus import end
from tests.cli.running import Result, run_here

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

ALMATY = ZoneInfo("Asia/Almaty")
NOON = datetime(2026, 12, 18, 12, tzinfo=ALMATY)
"When a played user begins: by day, and far from every midnight."
KZREMINDER = (sys.executable, "-m", "kzreminder")
SOURCES = Path(kzreminder.__file__).resolve().parents[1]
READ_ANEW_SECONDS = 1.1
"After so long every process has a clock that was moved."
COMMAND_SECONDS = 40.0
END_SECONDS = 5.0
"A stop takes no longer, whatever hangs."
CAP_SECONDS = 85.0
"A pass is made every 60 s; where the clock was set back, a watch of every 15 s makes up for it."
_LIBRARY = Path(libfaketime.__file__).parent / "vendor/libfaketime/src/libfaketime.so.1"


class Clock:
    """The wall clock of a user's processes; moving it moves it in those that run, too.

    Offsets only: an absolute time would begin anew in each process. The monotonic clock stays as it
    is, or every wait would last for ever.
    """

    def __init__(self, file: Path, start: datetime = NOON) -> None:
        self._file = file
        self._ahead = timedelta()
        self.set(start)

    @property
    def env(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": str(_LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            # Read anew each second, not at each look: the library reads into one buffer for all
            # threads, and one in a hundred looks of two threads at once got the real time.
            "FAKETIME_CACHE_DURATION": "0",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def now(self) -> datetime:
        return clock.now() + self._ahead

    def set(self, instant: datetime) -> None:
        self._ahead = instant.astimezone(UTC) - clock.now()
        written = self._file.with_suffix(".new")  # nobody may read half an offset
        written.write_text(f"{self._ahead.total_seconds():+.3f}\n", encoding="ascii")
        written.replace(self._file)

    def step(self, by: timedelta) -> None:
        """Under processes that run; when it returns, they have it."""
        self.set(self.now() + by)
        time.sleep(READ_ANEW_SECONDS)


class User:
    """Somebody with a home in Almaty, on the desktop that this environment leads to, or on none."""

    def __init__(self, folder: Path, desktop: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.temporary = folder / "tmp"
        for made in (self.home, self.temporary):
            made.mkdir(parents=True)
        self.clock = Clock(folder / "clock")
        self.env = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(SOURCES),
            "HOME": str(self.home),
            "TMPDIR": str(self.temporary),
            "TZ": "Asia/Almaty",
            "LC_ALL": "C.UTF-8",
            **self.clock.env,
        }
        # Nothing else: the rest of it is that of whoever runs the tests.
        leading = ("DBUS_SESSION_BUS_ADDRESS", "DISPLAY")
        self.env |= {name: value for name, value in (desktop or {}).items() if name in leading}

    def runs(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            (*KZREMINDER, *words),
            env=self.env,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )

    def does(self, *words: str) -> str:
        """What it printed; it must succeed. What leads up to a test need be no process."""
        done = self._does(*words)
        assert done.exit_code == 0, (words, done)
        return done.out

    def reads(self, *words: str) -> Any:
        """Its JSON, whatever the exit code."""
        return self._does(*words, "--json").json

    def _does(self, *words: str) -> Result:
        """In this process, at this user's hour: not for several users at once."""
        with time_machine.travel(self.clock.now()):
            return run_here(self.env, *words)

    def tells_what_is_due(self) -> list[Any]:
        """One pass of a real process; the reminders that it delivered."""
        done = self.runs("run", "--once", "--json")
        assert done.returncode == 0, done
        report = json.loads(done.stdout)
        assert report["failed"] == []
        told: list[Any] = report["delivered"]
        return told

    def files(self) -> set[Path]:
        """All that stands in the home and the temporary folder."""
        return {path for place in (self.home, self.temporary) for path in place.rglob("*")}


class Service:
    """`kzreminder run` of a user. It goes with the `with` block, however that ends."""

    def __init__(self, user: User, *words: str, **env: str) -> None:
        self.user = user
        self.words = words
        self._env = env
        self._out = user.folder / "service.out"
        self._err = user.folder / "service.err"

    def __enter__(self) -> Self:
        # To files: nobody reads them meanwhile, and a full pipe would stop it.
        with self._out.open("ab") as out, self._err.open("ab") as err:
            self.process = subprocess.Popen(
                (*KZREMINDER, "run", *self.words),
                env=self.user.env | self._env,
                cwd=self.user.folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                text=True,
            )
        return self

    def __exit__(self, *_: object) -> None:
        end(self.process)

    @property
    def out(self) -> str:
        return self._out.read_text(encoding="utf-8")

    @property
    def log(self) -> list[str]:
        return self._err.read_text(encoding="utf-8").splitlines()

    def logs(self, words: str) -> Callable[[], bool]:
        return lambda: any(words in line for line in self.log)

    @property
    def state(self) -> Path:
        return self.user.home / ".local/state/kzreminder"

    @property
    def beat(self) -> dict[str, Any]:
        """What it last said of itself, whatever has happened to the database."""
        for file in self.state.glob("daemon-*.beat"):
            with suppress(OSError, ValueError):
                said: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
                if said["pid"] == self.process.pid:
                    return said
        return {}

    def has_passed(self) -> bool:
        """Well or not."""
        assert self.process.poll() is None, self.log
        return bool(self.beat)

    def is_up(self) -> bool:
        """A pass has ended well."""
        return self.has_passed() and not self.beat["fault"]

    def has_passed_since(self, instant: datetime) -> Callable[[], bool]:
        """By the user's clock; not before that was set back."""

        def passed() -> bool:
            at = self.beat.get("passed_at")
            return at is not None and instant <= datetime.fromisoformat(at) <= self.user.clock.now()

        return passed

    def pokes(self, times: int = 1) -> None:
        """So many passes, each ended before the next."""
        for _ in range(times):
            [ear] = self.state.glob("daemon-*.poke")
            [file] = self.state.glob("daemon-*.beat")
            before = file.stat()
            poke(ear)

            def has_beaten(file: Path = file, before: os.stat_result = before) -> bool:
                now = file.stat()
                return (now.st_ino, now.st_mtime_ns) != (before.st_ino, before.st_mtime_ns)

            wait_until(has_beaten, "a pass has ended", every=0.05)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> float:
        """The seconds that it took to end well."""
        began = time.monotonic()
        self.process.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=END_SECONDS)
        assert self.process.poll() == 0, (self.process.returncode, self.log)
        return time.monotonic() - began

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(timeout=END_SECONDS)

    def resident_mb(self) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        [line] = [line for line in status.splitlines() if line.startswith("VmRSS:")]
        return int(line.split()[1]) / 1024

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8").rsplit(")")[-1]
        used = sum(int(ticks) for ticks in fields.split()[11:13])
        return used / os.sysconf("SC_CLK_TCK")


def wait_until(
    true: Callable[[], bool], what: str, seconds: float = 30.0, every: float = 0.2
) -> float:
    """The seconds that it took."""
    began = time.monotonic()
    while not true():
        if time.monotonic() - began > seconds:
            raise AssertionError(f"waited {seconds:g} s in vain: {what}")
        time.sleep(every)
    return time.monotonic() - began


def titles(shown: Iterable[dict[str, Any]]) -> list[str]:
    return [str(one["title"]) for one in shown]
