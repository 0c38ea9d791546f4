"""Can the database be opened, is it ours, is it sound, is there a copy of it.

Not here: the disk it lies on (disk).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from kzreminder.doctor.finding import NO_DATABASE, Finding, no, not_checked, warning, yes
from kzreminder.doctor.patient import Patient
from kzreminder.errors import N2_, N_, KzreminderError

QUICK_SECONDS = 3.0
"Enough for some ten thousand cards on a slow disk; beyond it, what was looked at is sound."
BACKUP_DAYS = 3


def opens(patient: Patient) -> Finding:
    """Raises BadValue, StorageFault."""
    from kzreminder.storage.address import shown_address
    from kzreminder.storage.tables import SCHEMA

    look = patient.look
    shown = patient.database_file or shown_address(patient.parts.settings.database_url)
    if look is None:
        return _nothing_in(patient, shown)
    found = look.schema or 0
    if found > SCHEMA:
        return no(
            N_("the database was written by a newer kzreminder (schema {found}, known: {known})"),
            N_("Update kzreminder: pipx upgrade kzreminder"),
            found=found,
            known=SCHEMA,
        )
    if found < SCHEMA:
        return warning(
            N_("{url} is of an older kzreminder (schema {found}, now {known})"),
            N_("The next command brings it up to date, such as: kzreminder list"),
            url=shown,
            found=found,
            known=SCHEMA,
        )
    cards = N2_("{url}, {count} card", "{url}, {count} cards")
    return yes(cards, url=shown, count=look.count())


def _nothing_in(patient: Patient, shown: object) -> Finding:
    """Never had any, or lost what it had."""
    file, copy = patient.database_file, newest_copy(patient)
    is_there = file is not None and file.exists()
    restore = N_("Is its disk there? Else take back a copy: kzreminder restore-backup {copy}")
    values = {"url": shown, "copy": "FILE" if copy is None else copy[0]}
    if patient.has_held_cards or (is_there and copy is not None):
        lost = N_("{url} is empty, though it has held cards")
        return no(lost if is_there else N_("{url} has gone; it has held cards"), restore, **values)
    if is_there:
        return warning(
            N_("{url} is empty: if it held cards before, they are gone from it"), restore, **values
        )
    return yes(N_("none yet: it is made with your first card"))


def is_sound(patient: Patient) -> Finding:
    """Raises StorageFault where the damage keeps SQLite from looking further."""
    from kzreminder.storage.inspection import TakesTooLong

    look = patient.look
    if look is None:
        return NO_DATABASE
    if look.engine.dialect.name != "sqlite":
        return not_checked(N_("not checked, because that is the database server's business"))
    try:
        damage = look.damage(thorough=patient.deep, seconds=None if patient.deep else QUICK_SECONDS)
    except TakesTooLong:
        return yes(
            N_("none in what {seconds} seconds had time for"),
            N_("To look at all of it: kzreminder doctor --deep"),
            seconds=f"{QUICK_SECONDS:.0f}",
        )
    if damage is not None:
        return no(
            N_("the database is damaged: {why}"),
            N_("Take back the newest copy: kzreminder restore-backup FILE"),
            why=damage,
        )
    return yes(N_("none, in no page and no index")) if patient.deep else yes(N_("none"))


def backup(patient: Patient) -> Finding:
    """Looked for also where the database cannot be read: then most of all."""
    if patient.database_file is None:
        return not_checked(
            N_("not checked, because the database is no file"),
            N_("Have its server copied each night, for example by pg_dump."),
        )
    newest = newest_copy(patient)
    make_one = N_("Make one now: kzreminder backup")
    if newest is None:
        return _no_copy(patient, make_one)
    file, made_at = newest
    age = max(patient.now - made_at, timedelta())
    if age > timedelta(days=BACKUP_DAYS):
        late = N2_(
            "the newest copy is {count} day old: {file}",
            "the newest copy is {count} days old: {file}",
        )
        return warning(late, make_one, count=age.days, file=file)
    return yes(N_("the newest copy is of {at}: {file}"), at=made_at, file=file)


def _no_copy(patient: Patient, make_one: str) -> Finding:
    try:
        look = patient.look
    except KzreminderError:
        return warning(N_("there is no copy of your cards"))
    if look is None:
        return NO_DATABASE
    if look.is_current and not look.count():
        return yes(N_("none yet, and no card to lose"))
    return warning(N_("there is no copy of your cards"), make_one)


def newest_copy(patient: Patient) -> tuple[Path, datetime] | None:
    return None if patient.database_file is None else patient.parts.backups.newest()
