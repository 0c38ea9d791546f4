"""Many rows in one statement: a server takes them several times as fast as one by one. It takes
them in no order: whoever changes cards so holds them before.

Not here: the same for a file (delivery, replanning, messages), which has no way to go for each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, text

from kzreminder.storage.tables import Instant, cards, marks


def put_back(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """As `delivery` puts cards back, each row with the same `ours`."""
    told = _columns(connection, rows, {**_ATTENTION, "tries": "bigint"})
    connection.execute(_PUT_BACK, told | {"ours": rows[0]["ours"]})


def keep(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """As `replanning` keeps what was planned, each row with the same `leases_end`."""
    same = {"leases_end": _stored(connection, rows[0]["leases_end"])}
    told = _columns(connection, rows, {**_ATTENTION, "as_read": "bigint"})
    connection.execute(_KEEP, same | told)


def insert_marks(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Passes over those that are there."""
    connection.execute(_MARK, _columns(connection, rows, _MARKS))


def _columns(
    connection: Connection, rows: Iterable[Mapping[str, Any]], kinds: Mapping[str, str]
) -> dict[str, list[Any]]:
    return {name: [_stored(connection, row[name]) for row in rows] for name in kinds}


def _stored(connection: Connection, value: Any) -> Any:
    if isinstance(value, datetime):
        return _INSTANT.process_bind_param(value, connection.dialect)
    return value


def _kinds(table: Table, *left_out: str) -> dict[str, str]:
    columns = [column for column in table.columns if column.name not in left_out]
    names = {"BIGINT": "bigint", "BOOLEAN": "boolean"}
    return {one.name: names.get(str(one.type), "text") for one in columns}


def _given(kinds: Mapping[str, str]) -> str:
    arrays = ", ".join(f"cast(:{name} as {kind}[])" for name, kind in kinds.items())
    return f"unnest({arrays}) as given({', '.join(kinds)})"


_INSTANT = Instant()
_ATTENTION = {"card": "bigint", "at": "bigint", "urgent": "bigint", "waits_for": "text"}
_MARKS = _kinds(marks, "id")
_PUT_BACK = text(f"""
    update {cards} set wake_at = given.at, urgent_at = given.urgent, awaits = given.waits_for,
        attempts = given.tries, claim_token = null
    from {_given({**_ATTENTION, "tries": "bigint"})}
    where cards.id = given.card and cards.claim_token = :ours
""")  # noqa: S608 - made of our own names
_KEEP = text(f"""
    update {cards} set wake_at = given.at, urgent_at = given.urgent, awaits = given.waits_for,
        claim_token = null
    from {_given({**_ATTENTION, "as_read": "bigint"})}
    where cards.id = given.card and cards.version = given.as_read
        and (cards.claim_token is null or cards.wake_at > :leases_end)
""")  # noqa: S608 - made of our own names
_MARK = text(f"""
    insert into {marks} ({", ".join(_MARKS)})
    select {", ".join(_MARKS)} from {_given(_MARKS)}
    on conflict do nothing
""")  # noqa: S608 - made of our own names
