"""Which drives a database's write-ahead log cannot live on, as the system tells it.

The log needs memory that all processes on the file share. Over a network there is none, so there
SQLite keeps its older rollback journal: slower, and readers wait for a writer, but it needs only
whole writes and file locks, which these drives have for the processes of one machine.

Not here: setting the journal (engine).
"""

from __future__ import annotations

import os
import re
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")
OVER_A_NETWORK = {
    *("9p", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "gfs2", "glusterfs", "gpfs"),
    *("lustre", "ncpfs", "nfs", "nfs4", "ocfs2", "orangefs", "prl_fs", "smb3", "smbfs"),
    *("vboxsf", "virtiofs", "vmhgfs"),
    *("fuse.ceph", "fuse.cifs", "fuse.davfs", "fuse.glusterfs", "fuse.rclone", "fuse.s3fs"),
    *("fuse.smbnetfs", "fuse.sshfs", "fuse.vmhgfs-fuse"),
}
"Also drives that a virtual machine shares with its host: they are read over a wire as well."


def network_drive(folder: Path) -> str | None:
    """The kind of the network drive that the folder is on; None for a drive of this machine.

    None too where the system does not tell.
    """
    try:
        if os.major(folder.stat().st_dev) != 0:
            return None  # a disk of this machine: the usual case, settled without reading more
        kind = kind_of_drive(folder.resolve(), MOUNTS.read_text(errors="surrogateescape"))
    except (OSError, AttributeError):  # the latter: a system without device numbers
        return None
    return kind if kind in OVER_A_NETWORK else None


def kind_of_drive(folder: Path, mounts: str) -> str | None:
    """The file system of the innermost mount that the folder is under."""
    found: tuple[int, str | None] = (-1, None)
    for line in mounts.splitlines():
        place, _, source = line.partition(" - ")
        fields = place.split(" ")
        if len(fields) < 5 or not source:
            continue
        mounted_on = Path(_unescaped(fields[4]))
        depth = len(mounted_on.parts)
        if folder.is_relative_to(mounted_on) and depth >= found[0]:
            found = depth, source.split(" ")[0]  # of two on one place the later hides the other
    return found[1]


def _unescaped(text: str) -> str:
    """The system writes a space as \\040."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), text)
