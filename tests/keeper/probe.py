"""Tries what a reminder never needs, and what it does need; says what it got.

Not here: what should have been refused (test_systemd). It runs as the service does.
"""

from __future__ import annotations

import errno
import json
import mmap
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

HOME = Path.home()
OWN = (".local/share/kzreminder", ".local/state/kzreminder", ".cache/kzreminder")


def write(folder: Path) -> None:
    made = folder / "kz-probe"
    made.write_text("", encoding="ascii")
    made.unlink()


def open_socket(family: int, kind: int) -> None:
    socket.socket(family, kind).close()


def make_setuid() -> None:
    made = HOME / OWN[1] / "kz-setuid"
    made.write_text("", encoding="ascii")
    try:
        made.chmod(0o755 | stat.S_ISUID)
    finally:
        made.unlink()


def write_and_run() -> None:
    mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()


def succeed(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, timeout=20, check=False)
    if done.returncode:
        raise OSError(errno.EPERM, done.stderr)


def ask_the_bus() -> None:
    with socket.socket(socket.AF_UNIX) as bus:
        bus.connect(f"{os.environ['XDG_RUNTIME_DIR']}/bus")


def status(field: str) -> str:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(line.split(":")[1].strip() for line in lines if line.startswith(f"{field}:"))


TRIES: dict[str, Callable[[], None]] = {
    "write into the home": lambda: write(HOME),
    "change the settings": lambda: write(HOME / ".config"),
    "write into /tmp": lambda: write(Path("/tmp")),
    "write into /dev/shm": lambda: write(Path("/dev/shm")),
    "see the devices": lambda: os.close(os.open("/dev/kmsg", os.O_PATH)),
    "make a namespace": lambda: succeed("unshare", "--user", "true"),
    "open a netlink socket": lambda: open_socket(socket.AF_NETLINK, socket.SOCK_RAW),
    "open a packet socket": lambda: open_socket(socket.AF_PACKET, socket.SOCK_RAW),
    "write memory and run it": write_and_run,
    "make a setuid program": make_setuid,
    "become another machine": lambda: succeed("setarch", "i686", "true"),
    "write where cards are": lambda: write(HOME / OWN[0]),
    "write where backups are": lambda: write(HOME / OWN[1]),
    "write where guides are": lambda: write(HOME / OWN[2]),
    "open an internet socket": lambda: open_socket(socket.AF_INET, socket.SOCK_STREAM),
    "reach the bus": ask_the_bus,
    "start a browser elsewhere": lambda: succeed(
        "systemd-run",
        "--user",
        "--quiet",
        "--collect",
        "--wait",
        "/usr/bin/env",
        "unshare",
        "--user",
        "true",
    ),
}


def main(report: str) -> None:
    got: dict[str, str] = {}
    for name, attempt in TRIES.items():
        try:
            attempt()
        except OSError as error:
            got[name] = errno.errorcode.get(error.errno or 0, str(error))
        else:
            got[name] = "done"
    for field in ("NoNewPrivs", "CapBnd", "Seccomp"):
        got[field] = status(field)
    got["umask"] = f"{os.umask(0o077):04o}"
    Path(report).write_text(json.dumps(got), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
