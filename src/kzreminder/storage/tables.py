"""The tables, their constraints and column types; what must always hold stands in the schema.

Not here: opening a database (engine), turning rows into cards (rows).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    Date,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    event,
    false,
    text,
)

from kzreminder.storage.address import POSTGRESQL

SCHEMA = 4
"The number of this schema; a database with a greater one was written by a newer kzreminder."

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(instant: datetime) -> int:
    """Since 1970, as an Instant is kept."""
    return (instant - _EPOCH) // _MICROSECOND


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime, kept as whole microseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else _EPOCH + timedelta(microseconds=value)


class Money(TypeDecorator[Decimal]):
    """Tenge as a Decimal, kept as whole tiyn: exact in every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        return None if value is None else int(value.scaleb(2))

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-2)


metadata = MetaData()
ID = BigInteger().with_variant(Integer, "sqlite")

meta = Table(
    "meta",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", Text, nullable=False),
)


def _partial_index(name: str, *columns: str, where: str, postgresql: str | None = None) -> Index:
    """`postgresql`: what it says there, where that differs."""
    told = {POSTGRESQL: postgresql or where}
    return Index(name, *columns, sqlite_where=text(where), info=told)


@event.listens_for(metadata, "before_create")
def _narrow_indexes(_metadata: MetaData, connection: Connection, **_options: object) -> None:
    """Said to the index itself, it would load that dialect, a seventh of a start, for everybody."""
    if connection.dialect.name != POSTGRESQL:
        return
    for table in metadata.tables.values():
        for index in table.indexes:
            if POSTGRESQL in index.info:
                index.dialect_options[POSTGRESQL]["where"] = text(index.info[POSTGRESQL])


cards = Table(
    "cards",
    metadata,
    Column("id", ID, primary_key=True, autoincrement=True),
    Column("label", String, nullable=False, unique=True),
    Column("label_key", String, nullable=False),  # case folded: a prefix of it finds the card
    Column("number", String, unique=True),
    Column("operator", String),
    Column("operator_guessed", Boolean, nullable=False),
    Column("kind", String, nullable=False),
    Column("plan_name", String),
    Column("period", String),
    Column("started_on", Date),
    Column("last_good_on", Date),
    Column("anchor_day", Integer),
    Column("price", Money),
    Column("auto_renew", Boolean, nullable=False),
    Column("balance", Money),
    Column("threshold", Money),
    Column("read_at", Instant),
    Column("low_since", Instant),
    Column("low_before", Instant),
    Column("estimated", Boolean, nullable=False, server_default=false()),
    Column("spendings", Text),  # JSON: [[since, until, tenge], ...], oldest first
    Column("changes", Text),  # JSON: [[at, tenge], ...] since the reading, oldest first
    Column("keep_alive", String),
    Column("last_used_on", Date),
    Column("acked_at", Instant),
    Column("snoozed_at", Instant),
    Column("snoozed_until", Instant),
    Column("muted", Boolean, nullable=False, server_default=false()),
    Column("muted_until", Date),
    Column("paid_on", Date),  # a payment of which nothing has shown yet that it arrived
    Column("device_entered_on", Date),
    Column("protects", String),
    Column("leads", String),
    Column("tags", String, nullable=False),  # "|family|abroad|", so that LIKE finds a whole tag
    Column("targets", String, nullable=False, server_default=""),  # as the tags
    Column("watcher", String),  # only services that bear this name speak of the card
    Column("lang", String),
    Column("note", Text),
    Column("archived", Boolean, nullable=False),
    Column("registered_at", Instant, nullable=False),
    Column("version", Integer, nullable=False),
    Column("wake_at", Instant),  # when the card next wants attention: due, lease end or retry
    Column("urgent_at", Instant),  # its earliest unsettled deadline: lists sort by it
    Column("claim_token", String),
    Column("claim_owner", String),  # the process whose pass holds the card
    Column("awaits", String),  # what has it looked at sooner than at wake_at: see delivery.Awaits
    Column("attempts", Integer, nullable=False),  # sends that failed since the last that did not
    CheckConstraint("label <> ''", name="label_not_empty"),
    CheckConstraint("kind in ('sim', 'esim')", name="kind_known"),
    CheckConstraint("price is null or price > 0", name="price_positive"),
    CheckConstraint("threshold is null or threshold >= 0", name="threshold_not_negative"),
    CheckConstraint("anchor_day between 1 and 31", name="anchor_day_in_month"),
    CheckConstraint("balance is null or read_at is not null", name="balance_was_read"),
    CheckConstraint(
        "started_on is null or last_good_on is null or started_on <= last_good_on",
        name="plan_ends_after_it_begins",
    ),
    Index("ix_cards_label_key", "label_key"),
    Index("ix_cards_wake_at", "watcher", "wake_at"),
    Index("ix_cards_urgent_at", "urgent_at"),
    _partial_index("ix_cards_awaits", "awaits", where="awaits is not null"),
    _partial_index("ix_cards_claimed", "claim_token", where="claim_token is not null"),
    _partial_index("ix_cards_attempts", "attempts", where="attempts > 0"),
    _partial_index("ix_cards_own_leads", "urgent_at", where="leads is not null"),
    _partial_index(
        "ix_cards_renewing",
        *("wake_at", "last_good_on", "read_at"),
        where="auto_renew = 1",
        postgresql="auto_renew",
    ),
    sqlite_autoincrement=True,  # an id is never given twice: history and toasts outlive a removal
)

