"""What a pass asks of the database: claim the cards that are due, confirm what was told.

Not here: the cards' own changes (store), deciding what is due (core.planning).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, bindparam, delete, func, select, update

from kzreminder.core.card import Card
from kzreminder.core.leads import BELIEVED_AHEAD
from kzreminder.core.planning import urgent_at
from kzreminder.core.reminder import Mark
from kzreminder.storage.claimed import Claimed, Unreadable, marks_by_card, read_claimed
from kzreminder.storage.engine import reading, writing
from kzreminder.storage.messages import Sent, chunks, left_of, record_marks, record_message
from kzreminder.storage.rows import card_of
from kzreminder.storage.tables import cards, marks, messages, meta
from kzreminder.storage.toasts import outdate

LEASE = timedelta(minutes=2)
"A pass that dies gives its cards back after this; longer than any pass takes to send."
LAST_PASS = "last_pass_at"
LAST_CHANGE = "last_change_at"
"When a command last changed a card: ahead of now, it was made by a wrong clock."
WAKE_BATCH = 5000
WakeOf = Callable[[Card, Sequence[Mark]], datetime | None]
"When a card next wants attention, from the card and its marks as they are now."


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

    def begin_pass(self, now: datetime, *, somebody_is_there: bool) -> None:
        """Note that a pass begins; what waited for somebody to be there is due now."""
        with writing(self._engine) as connection:
            remember(connection, LAST_PASS, now.isoformat())
            if somebody_is_there:
                held = update(cards).where(cards.c.held)
                connection.execute(held.values(wake_at=now, held=False))

    def claim(
        self, target: str, token: str, now: datetime, limit: int, owner: str = ""
    ) -> list[Claimed | Unreadable]:
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
                # not held any more, or a pass that finds somebody there would take it from us
                .values(wake_at=now + LEASE, claim_token=token, claim_owner=owner, held=False)
                .returning(cards.c.id)
            )
            return read_claimed(connection, list(taken.scalars()), target)

    def unchanged(self, read: Sequence[Card]) -> set[int]:
        """The ids of those cards that are still as they were read."""
        versions = {card.id: card.version for card in read}
        found = set()
        with reading(self._engine) as connection:
            for chunk in chunks(list(versions)):
                query = select(cards.c.id, cards.c.version).where(cards.c.id.in_(chunk))
                found |= {
                    card_id
                    for card_id, version in connection.execute(query)
                    if version == versions[card_id]
                }
        return found

    def free(self, is_dead: Callable[[str], bool], now: datetime) -> None:
        """Give back at once what passes hold whose process has died."""
        claimed = cards.c.claim_token.is_not(None)
        with writing(self._engine) as connection:
            owners = connection.scalars(select(cards.c.claim_owner).where(claimed).distinct()).all()
            for owner in owners:
                if is_dead(owner or ""):
                    freed = update(cards).where(
                        claimed, cards.c.claim_owner.is_not_distinct_from(owner)
                    )
                    connection.execute(freed.values(wake_at=now, claim_token=None))

    def confirm(
        self, message_id: int | None, told: Sent, token: str, now: datetime, wake_of: WakeOf
    ) -> None:
        """Record what the message told, and set when its cards next want attention."""
        with writing(self._engine) as connection:
            _disbelieve(connection, told.card_ids, now)
            if message_id is not None:
                record_marks(connection, message_id, told, now, believed=True)
                outdate(connection, message_id, told)
            self._settle(connection, told.card_ids, token, told.target, wake_of, now, attempts=0)

    def fail(self, told: Sent, token: str, now: datetime, wake_of: WakeOf) -> None:
        """Record a message that did not arrive, and set when its cards are tried again."""
        with writing(self._engine) as connection:
            if left_of(connection, told.card_ids):
                message_id = record_message(connection, told, now)
                record_marks(connection, message_id, told, now, believed=None)
            self._settle(
                connection, told.card_ids, token, told.target, wake_of, now, attempts=told.attempt
            )

    def settle(
        self, card_ids: Sequence[int], token: str, target: str, now: datetime, wake_of: WakeOf
    ) -> None:
        """Put back cards of which nothing was to be told."""
        with writing(self._engine) as connection:
            self._settle(connection, card_ids, token, target, wake_of, now, attempts=0)

    def hold(self, until_of: Mapping[int, datetime], token: str) -> None:
        """Put back cards that are told when somebody is there, at the latest at that instant."""
        held = update(cards).where(cards.c.id == bindparam("card"), cards.c.claim_token == token)
        rows = [{"card": card_id, "until": until} for card_id, until in until_of.items()]
        with writing(self._engine) as connection:
            connection.execute(
                held.values(wake_at=bindparam("until"), held=True, claim_token=None), rows
            )

    def put_off(self, told: Sent, card_id: int, token: str, now: datetime, until: datetime) -> bool:
        """Put back a card with which a pass cannot go on; whether that is new, and was recorded.

        Nothing of the card is read: that may be what does not work.
        """
        ours = (cards.c.id == card_id) & (cards.c.claim_token == token)
        with writing(self._engine) as connection:
            attempts = connection.scalar(select(cards.c.attempts).where(ours))
            is_new = attempts == 0
            if is_new:
                record_message(connection, told, now, card_id=card_id)
            values = {"wake_at": until, "claim_token": None, "held": False}
            raised = {"attempts": cards.c.attempts + 1}
            connection.execute(update(cards).where(ours).values(**values, **raised))
        return is_new

    def put_off_cards(self, limit: int) -> list[tuple[str, str]]:
        """Label of each card that was put off, and why."""
        newest = (
            select(func.max(messages.c.id))
            .where(messages.c.card_id == cards.c.id)
            .correlate(cards)
            .scalar_subquery()
        )
        query = (
            select(cards.c.label, messages.c.error)
            .join(messages, messages.c.id == newest)
            .where(cards.c.attempts > 0, messages.c.kind.is_(None))
            .order_by(cards.c.id)
            .limit(limit)
        )
        with reading(self._engine) as connection:
            return [(label, error or "") for label, error in connection.execute(query)]

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

    def last_pass_at(self) -> datetime | None:
        """When the last pass began, by the clock of then."""
        text = self.recall(LAST_PASS)
        return datetime.fromisoformat(text) if text else None

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
        for chunk in chunks(card_ids):
            query = select(cards).where(cards.c.id.in_(chunk), cards.c.claim_token == token)
            rows = connection.execute(query).mappings().all()
            told = marks_by_card(connection, [row["id"] for row in rows], target)
            for row in rows:
                card = card_of(row)
                values = {
                    "wake_at": wake_of(card, told.get(row["id"], ())),
                    "urgent_at": urgent_at(card, now),
                    "claim_token": None,
                    "held": False,
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


def _disbelieve(connection: Connection, card_ids: Sequence[int], now: datetime) -> None:
    """For good, once its card was told again in spite of it. Not before: where it is the present
    clock that is wrong, as at the start of a machine without a battery, the mark is right.
    """
    for chunk in chunks(card_ids):
        connection.execute(
            update(marks)
            .where(marks.c.card_id.in_(chunk), marks.c.told_at > now + BELIEVED_AHEAD)
            .values(believed=None)
        )
