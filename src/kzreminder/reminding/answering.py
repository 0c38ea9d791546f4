"""A pressed button: record what it asks for, once, and say what was recorded.

Not here: hearing it (channels), opening a guide (daemon).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from kzreminder.channels.message import CLICK, Closed, Life, Message, Pressed, Urgency
from kzreminder.core.answering import Action, move_of, still_stands, tomorrow
from kzreminder.core.card import Card
from kzreminder.core.zone import almaty, almaty_day
from kzreminder.errors import CardNotFound, KzreminderError, OutOfDate
from kzreminder.reminding.desk import Desk
from kzreminder.storage.toasts import Toast, refuse_answered
from kzreminder.wording.answers import not_recorded, recorded
from kzreminder.wording.language import Words
from kzreminder.wording.reminders import Text

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The card whose guide is to be opened, by what a command takes it for."""

    card: str


def answer(desk: Desk, pressed: Pressed, now: datetime) -> Wanted | None:
    """Record what was asked for, say so in a short notification; a guide is left to the caller.

    A press for an id that we never sent on this life of the server is passed over.
    """
    key = Action.GUIDE.value if pressed.key == CLICK else pressed.key
    life = _life_of(pressed.server)
    toast = desk.toasts.pressed(desk.channel.target, pressed.id, life.has)
    if toast is None or key not in {action.value for action in Action}:
        log.warning("a press for notification %s counts for nothing", pressed.id)
        return None
    action = Action(key)
    if action is Action.GUIDE:
        return _guide_of(desk, toast)
    text = _record(desk, toast, action, now)
    desk.channel.send(Message(text.title, text.body, Urgency.LOW))
    return None


def note_closed(desk: Desk, closed: Closed) -> None:
    is_there = _life_of(closed.server).has
    desk.toasts.closed(desk.channel.target, closed.id, is_there, by_person=closed.by_person)


def _life_of(server: str) -> Life:
    known, _, ear = server.rpartition(" ")
    return Life(known, ear)


def _guide_of(desk: Desk, toast: Toast) -> Wanted | None:
    """Of a digest the guide of the most urgent card."""
    desk.toasts.acted(toast.message_id)
    cards = _cards(desk, toast)
    if not cards:
        return None
    by_id = str(cards[0].id)
    # a label may be a phone number, which does not belong on a command line; an id may be the label
    # of another card
    is_its_own = desk.store.find(by_id).id == cards[0].id
    return Wanted(by_id if is_its_own else cards[0].label)


def _record(desk: Desk, toast: Toast, action: Action, now: datetime) -> Text:
    cards = _cards(desk, toast)
    own_language = cards[0].lang if len(cards) == 1 else None
    words = Words(own_language or desk.scribe.language)
    try:
        if toast.answered is not None:
            refuse_answered(toast.answered)
        what, changed = _changed(desk, toast, cards, action, now)
    except KzreminderError as error:
        log.info("a press of %s recorded nothing: %s", action, error.sentence)
        return not_recorded(error, desk.scribe.masked(cards), words)
    log.info("a press of %s was recorded: %s cards", action, len(changed))
    return recorded(what, desk.scribe.masked(changed), desk.policy, words, now)


def _changed(
    desk: Desk, toast: Toast, cards: list[Card], action: Action, now: datetime
) -> tuple[str, list[Card]]:
    """Raises OutOfDate where no deadline that it told of stands where it stood."""
    stands = {
        told.card_id: told.kind
        for told in toast.carried
        for card in cards
        if card.id == told.card_id
        and not card.archived
        and still_stands(card, told.kind, told.deadline_at, now)
    }
    if not stands:
        raise OutOfDate
    what, move = move_of(action, next(iter(stands.values())), desk.policy, now)
    if what == "snoozed":
        until = tomorrow(desk.policy, now).astimezone(almaty()).isoformat(timespec="seconds")
        details = {"until": until, "source": "button"}
    else:
        details = {"on": almaty_day(now).isoformat(), "source": "button"}
    return what, desk.store.answer(toast.message_id, list(stands), what, move, now, details)


def _cards(desk: Desk, toast: Toast) -> list[Card]:
    """Those that it told of and that are still registered, in the order in which it told."""
    found = []
    for told in toast.carried:
        try:
            found.append(desk.store.card(told.card_id))
        except CardNotFound:
            continue
    return found
