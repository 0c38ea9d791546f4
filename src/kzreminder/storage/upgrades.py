"""Numbered steps from an older schema to ours, in the transaction that finds it older.

Not here: the tables as they are now (tables). A step that has shipped is not edited.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from sqlalchemy import Connection, text

from kzreminder.core.period import NO_PERIOD, last_good_day, parse_stored

Step = Callable[[Connection], None]


def upgrade(connection: Connection, found: int, known: int) -> None:
    """Every step after the number that was found, in order."""
    for number in range(found + 1, known + 1):
        STEPS[number](connection)
    connection.execute(
        text("update meta set value = :known where key = 'schema'"), {"known": str(known)}
    )


def _silence_and_forecast(connection: Connection) -> None:
    """2: what the user silenced, payments to look for, what a forecast is made from.

    A charge that was made is no mark on the old period any more: the next period has begun.
    """
    for column in (
        "estimated boolean not null default false",
        "spendings text",
        "changes text",
        "acked_at bigint",
        "snoozed_at bigint",
        "snoozed_until bigint",
        "muted boolean not null default false",
        "muted_until date",
        "paid_on date",
    ):
        connection.execute(text(f"alter table cards add column {column}"))
    charged = connection.execute(
        text(
            "select id, period, anchor_day, last_good_on from cards"
            " where charged_on = last_good_on and period is not null"
        )
    ).all()
    for card_id, stored, anchor_day, last_good_on in charged:
        period = parse_stored(stored)
        if period == NO_PERIOD:
            continue
        started_on = date.fromisoformat(str(last_good_on)) + timedelta(days=1)
        ends_on = last_good_day(started_on, period, anchor_day)
        connection.execute(
            text(
                "update cards set started_on = :started_on, last_good_on = :ends_on,"
                " estimated = true where id = :card_id"
            ),
            {"started_on": str(started_on), "ends_on": str(ends_on), "card_id": card_id},
        )
    connection.execute(text("alter table cards drop column charged_on"))


def _toasts_and_owners(connection: Connection) -> None:
    """3: who holds a card, which toasts are open and on which server, what a button recorded."""
    for table, column in (
        ("cards", "claim_owner varchar"),
        ("cards", "held boolean not null default false"),
        ("messages", "kind varchar"),
        ("messages", "deadline_at bigint"),
        ("messages", "server varchar"),
        ("messages", "is_open boolean not null default false"),
        ("messages", "answered varchar"),
    ):
        connection.execute(text(f"alter table {table} add column {column}"))
    connection.execute(text("create index ix_cards_held on cards (id) where held"))
    connection.execute(text("create index ix_messages_open on messages (target) where is_open"))


STEPS: dict[int, Step] = {2: _silence_and_forecast, 3: _toasts_and_owners}
