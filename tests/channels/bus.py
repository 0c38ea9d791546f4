"""A message bus of a test's own, on which nothing is started by being asked for.

Not here: what serves on it (fake_server, dunst).
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable

START_SECONDS = 15.0
HASTY_SECONDS = 1.5
"a limit that is meant to be reached, though not by what works on a busy machine"
SLACK_SECONDS = 2.0

# Not with the service folders of the machine: an installed server would be started when it is asked
# for, and a test of "no server" would pass wrongly.
_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
<servicedir>{services}</servicedir>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
<allow own="*"/></policy></busconfig>
"""


class Bus:
    """A `dbus-daemon` at an address that stays the same when it is started again."""

    def __init__(self) -> None:
        # Not pytest's folder: its long names can pass the 108 bytes that a socket's path may have.
        self._folder = Path(tempfile.mkdtemp(prefix="kz-bus-"))
        self._socket = self._folder / "bus"
        self._config = self._folder / "bus.conf"
        self._services = self._folder / "services"
        self._services.mkdir()
        written = _CONFIG.format(socket=self._socket, services=self._services)
        self._config.write_text(written, encoding="utf-8")
        self._daemon: subprocess.Popen[str] | None = None
        self.address = f"unix:path={self._socket}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def pid(self) -> int:
        assert self._daemon is not None
        return self._daemon.pid

    def can_start(self, name: str, command: str) -> None:
        """From now on whoever asks for `name` has the bus start it."""
        service = f"[D-BUS Service]\nName={name}\nExec={command}\n"
        (self._services / f"{name}.service").write_text(service, encoding="utf-8")

    def start(self) -> None:
        self._daemon = subprocess.Popen(
            [
                "dbus-daemon",
                f"--config-file={self._config}",
                "--nofork",
                "--nopidfile",
                "--print-address",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        first_line(self._daemon, "dbus-daemon")

    def stop(self) -> None:
        if self._daemon is not None:
            end(self._daemon)
        self._daemon = None
        # A killed daemon leaves its socket, on which the next one could not listen.
        self._socket.unlink(missing_ok=True)


class Served:
    """A fake service on a bus: a process of its own, which can be made to hang and to come back."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def _serve(self, what: str, module: str, *arguments: str, env: dict[str, str]) -> None:
        """Returns once it says that it is ready."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=Path(__file__).parents[2],
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        first_line(self._process, what)

    def stop(self) -> None:
        if self._process is not None:
            end(self._process)
        self._process = None

    def pause(self) -> None:
        """It keeps its name and answers nothing, as a server that hangs."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGCONT)


def first_line(process: subprocess.Popen[str], what: str) -> str:
    """What the process says once it is ready; an error when it says nothing in time."""
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], START_SECONDS)
    line = process.stdout.readline().strip() if ready else ""
    if not line:
        end(process)
        raise RuntimeError(f"{what} did not start")
    return line


def end(process: subprocess.Popen[str]) -> None:
    """Kill it, stopped or not, and wait until it is gone."""
    if process.poll() is None:
        os.kill(process.pid, signal.SIGKILL)
    process.wait(timeout=START_SECONDS)
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            stream.close()


def wait_until(true: Callable[[], bool], what: str, seconds: float = START_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s in vain: {what}")
        time.sleep(0.01)


def environment(bus: Bus | None, **more: str) -> dict[str, str]:
    """This process's environment, without its desktop, and with that of the bus."""
    desktop = ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "DISPLAY", "WAYLAND_DISPLAY")
    env = {key: value for key, value in os.environ.items() if key not in desktop}
    if bus is not None:
        env["DBUS_SESSION_BUS_ADDRESS"] = bus.address
    return env | more
