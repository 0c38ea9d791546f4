"""A message as title and body: time left first, two lines that stand alone, then what fits.

Not here: deciding what is due (core.planning), showing it (channels).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from kzreminder.core.answering import Action, offered
from kzreminder.core.card import Card
from kzreminder.core.deadlines import LOSING, DeadlineKind
from kzreminder.core.digest import Telling, counts, operators
from kzreminder.core.leads import SNOOZE
from kzreminder.core.planning import last_lead_at
from kzreminder.core.policy import Policy
from kzreminder.core.reminder import Reminder
from kzreminder.core.rolling import as_of
from kzreminder.core.standing import Stage, Standing, to_pay
from kzreminder.core.zone import almaty_day
from kzreminder.errors import N2_, N_
from kzreminder.operators.best import Wishes, choose
from kzreminder.operators.book import Book
from kzreminder.operators.brief import read_by, shop_advice, short
from kzreminder.operators.case import Case
from kzreminder.operators.catalogue import Catalogue
from kzreminder.operators.facts import MethodKind
from kzreminder.operators.numbers import masked_in
from kzreminder.wording.language import Words
from kzreminder.wording.stakes import at_stake
from kzreminder.wording.titles import TITLES, shortened, title_of

BODY_LENGTH = 240
DIGEST_LABELS = 4
_PLAIN_WORD = re.compile(r"[\w.]{1,20}")
_QUOTABLE = re.compile(r"[\w.][\w. ,'+()-]{1,30}")


@dataclass(frozen=True, slots=True)
class Text:
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Scribe:
    """Puts messages into words, each card's in its own language."""

    catalogue: Catalogue
    books: Callable[[str], Book]
    "the guide's words in a language"
    policy: Policy
    language: str = "en"
    "of cards that have none of their own, and of digests"
    mask_numbers: bool = True
    wishes: Wishes = field(default_factory=Wishes)
    is_for_one_reader: bool = False
    "who reads `language` only: a card's own does not count"

    def message(self, reminders: Sequence[Reminder], now: datetime) -> Text:
        """The headline as the title; the card's other reminders are a line each in the body."""
        reminders = [self._masked(reminder) for reminder in reminders]
        headline = reminders[0]
        card = headline.card
        words = self._words(card)
        title = title_of(headline, words, now)
        pay = [self._what_to_do(headline, words, now), _where_guide_is(card, words)]
        others = [_also(reminder, words, now) for reminder in reminders[1:]]
        extra = [
            self._ask_first(headline, words, now),
            self._late(headline, words, now),
            _hanging_on_it(headline, words),
            self._go_by(headline, words, now),
            at_stake(headline, words, now),
            _after(headline, words),
        ]
        return Text(title, _fit([*pay, *others, *extra]))

    def buttons(self, headline: Reminder | None) -> tuple[tuple[str, str], ...]:
        """What can be answered on the message, each with its label; None for a digest."""
        words = self._words(headline.card if headline else None)
        return tuple(
            (action.value, words.gettext(_BUTTONS[action])) for action in offered(headline)
        )

    def _words(self, card: Card | None) -> Words:
        own = card.lang if card is not None and not self.is_for_one_reader else None
        return Words(own or self.language)

    def _masked(self, reminder: Reminder) -> Reminder:
        """Numbers are typed into other places too, such as the label of a card that has none."""
        card = reminder.card
        if not self.mask_numbers:
            return reminder
        plan = replace(card.plan, name=card.plan.name and masked_in(card.plan.name, card.number))
        protects = card.protects and masked_in(card.protects, card.number)
        card = replace(card, label=self._label(card), plan=plan, protects=protects)
        return replace(reminder, card=card)

    def masked(self, cards: Sequence[Card]) -> list[Card]:
        """The cards, called as notifications call them."""
        return [replace(card, label=self._label(card)) for card in cards]

    def _label(self, card: Card) -> str:
        return masked_in(card.label, card.number) if self.mask_numbers else card.label

    def _what_to_do(self, headline: Reminder, words: Words, now: datetime) -> str:
        card = headline.card
        operator = self.catalogue.get(card.operator)
        if operator is None:
            return words.gettext(
                "Operator not known: see which network the phone shows, then pay it."
            )
        if headline.deadline.kind is DeadlineKind.DEVICE:
            name = operator.name(words.language)
            return words.gettext("Register the phone (IMEI): ask {operator} how.", operator=name)
        book = self.books(words.language)
        if headline.deadline.kind in (DeadlineKind.CHECK, DeadlineKind.ARRIVAL):
            return _how_to_read(operator.name(words.language), read_by(operator, book), words)
        case = self._case(headline, now)
        best = choose(operator, case.situation).best
        text = short(operator, best, case, book, mask=self.mask_numbers)
        if operator.is_found and not best.is_confirmed:
            return words.gettext("{text} (not confirmed)", text=text)
        return text

    def _ask_first(self, headline: Reminder, words: Words, now: datetime) -> str:
        """With the last word of a deadline: by then the number itself may be lost."""
        card, deadline = headline.card, headline.deadline
        if deadline.kind not in LOSING or last_lead_at(card, deadline, self.policy) > now:
            return ""
        return words.gettext(
            "Before you pay, ask {operator} whether the number still lives.",
            operator=self._operator_name(card.operator, words),
        )

    def _case(self, headline: Reminder, now: datetime) -> Case:
        """What the guide is asked about: the headline, and no price where none is to be paid."""
        deadline, card = headline.deadline, headline.card
        stage = Stage.BEFORE if deadline.at >= now else Stage.AFTER
        standing = Standing(stage, deadline if deadline.kind in LOSING else None)
        return Case(card, standing, to_pay(as_of(card, now), deadline), self.wishes, now)

    def _go_by(self, headline: Reminder, words: Words, now: datetime) -> str:
        """To go earlier, where a shop is what is advised and on the last day it may be closed."""
        deadline, operator = headline.deadline, self.catalogue.get(headline.card.operator)
        if deadline.kind not in LOSING or deadline.at < now or operator is None:
            return ""
        if choose(operator, self._case(headline, now).situation).best.kind is not MethodKind.SHOP:
            return ""
        today, book = almaty_day(now), self.books(words.language)
        return shop_advice(deadline.last_day, today, book, partial(words.day, today=today)) or ""

    def digest(self, tellings: Sequence[Telling], now: datetime) -> Text:
        """Counts by kind, and up to four labels."""
        words = Words(self.language)
        title = words.ngettext(
            "{count} more card needs you", "{count} more cards need you", len(tellings)
        )
        lines = [_counted(kind, count, words) for kind, count in sorted(counts(tellings).items())]
        labels = [self._label(telling.headline.card) for telling in tellings[:DIGEST_LABELS]]
        named = ", ".join(shortened(label, 30) for label in labels)
        if len(tellings) > DIGEST_LABELS:
            named += ", …"
        by_operator = self._by_operator(tellings, words)
        where = words.gettext("All of them: kzreminder list")
        return Text(title, _fit([named, where, *lines, by_operator]))

    def _by_operator(self, tellings: Sequence[Telling], words: Words) -> str:
        """`Kcell 12, Beeline 3`, the largest first."""
        return ", ".join(
            f"{self._operator_name(operator_id, words)} {count}"
            for operator_id, count in operators(tellings).most_common()
        )

    def _operator_name(self, operator_id: str | None, words: Words) -> str:
        if operator_id is None:
            return words.gettext("operator unknown")
        return self.catalogue.name_of(operator_id, words.language)

    def _late(self, headline: Reminder, words: Words, now: datetime) -> str:
        if not headline.is_late(now):
            return ""
        zone = self.policy.zone
        due = words.moment(headline.at, zone, now.astimezone(zone).date())
        return words.gettext("Shown late: it was due {due}.", due=due)