events = Table(
    "events",
    metadata,
    Column("id", ID, primary_key=True, autoincrement=True),
    Column("card_id", ID, ForeignKey("cards.id", ondelete="CASCADE"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("what", String, nullable=False),
    Column("changes", Text, nullable=False),  # JSON: {field: [before, after]}
    Column("details", Text, nullable=False),  # JSON: what was told beside the fields
    Index("ix_events_card", "card_id", "id"),
)

messages = Table(
    "messages",
    metadata,
    Column("id", ID, primary_key=True, autoincrement=True),
    Column("card_id", ID, ForeignKey("cards.id", ondelete="CASCADE")),  # null: a digest
    Column("at", Instant, nullable=False),
    Column("target", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("notification_id", BigInteger),
    Column("error", Text),
    Column("attempt", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    # the headline's deadline, which a pressed button is about; null: a digest
    Column("kind", String),
    Column("deadline_at", Instant),
    Column("server", String),  # which life of which server gave the id
    Column("is_open", Boolean, nullable=False, server_default=false()),  # on the screen, it seems
    Column("answered", String),  # what a button recorded
    CheckConstraint(
        "outcome in ('accepted', 'acted', 'dismissed', 'failed')", name="outcome_known"
    ),
    Index("ix_messages_card", "card_id", "id"),
    Index("ix_messages_notification", "notification_id"),
    # `= 1`: SQLite uses a partial index only where the question says the same, word for word
    _partial_index("ix_messages_open", "target", where="is_open = 1", postgresql="is_open"),
)

marks = Table(
    "marks",
    metadata,
    Column("id", ID, primary_key=True, autoincrement=True),
    Column("card_id", ID, ForeignKey("cards.id", ondelete="CASCADE"), nullable=False),
    Column("message_id", ID, ForeignKey("messages.id", ondelete="CASCADE"), nullable=False),
    Column("target", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("deadline_at", Instant, nullable=False),
    Column("lead", String, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("told_at", Instant, nullable=False),
    # null: carried by a message that failed, or made in a wrong year; never two that are believed
    Column("believed", Boolean),
    UniqueConstraint(
        "card_id", "target", "kind", "deadline_at", "lead", "believed", name="told_once"
    ),
    CheckConstraint("believed is null or believed", name="believed_or_null"),
    Index("ix_marks_message", "message_id"),
)

services = Table(
    "services",
    metadata,
    # of those that share the database; a row that is not renewed is of one that has died
    Column("owner", String, primary_key=True),
    Column("host", String, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("version", String, nullable=False),
    Column("watches", String, nullable=False),  # as the tags
    Column("policy", Text, nullable=False),  # JSON: {key of the settings: its value as text}
    Column("has_desktop", Boolean, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),  # by the clock of the database's server
)
