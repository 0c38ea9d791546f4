"""Is what the user wrote understood: config.toml, operator files and sms patterns of their own.

Not here: reading them for use (settings, operators).
"""

from __future__ import annotations

from dataclasses import replace

from kzreminder.assembly import Parts
from kzreminder.doctor.finding import Answer, Finding, no, of_error, yes
from kzreminder.doctor.patient import Patient
from kzreminder.errors import N2_, N_, AddressNotHere, ConfigurationInvalid, Fault, KzreminderError
from kzreminder.operators.catalogue import Catalogue
from kzreminder.settings.lines import line_of
from kzreminder.settings.reading import Settings


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
    faults += unknown_methods(parts.settings, parts.operators)
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


def unusable_targets(parts: Parts) -> tuple[Fault, ...]:
    """Whose address cannot be had or is not understood; each is asked for in a process of its own.

    One that only the service is given is passed over.
    """
    faults = []
    for target in parts.settings.targets:
        try:
            parts.push_channel(target).check()
        except AddressNotHere:
            continue
        except KzreminderError as error:
            key = f"targets.{target.name}.{target.address.key}"
            text = parts.settings.file.read_text(encoding="utf-8-sig")
            told = tuple(error.values.items())
            file, line = str(parts.settings.file), line_of(text, key)
            faults.append(Fault(file, line, key, error.sentence, told))
    return tuple(faults)


def unknown_methods(settings: Settings, known: Catalogue) -> tuple[Fault, ...]:
    """A way to pay may be wished for that no operator has: that is a slip."""
    ids = sorted({method.id for one in known.operators for method in one.methods})
    # Where no file names them, none is unknown.
    text = settings.file.read_text(encoding="utf-8-sig") if settings.methods else ""
    file, line = str(settings.file), line_of(text, "methods")
    sentence = N_("no way to pay is called {method}; known are {known}")
    return tuple(
        Fault(file, line, "methods", sentence, (("method", wished), ("known", ", ".join(ids))))
        for wished in settings.methods
        if wished not in ids
    )