_BUTTONS = {
    Action.RENEWED: N_("Renewed"),
    Action.TOMORROW: N_("Tomorrow"),
    Action.GUIDE: N_("How to renew"),
}


def _also(reminder: Reminder, words: Words, now: datetime) -> str:
    """Another deadline of the card in one short line: its title without the card."""
    title = TITLES[reminder.deadline.kind](reminder, words, now)("")
    return words.gettext("Also: {what}", what=re.sub(r"([:：])\s*[,，]\s*", r"\1 ", title))


def _how_to_read(operator: str, code: str | None, words: Words) -> str:
    if code is None:
        return words.gettext(
            "See the balance in the app or on the site of {operator}.", operator=operator
        )
    return words.gettext("See the balance: dial {code} ({operator}).", code=code, operator=operator)


def _hanging_on_it(headline: Reminder, words: Words) -> str:
    """In the late stages: what goes with the number."""
    protects = headline.card.protects
    is_late_stage = headline.lead.days >= 0 and headline.lead != SNOOZE
    about_number = (DeadlineKind.PLAN, DeadlineKind.CHARGE, DeadlineKind.IDLE)
    if not protects or not is_late_stage or headline.deadline.kind not in about_number:
        return ""
    count = len([name for name in re.split(r"[,;，、；]", protects) if name.strip()])
    return words.ngettext(
        "{count} account hangs on it: move it first ({names}).",
        "{count} accounts hang on it: move them first ({names}).",
        count,
        names=shortened(protects, 50),
    )


