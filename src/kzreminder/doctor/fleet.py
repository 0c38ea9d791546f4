"""The services that share a database on a server: who they are, whether each card has one that
speaks of it, whether all clocks agree.

Not here: the service of this machine (service). Of a file nothing of this is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from kzreminder import clock
from kzreminder.doctor.cards import current
from kzreminder.doctor.finding import Finding, Said, not_checked, of_error, warning, yes
from kzreminder.doctor.patient import Patient
from kzreminder.doctor.times import SET_IT
from kzreminder.errors import N2_, N_

CLOCK_ALLOWED = timedelta(seconds=30)
NAMED = 6
"Services and watchers called by name."


def clock_of_server(patient: Patient) -> Finding:
    """Leases go by the server's clock, reminders by that of each machine."""
    look = current(patient)
    if isinstance(look, Finding):
        return look
    before = clock.now()
    there = look.time_there(before)
    ahead = there - (before + (clock.now() - before) / 2)
    values = {"seconds": abs(round(ahead.total_seconds()))}
    if abs(ahead) < CLOCK_ALLOWED:
        return yes(N_("both say the same, to {seconds} seconds"), **values)
    if ahead > timedelta(0):
        return warning(N_("this machine is {seconds} seconds behind the server"), SET_IT, **values)
    return warning(N_("this machine is {seconds} seconds ahead of the server"), SET_IT, **values)


def services(patient: Patient) -> Finding:
    look = current(patient)
    if isinstance(look, Finding):
        return look
    alive, lost = look.services.alive(patient.now), look.services.lost(patient.now)
    names = _named([one.host for one in alive])
    if patient.differs is not None:
        return of_error(patient.differs)
    if lost:
        silent = N2_(
            "{count} has died or stands still, or is cut off: {lost}, last heard of on {at}",
            "{count} have died or stand still, or are cut off: {lost}, last heard of on {at}",
        )
        return warning(
            silent,
            N_("Look there: kzreminder service status. What it held others take over in minutes."),
            count=len(lost),
            lost=_named([one.host for one in lost]),
            at=max(one.seen_at for one in lost),
        )
    versions = sorted({one.version for one in alive})
    if len(versions) > 1:
        return warning(
            N_("they are of several versions: {versions} ({names})"),
            N_("Bring all up to date: stop all services, update, start them."),
            versions=", ".join(versions),
            names=names,
        )
    if not alive:
        return warning(
            N_("none is heard of: nothing reminds anybody"),
            N_("Start one: kzreminder service start"),
        )
    return yes(
        N2_("{count} lives: {names}", "{count} live: {names}"), count=len(alive), names=names
    )


def watchers(patient: Patient) -> Finding:
    """Whether each card has somebody who speaks of it, and on no stranger's desk."""
    look = current(patient)
    if isinstance(look, Finding):
        return look
    counts = look.services.watchers()
    alive = look.services.alive(patient.now)
    if not alive:
        return not_checked(N_("not checked, because no service is heard of"))
    borne = {name for one in alive for name in one.watches}
    unborne = {name: count for name, count in counts.items() if name and name not in borne}
    if unborne:
        first = min(unborne)
        unspoken = N2_(
            "{count} card waits for a watcher whom no living service bears: {names}",
            "{count} cards wait for watchers whom no living service bears: {names}",
        )
        return warning(
            unspoken,
            N_('Write watches = ["{first}"] into the settings of the service that is to tell it.'),
            count=sum(unborne.values()),
            names=_named(sorted(unborne)),
            first=first,
        )
    desktops = {one.host for one in (*alive, *look.services.lost(patient.now)) if one.has_desktop}
    if counts.get(None) and len(desktops) > 1 and not patient.parts.settings.targets:
        astray = N2_(
            "{count} card has no watcher: its reminders land on any of these desks: {names}",
            "{count} cards have no watcher: their reminders land on any of these desks: {names}",
        )
        return warning(
            astray,
            N_("Give them watchers, or set up a target that the right people see: [targets.NAME]"),
            count=counts[None],
            names=_named(sorted(desktops)),
        )
    if not counts:
        return not_checked(N_("not checked, because no card is registered"))
    return yes(N_("each card has a service that speaks of it"))


def _named(names: Sequence[str]) -> Said | str:
    """The first of them, and that there are more."""
    shown = ", ".join(names[:NAMED])
    return Said(N_("{names}, and more"), {"names": shown}) if len(names) > NAMED else shown
