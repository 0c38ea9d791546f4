"""Can the others be told: the address of a target is there, private, and one that Apprise has.

Not here: sending; nothing is sent.
"""

from __future__ import annotations

from dataclasses import replace

from kzreminder.doctor.finding import Answer, Finding, of_error, yes
from kzreminder.doctor.patient import Patient
from kzreminder.errors import N_, AddressNotHere, KzreminderError
from kzreminder.settings.targets import TargetSettings


def can_be_told(patient: Patient, target: TargetSettings) -> Finding:
    """What is sound can be tried out."""
    try:
        service = patient.parts.push_channel(target).check()
    except AddressNotHere as error:  # the service may well have it
        return replace(of_error(error), ok=Answer.WARNING)
    except KzreminderError as error:
        mend = error.hint or N_("Put the lines right, then: kzreminder config check")
        return replace(of_error(error), mend=mend)
    try_it = N_("Send one message there: kzreminder test-notification --target {name}")
    return yes(
        N_("the address is understood: {service}"), try_it, service=service, name=target.name
    )
