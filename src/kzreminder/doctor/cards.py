"""What is to be reminded of, with what knowledge, and what could not be told.

Not here: the database they are in (database), the way to tell it (desktop).
"""

from __future__ import annotations

from datetime import timedelta

from kzreminder.core.deadlines import deadlines_of
from kzreminder.core.routing import Route
from kzreminder.core.zone import almaty_day
from kzreminder.doctor.finding import NO_DATABASE, Finding, Said, no, not_checked, warning, yes
from kzreminder.doctor.patient import Patient
from kzreminder.errors import N2_, N_
from kzreminder.storage.inspection import Look
from kzreminder.storage.notes import Absence

OLD_AFTER = timedelta(days=365)
NAMED, LOOKED_AT = 4, 200
"Cards called by name, and those looked at for it: a fleet's doctor must end, too."
TRY_IT = N_("See whether it works by now: kzreminder test-notification")
OLDER_SCHEMA = not_checked(N_("not checked, because the database is of an older kzreminder"))


def _current(patient: Patient) -> Look | Finding:
    look = patient.look
    if look is None:
        return NO_DATABASE
    return look if look.is_current else OLDER_SCHEMA


def undelivered(patient: Patient) -> Finding:
    look = _current(patient)
    if isinstance(look, Finding):
        return look
    delivery, routes = look.delivery, patient.parts.routes
    absences = [(route, look.notes.absence(route.target)) for route in routes]
    count = delivery.undelivered(patient.now, is_away=all(absence for _, absence in absences))
    if not count:
        return yes(N_("no message waits"))
    if stuck := delivery.put_off_cards(NAMED):
        return no(
            N_("nothing can be told of {names}, of what is stored of it or by a bug: {why}"),
            N_("Correct it: kzreminder edit; or take back a copy: kzreminder restore-backup FILE"),
            names=", ".join(label for label, _ in stuck),
            why=stuck[0][1],
        )
    away = [(route, absence) for route, absence in absences if absence is not None]
    if not away:
        waiting = N2_("{count} card: the message was refused", "{count} cards: refused")
        return no(waiting, TRY_IT, count=count)
    return _away(count, *away[0])


def _away(count: int, route: Route, absence: Absence) -> Finding:
    since = N2_(
        "{count} card waits since {since}: {error}", "{count} cards wait since {since}: {error}"
    )
    if route.is_desktop:
        return no(since, TRY_IT, count=count, since=absence.since_at, error=absence.error)
    try_there = N_("See whether it works by now: kzreminder test-notification --target {target}")
    for_target = N2_(
        "{count} card waits for {target} since {since}: {error}",
        "{count} cards wait for {target} since {since}: {error}",
    )
    return no(
        for_target,
        try_there,
        count=count,
        since=absence.since_at,
        error=absence.error,
        target=route.name,
    )


def operator_data(patient: Patient) -> Finding:
    """A user's own files count: they are laid over the shipped ones to bring them up to date."""
    days = [
        fact.checked_on
        for operator in patient.parts.operators.operators
        for fact in operator.all_facts
    ]
    if not days:
        return not_checked(N_("not checked, because no fact is known"))
    today = almaty_day(patient.now)
    old = [day for day in days if today - day > OLD_AFTER]
    values = {"oldest": min(days).isoformat(), "newest": max(days).isoformat()}
    if not old:
        return yes(N_("checked from {oldest} to {newest}"), **values)
    aged = N2_(
        "{count} fact was last checked more than a year ago, on {oldest}",
        "{count} facts were last checked more than a year ago, the oldest on {oldest}",
    )
    mend = N_("Update kzreminder; see which: kzreminder operators list --stale 365")
    return warning(aged, mend, count=len(old), **values)


def can_remind(patient: Patient) -> Finding:
    look = _current(patient)
    if look is NO_DATABASE or (isinstance(look, Look) and not look.count()):
        return warning(
            N_("none is registered: there is nothing to remind you of"),
            N_("Type: kzreminder add"),
        )
    if isinstance(look, Finding):
        return look
    bare = [card for card in look.bare_cards(LOOKED_AT) if not deadlines_of(card, patient.now)]
    if not bare:
        return yes(N2_("{count} card", "{count} cards"), count=look.count())
    names = ", ".join(card.label for card in bare[:NAMED])
    more = Said(N_(", and more")) if len(bare) > NAMED else ""
    unknown = N2_(
        "of {names}{more} nothing is known that could end: it stays silent",
        "of {names}{more} nothing is known that could end: they stay silent",
    )
    return warning(
        unknown,
        N_("Say until when it is paid: kzreminder edit {id} --expires DATE"),
        count=len(bare),
        names=names,
        more=more,
        id=bare[0].id,
    )
