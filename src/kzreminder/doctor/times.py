"""Does the computer know what time it is, in Kazakhstan too.

Not here: reading the clock (clock).
"""

from __future__ import annotations

import zoneinfo
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from kzreminder import clock
from kzreminder.doctor.finding import Finding, no, warning, yes
from kzreminder.doctor.patient import Patient
from kzreminder.errors import N2_, N_, KzreminderError

SET_IT = N_("Let the computer set it by itself: sudo timedatectl set-ntp true")
BACK_ALLOWED = timedelta(minutes=10)
FORWARD_ALLOWED = timedelta(days=400)
"Nobody leaves a computer off for longer and then wants to know of the same cards."
YEARS_OF_USE = 15
"A clock further ahead of the day on which the operator data was made is not believed."


def zone_data(_patient: Patient) -> Finding:
    """Raises nothing: where there is none at all, kzreminder does not even start."""
    version = clock.zone_data_version() or "?"
    if not clock.zone_data_is_current():
        return no(
            N_("{version} does not know that all Kazakhstan is UTC+5 since 2024"),
            N_("Update it: pip install --upgrade tzdata"),
            version=version,
        )
    if not zoneinfo.TZPATH:
        return yes(
            N_("{version}; the computer's own is from before 2024 and is not used"),
            N_("Update the computer's package tzdata, for the other programs."),
            version=version,
        )
    return yes(N_("{version}, knows UTC+5"), version=version)


def wall_clock(patient: Patient) -> Finding:
    """Against what was written down before: nothing of that can be ahead."""
    now, zone = patient.now, patient.parts.settings.policy.zone
    shown = f"{now.astimezone(zone):%Y-%m-%d %H:%M} ({zone})"
    made_on = _made_on(patient)
    if now.date() < made_on:
        return no(N_("{now} is before this kzreminder was made"), SET_IT, now=shown)
    if now.year > made_on.year + YEARS_OF_USE:
        return no(N_("{now} is too far in the future"), SET_IT, now=shown)
    latest = max(_written(patient), default=None)
    if latest is None or abs(now - latest) < BACK_ALLOWED:
        return yes(N_("{now}"), now=shown)
    if latest > now:
        return no(
            N_("{now}, but something was recorded on {latest} already"),
            SET_IT,
            now=shown,
            latest=latest,
        )
    if now - latest > FORWARD_ALLOWED:
        ahead = N2_(
            "{now}: nothing was recorded for {count} day. Is it set wrong?",
            "{now}: nothing was recorded for {count} days. Is it set wrong?",
        )
        return warning(ahead, SET_IT, now=shown, count=(now - latest).days)
    return yes(N_("{now}"), now=shown)


def _made_on(patient: Patient) -> date:
    """Of the shipped data: a user's own file may name any day."""
    days = [
        fact.checked_on
        for operator in patient.parts.operators.operators
        for fact in operator.all_facts
        if not fact.own
    ]
    return max(days, default=date(2026, 1, 1))


def _written(patient: Patient) -> list[datetime]:
    """What the database and the service last put down, with the time at which they did."""
    found: list[datetime | None] = []
    if patient.heartbeat is not None:
        found.append(patient.heartbeat.passed_at)
    if patient.database_file is not None:
        found.append(_changed_at(patient.database_file))
    try:
        look = patient.look
        if look is not None and look.is_current:
            found.append(look.newest_event_at())
            found.append(look.notes.last_pass_at())
    except KzreminderError:
        pass  # said where the database is checked
    return [at for at in found if at is not None]


def _changed_at(file: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except (OSError, OverflowError, ValueError):
        return None
