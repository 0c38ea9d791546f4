"""What was sent, or was to be: recorded with the marks of what it told.

Not here: the cards it was about (delivery), what stands on a screen (toasts).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, Connection, select

from kzreminder.core.reminder import Reminder
from kzreminder.storage.dialects import insert_new, is_shared
from kzreminder.storage.tables import cards, marks, messages

T = TypeVar("T")

CHUNK = 500
"Ids in one statement: below every database's limit on parameters."


@dataclass(frozen=True, slots=True)
class Sent:
    """One message as it went out, or did not."""

    target: str
    title: str
    body: str
    reminders: tuple[Reminder, ...]
    is_digest: bool
    attempt: int
    notification_id: int | None = None
    server: str | None = None
    "which life of which server gave the id"
    replaced: int | None = None
    "the message whose place it took on the screen"
    error: str | None = None
    "None: the target answered that it took the message"

    @property
    def card_ids(self) -> list[int]:
        return sorted({reminder.card.id for reminder in self.reminders})

    @property
    def headline(self) -> Reminder | None:
        """What a button of the message is about; None for a digest, and where it tells of none."""
        return None if self.is_digest or not self.reminders else self.reminders[0]


def hold(connection: Connection, card_ids: Sequence[int]) -> set[int]:
    """Those that are left, which nobody changes or removes until this transaction ends. On a server
    whoever writes to several tables begins with it: so no two wait for each other."""
    found: set[int] = set()
    for chunk in chunks(sorted(card_ids)):
        theirs = select(cards.c.id).where(cards.c.id.in_(chunk)).order_by(cards.c.id)
        found |= set(connection.scalars(theirs.with_for_update(key_share=True)))
    return found


def hold_those(connection: Connection, which: ColumnElement[bool]) -> None:
    """As `hold`, where all of them are to be changed in one statement, which takes them in no
    order. Of a file whoever writes holds the whole."""
    if is_shared(connection):
        theirs = select(cards.c.id).where(which).order_by(cards.c.id)
        connection.execute(theirs.with_for_update(key_share=True))


def record_message(
    connection: Connection, told: Sent, now: datetime, *, card_id: int | None = None
) -> int:
    """`card_id`: whose it is, where it carries no reminder."""
    headline = told.headline
    result = connection.execute(
        messages.insert().values(
            card_id=headline.card.id if headline else card_id,
            at=now,
            target=told.target,
            outcome="accepted" if told.error is None else "failed",
            notification_id=told.notification_id,
            error=told.error and told.error.replace("\0", ""),  # a server takes none
            attempt=told.attempt,
            title=told.title,
            body=told.body,
            kind=headline.deadline.kind.value if headline else None,
            deadline_at=headline.deadline.at if headline else None,
            server=told.server,
            is_open=told.server is not None,
        )
    )
    assert result.inserted_primary_key is not None
    message_id: int = result.inserted_primary_key[0]
    return message_id


def record_marks(
    connection: Connection,
    message_id: int,
    told: Sent,
    left: Collection[int],
    now: datetime,
    believed: bool | None,
) -> None:
    """`left`: the cards that were not removed while the message was on its way."""
    rows = [
        {
            "card_id": reminder.card.id,
            "message_id": message_id,
            "target": told.target,
            "kind": reminder.deadline.kind.value,
            "deadline_at": reminder.marked_at,
            "lead": str(reminder.lead),
            "due_at": reminder.at,
            "told_at": now,
            "believed": believed,
        }
        for reminder in told.reminders
        if reminder.card.id in left
    ]
    if rows and is_shared(connection):
        from kzreminder.storage import at_once

        at_once.insert_marks(connection, rows)
    elif rows:
        # told twice after a crash between send and confirm: the first mark is believed already
        connection.execute(insert_new(connection, marks), rows)


def chunks(values: Sequence[T]) -> list[Sequence[T]]:
    return [values[start : start + CHUNK] for start in range(0, len(values), CHUNK)]
