"""The title of a reminder: time left first, then the card, then what happens.

Not here: the body (reminders).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from kzreminder.core.deadlines import Deadline, DeadlineKind, Doubt
from kzreminder.core.forecast import forecast_of
from kzreminder.core.reminder import Reminder
from kzreminder.core.typed import money_shown
from kzreminder.core.zone import almaty_day
from kzreminder.wording.language import Words

TITLE_LENGTH = 48
"Servers cut a title after 30-odd to 50 characters."


def title_of(reminder: Reminder, words: Words, now: datetime) -> str:
    """Time left first, then the card, then what happens; at most 48 characters."""
    pattern = TITLES[reminder.deadline.kind](reminder, words, now)
    room = TITLE_LENGTH - len(pattern("")) if len(pattern("")) < TITLE_LENGTH else 1
    return shortened(pattern(shortened(reminder.card.label, room)), TITLE_LENGTH)


Pattern = Callable[[str], str]


def time_left(deadline: Deadline, words: Words, now: datetime) -> str:
    """In whole Almaty days, of the last good day for what happens at its midnight."""
    days = (deadline.last_day - almaty_day(now)).days
    if days > 0:
        return words.ngettext("{count} day left", "{count} days left", days)
    if days == 0 and deadline.at >= now:
        return words.gettext("Today")
    return words.ngettext("{count} day over", "{count} days over", max(-days, 1))


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
    tonight = deadline.last_day == almaty_day(now) and deadline.at >= now
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


def _balance_title(reminder: Reminder, words: Words, now: datetime) -> Pattern:
    forecast = forecast_of(reminder.card)
    low_on = forecast.runs_low_on if forecast is not None else None
    if low_on is None or reminder.card.balance.is_low:
        amount = money_shown(reminder.card.balance.amount or Decimal(0))
        return lambda label: words.gettext(
            "Low balance: {label}, {amount}", label=label, amount=amount
        )
    today = almaty_day(now)
    day = words.day(low_on, today)
    days = (low_on - today).days
    if days < 0:
        return lambda label: words.gettext(
            "Since {day}: {label}, probably low", label=label, day=day
        )
    left = words.ngettext("{count} day left", "{count} days left", days)
    return lambda label: words.gettext(
        "{left}: {label}, balance low {day}", left=left, label=label, day=day
    )


def _check_title(reminder: Reminder, words: Words, now: datetime) -> Pattern:
    card = reminder.card
    days = (now - (card.balance.read_at or card.registered_at)).days
    return lambda label: words.ngettext(
        "{count} day: {label}, balance not read",
        "{count} days: {label}, balance not read",
        days,
        label=label,
    )


def _arrival_title(reminder: Reminder, words: Words, now: datetime) -> Pattern:
    paid_on = reminder.card.paid_on or almaty_day(now)
    day = words.day(paid_on, almaty_day(now))
    return lambda label: words.gettext("Paid {day}: {label}, did it arrive?", label=label, day=day)


TITLES: dict[DeadlineKind, Callable[[Reminder, Words, datetime], Pattern]] = {
    DeadlineKind.PLAN: _plan_title,
    DeadlineKind.CHARGE: _charge_title,
    DeadlineKind.IDLE: _idle_title,
    DeadlineKind.DEVICE: _device_title,
    DeadlineKind.BALANCE: _balance_title,
    DeadlineKind.CHECK: _check_title,
    DeadlineKind.ARRIVAL: _arrival_title,
}


def shortened(text: str, length: int) -> str:
    return text if len(text) <= length else text[: max(length - 1, 0)].rstrip() + "…"
