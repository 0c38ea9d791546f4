"""The short form of the examination, for scripts and prompts: is all well, yes or no.

Not here: how to mend what is not (the other modules of this room).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from kzreminder import clock
from kzreminder.assembly import Parts
from kzreminder.channels.message import Server
from kzreminder.doctor.desktop import describe
from kzreminder.doctor.patient import Patient
from kzreminder.doctor.service import beat_of, is_recent
from kzreminder.reminding.passing import next_wake_at
from kzreminder.settings.declared import Desktop
from kzreminder.storage.notes import Absence

if TYPE_CHECKING:
    from kzreminder.storage.services import Member

BUS_SECONDS = 1.0
"A prompt does not wait for a bus that hangs."


@dataclass(frozen=True, slots=True)
class Seen:
    ok: bool
    alive: bool
    pid: int | None
    last_pass_at: datetime | None
    next_wake_at: datetime | None
    undelivered: int
    url: str
    schema: int
    cards: int
    zone_data_version: str | None
    zone_data_ok: bool
    target: str
    channel: str
    why: str
    server: str | None
    channel_error: str | None
    fault: str | None
    "what the last pass ran into"
    targets: tuple[tuple[str, Absence | None], ...]
    "those beside the desktop; None: not known to be away"
    services: tuple[Member, ...] | None = None
    "all that live and share the database; None: it is a file"


def look(parts: Parts, now: datetime) -> Seen:
    _ = parts.operators  # raises where a file of the user's own has a fault: passes leave it out
    delivery = parts.store.delivery
    patient = Patient(parts, now)
    alive, pid = patient.holder
    beat = beat_of(patient)
    notes = parts.store.notes
    last_pass_at = notes.last_pass_at()
    fault = beat.fault if beat is not None else None
    passes = is_recent(last_pass_at, now) and fault is None
    absences = {route.target: notes.absence(route.target) for route in parts.routes}
    undelivered = delivery.undelivered(now, is_away=all(absences.values()))
    zone_data_ok = clock.zone_data_is_current()
    described = describe(patient, BUS_SECONDS)
    way, why = parts.desktop_choice
    services = tuple(parts.store.services.alive(now)) if parts.is_shared else None
    agrees = patient.differs_from(services or ()) is None
    is_well = way is Desktop.OFF or isinstance(described, Server)
    return Seen(
        ok=alive and passes and not undelivered and zone_data_ok and is_well and agrees,
        alive=alive,
        pid=pid,
        last_pass_at=last_pass_at,
        next_wake_at=next_wake_at(delivery, list(absences.values()), now),
        undelivered=undelivered,
        url=parts.store.shown_url,
        schema=parts.store.schema,
        cards=parts.store.count(),
        zone_data_version=clock.zone_data_version(),
        zone_data_ok=zone_data_ok,
        target=parts.target,
        channel=way.value,
        why=why,
        server=f"{described.name} {described.version}" if isinstance(described, Server) else None,
        channel_error=None if isinstance(described, Server) else described.error,
        fault=fault,
        targets=tuple((one.target, absences[one.target]) for one in parts.settings.targets),
        services=services,
    )
