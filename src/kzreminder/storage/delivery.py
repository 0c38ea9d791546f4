"""What a pass asks of the database: claim the cards that are due, confirm what was told.

Not here: the cards' own changes (store), deciding what is due (core.planning).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    and_,
    bindparam,
    func,
    null,
    or_,
    select,
    union,
    update,
)

from kzreminder.core.leads import BELIEVED_AHEAD
from kzreminder.core.policy import FARTHEST_LEAD
from kzreminder.storage.claimed import Claimed, Unreadable, read_claimed
from kzreminder.storage.dialects import due_now, is_shared, remember, tell_services, time_there
from kzreminder.storage.engine import reading, writing
from kzreminder.storage.messages import (
    Sent,
    chunks,
    hold,
    hold_those,
    record_marks,
    record_message,
)
from kzreminder.storage.notes import LAST_PASS, own
from kzreminder.storage.tables import cards, marks, messages
from kzreminder.storage.toasts import outdate

LEASE = timedelta(minutes=2)
"A pass that dies gives its cards back after this; one that lasts longer renews it."


class Awaits(StrEnum):
    """What has a card looked at sooner than at its `wake_at`."""

    SOMEBODY = "somebody"
    "a person who can see the screen"
    DESKTOP = "desktop"
    "a desktop that can show it"
    TARGET = "target"
    "a target beside the desktop that is away; it is tried again at the card's `wake_at`"
    REPLAN = "replan"
    "the end of planning all cards anew, or what that finds would come in many digests"


@dataclass(frozen=True, slots=True)
class Attention:
    """When a card next wants attention, as a pass puts it back."""

    card_id: int
    wake_at: datetime | None
    urgent_at: datetime | None
    awaits: Awaits | None = None
    attempts: int = 0
    "sends of it that failed since the last that did not"


class Delivery:
    def __init__(self, engine: Engine, watches: Collection[str] = (), host: str = "") -> None:
        """`watches`: the names that this service bears; cards with another watcher are not its."""
        self._engine = engine
        self._host = host
        self.watch(watches)

    def watch(self, names: Collection[str]) -> None:
        """The names that this service bears from here on."""
        self._watches: tuple[str | None, ...] = (None, *names)

    def begin_pass(self, now: datetime, there: Iterable[Awaits]) -> None:
        """Note that a pass begins; what waited for something that is there is due now."""
        with writing(self._engine) as connection:
            remember(connection, own(connection, LAST_PASS, self._host), now.isoformat())
            # said so, or SQLite would go through all cards of a watcher for the few that wait
            is_ours = func.coalesce(cards.c.watcher, "").in_([one or "" for one in self._watches])
            waiting = select(cards.c.id).where(cards.c.awaits.in_(list(there)), is_ours)
            # what is locked another service is waking just now
            unlocked = waiting.with_for_update(skip_locked=True)
            woken = update(cards).where(cards.c.id.in_(unlocked))
            connection.execute(woken.values(wake_at=due_now(connection, now), awaits=None))

    def claim(
        self,
        token: str,
        now: datetime,
        limit: int,
        owner: str = "",
        longest_lead: int = FARTHEST_LEAD,
    ) -> list[Claimed | Unreadable]:
        """Take up to `limit` cards whose time has come, under a token, for a lease.

        Of what others hold just now nothing is waited for; whether their leases have ended is for
        the database's clock to say.
        """
        taken: list[int] = []
        with writing(self._engine) as connection:
            there = time_there(connection, now)
            values = {
                "wake_at": there + LEASE,
                "claim_token": token,
                "claim_owner": owner,
                "awaits": None,  # or a pass that finds it there would take it from us
            }
            for watcher in self._watches:
                ripe = (
                    select(cards.c.id)
                    .where(
                        cards.c.watcher.is_(None)
                        if watcher is None
                        else cards.c.watcher == watcher,
                        cards.c.wake_at <= now,
                        or_(cards.c.claim_token.is_(None), cards.c.wake_at <= there),
                    )
                    .order_by(cards.c.wake_at)
                    .limit(limit - len(taken))
                    .with_for_update(skip_locked=True)
                )
                if is_shared(connection):
                    # else the server may ask again for each row, and take more
                    ripe = select(ripe.cte("ripe").c.id)
                mine = update(cards).where(cards.c.id.in_(ripe)).values(**values)
                taken += connection.scalars(mine.returning(cards.c.id)).all()
            return read_claimed(connection, taken, now, longest_lead)

    def still_ours(self, card_ids: Sequence[int], token: str) -> set[int]:
        """Those that nobody has changed or taken since they were claimed."""
        found: set[int] = set()
        with reading(self._engine) as connection:
            for chunk in chunks(card_ids):
                ours = (cards.c.id.in_(chunk)) & (cards.c.claim_token == token)
                found |= set(connection.scalars(select(cards.c.id).where(ours)))
        return found

    def renew_lease(self, token: str, now: datetime) -> None:
        ours = cards.c.claim_token == token
        with writing(self._engine) as connection:
            hold_those(connection, ours)
            renewed = update(cards).where(ours)
            connection.execute(renewed.values(wake_at=time_there(connection, now) + LEASE))

    def free(self, is_dead: Callable[[str], bool], now: datetime) -> None:
        """Give back at once what passes hold whose process has died."""
        claimed = cards.c.claim_token.is_not(None)
        with writing(self._engine) as connection:
            owners = connection.scalars(select(cards.c.claim_owner).where(claimed).distinct()).all()
            for owner in owners:
                if is_dead(owner or ""):
                    theirs = and_(claimed, cards.c.claim_owner.is_not_distinct_from(owner))
                    hold_those(connection, theirs)
                    at = due_now(connection, now)
                    freed = update(cards).where(theirs)
                    connection.execute(freed.values(wake_at=at, claim_token=None))

    def confirm(
        self,
        message_id: int | None,
        told: Sent,
        done: Sequence[Attention],
        token: str,
        now: datetime,
    ) -> None:
        """Record what the message told, and put back the cards of which nothing else is to tell."""
        with writing(self._engine) as connection:
            left = hold(connection, told.card_ids)
            _disbelieve(connection, told.card_ids, now)
            if message_id is not None:
                record_marks(connection, message_id, told, left, now, believed=True)
                outdate(connection, message_id, told)
            _put_back(connection, done, token)

    def fail(self, told: Sent, done: Sequence[Attention], token: str, now: datetime) -> None:
        """Record a message that did not arrive, and set when its cards are tried again."""
        with writing(self._engine) as connection:
            left = hold(connection, told.card_ids)
            if left:
                message_id = record_message(connection, told, now)
                record_marks(connection, message_id, told, left, now, believed=None)
            _put_back(connection, done, token)

    def settle(self, done: Sequence[Attention], token: str) -> None:
        """Put back cards of which nothing was told."""
        with writing(self._engine) as connection:
            if is_shared(connection):
                hold(connection, [one.card_id for one in done])
            _put_back(connection, done, token)
            if any(one.awaits is Awaits.DESKTOP for one in done):
                tell_services(connection)  # another one may have a desktop

    def put_off(self, told: Sent, card_id: int, token: str, now: datetime, until: datetime) -> bool:
        """Put back a card with which a pass cannot go on; whether that is new, and was recorded.

        Nothing of the card is read: that may be what does not work.
        """
        ours = (cards.c.id == card_id) & (cards.c.claim_token == token)
        with writing(self._engine) as connection:
            tried = select(cards.c.attempts).where(ours)
            attempts = connection.scalar(tried.with_for_update(key_share=True))
            is_new = attempts == 0
            if is_new:
                record_message(connection, told, now, card_id=card_id)
            values = {"wake_at": until, "claim_token": None, "awaits": None}
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
        ours = cards.c.claim_token == token
        with writing(self._engine) as connection:
            hold_those(connection, ours)
            released = update(cards).where(ours)
            at = time_there(connection, now)
            connection.execute(released.values(wake_at=at, claim_token=None))

    def next_wake_at(self) -> datetime | None:
        """When a card of this service next wants attention."""
        with reading(self._engine) as connection:
            found = [
                connection.scalar(select(func.min(cards.c.wake_at)).where(_watched_by(watcher)))
                for watcher in self._watches
            ]
        return min((at for at in found if at is not None), default=None)

    def undelivered(self, now: datetime, *, is_away: bool) -> int:
        """Cards whose reminder could not be told yet; `is_away`: nobody can be told of any."""
        waiting = [cards.c.attempts > 0, cards.c.awaits.in_([Awaits.DESKTOP, Awaits.TARGET])]
        if is_away:  # whosever they are
            waiting += [
                and_(whose, cards.c.wake_at <= now)
                for whose in (cards.c.watcher.is_(None), cards.c.watcher.is_not(None))
            ]
        # each by an index of its own
        found = union(*(select(cards.c.id).where(one) for one in waiting)).subquery()
        with reading(self._engine) as connection:
            return connection.scalar(select(func.count()).select_from(found)) or 0


def _watched_by(watcher: str | None) -> ColumnElement[bool]:
    return cards.c.watcher.is_(None) if watcher is None else cards.c.watcher == watcher


_PUT_BACK = (
    update(cards)
    .where(cards.c.id == bindparam("card"), cards.c.claim_token == bindparam("ours"))
    .values(
        wake_at=bindparam("at"),
        urgent_at=bindparam("urgent"),
        awaits=bindparam("waits_for"),
        attempts=bindparam("tries"),
        claim_token=null(),
    )
)


def _put_back(connection: Connection, done: Sequence[Attention], token: str) -> None:
    """A card changed or taken by another since it was claimed keeps the time it has. On a server
    whoever calls holds them all."""
    rows = [
        {
            "card": one.card_id,
            "ours": token,
            "at": one.wake_at,
            "urgent": one.urgent_at,
            "waits_for": one.awaits,
            "tries": one.attempts,
        }
        for one in done
    ]
    if rows and is_shared(connection):
        from kzreminder.storage import at_once

        at_once.put_back(connection, rows)
    elif rows:
        connection.execute(_PUT_BACK, rows)


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
