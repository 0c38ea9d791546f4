"""What a pass asks of the database: claim the cards that are due, confirm what was told.

Not here: the cards' own changes (store), deciding what is due (core.planning).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, Executable, delete, func, select, update

from kzreminder.core.card import Card
from kzreminder.core.leads import BELIEVED_AHEAD
from kzreminder.core.planning import urgent_at
from kzreminder.core.reminder import Mark, Reminder
from kzreminder.storage.engine import reading, writing
from kzreminder.storage.rows import card_of, mark_of
from kzreminder.storage.tables import cards, marks, messages, meta

LEASE = timedelta(minutes=2)
"A pass that dies gives its cards back after this; longer than any pass takes to send."
LAST_CHANGE = "last_change_at"
"When a command last changed a card: ahead of now, it was made by a wrong clock."
WAKE_BATCH = 5000
CHUNK = 500
"Ids in one statement: below every database's limit on parameters."

WakeOf = Callable[[Card, Sequence[Mark]], datetime | None]
"When a card next wants attention, from the card and its marks as they are now."


@dataclass(frozen=True, slots=True)
class Claimed:
    card: Card
    marks: tuple[Mark, ...]
    attempts: int
    "sends of this card that failed since the last that did not"


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
    error: str | None = None
    "None: the target answered that it took the message"

    @property
    def card_ids(self) -> list[int]:
        return sorted({reminder.card.id for reminder in self.reminders})


@dataclass(frozen=True, slots=True)
class Absence:
    """A target that is away: since when, how often it was tried, when it is tried again."""

    since: str
    attempts: int
    retry_at: str
    error: str
    was_there: bool
    "the server was there and did not answer, or not in time: it may have shown the message"


class Delivery:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def claim(self, target: str, token: str, now: datetime, limit: int) -> list[Claimed]:
        """Take up to `limit` cards whose time has come, under a token, for a lease."""
        with writing(self._engine) as connection:
            ripe = (
                select(cards.c.id)
                .where(cards.c.wake_at <= now)
                .order_by(cards.c.wake_at)
                .limit(limit)
            )
            taken = connection.execute(
                update(cards)
                .where(cards.c.id.in_(ripe))
                .values(wake_at=now + LEASE, claim_token=token)
                .returning(cards)
            ).mappings()
            rows = list(taken)
            ids = [row["id"] for row in rows]
            told = marks_by_card(connection, ids, target)
        return [
            Claimed(card_of(row), tuple(told.get(row["id"], ())), row["attempts"]) for row in rows
        ]

    def unchanged(self, read: Sequence[Card]) -> set[int]:
        """The ids of those cards that are still as they were read."""
        versions = {card.id: card.version for card in read}
        found = set()
        with reading(self._engine) as connection:
            for chunk in _chunks(list(versions)):
                query = select(cards.c.id, cards.c.version).where(cards.c.id.in_(chunk))
                found |= {
                    card_id
                    for card_id, version in connection.execute(query)
                    if version == versions[card_id]
                }
        return found

    def confirm(self, told: Sent, token: str, now: datetime, wake_of: WakeOf) -> None:
        """Record the message and its marks, and set when its cards next want attention."""
        with writing(self._engine) as connection:
            _disbelieve(connection, told.card_ids, now)
            self._record(connection, told, now, believed=True)
            self._settle(connection, told.card_ids, token, told.target, wake_of, now, attempts=0)

    def fail(self, told: Sent, token: str, now: datetime, wake_of: WakeOf) -> None:
        """Record a message that did not arrive, and set when its cards are tried again."""
        with writing(self._engine) as connection:
            self._record(connection, told, now, believed=None)
            self._settle(
                connection, told.card_ids, token, told.target, wake_of, now, attempts=told.attempt
            )

    def settle(
        self, card_ids: Sequence[int], token: str, target: str, now: datetime, wake_of: WakeOf
    ) -> None:
        """Put back cards of which nothing was to be told."""
        with writing(self._engine) as connection:
            self._settle(connection, card_ids, token, target, wake_of, now, attempts=0)

    def release(self, token: str, now: datetime) -> None:
        """Put back all that is still held under the token: it stays due."""
        with writing(self._engine) as connection:
            connection.execute(
                update(cards)
                .where(cards.c.claim_token == token)
                .values(wake_at=now, claim_token=None)
            )

    def next_wake_at(self) -> datetime | None:
        with reading(self._engine) as connection:
            wake_at: datetime | None = connection.scalar(select(func.min(cards.c.wake_at)))
            return wake_at

    def wake_all(self, now: datetime) -> None:
        """Have every card looked at again: the clock, the policy or the zone data changed.

        In batches, so that no command waits for the lock longer than one of them takes. What a
        pass holds at this moment is left to it, or two passes would tell it; a lease that ends
        later than any begun now is of a clock that was wrong.
        """
        is_held = cards.c.claim_token.is_not(None) & cards.c.wake_at.between(now, now + LEASE)
        last_id = 0
        while True:
            with writing(self._engine) as connection:
                ids = select(cards.c.id).where(cards.c.id > last_id).order_by(cards.c.id)
                batch = connection.scalars(ids.limit(WAKE_BATCH)).all()
                if not batch:
                    return
                connection.execute(
                    update(cards)
                    .where(cards.c.id.between(last_id + 1, batch[-1]), ~cards.c.archived, ~is_held)
                    .values(wake_at=now, claim_token=None)
                )
                last_id = batch[-1]

    def undelivered(self, target: str, now: datetime) -> int:
        """Cards whose reminder could not be told yet."""
        waiting = cards.c.attempts > 0
        if self.absence(target) is not None:
            waiting = waiting | (cards.c.wake_at <= now)
        with reading(self._engine) as connection:
            query = select(func.count()).select_from(cards).where(waiting)
            return connection.scalar(query) or 0

    def absence(self, target: str) -> Absence | None:
        text = self.recall(f"away:{target}")
        return Absence(**json.loads(text)) if text else None

    def note_absence(self, target: str, absence: Absence | None) -> None:
        self.remember(f"away:{target}", json.dumps(asdict(absence)) if absence else None)

    def recall(self, key: str) -> str | None:
        with reading(self._engine) as connection:
            return connection.scalar(select(meta.c.value).where(meta.c.key == key))

    def remember(self, key: str, value: str | None) -> None:
        with writing(self._engine) as connection:
            remember(connection, key, value)

    def _record(
        self, connection: Connection, told: Sent, now: datetime, believed: bool | None
    ) -> None:
        left = {
            card_id
            for chunk in _chunks(told.card_ids)
            for card_id in connection.scalars(select(cards.c.id).where(cards.c.id.in_(chunk)))
        }
        if not left:
            return  # removed while the message was on its way; its history goes with it
        result = connection.execute(
            messages.insert().values(
                card_id=None if told.is_digest else told.reminders[0].card.id,
                at=now,
                target=told.target,
                outcome="accepted" if told.error is None else "failed",
                notification_id=told.notification_id,
                error=told.error,
                attempt=told.attempt,
                title=told.title,
                body=told.body,
            )
        )
        assert result.inserted_primary_key is not None
        message_id = result.inserted_primary_key[0]
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
        # told twice after a crash between send and confirm: the first mark is believed already
        connection.execute(_insert_new(connection), rows)

    def _settle(
        self,
        connection: Connection,
        card_ids: Sequence[int],
        token: str,
        target: str,
        wake_of: WakeOf,
        now: datetime,
        attempts: int,
    ) -> None:
        """A card changed since it was claimed has lost its token, and keeps the time it has."""
        for chunk in _chunks(card_ids):
            query = select(cards).where(cards.c.id.in_(chunk), cards.c.claim_token == token)
            rows = connection.execute(query).mappings().all()
            told = marks_by_card(connection, [row["id"] for row in rows], target)
            for row in rows:
                card = card_of(row)
                values = {
                    "wake_at": wake_of(card, told.get(row["id"], ())),
                    "urgent_at": urgent_at(card, now),
                    "claim_token": None,
                    "attempts": attempts,
                }
                connection.execute(update(cards).where(cards.c.id == row["id"]).values(**values))


def remember(connection: Connection, key: str, value: str | None) -> None:
    """Keep one value under the key; None forgets it."""
    connection.execute(delete(meta).where(meta.c.key == key))
    if value is not None:
        connection.execute(meta.insert().values(key=key, value=value))


def note_change(connection: Connection, now: datetime) -> None:
    """The latest change counts: one made by a clock that was ahead is not forgotten over the next,
    or its card would sleep until that time comes."""
    known = connection.scalar(select(meta.c.value).where(meta.c.key == LAST_CHANGE))
    if known is None or datetime.fromisoformat(known) < now:
        remember(connection, LAST_CHANGE, now.isoformat())


def _insert_new(connection: Connection) -> Executable:
    """Inserts marks, passes over those that are there; loads the one dialect in use."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as postgresql_insert

        return postgresql_insert(marks).on_conflict_do_nothing()
    from sqlalchemy.dialects.sqlite import insert as sqlite_insert

    return sqlite_insert(marks).on_conflict_do_nothing()


def _disbelieve(connection: Connection, card_ids: Sequence[int], now: datetime) -> None:
    """For good, once its card was told again in spite of it. Not before: where it is the present
    clock that is wrong, as at the start of a machine without a battery, the mark is right.
    """
    for chunk in _chunks(card_ids):
        connection.execute(
            update(marks)
            .where(marks.c.card_id.in_(chunk), marks.c.told_at > now + BELIEVED_AHEAD)
            .values(believed=None)
        )


def marks_by_card(
    connection: Connection, card_ids: Sequence[int], target: str
) -> dict[int, list[Mark]]:
    found: dict[int, list[Mark]] = {}
    for chunk in _chunks(card_ids):
        query = select(marks).where(
            marks.c.card_id.in_(chunk), marks.c.target == target, marks.c.believed
        )
        for row in connection.execute(query).mappings():
            found.setdefault(row["card_id"], []).append(mark_of(row))
    return found


def _chunks(card_ids: Sequence[int]) -> list[Sequence[int]]:
    return [card_ids[start : start + CHUNK] for start in range(0, len(card_ids), CHUNK)]
