"""The examination goes on whatever a check does; and checks whose facts can be said in a table."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kzreminder import places
from kzreminder.alive import heartbeat
from kzreminder.alive.heartbeat import Heartbeat
from kzreminder.alive.lock import only_one
from kzreminder.assembly import Parts, load_settings
from kzreminder.doctor import database, disk, examining, service, times
from kzreminder.doctor.examining import CHECKS, Check, examine
from kzreminder.doctor.finding import Answer, Finding, yes
from kzreminder.doctor.patient import Patient
from kzreminder.errors import StorageFault
from kzreminder.settings.reading import Given

NOW = datetime(2026, 12, 18, 7, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def patient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Patient:
    """At a home without anything in it."""
    for kind in ("CONFIG", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind.lower()))
    return Patient(Parts(load_settings(Given(), {})), NOW)


def with_cards(patient: Patient) -> Patient:
    """The same home, with a database in it."""
    patient.parts.store.close()
    return Patient(Parts(patient.parts.settings), NOW)


# ---- in order, within a limit --------------------------------------------------------------------


def _raises(error: Exception) -> Callable[[Patient], Finding]:
    def look(_patient: Patient) -> Finding:
        raise error

    return look


def test_a_check_that_raises_is_a_finding_and_the_next_is_made(patient: Patient) -> None:
    checks = (
        Check("bug", "Bug", _raises(ZeroDivisionError("by zero"))),
        Check("fault", "Fault", _raises(StorageFault("the disk is full", hint="Make room."))),
        Check("well", "Well", lambda _: yes("fine")),
    )
    bug, fault, well = (finding for _, finding in examine(patient, checks))
    assert (bug.ok, bug.values["why"]) == (Answer.NO, "ZeroDivisionError: by zero")
    assert (fault.ok, fault.sentence, fault.mend) == (Answer.NO, "the disk is full", "Make room.")
    assert (well.what, well.ok) == ("well", Answer.YES)


def test_what_needs_a_check_that_failed_is_not_made(patient: Patient) -> None:
    called = []

    def called_with(name: str) -> Callable[[Patient], Finding]:
        def look(_patient: Patient) -> Finding:
            called.append(name)
            return yes("fine")

        return look

    checks = (
        Check("first", "First", _raises(StorageFault("no"))),
        Check("second", "Second", called_with("second"), needs="first"),
        Check("third", "Third", called_with("third"), needs="second"),
    )
    findings = [finding.ok for _, finding in examine(patient, checks)]
    assert findings == [Answer.NO, Answer.NOT_CHECKED, Answer.NOT_CHECKED]
    assert called == []


def test_checks_that_hang_are_left_behind(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examining, "CHECK_SECONDS", 0.2)
    monkeypatch.setattr(examining, "ALL_SECONDS", 0.7)

    def hangs(_: Patient) -> Finding:
        time.sleep(5)
        return yes("at last")

    checks = tuple(Check(str(number), "Hangs", hangs) for number in range(20))
    began = time.monotonic()
    findings = [finding.ok for _, finding in examine(patient, checks)]
    assert time.monotonic() - began < 2
    assert findings[:3] == [Answer.NO] * 3
    assert findings[5:] == [Answer.NOT_CHECKED] * 15


def test_every_check_ends_in_time_though_each_would_hang() -> None:
    assert examining.ALL_SECONDS < 15
    assert {check.needs for check in CHECKS} - {None} <= {check.what for check in CHECKS}


# ---- what keeps the service up -------------------------------------------------------------------


@dataclass(frozen=True)
class Kept:
    by: str = "systemd"
    file: Path | None = Path("/home/me/.config/systemd/user/kzreminder.service")
    is_current: bool = True
    enabled: bool = True
    running: bool = True
    lingers: bool | None = False


@pytest.mark.parametrize(
    ("kept", "ok", "mend"),
    [
        (Kept(), Answer.YES, None),
        (Kept(file=None, enabled=False, running=False), Answer.NO, "service install"),
        (Kept(enabled=False), Answer.NO, "service install"),
        (Kept(is_current=False), Answer.WARNING, "service install"),
        (Kept(running=False), Answer.WARNING, "service start"),
        (Kept("nothing", None, lingers=None), Answer.WARNING, "kzreminder run"),
    ],
)
def test_what_starts_the_service(
    patient: Patient, kept: Kept, ok: Answer, mend: str | None
) -> None:
    patient.__dict__["kept"] = kept
    with only_one(patient.parts.lock_file):
        found = service.unit(patient)
    assert found.ok is ok
    assert (mend or "") in (found.mend or "")


def test_a_service_that_does_not_run_is_started_or_installed(patient: Patient) -> None:
    patient.__dict__["kept"] = Kept()
    assert service.runs(patient).mend == service.START
    patient.__dict__["kept"] = Kept(file=None)
    assert service.runs(patient).mend == service.INSTALL


@pytest.mark.parametrize("lingers", [True, False, None])
def test_whether_it_lingers_is_told_and_is_no_fault(patient: Patient, lingers: bool | None) -> None:
    patient.__dict__["kept"] = Kept(lingers=lingers)
    expected = Answer.NOT_CHECKED if lingers is None else Answer.YES
    assert service.lingers(patient).ok is expected


@pytest.mark.parametrize(
    ("started_ago", "passed_ago", "fault", "ok"),
    [
        (DAY, timedelta(seconds=50), None, Answer.YES),
        (timedelta(minutes=1), None, None, Answer.YES),
        (DAY, None, None, Answer.NO),
        (DAY, timedelta(minutes=6), None, Answer.NO),
        (DAY, timedelta(seconds=50), "the database is locked", Answer.NO),
        (DAY, -HOUR, None, Answer.NO),
    ],
)
def test_passes_are_judged_by_the_heartbeat_where_no_database_tells(
    patient: Patient,
    started_ago: timedelta,
    passed_ago: timedelta | None,
    fault: str | None,
    ok: Answer,
) -> None:
    passed_at = None if passed_ago is None else NOW - passed_ago
    beat = Heartbeat(os.getpid(), "1", NOW - started_ago, passed_at, fault)
    heartbeat.write(patient.parts.heartbeat_file, beat)
    with only_one(patient.parts.lock_file):
        assert service.last_pass(patient).ok is ok


def test_the_last_pass_of_a_service_that_has_ended_is_told(patient: Patient) -> None:
    assert service.last_pass(patient).ok is Answer.NOT_CHECKED
    heartbeat.write(patient.parts.heartbeat_file, Heartbeat(1, "1", NOW - DAY, NOW - HOUR))
    later = Patient(patient.parts, NOW)
    assert service.last_pass(later).values == {"at": NOW - HOUR}


# ---- the disk, the clock, the copies -------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "ok"),
    [("ext4", Answer.YES), ("fuse.sshfs", Answer.WARNING), ("nfs4", Answer.WARNING)],
)
def test_a_network_disk_is_told(
    patient: Patient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, ok: Answer
) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"
        f"2 1 0:40 / {patient.database_file.parents[1]} rw shared:1 - {kind} box:/home rw\n"  # type: ignore[union-attr]
        f"3 1 0:41 / {tmp_path / 'datab'} rw - nfs box:/other rw\n"
    )
    places.make_private(patient.database_file.parent)  # type: ignore[union-attr]
    monkeypatch.setattr(disk, "MOUNTS", mounts)
    found = disk.is_local(patient)
    assert (found.ok, found.values["kind"]) == (ok, kind)


@pytest.mark.parametrize(
    ("written_ahead", "ok"),
    [
        (timedelta(minutes=-5), Answer.YES),
        (timedelta(minutes=5), Answer.YES),
        (HOUR, Answer.NO),
        (-300 * DAY, Answer.YES),
        (-401 * DAY, Answer.WARNING),
    ],
)
def test_the_clock_is_compared_with_what_was_written(
    patient: Patient, written_ahead: timedelta, ok: Answer
) -> None:
    at = NOW + written_ahead
    heartbeat.write(patient.parts.heartbeat_file, Heartbeat(1, "1", at, at))
    assert times.wall_clock(patient).ok is ok


def test_a_clock_behind_the_newest_event_is_told(patient: Patient) -> None:
    from kzreminder.core.correcting import register

    parts = patient.parts
    later = NOW + 3 * DAY
    parts.store.add(register({"label": "Mum"}, parts.settings.policy, later), later)
    parts.store.close()
    found = times.wall_clock(Patient(Parts(parts.settings), NOW))
    assert (found.ok, found.mend) == (Answer.NO, times.SET_IT)


class Copies:
    def __init__(self, age: timedelta | None) -> None:
        self._age = age

    def newest(self) -> tuple[Path, datetime] | None:
        return None if self._age is None else (Path("/copies/1.db"), NOW - self._age)


@pytest.mark.parametrize(
    ("age", "has_cards", "ok"),
    [
        (HOUR, True, Answer.YES),
        (2 * DAY, True, Answer.YES),
        (4 * DAY, True, Answer.WARNING),
        (None, True, Answer.WARNING),
        (None, False, Answer.YES),
    ],
)
def test_copies_that_are_missing_or_old_are_told(
    patient: Patient, age: timedelta | None, has_cards: bool, ok: Answer
) -> None:
    from kzreminder.core.correcting import register

    parts = patient.parts
    if has_cards:
        parts.store.add(register({"label": "Mum"}, parts.settings.policy, NOW), NOW)
    well = with_cards(patient)
    well.parts.__dict__["backups"] = Copies(age)
    found = database.backup(well)
    assert found.ok is ok
    assert ("kzreminder backup" in (found.mend or "")) is (ok is Answer.WARNING)


def test_a_check_of_a_great_database_ends_in_time(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kzreminder.storage import inspection

    well = with_cards(patient)
    monkeypatch.setattr(database, "QUICK_SECONDS", 0.0)
    monkeypatch.setattr(inspection, "STEPS_BETWEEN_LOOKS", 1)
    found = database.is_sound(well)
    assert found.ok is Answer.YES
    assert "--deep" in (found.mend or "")
    deep = database.is_sound(Patient(well.parts, NOW, deep=True))
    assert (deep.ok, deep.mend) == (Answer.YES, None)
