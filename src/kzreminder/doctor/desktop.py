"""Can something be shown: the session bus, the notification service on it, the other way.

Not here: showing it (channels).
"""

from __future__ import annotations

import sys
from dataclasses import replace

from kzreminder.channels.message import Server, TargetAway
from kzreminder.channels.probing import (
    lacks_for_plyer,
    unnamed_bus,
)
from kzreminder.channels.probing import (
    session_bus as bus_that_answers,
)
from kzreminder.doctor.finding import Answer, Finding, Said, no, not_checked, warning, yes
from kzreminder.doctor.patient import Patient
from kzreminder.doctor.targets import can_be_told
from kzreminder.errors import N_
from kzreminder.settings.declared import Desktop

LIMIT_SECONDS = 3.0
"A bus or a server that answers later than this hangs."
SWITCHED_OFF = not_checked(N_("not needed: the desktop is switched off in the settings"))
BUTTONS, MARKUP, STAYS = "actions", "body-markup", "persistence"


def _is_off(patient: Patient) -> bool:
    return patient.parts.desktop_choice[0] is Desktop.OFF


def _unless_others_are_told(patient: Patient, finding: Finding) -> Finding:
    """Where a target can be told nobody goes without a reminder."""
    if finding.ok is Answer.NO and any(
        can_be_told(patient, one).ok is Answer.YES for one in patient.parts.settings.targets
    ):
        return replace(finding, ok=Answer.WARNING)
    return finding


def describe(patient: Patient, limit_seconds: float) -> Server | TargetAway:
    """Who would show a message now; asked with less patience than a reminder has."""
    if _is_off(patient):
        return patient.parts.channel().describe()
    if patient.parts.desktop_choice[0] is Desktop.DBUS:
        from kzreminder.channels.desktop_dbus import DesktopDbus

        channel: DesktopDbus | DesktopPlyer = DesktopDbus(limit_seconds=limit_seconds)
    else:
        from kzreminder.channels.desktop_plyer import DesktopPlyer

        # half of its time is for asking the bus
        channel = DesktopPlyer(limit_seconds=2 * limit_seconds)
    try:
        return channel.describe()
    finally:
        channel.close()


def session_bus(patient: Patient) -> Finding:
    """On Linux both ways lead over it."""
    if _is_off(patient):
        return SWITCHED_OFF
    return _unless_others_are_told(patient, _session_bus())


def _session_bus() -> Finding:
    if not sys.platform.startswith("linux"):
        return yes(N_("not needed on this system"))
    answered = bus_that_answers(LIMIT_SECONDS)
    if not isinstance(answered, TargetAway):
        return yes(N_("answers ({address})"), address=answered)
    unnamed = unnamed_bus()
    if unnamed is not None:
        return no(
            N_("not found from here ({error}), but there is one of yours"),
            N_("Type: export DBUS_SESSION_BUS_ADDRESS={address}"),
            error=answered.error,
            address=unnamed,
        )
    return no(
        N_("not found ({error}): without it no desktop can be reached"),
        N_("Log in to your desktop and type in a terminal there: kzreminder doctor"),
        error=answered.error,
    )


def notifications(patient: Patient) -> Finding:
    """Name, abilities, and whether it is told to show nothing."""
    if _is_off(patient):
        return SWITCHED_OFF
    return _unless_others_are_told(patient, _notifications(patient))


def _notifications(patient: Patient) -> Finding:
    described = describe(patient, LIMIT_SECONDS)
    if isinstance(described, TargetAway):
        return no(
            N_("nothing here shows notifications ({error})"),
            N_(
                "Switch them on in your desktop's settings; if they hang, log out and in again; "
                "if there are none, type: sudo apt install dunst"
            ),
            error=described.error,
        )
    server = f"{described.name} {described.version}".strip()
    if described.is_silenced:
        return warning(
            N_("{server} keeps them back: Do Not Disturb is on"),
            N_("Switch Do Not Disturb off in your desktop's settings."),
            server=server,
        )
    able = described.capabilities
    return yes(
        N_("{server}: {abilities}"),
        server=server,
        abilities=(
            Said(N_("buttons")) if BUTTONS in able else Said(N_("no buttons")),
            Said(N_("bold text")) if MARKUP in able else Said(N_("plain text")),
            Said(N_("they stay until read")) if STAYS in able else Said(N_("they may go away")),
        ),
    )


def fallback(patient: Patient) -> Finding:
    """plyer: for systems without D-Bus, and for whoever configures it."""
    if _is_off(patient):
        return SWITCHED_OFF
    way, why = patient.parts.desktop_choice
    lacking = lacks_for_plyer()
    values = {"lacking": lacking, "why": Said(why)}
    if way is Desktop.DBUS:
        if lacking is None:
            return yes(N_("plyer could be used, and is not: {why}"), **values)
        return yes(
            N_("plyer could not be used ({lacking} is missing), and is not: {why}"), **values
        )
    if lacking is None:
        return yes(N_("plyer is in use: {why}"), **values)
    mend = N_("Type: pip install plyer")
    if sys.platform.startswith("linux"):
        mend = N_('Type: sudo apt install libnotify-bin, or set desktop = "auto" under [delivery]')
    return no(N_("plyer is in use ({why}), and {lacking} is missing"), mend, **values)