def _where_guide_is(card: Card, words: Words) -> str:
    name = typed_name(card)
    if card.operator is None:
        return words.gettext(
            "Then say whose it is: kzreminder edit {card} --operator NAME", card=name
        )
    return words.gettext("All steps: kzreminder guide {card}", card=name)


def _after(headline: Reminder, words: Words) -> str:
    """How to say that it is done."""
    return words.gettext(_DONE[headline.deadline.kind], card=typed_name(headline.card))


_DONE = {
    DeadlineKind.PLAN: N_("Paid? kzreminder renew {card}"),
    DeadlineKind.CHARGE: N_("Paid? kzreminder renew {card}"),
    DeadlineKind.DEVICE: N_("Registered? kzreminder edit {card} --device-entered -"),
    DeadlineKind.IDLE: N_("Used or paid? kzreminder used {card}"),
    DeadlineKind.BALANCE: N_("Paid? kzreminder topup {card} AMOUNT"),
    DeadlineKind.CHECK: N_("Then: kzreminder balance {card} AMOUNT"),
    DeadlineKind.ARRIVAL: N_("It did: kzreminder balance {card} AMOUNT"),
}


def typed_name(card: Card) -> str:
    """What to type for the card: its label, quoted where a shell needs it, else its id."""
    if _PLAIN_WORD.fullmatch(card.label):
        return card.label
    return f'"{card.label}"' if _QUOTABLE.fullmatch(card.label) else str(card.id)


def _counted(kind: DeadlineKind, count: int, words: Words) -> str:
    one, many = _COUNTED[kind]
    return words.ngettext(one, many, count)


_COUNTED = {
    DeadlineKind.PLAN: N2_("{count} plan ends", "{count} plans end"),
    DeadlineKind.CHARGE: N2_("{count} charge not covered", "{count} charges not covered"),
    DeadlineKind.IDLE: N2_("{count} number unused", "{count} numbers unused"),
    DeadlineKind.DEVICE: N2_("{count} phone to register", "{count} phones to register"),
    DeadlineKind.BALANCE: N2_("{count} balance low", "{count} balances low"),
    DeadlineKind.CHECK: N2_("{count} balance to read", "{count} balances to read"),
    DeadlineKind.ARRIVAL: N2_("{count} payment to look for", "{count} payments to look for"),
}


def _fit(lines: list[str]) -> str:
    """Whole lines, in order of weight, as many as fit."""
    kept: list[str] = []
    room = BODY_LENGTH
    for line in lines:
        line = shortened(line, 110)
        if line and len(line) + 1 <= room + 1:
            kept.append(line)
            room -= len(line) + 1
    return "\n".join(kept)
