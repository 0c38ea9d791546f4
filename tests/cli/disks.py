"""Disks that fill, and one over a network; skipped where this machine does not let us mount them.

Not here: what is done on them.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

SFTP_SERVER = Path("/usr/lib/openssh/sftp-server")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "kzreminder-test", str(folder)]
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can mount a small disk")
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this machine does not let us mount")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path, leave: int = 0) -> None:
    (disk / "ballast").unlink(missing_ok=True)
    with (disk / "ballast").open("wb", buffering=0) as ballast:
        try:
            while True:
                ballast.write(b"\0" * 4096)
        except OSError:
            ballast.truncate(max(0, ballast.tell() - leave))


@pytest.fixture
def network_drive(tmp_path: Path) -> Iterator[Path]:
    """A folder over SFTP, as sshfs mounts it from another machine; here both ends are this one."""
    if os.geteuid() != 0 or shutil.which("sshfs") is None or not SFTP_SERVER.exists():
        pytest.skip("needs root, sshfs and openssh-sftp-server")
    far, near = tmp_path / "far", tmp_path / "near"
    far.mkdir()
    near.mkdir()
    ours, theirs = socket.socketpair()
    with (
        subprocess.Popen(
            [str(SFTP_SERVER)], stdin=theirs.fileno(), stdout=theirs.fileno()
        ) as server,
        subprocess.Popen(
            ["sshfs", "-f", "-o", "passive", f"there:{far}", str(near)],
            stdin=ours.fileno(),
            stdout=ours.fileno(),
            stderr=subprocess.DEVNULL,
        ) as client,
    ):
        ours.close()
        theirs.close()
        for _ in range(100):
            if os.path.ismount(near) or client.poll() is not None:
                break
            time.sleep(0.05)
        try:
            if not os.path.ismount(near):
                pytest.skip("this machine does not let us mount over FUSE")
            yield near
        finally:
            subprocess.run(["umount", "--lazy", near], capture_output=True, check=False)
            client.terminate()
            server.terminate()
