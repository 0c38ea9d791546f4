"""What a pressed button is answered with: what was recorded, and how to take it back.

Not here: recording it (reminding).
"""

from __future__ import annotations

from datetime import date, datetime

from kzreminder.core.answering import tomorrow
from kzreminder.core.card import Card
from kzreminder.core.policy import Policy
from kzreminder.core.zone import almaty_day
from kzreminder.errors import AnsweredBefore, KzreminderError, ServicesDiffer
from kzreminder.wording.language import Words
from kzreminder.wording.reminders import Text, typed_name
from kzreminder.wording.titles import shortened

TITLE_LABEL = 26
"Signs of a label that fit beside what happened within 48."


def recorded(what: str, cards: list[Card], policy: Policy, words: Words, now: datetime) -> Text:
    """`what` as in history; `cards` as they are after it, more than one for a digest."""
    today = almaty_day(now)
    label = _label(cards, words)
    name = typed_name(cards[0])
    undo = words.gettext("Take it back: kzreminder undo {card}", card=name)
    if what == "snoozed":
        at = words.moment(tomorrow(policy, now), policy.zone, now.astimezone(policy.zone).date())
        sooner = words.gettext("Silent until {at}, or until the last call.", at=at)
        return Text(words.gettext("Tomorrow: {label}", label=label), f"{sooner}\n{undo}")
    if what == "used":
        return Text(words.gettext("Recorded as used: {label}", label=label), undo)
    title = words.gettext("Renewed: {label}", label=label)
    return Text(title, "\n".join([*_good_through(cards[0], today, words), undo]))


def _good_through(card: Card, today: date, words: Words) -> list[str]:
    if card.plan.last_good_on is None:
        return []
    day = words.day(card.plan.last_good_on, today)
    return [words.gettext("Good through {day}.", day=day)]


def not_recorded(error: KzreminderError, cards: list[Card], words: Words) -> Text:
    label = _label(cards, words)
    if isinstance(error, AnsweredBefore):
        title = words.gettext("Recorded already: {label}", label=label)
    else:
        title = words.gettext("Nothing recorded: {label}", label=label)
    name = typed_name(cards[0]) if cards else None
    lines = words.error(error)
    if name:
        lines.append(words.gettext("How it stands: kzreminder show {card}", card=name))
    return Text(title, "\n".join(lines))


def cards_unreachable(error: KzreminderError, words: Words) -> Text:
    """That the service is up and cannot do its work, and what would help."""
    title = words.gettext("Reminders cannot be kept just now")
    after = words.gettext("It is tried again every minute; you are told no more until it works.")
    return Text(title, "\n".join([*words.error(error), after]))


def stopped_beside_others(error: ServicesDiffer, words: Words) -> Text:
    """That nothing is told from here any more, though others go on."""
    return Text(words.gettext("kzreminder has stopped here"), "\n".join(words.error(error)))


def cards_put_off(count: int, words: Words) -> Text:
    """That of these cards alone nothing can be told, and how to learn why."""
    title = words.ngettext(
        "{count} card cannot be reminded of", "{count} cards cannot be reminded of", count
    )
    tried = words.gettext("It is tried again every hour; the other cards go on.")
    return Text(title, "\n".join([words.gettext("Which, and why: kzreminder doctor"), tried]))


def no_page(card: str, words: Words) -> Text:
    title = words.gettext("No browser could be opened")
    return Text(title, words.gettext("The steps: kzreminder guide {card}", card=card))


def _label(cards: list[Card], words: Words) -> str:
    if len(cards) > 1:
        return words.ngettext("{count} card", "{count} cards", len(cards))
    return shortened(cards[0].label, TITLE_LABEL) if cards else words.gettext("card removed")
