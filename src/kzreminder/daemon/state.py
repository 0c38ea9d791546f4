"""How the service is doing, as anyone may ask: alive, last pass, undelivered, channel.

Not here: checking each thing a reminder needs and how to mend it (doctor).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from kzreminder import clock
from kzreminder.alive.lock import holder
from kzreminder.assembly import Parts
from kzreminder.channels.message import Server
from kzreminder.reminding.passing import next_wake_at
from kzreminder.storage.delivery import LAST_PASS

SILENT_FOR = timedelta(minutes=5)
"A living service passes every minute; one silent for longer is not well."


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


def look(parts: Parts, now: datetime) -> Seen:
    _ = parts.operators  # raises where a file of the user's own has a fault: passes leave it out
    alive, pid = holder(parts.lock_file)
    delivery = parts.store.delivery
    last_pass = delivery.recall(LAST_PASS)
    last_pass_at = datetime.fromisoformat(last_pass) if last_pass else None
    passes = last_pass_at is not None and abs(now - last_pass_at) < SILENT_FOR
    undelivered = delivery.undelivered(parts.target, now)
    zone_data_ok = clock.zone_data_is_current()
    channel = parts.channel()
    try:
        described = channel.describe()
    finally:
        channel.close()
    is_there = isinstance(described, Server)
    return Seen(
        ok=alive and passes and not undelivered and zone_data_ok and is_there,
        alive=alive,
        pid=pid,
        last_pass_at=last_pass_at,
        next_wake_at=next_wake_at(delivery, parts.target),
        undelivered=undelivered,
        url=parts.store.shown_url,
        schema=parts.store.schema,
        cards=parts.store.count(),
        zone_data_version=clock.zone_data_version(),
        zone_data_ok=zone_data_ok,
        target=parts.target,
        channel=channel.name,
        why=parts.desktop_choice[1],
        server=f"{described.name} {described.version}" if isinstance(described, Server) else None,
        channel_error=None if isinstance(described, Server) else described.error,
    )
