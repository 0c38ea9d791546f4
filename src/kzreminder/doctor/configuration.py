"""Is what the user wrote understood: config.toml, operator files and sms patterns of their own.

Not here: reading them for use (settings, operators).
"""

from __future__ import annotations

from dataclasses import replace

from kzreminder.doctor.finding import Answer, Finding, no, of_error, yes
from kzreminder.doctor.patient import Patient
from kzreminder.errors import N2_, N_, ConfigurationInvalid, Fault, KzreminderError
from kzreminder.operators.catalogue import Catalogue


def files(patient: Patient) -> Finding:
    """All faults of all files at once."""
    parts, faults = patient.parts, list[Fault]()
    found = None if patient.settings_error is None else _noted(patient.settings_error, faults)
    try:
        _ = parts.operators
    except ConfigurationInvalid as invalid:
        faults += invalid.faults
        parts.take_shipped_operators()  # the other checks go on with these, as the service does
    try:
        _ = parts.sms_patterns
    except ConfigurationInvalid as invalid:
        faults += invalid.faults
    faults += _unknown_methods(parts.settings.methods, parts.operators, str(parts.settings.file))
    if faults:
        count = N2_("{count} fault; it is not used", "{count} faults; they are not used")
        mend = N_("Put the lines right, then: kzreminder config check")
        return replace(no(count, mend, count=len(faults)), faults=tuple(faults))
    if found is not None:
        return found
    if not parts.settings.file.is_file():
        return yes(N_("none: everything is as it comes"))
    return yes(N_("{file}: no faults."), file=parts.settings.file)


def _noted(error: KzreminderError, faults: list[Fault]) -> Finding | None:
    """The finding of an error that is not about a line of a file."""
    if isinstance(error, ConfigurationInvalid):
        faults += error.faults
        return None
    return replace(of_error(error), ok=Answer.NO)


def _unknown_methods(wished: tuple[str, ...], known: Catalogue, file: str) -> list[Fault]:
    ids = sorted({method.id for one in known.operators for method in one.methods})
    sentence = N_("no way to pay is called {method}; known are {known}")
    return [
        Fault(file, None, "methods", sentence, (("method", method), ("known", ", ".join(ids))))
        for method in wished
        if method not in ids
    ]
