"""Does the background service run, by itself, in this version, and do its passes happen.

Not here: what it could not deliver (cards).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from kzreminder import __version__
from kzreminder.alive.heartbeat import Heartbeat
from kzreminder.doctor.finding import Finding, no, not_checked, warning, yes
from kzreminder.doctor.patient import Patient
from kzreminder.errors import N_, KzreminderError

SILENT_FOR = timedelta(minutes=5)
"A living service passes every minute; one silent for longer is not well."
RESTART = N_("Type: kzreminder service restart")
START = N_("Type: kzreminder service start")
INSTALL = N_("Type: kzreminder service install")


def unit(patient: Patient) -> Finding:
    """What starts the service at log-in, and starts it again when it dies."""
    kept = patient.kept
    if kept.by == "nothing":
        return warning(
            N_("nothing on this system starts it for you"),
            N_("Start it after each log-in: kzreminder run"),
        )
    if kept.file is None and not patient.is_alive and patient.others:
        return not_checked(N_("not needed: services of other machines share the database"))
    if kept.file is None:
        return no(N_("the service is not installed: nothing starts it for you"), INSTALL)
    values = {"by": kept.by, "file": kept.file}
    if not kept.enabled:
        return no(N_("installed ({file}), but {by} does not start it at log-in"), INSTALL, **values)
    if not kept.is_current:
        return warning(N_("{file} is of another version, or was changed"), INSTALL, **values)
    if patient.is_alive and not kept.running:
        return warning(
            N_("the service that runs was started by hand: {by} would not start it again"),
            N_("End it, then type: kzreminder service start"),
            **values,
        )
    return yes(N_("installed, started by {by} at log-in"), **values)


def runs(patient: Patient) -> Finding:
    alive, pid = patient.holder
    if not alive and patient.others:
        return warning(
            N_("it does not run here; others do, such as that of {host}"),
            N_("If this machine is to tell anybody: kzreminder service install"),
            host=patient.others[0].host,
        )
    if not alive:
        kept = patient.kept
        return no(N_("it does not run: nothing reminds you"), START if kept.file else INSTALL)
    beat = beat_of(patient)
    if beat is not None and beat.version != __version__:
        return warning(
            N_("it runs as version {old}, and kzreminder is {new} by now"),
            RESTART,
            old=beat.version,
            new=__version__,
        )
    return yes(N_("running, process {pid}"), pid=pid)


def beat_of(patient: Patient) -> Heartbeat | None:
    """Of the service that runs; not one that an earlier service left behind."""
    beat, (alive, pid) = patient.heartbeat, patient.holder
    return beat if alive and beat is not None and pid in (None, beat.pid) else None


def last_pass(patient: Patient) -> Finding:
    """Whether passes end well; the heartbeat tells it also where the database cannot."""
    passed_at = passed(patient)
    if not patient.is_alive:
        if passed_at is None:
            return not_checked(N_("none yet, because the service does not run"))
        since = N_("{at}; none since, because the service does not run")
        return not_checked(since, at=passed_at)
    beat = beat_of(patient)
    if beat is not None and beat.fault is not None:
        return no(
            N_("the last one failed: {fault}"),
            N_("It is tried again every minute; see: kzreminder service logs"),
            fault=beat.fault,
        )
    if passed_at is None:
        started_at = beat.started_at if beat is not None else None
        if started_at is not None and patient.now - started_at < SILENT_FOR:
            return yes(N_("none yet: the service has just been started"))
        return no(N_("none yet, though the service runs"), RESTART)
    if not is_recent(passed_at, patient.now):
        return no(N_("{at}, and none since, though the service runs"), RESTART, at=passed_at)
    return yes(N_("{at}"), at=passed_at)


def is_recent(passed_at: datetime | None, now: datetime) -> bool:
    return passed_at is not None and abs(now - passed_at) < SILENT_FOR


def passed(patient: Patient) -> datetime | None:
    """The later of what the heartbeat and the database say."""
    beat = patient.heartbeat
    found = [beat.passed_at] if beat is not None else []
    try:
        look = patient.look
        if look is not None and look.is_current:
            found.append(look.notes.last_pass_at())
    except KzreminderError:
        pass  # said where the database is checked
    return max((at for at in found if at is not None), default=None)


def lingers(patient: Patient) -> Finding:
    """Nobody sees a notification while logged out, so either way is well."""
    kept = patient.kept
    if kept.lingers is None:
        return not_checked(N_("not checked, because nothing here runs a service then"))
    if kept.lingers:
        return yes(N_("the service goes on; what falls due is shown when you are back"))
    return yes(N_("the service rests; what falls due is shown when you log in"))
