"""Whether all that is stored can be read: pages, rows, and what stands in them.

Not here: what is done when it cannot (faults, backup).
"""

from __future__ import annotations

import json

from sqlalchemy import Connection, select

from kzreminder.storage.rows import MARK, card_of, mark_of
from kzreminder.storage.schema import schema_number
from kzreminder.storage.tables import SCHEMA, cards, events, messages


def is_sound(connection: Connection) -> bool:
    """False, or the error that reading ran into, where something is not as we wrote it."""
    if connection.dialect.name == "sqlite" and not has_sound_pages(connection):
        return False
    if schema_number(connection) != SCHEMA:
        return False
    for row in connection.execute(select(cards)).mappings():
        card_of(row)
    for mark in connection.execute(select(*MARK)):
        mark_of(*mark)
    for row in connection.execute(select(events)).mappings():
        json.loads(row["changes"]), json.loads(row["details"])
    connection.execute(select(messages)).all()
    return True


def has_sound_pages(connection: Connection) -> bool:
    return connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() == "ok"
