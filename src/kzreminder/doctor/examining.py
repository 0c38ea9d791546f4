"""The checks in order, each with a time limit; a fault of one becomes its finding.

Not here: what a check looks at (the modules it names).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread

from kzreminder import clock
from kzreminder.doctor import (
    cards,
    configuration,
    database,
    desktop,
    disk,
    fleet,
    service,
    targets,
    times,
)
from kzreminder.doctor.finding import Answer, Finding, Said, no, not_checked, of_error
from kzreminder.doctor.patient import Patient
from kzreminder.errors import N_, BadValue, KzreminderError

CHECK_SECONDS = 4.0
"No check waits longer, whatever hangs; what itself waits has a limit under this."
ALL_SECONDS = 14.0


@dataclass(frozen=True, slots=True)
class Check:
    what: str
    name: str
    look: Callable[[Patient], Finding]
    needs: str | None = None
    "the check without whose success this one means nothing"


DATABASE = Check("database", N_("Database"), database.opens)
CHECKS = (
    Check("configuration", N_("Configuration"), configuration.files),
    DATABASE,
    Check("integrity", N_("Damage"), database.is_sound, needs="database"),
    Check("permissions", N_("Privacy"), disk.is_private),
    Check("space", N_("Room on the disk"), disk.has_room),
    Check("file_system", N_("Kind of disk"), disk.is_local),
    Check("zone_data", N_("Time zones"), times.zone_data),
    Check("clock", N_("Clock"), times.wall_clock),
    Check("session_bus", N_("Session bus"), desktop.session_bus),
    Check("notifications", N_("Notifications"), desktop.notifications, needs="session_bus"),
    Check("fallback", N_("Other way to notify"), desktop.fallback),
    Check("unit", N_("Starts by itself"), service.unit),
    Check("service", N_("Background service"), service.runs),
    Check("last_pass", N_("Last pass"), service.last_pass),
    Check("undelivered", N_("Undelivered"), cards.undelivered, needs="database"),
    Check("operator_data", N_("Operator data"), cards.operator_data),
    Check("backup", N_("Backup"), database.backup),
    Check("linger", N_("While logged out"), service.lingers, needs="unit"),
    Check("cards", N_("Cards"), cards.can_remind, needs="database"),
)


SHARED = {
    "clock": (Check("server_clock", N_("Server's clock"), fleet.clock_of_server, "database"),),
    "last_pass": (
        Check("services", N_("Services"), fleet.services, needs="database"),
        Check("watchers", N_("Watchers"), fleet.watchers, needs="database"),
    ),
}
"What is also checked after which check, where the database is on a server."


def checks_for(patient: Patient) -> tuple[Check, ...]:
    """One more for each target, by its own name."""
    found = []
    for check in CHECKS:
        found.append(check)
        if patient.is_shared:
            found += SHARED.get(check.what, ())
        if check.what == "fallback":
            found += [
                Check(one.target, one.target, partial(targets.can_be_told, target=one))
                for one in patient.parts.settings.targets
            ]
    return tuple(found)


def examine(
    patient: Patient, checks: tuple[Check, ...] | None = None
) -> Iterator[tuple[Check, Finding]]:
    """Each as soon as it is known."""
    checks = checks_for(patient) if checks is None else checks
    names = {check.what: check.name for check in checks}
    answers: dict[str, Answer] = {}
    ends_at = clock.monotonic() + ALL_SECONDS
    for check in checks:
        finding = _because_of(check.needs, names, answers)
        if finding is None:
            left = ends_at - clock.monotonic()
            finding = _within(_seconds(patient, check, left), check, patient)
        answers[check.what] = finding.ok
        yield check, replace(finding, what=check.what)


def _because_of(
    needed: str | None, names: Mapping[str, str], answers: Mapping[str, Answer]
) -> Finding | None:
    if needed is None or answers.get(needed) not in (Answer.NO, Answer.NOT_CHECKED):
        return None
    return _unknown_because_of(names[needed])


def _unknown_because_of(name: str) -> Finding:
    return not_checked(N_('not checked, because of "{what}" above'), what=Said(name))


def _seconds(patient: Patient, check: Check, left: float) -> float | None:
    """None: as long as it takes, because the user asked for it."""
    if patient.deep and check.what == "integrity":
        return None
    return min(left, CHECK_SECONDS)


def _within(seconds: float | None, check: Check, patient: Patient) -> Finding:
    """The check's finding; one that hangs is left behind in its thread, which ends with us."""
    if seconds is not None and seconds <= 0:
        return not_checked(N_("not checked, because the checks before it took too long"))
    found: SimpleQueue[Finding] = SimpleQueue()
    Thread(target=lambda: found.put(_look(check, patient)), daemon=True).start()
    try:
        return found.get(timeout=seconds)
    except Empty:
        return no(
            N_("no answer within {seconds} seconds"),
            N_("Try again; if it lasts, restart the computer."),
            seconds=f"{seconds:.0f}",
        )


def _look(check: Check, patient: Patient) -> Finding:
    try:
        return check.look(patient)
    except BadValue as error:
        # the one value that most of them share: the database's address
        return of_error(error) if check is DATABASE else _unknown_because_of(DATABASE.name)
    except KzreminderError as error:
        return of_error(error)
    except Exception as error:  # noqa: BLE001 - the boundary: the other checks must still be made
        return no(
            N_("the check itself failed: {why}"),
            N_("Please report this as a fault of kzreminder."),
            why=f"{type(error).__name__}: {error}",
        )
