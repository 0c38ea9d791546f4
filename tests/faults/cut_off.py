"""One of several services is cut off from the server, for longer than its lease, and joined again.

python -m tests.faults.cut_off 2000    so many due cards; exit 1 if one was lost

It lives in a network of its own, as on another machine. Needs root, and `ip` of iproute2.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.faults import fleet
from tests.faults.fleet import Blow
from tests.postgres import a_server

HERE, THERE = "10.213.77.1", "10.213.77.2"


@dataclass(frozen=True)
class Network:
    """A network of its own, with one cable to ours."""

    name: str

    @property
    def within(self) -> tuple[str, ...]:
        return ("ip", "netns", "exec", self.name)

    def cable(self, state: str) -> None:
        """Pulled out, nobody is told: what is on its way is simply lost."""
        _ip("link", "set", self.name, state)


def why_not() -> str | None:
    """Why it cannot be done here."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return "needs root, and ip of iproute2"
    try:
        with a_network():
            return None
    except subprocess.CalledProcessError:
        return "this machine lets us make no network"


@contextmanager
def a_network() -> Iterator[Network]:
    network = Network(f"kz{os.getpid()}")
    _ip("netns", "add", network.name)
    try:
        _ip(
            "link",
            "add",
            network.name,
            "type",
            "veth",
            "peer",
            "name",
            "there",
            "netns",
            network.name,
        )
        _ip("addr", "add", f"{HERE}/30", "dev", network.name)
        _ip("link", "set", network.name, "up")
        _ip("-n", network.name, "addr", "add", f"{THERE}/30", "dev", "there")
        for device in ("there", "lo"):
            _ip("-n", network.name, "link", "set", device, "up")
        yield network
    finally:
        with suppress(subprocess.CalledProcessError):
            _ip("link", "delete", network.name)
        _ip("netns", "delete", network.name)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, timeout=20)


def cut_off(folder: Path, count: int, lease_seconds: float = 5) -> Counter[str]:
    """One of three services; what it does once it is joined again is counted, too."""
    with a_network() as network, a_server(folder, HERE) as server:
        url = server.database()
        from_there = url.replace("127.0.0.1", HERE)
        elsewhere = (network.within, from_there)
        batch = fleet.batch_of(count)
        with fleet.members(url, folder, 3, lease_seconds, batch, elsewhere):
            fleet.wait_until_joined(url, 3)
            fleet.fill(url, count)
            while not (told := fleet.told_by(folder)).get(0):
                time.sleep(0.005)
                if len(fleet.marked(url)) == count:
                    raise AssertionError("the others were quicker")
            network.cable("down")
            blow = Blow(0, len(told[0]))
            fleet.wait_until_told(url, count, 120)
            time.sleep(lease_seconds)
            network.cable("up")
            found = fleet.counts(folder, count, blow)
            before = len(fleet.told_by(folder)[0])
            begun, rounds = time.monotonic(), 0
            while len(fleet.told_by(folder)[0]) == before:
                if time.monotonic() - begun > 60:
                    raise AssertionError("it has not come back")
                rounds += 1
                fleet.fill(url, 30, f"Late {rounds}")
                time.sleep(0.5)
            fleet.wait_until_told(url, count + 30 * rounds, 60)
            found = fleet.counts(folder, count + 30 * rounds, blow)
    return found


def main(count: int) -> int:
    if reason := why_not():
        print(reason)
        return 1
    with tempfile.TemporaryDirectory() as named:
        found = cut_off(Path(named), count)
        print(dict(found))
        for log in sorted(Path(named).glob("*.log")):
            print(log.name, log.read_text()[-1000:])
    return int(not fleet.is_well(found))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
