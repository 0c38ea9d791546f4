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


def watch(card: Card, at: datetime, policy: Policy) -> Card:
    """Open or close the low episode, as what is known since `at` asks for.

    It opens under the threshold, or seven days before the forecast says so (perhaps ahead of `at`);
    it closes a tenth above, so that a balance which wavers round the threshold does not nag. A
    second opening on one day waits for the next morning.
    """
    return replace(card, balance=_watched(card, at, policy))


def _watched(card: Card, at: datetime, policy: Policy) -> Balance:
    balance = card.balance
    amount, threshold = balance.amount, balance.threshold
    if amount is None or threshold is None:
        return _closed(balance, at, policy)
    is_open = balance.low_since is not None and balance.low_since <= at
    if amount < threshold:
        return balance if is_open else _opened(_closed(balance, at, policy), at, policy)
    foreseen_at = _foreseen_at(card, policy)
    if is_open:
        is_near = foreseen_at is not None and foreseen_at <= at
        stays = is_near or amount < threshold * (1 + policy.hysteresis)
        if stays:
            return balance
        balance = _closed(balance, at, policy)
    if foreseen_at is None:
        return _closed(balance, at, policy)
    return _opened(_closed(balance, at, policy), max(foreseen_at, at), policy)


def _foreseen_at(card: Card, policy: Policy) -> datetime | None:
    forecast = forecast_of(card)
    if forecast is None or forecast.runs_low_on is None:
        return None
    return at_wall_time(forecast.runs_low_on - FORESEEN, policy.hour, policy.zone)


def _closed(balance: Balance, at: datetime, policy: Policy) -> Balance:
    """What closes before its time came has never been told: it delays no other."""
    since = balance.low_since
    was_told = since is not None and _told_at(since, policy) <= at
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
