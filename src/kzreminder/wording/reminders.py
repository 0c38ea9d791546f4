"""A message as title and body: time left first, two lines that stand alone, then what fits.

Not here: deciding what is due (core.planning), showing it (channels).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from kzreminder.core.card import Card, Plan
from kzreminder.core.deadlines import Deadline, DeadlineKind, Doubt
from kzreminder.core.digest import Telling, counts
from kzreminder.core.planning import Reminder
from kzreminder.core.policy import Policy
from kzreminder.core.typed import money_shown
from kzreminder.core.zone import almaty_day
from kzreminder.operators.book import Book
from kzreminder.operators.catalogue import Catalogue
from kzreminder.operators.guide import short
from kzreminder.operators.numbers import is_only, masked
from kzreminder.wording.language import Words

TITLE_LENGTH = 48
"Servers cut a title after 30-odd to 50 characters."
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

    def message(self, reminders: Sequence[Reminder], now: datetime) -> Text:
        """The headline as the title; the card's other reminders are a line each in the body."""
        reminders = [self._masked(reminder) for reminder in reminders]
        headline = reminders[0]
        card = headline.card
        words = Words(card.lang or self.language)
        title = title_of(headline, words, now)
        pay = [self._what_to_do(headline, words), _where_guide_is(card, words)]
        others = [_also(reminder, words, now) for reminder in reminders[1:]]
        extra = [
            self._late(headline, words, now),
            _at_stake(headline, words, now),
            _after(headline, words),
        ]
        return Text(title, _fit([*pay, *others, *extra]))

    def _masked(self, reminder: Reminder) -> Reminder:
        """A card that is called by its number is masked in the title too."""
        return replace(reminder, card=replace(reminder.card, label=self._label(reminder.card)))

    def _label(self, card: Card) -> str:
        if self.mask_numbers and card.number and is_only(card.number, card.label):
            return masked(card.number)
        return card.label

    def _what_to_do(self, headline: Reminder, words: Words) -> str:
        card = headline.card
        if card.operator is None or card.operator not in self.catalogue.ids:
            return words.gettext(
                "Operator not known: see which network the phone shows, then pay it."
            )
        operator = self.catalogue.by_id(card.operator)
        if headline.deadline.kind is DeadlineKind.DEVICE:
            name = operator.name(words.language)
            return words.gettext("Register the phone (IMEI): ask {operator} how.", operator=name)
        book = self.books(words.language)
        if headline.deadline.kind not in (DeadlineKind.PLAN, DeadlineKind.CHARGE):
            card = replace(card, plan=Plan())  # the plan's price is not what is to be paid
        amount = headline.deadline.missing
        text = short(operator, card, book, amount=amount, mask=self.mask_numbers)
        best = operator.method(operator.best)
        if operator.is_found and best is not None and not best.is_confirmed:
            return words.gettext("{text} (not confirmed)", text=text)
        return text

    def digest(self, tellings: Sequence[Telling], now: datetime) -> Text:
        """Counts by kind, and up to four labels."""
        words = Words(self.language)
        title = words.ngettext(
            "{count} more card needs you", "{count} more cards need you", len(tellings)
        )
        lines = [_counted(kind, count, words) for kind, count in sorted(counts(tellings).items())]
        labels = [self._label(telling.headline.card) for telling in tellings[:DIGEST_LABELS]]
        named = ", ".join(_shortened(label, 30) for label in labels)
        if len(tellings) > DIGEST_LABELS:
            named += ", …"
        return Text(title, _fit([named, words.gettext("All of them: kzreminder list"), *lines]))

    def _late(self, headline: Reminder, words: Words, now: datetime) -> str:
        if not headline.is_late(now):
            return ""
        zone = self.policy.zone
        due = words.moment(headline.at, zone, now.astimezone(zone).date())
        return words.gettext("Shown late: it was due {due}.", due=due)


