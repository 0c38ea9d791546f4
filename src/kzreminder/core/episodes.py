"""The low-balance episode of a card: opened and closed by what is known of the balance.

Not here: when it is spoken of (leads), the forecast itself (forecast).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from kzreminder.core.card import Balance, Card
from kzreminder.core.forecast import forecast_of
from kzreminder.core.policy import Policy
from kzreminder.core.zone import at_wall_time

FORESEEN = timedelta(days=7)
"An episode opens this long before the day on which the balance will run low."


def watch(card: Card, before: Balance, at: datetime, policy: Policy) -> Card:
    """Open or close the low episode, as what is known since `at` asks for; `before`: as was known.

    It opens under the threshold, or seven days before the forecast says so (perhaps ahead of `at`).
    It closes a tenth above, so that a balance which wavers round the threshold does not nag; one
    that the forecast opened and that was never under it stays as long as the forecast does. A
    second opening on one day waits for the next morning.
    """
    watched = _watched(card, before.is_low, at, policy)
    return card if watched is card.balance else replace(card, balance=watched)


def _watched(card: Card, was_low: bool, at: datetime, policy: Policy) -> Balance:
    balance = card.balance
    opens_at = _opens_at(card, at, policy)
    if balance.low_since is not None and balance.low_since <= at:
        is_foreseen = opens_at is not None and opens_at <= at and not was_low
        if balance.is_low or is_foreseen or _wavers(balance, policy):
            return balance
    closed = _closed(balance, at, policy)
    return closed if opens_at is None else _opened(closed, opens_at, policy)


def _opens_at(card: Card, at: datetime, policy: Policy) -> datetime | None:
    """When an episode would begin: at once if it is low, else when the forecast says so."""
    if card.balance.is_low:
        return at
    foreseen_at = _foreseen_at(card, policy)
    return None if foreseen_at is None else max(foreseen_at, at)


def _wavers(balance: Balance, policy: Policy) -> bool:
    """Known to be above the threshold by less than a tenth."""
    amount, threshold = balance.amount, balance.threshold
    if amount is None or threshold is None:
        return False
    return amount < threshold * (1 + policy.hysteresis)


def _foreseen_at(card: Card, policy: Policy) -> datetime | None:
    forecast = forecast_of(card)
    if forecast is None or forecast.runs_low_on is None:
        return None
    return at_wall_time(forecast.runs_low_on - FORESEEN, policy.hour, policy.zone)


def _closed(balance: Balance, at: datetime, policy: Policy) -> Balance:
    """What closes before its time came has never been told: it delays no other."""
    since = balance.low_since
    if since is None:
        return balance
    was_told = _told_at(since, policy) <= at
    low_before = since if was_told else balance.low_before
    return replace(balance, low_since=None, low_before=low_before)


def _opened(balance: Balance, at: datetime, policy: Policy) -> Balance:
    day = _told_at(at, policy).astimezone(policy.zone).date()
    before = balance.low_before
    if before is not None and _told_at(before, policy).astimezone(policy.zone).date() == day:
        at = at_wall_time(day + timedelta(days=1), policy.hour, policy.zone)
    return replace(balance, low_since=at)


def _told_at(opened_at: datetime, policy: Policy) -> datetime:
    """An opening in quiet hours is told at their end."""
    quiet = policy.quiet_around(opened_at)
    return opened_at if quiet is None else quiet[1]
