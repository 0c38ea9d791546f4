"""The cards and their history: find, add, change, remove; each change in one transaction.

Not here: claiming and confirming what is sent (delivery).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from kzreminder.core.card import Card, Move
from kzreminder.core.reminder import Mark
from kzreminder.errors import NothingToUndo
from kzreminder.storage.address import shown_address
from kzreminder.storage.changing import (
    attention,
    card_with_id,
    change_card,
    change_cards,
    check_unique,
    held_card,
    newest_change,
    record,
)
from kzreminder.storage.claimed import marks_by_card
from kzreminder.storage.delivery import Delivery
from kzreminder.storage.dialects import tell_services, time_there
from kzreminder.storage.engine import open_engine, reading, writing
from kzreminder.storage.finding import found_as, owners
from kzreminder.storage.history import Entry, entries_of, last_message
from kzreminder.storage.known import Keeping, MakeFolder
from kzreminder.storage.messages import hold
from kzreminder.storage.notes import Notes
from kzreminder.storage.rows import row_of, taken_back
from kzreminder.storage.streaming import Streaming
from kzreminder.storage.tables import SCHEMA, cards
from kzreminder.storage.toasts import Toasts, answer, let_go
from kzreminder.storage.wanted import Wanted

if TYPE_CHECKING:
    from kzreminder.storage.incoming import Incoming
    from kzreminder.storage.replanning import Replanning
    from kzreminder.storage.services import Services
    from kzreminder.storage.surveys import Surveys


class Store:
    """One database. Safe to use from several threads."""

    def __init__(
        self,
        url: str,
        make_folder: MakeFolder,
        keeping: Keeping | None = None,
        *,
        changed: Callable[[], None] = lambda: None,
        watches: Collection[str] = (),
        host: str = "",
    ) -> None:
        """`changed` is called after each change of a card, when it is safely kept. `watches`,
        `host`: the names that this service bears, and its machine, on a database that is shared."""
        self._engine = open_engine(url, make_folder, keeping)
        self._changed = changed
        self._url = url
        self._keeping = keeping
        self.delivery = Delivery(self._engine, watches, host)
        self.streaming = Streaming(self._engine)
        self.toasts = Toasts(self._engine)
        self.notes = Notes(self._engine, host)
        self._host = host

    def close(self) -> None:
        self._engine.dispose()

    @property
    def shown_url(self) -> str:
        """The database's address without its password."""
        return shown_address(self._engine.url)

    @property
    def surveys(self) -> Surveys:
        from kzreminder.storage.surveys import Surveys

        return Surveys(self._engine)

    @property
    def services(self) -> Services:
        from kzreminder.storage.services import Services

        return Services(self._engine)

    @property
    def replanning(self) -> Replanning:
        from kzreminder.storage.replanning import Replanning

        return Replanning(self._engine, self.notes, self._host)

    @property
    def schema(self) -> int:
        return SCHEMA

    def cards(
        self, *, operator: str | None = None, tag: str | None = None, archived: bool = False
    ) -> list[Card]:
        """The registered cards, the earliest deadline first; archived ones only when asked for."""
        ids = self.streaming.ids(Wanted(operator, tag, archived))
        return [card for batch in self.streaming.of(ids) for card in batch]

    def count(self) -> int:
        with reading(self._engine) as connection:
            return connection.scalar(select(func.count()).select_from(cards)) or 0

    def find(self, wanted: str) -> Card:
        """The card that `wanted` names: by label, id, start of the label, last digits.

        The first of these that finds something decides; nothing or several is an error.
        """
        with reading(self._engine) as connection:
            return found_as(connection, wanted)

    def card(self, card_id: int) -> Card:
        """Raises CardNotFound."""
        with reading(self._engine) as connection:
            return card_with_id(connection, card_id)

    def marks_of(self, card_ids: Sequence[int]) -> dict[int, list[Mark]]:
        """What was told of each card, anywhere; a card of which nothing was told is absent."""
        with reading(self._engine) as connection:
            return marks_by_card(connection, card_ids)

    def add(self, card: Card, now: datetime) -> Card:
        with writing(self._engine) as connection:
            check_unique(connection, card)
            values = row_of(card) | attention(card, now, time_there(connection, now))
            result = connection.execute(cards.insert().values(**values))
            assert result.inserted_primary_key is not None
            added = replace(card, id=result.inserted_primary_key[0])
            record(connection, added.id, "added", "{}", {}, now)
        if self._keeping is not None:
            self._keeping.remember(self._url)
        self._changed()
        return added

    @contextmanager
    def incoming(self, now: datetime) -> Iterator[Incoming]:
        """Takes very many new cards, to be looked through before they are registered."""
        from kzreminder.storage.incoming import laid_by

        with laid_by(self._engine, now) as coming:
            yield coming
        if coming.is_registered:
            if self._keeping is not None:
                self._keeping.remember(self._url)
            self._changed()

    def known(
        self, labels: Collection[str], numbers: Collection[str]
    ) -> tuple[dict[str, str], dict[str, str]]:
        """Which of these labels and of these numbers are registered, each with its card's label."""
        with reading(self._engine) as connection:
            return (
                owners(connection, cards.c.label, labels),
                owners(connection, cards.c.number, numbers),
            )

    def change(
        self,
        card_id: int,
        what: str,
        move: Move,
        now: datetime,
        details: Mapping[str, object] | None = None,
    ) -> Card:
        """Read the card, apply the move, save it with its event: one transaction."""
        [changed] = self.change_all([card_id], what, move, now, details)
        return changed

    def change_all(
        self,
        card_ids: Sequence[int],
        what: str,
        move: Move,
        now: datetime,
        details: Mapping[str, object] | None = None,
    ) -> list[Card]:
        """The same move for several cards: all in one transaction, or none."""
        with writing(self._engine) as connection:
            told = details or {}
            changed = change_cards(connection, card_ids, what, move, now, told)
        self._changed()
        return changed

    def answer(
        self,
        message_id: int,
        card_ids: Sequence[int],
        what: str,
        move: Move,
        now: datetime,
        details: Mapping[str, object],
    ) -> list[Card]:
        """The change that a button on a message asks for, once however often it is pressed.

        Raises AnsweredBefore, OutOfDate, and whatever the move raises; then nothing is changed.
        """
        with writing(self._engine) as connection:
            hold(connection, card_ids)
            answer(connection, message_id, what)
            changed = change_cards(connection, card_ids, what, move, now, details)
        self._changed()
        return changed

    def undo(self, card_id: int, now: datetime) -> tuple[Card, str]:
        """Take back the newest change that is neither the registration, an undo nor undone.

        The card after it, and what was undone. Raises NothingToUndo.
        """
        with writing(self._engine) as connection:
            card = held_card(connection, card_id)
            event = newest_change(connection, card_id)
            if event is None:
                raise NothingToUndo(card.label)
            undone = {"undoes": event["id"], "what": event["what"]}
            move = partial(taken_back, changes=event["changes"])
            changed = change_card(connection, card_id, "undone", move, now, undone)
        self._changed()
        return changed, event["what"]

    def remove(self, card_id: int) -> None:
        """Delete the card with its history."""
        with writing(self._engine) as connection:
            held_card(connection, card_id)
            let_go(connection, card_id)
            connection.execute(cards.delete().where(cards.c.id == card_id))
            tell_services(connection)
        self._changed()

    def history(self, card_id: int | None = None, limit: int | None = None) -> list[Entry]:
        """Events and messages, newest first."""
        with reading(self._engine) as connection:
            return entries_of(connection, card_id, limit)

    def last_message(self, card_id: int, target: str | None = None) -> Entry | None:
        """The newest message that spoke of the card, or was to and did not arrive; there, or
        anywhere."""
        with reading(self._engine) as connection:
            return last_message(connection, card_id, target)