def title_of(reminder: Reminder, words: Words, now: datetime) -> str:
    """Time left first, then the card, then what happens; at most 48 characters."""
    pattern = _TITLES[reminder.deadline.kind](reminder, words, now)
    room = TITLE_LENGTH - len(pattern("")) if len(pattern("")) < TITLE_LENGTH else 1
    return _shortened(pattern(_shortened(reminder.card.label, room)), TITLE_LENGTH)


Pattern = Callable[[str], str]


def time_left(deadline: Deadline, words: Words, now: datetime) -> str:
    """In whole Almaty days, of the last good day for what happens at its midnight."""
    days = (_last_good(deadline) - almaty_day(now)).days
    if days > 0:
        return words.ngettext("{count} day left", "{count} days left", days)
    if days == 0 and deadline.at >= now:
        return words.gettext("Today")
    return words.ngettext("{count} day over", "{count} days over", max(-days, 1))


def _last_good(deadline: Deadline) -> date:
    """The Almaty day that the deadline ends: a charge at 00:00 belongs to the evening before."""
    return almaty_day(deadline.at - timedelta(seconds=1))


def _plan_title(reminder: Reminder, words: Words, now: datetime) -> Pattern:
    deadline = reminder.deadline
    left = time_left(deadline, words, now)
    day = words.day(almaty_day(deadline.at), almaty_day(now))
    if deadline.at < now:
        return lambda label: words.gettext(
            "{left}: {label}, plan ended {day}", left=left, label=label, day=day
        )
    return lambda label: words.gettext(
        "{left}: {label}, plan ends {day}", left=left, label=label, day=day
    )


def _charge_title(reminder: Reminder, words: Words, now: datetime) -> Pattern:
    deadline = reminder.deadline
    left = time_left(deadline, words, now)
    tonight = _last_good(deadline) == almaty_day(now) and deadline.at >= now
    if tonight:
        left = words.gettext("Charge tonight")
    if deadline.doubt is Doubt.SHORT:
        missing = money_shown(deadline.missing or Decimal(0))
        if tonight:
            return lambda label: words.gettext(
                "{left}: {label}, short {missing}", left=left, label=label, missing=missing
            )
        return lambda label: words.gettext(
            "{left}: {label}, charge short {missing}", left=left, label=label, missing=missing
        )
    if deadline.doubt is Doubt.UNKNOWN:
        return lambda label: words.gettext(
            "{left}: {label}, is it covered?", left=left, label=label
        )
    return lambda label: words.gettext(
        "{left}: {label}, balance read long ago", left=left, label=label
    )


def _idle_title(reminder: Reminder, words: Words, now: datetime) -> Pattern:
    left = time_left(reminder.deadline, words, now)
    last = reminder.card.keep_alive.last_used_on or almaty_day(now)
    days = (almaty_day(now) - last).days
    return lambda label: words.ngettext(
        "{left}: {label}, unused for {count} day",
        "{left}: {label}, unused for {count} days",
        days,
        left=left,
        label=label,
    )


def _device_title(reminder: Reminder, words: Words, now: datetime) -> Pattern:
    left = time_left(reminder.deadline, words, now)
    return lambda label: words.gettext(
        "{left}: {label}, register the phone", left=left, label=label
    )


def _balance_title(reminder: Reminder, words: Words, _now: datetime) -> Pattern:
    amount = money_shown(reminder.card.balance.amount or Decimal(0))
    return lambda label: words.gettext("Low balance: {label}, {amount}", label=label, amount=amount)


_TITLES: dict[DeadlineKind, Callable[[Reminder, Words, datetime], Pattern]] = {
    DeadlineKind.PLAN: _plan_title,
    DeadlineKind.CHARGE: _charge_title,
    DeadlineKind.IDLE: _idle_title,
    DeadlineKind.DEVICE: _device_title,
    DeadlineKind.BALANCE: _balance_title,
}


def _also(reminder: Reminder, words: Words, now: datetime) -> str:
    """Another deadline of the card in one short line: its title without the card."""
    title = _TITLES[reminder.deadline.kind](reminder, words, now)("")
    return words.gettext("Also: {what}", what=re.sub(r"([:：])\s*[,，]\s*", r"\1 ", title))


