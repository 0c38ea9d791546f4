"""The schema's number in a database, and setting up one that is empty.

Not here: the tables (tables), the way from an older number to ours (upgrading).
"""

from __future__ import annotations

from sqlalchemy import Connection, inspect, select

from kzreminder.errors import N_, StorageFault
from kzreminder.storage.address import shown_address
from kzreminder.storage.dialects import alone
from kzreminder.storage.tables import SCHEMA, meta, metadata


def schema_number(connection: Connection) -> int | None:
    """The schema's number; None for an empty database; refuses one that is not ours."""
    tables = inspect(connection).get_table_names()
    if not tables:
        return None
    number = None
    if meta.name in tables and _has_our_columns(connection):
        number = connection.scalar(select(meta.c.value).where(meta.c.key == "schema"))
    if number is None or not number.isdecimal():
        raise belongs_to_another(shown_address(connection.engine.url))
    return int(number)


def set_up(connection: Connection) -> int:
    """Make the tables where there are none yet; the schema's number as it is then."""
    alone(connection)
    found = schema_number(connection)  # another process may have been quicker
    if found is not None:
        return found
    metadata.create_all(connection)
    connection.execute(meta.insert().values(key="schema", value=str(SCHEMA)))
    return SCHEMA


def refuse_newer(found: int) -> None:
    if found > SCHEMA:
        raise StorageFault(
            N_("the database was written by a newer kzreminder (schema {found}, known: {known})"),
            hint=N_("Update kzreminder; nothing was changed."),
            found=found,
            known=SCHEMA,
        )


def belongs_to_another(url: str) -> StorageFault:
    return StorageFault(
        N_("the database {url} belongs to another program"),
        hint=N_("Name another database with --db; nothing was changed."),
        url=url,
    )


def _has_our_columns(connection: Connection) -> bool:
    return {column["name"] for column in inspect(connection).get_columns(meta.name)} == {
        column.name for column in meta.columns
    }
