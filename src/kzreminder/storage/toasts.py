"""The messages that stand on a screen: found again, replaced, closed, answered.

Not here: recording what was sent (messages), which cards are told and when (delivery).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
    Select,
    and_,
    delete,
    exists,
    select,
    update,
)

from kzreminder.core.deadlines import DeadlineKind
from kzreminder.core.leads import SNOOZE
from kzreminder.errors import AnsweredBefore, OutOfDate
from kzreminder.storage.engine import reading, writing
from kzreminder.storage.messages import Sent, chunks, hold, hold_those, record_message
from kzreminder.storage.tables import cards, marks, messages

MOST_LIVES = 50
"So many servers in a row may have given the same id; what is older has left the screen."
CHANGED, OUTDATED, REMOVED = "changed", "outdated", "removed"
"How a toast is answered by something other than its buttons: it is to be taken away."

IsThere = Callable[[str], bool]
"Whether that, of a message's `server`, holds now."


@dataclass(frozen=True, slots=True)
class Carried:
    """One card that a message told of, and what it told."""

    card_id: int
    kind: DeadlineKind
    deadline_at: datetime | None
    "None: it was the end of a snooze, whatever deadline stood behind it"


@dataclass(frozen=True, slots=True)
class Toast:
    """A message that a server took, by what is needed to answer, replace or close it."""

    message_id: int
    notification_id: int
    server: str
    answered: str | None
    carried: tuple[Carried, ...]


class Toasts:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def shown(self, told: Sent, now: datetime) -> int | None:
        """Keep the id that the server gave, before anything else: whoever tries again, replaces.

        The message's own id; None where all its cards are gone.
        """
        with writing(self._engine) as connection:
            if not hold(connection, told.card_ids):
                return None
            return record_message(connection, told, now)

    def unconfirmed(self, target: str, card_id: int | None) -> Toast | None:
        """A toast of the card, or of a digest, that stands there and counts for nothing: the
        process that sent it died, or presses of it do not reach us. The next one replaces it."""
        whose = messages.c.card_id.is_(None) if card_id is None else messages.c.card_id == card_id
        query = _open(target).where(whose, ~_counts(), messages.c.answered.is_(None))
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(messages.c.id.desc()).limit(1)).mappings()
            return next((_toast_of(row) for row in rows), None)

    def pressed(self, target: str, notification_id: int, is_there: IsThere) -> Toast | None:
        """The newest toast with that id on the server that is there; None: it is none of ours."""
        query = select(messages).where(
            messages.c.target == target, messages.c.notification_id == notification_id
        )
        with reading(self._engine) as connection:
            newest = query.order_by(messages.c.id.desc()).limit(MOST_LIVES)
            for row in connection.execute(newest).mappings():
                if row["server"] and is_there(row["server"]):
                    return _toast_of(row, _carried_by(connection, row))
        return None

    def closed(
        self, target: str, notification_id: int, is_there: IsThere, *, by_person: bool
    ) -> None:
        """It has left the screen. That a person closed it says nothing about what it told."""
        toast = self.pressed(target, notification_id, is_there)
        if toast is None:
            return
        with writing(self._engine) as connection:
            ours = messages.c.id == toast.message_id
            _leave(connection, ours)
            if by_person:
                accepted = ours & (messages.c.outcome == "accepted")
                connection.execute(update(messages).where(accepted).values(outcome="dismissed"))

    def acted(self, message_id: int) -> None:
        """A button was pressed that records nothing."""
        with writing(self._engine) as connection:
            ours = update(messages).where(messages.c.id == message_id)
            connection.execute(ours.values(outcome="acted"))

    def reopen(
        self,
        target: str,
        is_there: IsThere,
        is_heard: IsThere,
        now: datetime,
        told_before: datetime | None = None,
    ) -> int:
        """Toasts that stood on a server which has gone, or whose presses do not reach us, are not
        believed any more: what of them still holds is told again. How many there were.

        `told_before`: None is any time."""
        servers = select(messages.c.server).where(_is_open(target)).distinct()
        with reading(self._engine) as connection:  # each pass asks, in vain as a rule
            lost_on = [one for one in connection.scalars(servers) if not is_heard(one)]
        if not lost_on:
            return 0
        found = 0
        with writing(self._engine) as connection:
            # cards before marks, in one order: as everybody holds them
            shown_there = and_(_is_open(target), messages.c.server.in_(lost_on))
            hold_those(connection, cards.c.id.in_(_cards_of(shown_there)))
            for server in lost_on:
                there = _is_open(target) & (messages.c.server == server)
                if told_before is not None:
                    there &= messages.c.at < told_before
                lost = there & _counts() & messages.c.answered.is_(None)
                ids = connection.scalars(select(messages.c.id).where(lost)).all()
                found += len(ids)
                for chunk in chunks(ids):
                    _disown(connection, chunk, now)
                if not is_there(server):
                    _leave(connection, there)
        return found

    def stale(self, target: str) -> list[Toast]:
        """Toasts that stand there and are not true any more, or were answered."""
        query = _open(target).where(messages.c.answered.is_not(None) | ~_counts())
        with reading(self._engine) as connection:
            return [_toast_of(row) for row in connection.execute(query).mappings()]

    def taken_away(self, message_ids: Sequence[int]) -> None:
        with writing(self._engine) as connection:
            for chunk in chunks(message_ids):
                _leave(connection, messages.c.id.in_(chunk))


def answer(connection: Connection, message_id: int, what: str) -> None:
    """Say what a button recorded. Raises AnsweredBefore or OutOfDate where that was said before."""
    fresh = (messages.c.id == message_id) & messages.c.answered.is_(None)
    done = connection.execute(update(messages).where(fresh).values(answered=what, outcome="acted"))
    if done.rowcount != 1:
        ours = select(messages.c.answered).where(messages.c.id == message_id)
        refuse_answered(connection.scalar(ours))


def refuse_answered(answered: str | None) -> None:
    raise OutOfDate if answered in (None, CHANGED, OUTDATED, REMOVED) else AnsweredBefore


def outdate_of_cards(connection: Connection, card_ids: Sequence[int] | Select[Any]) -> None:
    """The cards have changed: what their toasts say is not true any more."""
    theirs = messages.c.card_id.in_(card_ids) & messages.c.is_open & messages.c.answered.is_(None)
    connection.execute(update(messages).where(theirs).values(answered=CHANGED))


def let_go(connection: Connection, card_id: int) -> None:
    """The card is about to be deleted, and its history with it; its open toasts are kept, bare,
    until they have been taken away."""
    theirs = (messages.c.card_id == card_id) & messages.c.is_open
    connection.execute(
        update(messages).where(theirs).values(card_id=None, answered=REMOVED, title="", body="")
    )


def outdate(connection: Connection, message_id: int, told: Sent) -> None:
    """A message of a card outdates its older toasts; one has no place any more: it was replaced."""
    older = (messages.c.target == told.target) & messages.c.is_open & (messages.c.id < message_id)
    if told.replaced is not None:
        _leave(connection, older & (messages.c.id == told.replaced))
    if told.headline is not None:
        theirs = older & (messages.c.card_id == told.headline.card.id)
        fresh = messages.c.answered.is_(None)
        connection.execute(update(messages).where(theirs, fresh).values(answered=OUTDATED))


def _leave(connection: Connection, which: ColumnElement[bool]) -> None:
    """They stand on no screen any more; of cards that were removed nothing is kept."""
    connection.execute(delete(messages).where(which, messages.c.answered == REMOVED))
    connection.execute(update(messages).where(which).values(is_open=False))


def _is_open(target: str) -> ColumnElement[bool]:
    return (messages.c.target == target) & messages.c.is_open


def _open(target: str) -> Select[Any]:
    return select(messages).where(_is_open(target))


def _counts() -> ColumnElement[bool]:
    """Whether something that the message told is believed to have been told."""
    return exists().where(marks.c.message_id == messages.c.id, marks.c.believed)


def _cards_of(which: ColumnElement[bool]) -> Select[Any]:
    """Whom those messages have told of."""
    told = select(marks.c.card_id).join(messages, messages.c.id == marks.c.message_id)
    return told.where(which, marks.c.believed)


def _disown(connection: Connection, message_ids: Sequence[int], now: datetime) -> None:
    theirs = marks.c.message_id.in_(message_ids) & marks.c.believed
    whose = connection.scalars(select(marks.c.card_id).where(theirs).distinct()).all()
    connection.execute(update(marks).where(theirs).values(believed=None))
    for chunk in chunks(whose):
        connection.execute(
            update(cards)
            .where(cards.c.id.in_(chunk), ~cards.c.archived, cards.c.claim_token.is_(None))
            .values(wake_at=now, awaits=None)
        )


def _carried_by(connection: Connection, row: RowMapping) -> tuple[Carried, ...]:
    """Of a card's own message the headline; of a digest every card's."""
    if row["card_id"] is not None:
        return (Carried(row["card_id"], DeadlineKind(row["kind"]), row["deadline_at"]),)
    query = select(marks).where(marks.c.message_id == row["id"]).order_by(marks.c.id)
    first: dict[int, Carried] = {}
    for mark in connection.execute(query).mappings():
        at = None if mark["lead"] == str(SNOOZE) else mark["deadline_at"]
        told = Carried(mark["card_id"], DeadlineKind(mark["kind"]), at)
        first.setdefault(mark["card_id"], told)
    return tuple(first.values())


def _toast_of(row: RowMapping, carried: tuple[Carried, ...] = ()) -> Toast:
    return Toast(
        row["id"],
        row["notification_id"],
        row["server"],
        row["answered"],
        carried,
    )