def _at_stake(headline: Reminder, words: Words, now: datetime) -> str:
    card, deadline = headline.card, headline.deadline
    today = almaty_day(now)
    at = words.almaty_moment(deadline.at, today)
    if deadline.kind is DeadlineKind.PLAN:
        name = card.plan.name or words.gettext("what the plan pays for")
        if deadline.at < now:
            return words.gettext("Lost since {at} (Almaty): {name}.", at=at, name=name)
        return words.gettext("Lost after {at} (Almaty): {name}.", at=at, name=name)
    if deadline.kind is DeadlineKind.CHARGE:
        price = money_shown(card.plan.price) if card.plan.price is not None else None
        balance = money_shown(card.balance.amount) if card.balance.amount is not None else None
        unknown = words.gettext("unknown")
        return words.gettext(
            "Charge in the night to {day}: price {price}, balance {balance}.",
            day=words.day(almaty_day(deadline.at), today),
            price=price or unknown,
            balance=balance or unknown,
        )
    if deadline.kind is DeadlineKind.IDLE:
        period = words.period(card.keep_alive.period) if card.keep_alive.period else ""
        return words.gettext(
            "At stake: the number. Your own rule: use it every {period}.", period=period
        )
    if deadline.kind is DeadlineKind.DEVICE:
        return words.gettext("At stake: the phone is blocked in the networks after {at}.", at=at)
    threshold = card.balance.threshold
    return words.gettext(
        "Low since {at}; your threshold: {threshold}.",
        at=at,
        threshold=money_shown(threshold or Decimal(0)),
    )


def _where_guide_is(card: Card, words: Words) -> str:
    name = _typed_name(card)
    if card.operator is None:
        return words.gettext(
            "Then say whose it is: kzreminder edit {card} --operator NAME", card=name
        )
    return words.gettext("All steps: kzreminder guide {card}", card=name)


def _after(headline: Reminder, words: Words) -> str:
    """How to say that it is done."""
    card = _typed_name(headline.card)
    if headline.deadline.kind is DeadlineKind.IDLE:
        return words.gettext("Used or paid? kzreminder used {card}", card=card)
    if headline.deadline.kind is DeadlineKind.BALANCE:
        return words.gettext("Paid? kzreminder topup {card} AMOUNT", card=card)
    if headline.deadline.kind is DeadlineKind.DEVICE:
        return words.gettext("Registered? kzreminder edit {card} --device-entered -", card=card)
    return words.gettext("Paid? kzreminder renew {card}", card=card)


def _typed_name(card: Card) -> str:
    """What to type for the card: its label, quoted where a shell needs it, else its id."""
    if _PLAIN_WORD.fullmatch(card.label):
        return card.label
    return f'"{card.label}"' if _QUOTABLE.fullmatch(card.label) else str(card.id)


def _counted(kind: DeadlineKind, count: int, words: Words) -> str:
    if kind is DeadlineKind.PLAN:
        return words.ngettext("{count} plan ends", "{count} plans end", count)
    if kind is DeadlineKind.CHARGE:
        return words.ngettext("{count} charge not covered", "{count} charges not covered", count)
    if kind is DeadlineKind.IDLE:
        return words.ngettext("{count} number unused", "{count} numbers unused", count)
    if kind is DeadlineKind.DEVICE:
        return words.ngettext("{count} phone to register", "{count} phones to register", count)
    return words.ngettext("{count} balance low", "{count} balances low", count)


def _shortened(text: str, length: int) -> str:
    return text if len(text) <= length else text[: max(length - 1, 0)].rstrip() + "…"


def _fit(lines: list[str]) -> str:
    """Whole lines, in order of weight, as many as fit."""
    kept: list[str] = []
    room = BODY_LENGTH
    for line in lines:
        line = _shortened(line, 110)
        if line and len(line) + 1 <= room + 1:
            kept.append(line)
            room -= len(line) + 1
    return "\n".join(kept)
