"""The disk under the database: who may read it, how much room is left, is it a disk at all.

Not here: what stands in the files (database).
"""

from __future__ import annotations

import getpass
import os
import shlex
import shutil
import stat
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from kzreminder import places
from kzreminder.doctor.finding import Finding, no, not_checked, warning, yes
from kzreminder.doctor.patient import Patient
from kzreminder.errors import N_, BadValue
from kzreminder.storage.drives import MOUNTS, OVER_A_NETWORK, kind_of_drive

MEGABYTE = 1_000_000
ENOUGH_MB, LEAST_MB = 50, 5


def is_private(patient: Patient) -> Finding:
    """Numbers, balances and notes are nobody else's business."""
    if sys.platform == "win32":
        return not_checked(N_("not checked, because Windows keeps a user's folder private itself"))
    from kzreminder.storage.address import sides_of

    database, default = patient.database_file, places.database_file()
    files = [] if database is None else [database, *sides_of(database)]
    if _has_password(patient.parts.settings.database_url):
        files.append(patient.parts.settings.file)
    folders = [places.state(), places.receipts(), default.parent]
    needed = [place for place in (database, default.parent, places.state()) if place is not None]
    for place in needed:
        if (finding := _not_usable(place)) is not None:
            return finding
    there = [place for place in (*files, *folders) if place.exists()]
    loose = sorted({place for place in there if place.stat().st_mode & 0o077})
    if loose:
        return warning(
            N_("others on this computer can look into {paths}"),
            N_("Type: chmod go= {typed}"),
            paths=", ".join(map(str, loose)),
            typed=_typed(loose),
        )
    return (
        yes(N_("only you can look into your files")) if there else yes(N_("nothing is there yet"))
    )


def _has_password(url: str) -> bool:
    from kzreminder.storage.address import read_address

    with suppress(BadValue):
        return read_address(url).password is not None
    return False


def _not_usable(place: Path) -> Finding | None:
    """What keeps us from writing there, or from making it; None where nothing does."""
    nearest = _nearest(place)
    found = nearest.stat()
    if nearest == place and found.st_uid != os.getuid():
        return _of_another(place, found)
    may = os.W_OK | os.R_OK | (os.X_OK if stat.S_ISDIR(found.st_mode) else 0)
    if os.access(nearest, may):
        return None
    right = "u+rwx" if stat.S_ISDIR(found.st_mode) else "u+rw"
    return no(
        N_("you may not write to {path}"),
        N_("Type: chmod {right} {typed}"),
        path=nearest,
        right=right,
        typed=_typed([nearest]),
    )


def _of_another(place: Path, found: os.stat_result) -> Finding:
    owner = _name_of(found.st_uid)
    if os.getuid() == 0:
        return warning(
            N_("{path} belongs to {owner}, and you are root"),
            N_("Run kzreminder as {owner}, without sudo."),
            path=place,
            owner=owner,
        )
    return no(
        N_("{path} belongs to {owner}, not to you"),
        N_("Type: sudo chown {user} {typed}"),
        path=place,
        owner=owner,
        user=getpass.getuser(),
        typed=_typed([place]),
    )


def has_room(patient: Patient) -> Finding:
    """Of several disks the fullest."""
    database = patient.database_file
    wanted = [place for place in (database, places.state()) if place is not None]
    rooms = [(shutil.disk_usage(place), place) for place in map(_nearest, wanted)]
    known = [(usage.free // MEGABYTE, place) for usage, place in rooms if usage.total]
    if not known:
        return not_checked(N_("not checked, because the disk does not say"))
    free, place = min(known, key=lambda one: one[0])
    make_room = N_("Make room on the disk; see what takes it: du -xhd1 ~ | sort -h")
    if free < LEAST_MB:
        return no(
            N_("the disk is full: {free} MB left for {path}"), make_room, free=free, path=place
        )
    if free < ENOUGH_MB:
        return warning(N_("only {free} MB left for {path}"), make_room, free=free, path=place)
    return yes(N_("{free} MB left"), free=free)


def is_local(patient: Patient) -> Finding:
    """SQLite's locks do not hold on many disks of other machines."""
    database = patient.database_file
    if database is None:
        return not_checked(N_("not checked, because the database is no file"))
    kind = _kind_of(_nearest(database))
    if kind is None:
        return not_checked(N_("not checked, because the disk does not say"))
    if kind in OVER_A_NETWORK:
        return warning(
            N_("{path} is on a network disk ({kind}), where a database can break"),
            N_("Keep it on a disk of this computer, in the setting: database"),
            path=database,
            kind=kind,
        )
    return yes(N_("a disk of this computer ({kind})"), kind=kind)


def _kind_of(place: Path) -> str | None:
    """The file system that the place is on; None where the system does not tell."""
    try:
        return kind_of_drive(place.resolve(), MOUNTS.read_text(errors="surrogateescape"))
    except OSError:
        return None


def _nearest(place: Path) -> Path:
    """The place, else the folder above it that is there."""
    while not place.exists() and place != place.parent:
        place = place.parent
    return place


def _typed(paths: Iterable[Path]) -> str:
    """As a shell takes it."""
    return shlex.join(map(str, paths))


def _name_of(uid: int) -> str:
    if sys.platform == "win32":
        return str(uid)
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
