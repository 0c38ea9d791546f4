"""What is at stake with a deadline, in one sentence.

Not here: the title (titles), what to do about it (reminders).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from kzreminder.core.deadlines import DeadlineKind
from kzreminder.core.forecast import forecast_of
from kzreminder.core.reminder import Reminder
from kzreminder.core.typed import money_shown
from kzreminder.core.zone import almaty_day
from kzreminder.wording.language import Words


def at_stake(headline: Reminder, words: Words, now: datetime) -> str:
    """In a line of the body, with the day."""
    return _STAKES[headline.deadline.kind](headline, words, now)


def _plan_stake(headline: Reminder, words: Words, now: datetime) -> str:
    at = words.almaty_moment(headline.deadline.at, almaty_day(now))
    name = headline.card.plan.name or words.gettext("what the plan pays for")
    if headline.deadline.at < now:
        return words.gettext("Lost since {at} (Almaty): {name}.", at=at, name=name)
    return words.gettext("Lost after {at} (Almaty): {name}.", at=at, name=name)


def _charge_stake(headline: Reminder, words: Words, now: datetime) -> str:
    card = headline.card
    price = money_shown(card.plan.price) if card.plan.price is not None else None
    balance = money_shown(card.balance.amount) if card.balance.amount is not None else None
    unknown = words.gettext("unknown")
    return words.gettext(
        "Charge in the night to {day}: price {price}, balance {balance}.",
        day=words.day(almaty_day(headline.deadline.at), almaty_day(now)),
        price=price or unknown,
        balance=balance or unknown,
    )


def _idle_stake(headline: Reminder, words: Words, _now: datetime) -> str:
    kept = headline.card.keep_alive
    period = words.period(kept.period) if kept.period else ""
    return words.gettext(
        "At stake: the number. Your own rule: use it every {period}.", period=period
    )


def _device_stake(headline: Reminder, words: Words, now: datetime) -> str:
    at = words.almaty_moment(headline.deadline.at, almaty_day(now))
    return words.gettext("At stake: the phone is blocked in the networks after {at}.", at=at)


def _balance_stake(headline: Reminder, words: Words, now: datetime) -> str:
    card = headline.card
    threshold = money_shown(card.balance.threshold or Decimal(0))
    forecast = forecast_of(card)
    if not card.balance.is_low and forecast is not None:
        return words.gettext(
            "About {per_day} a day is spent; your threshold: {threshold}.",
            per_day=money_shown(forecast.per_day),
            threshold=threshold,
        )
    at = words.almaty_moment(headline.deadline.at, almaty_day(now))
    return words.gettext("Low since {at}; your threshold: {threshold}.", at=at, threshold=threshold)


def _check_stake(headline: Reminder, words: Words, now: datetime) -> str:
    read_at = headline.card.balance.read_at
    if read_at is None:
        return words.gettext("Its balance was never read: nobody knows what it covers.")
    day = words.day(almaty_day(read_at), almaty_day(now))
    return words.gettext("Last read {day}: nobody knows what it covers now.", day=day)


def _arrival_stake(_headline: Reminder, words: Words, _now: datetime) -> str:
    return words.gettext("If it did not: show the receipt to the operator.")


_STAKES: dict[DeadlineKind, Callable[[Reminder, Words, datetime], str]] = {
    DeadlineKind.PLAN: _plan_stake,
    DeadlineKind.CHARGE: _charge_stake,
    DeadlineKind.IDLE: _idle_stake,
    DeadlineKind.DEVICE: _device_stake,
    DeadlineKind.BALANCE: _balance_stake,
    DeadlineKind.CHECK: _check_stake,
    DeadlineKind.ARRIVAL: _arrival_stake,
}
