"""What a person may answer on a reminder itself, and the move that it asks for.

Not here: showing the buttons (channels), recording the answer (reminding).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from kzreminder.core.card import Card, Move
from kzreminder.core.deadlines import DeadlineKind, deadlines_of
from kzreminder.core.moves import Renewal, renew, use
from kzreminder.core.policy import Policy
from kzreminder.core.reminder import Reminder
from kzreminder.core.rolling import as_of
from kzreminder.core.silence import ending_snooze, snooze
from kzreminder.core.zone import almaty_day, at_wall_time


class Action(StrEnum):
    RENEWED = "renewed"
    TOMORROW = "tomorrow"
    GUIDE = "guide"


RENEWED_BY = {
    DeadlineKind.PLAN: "renewed",
    DeadlineKind.CHARGE: "renewed",
    DeadlineKind.IDLE: "used",
}
"What `Renewed` records under a headline; under any other it is not offered."


def offered(headline: Reminder | None) -> tuple[Action, ...]:
    """In the order of the buttons; `headline` is None for a digest.

    Of a card whose operator is not known, nobody can say how it is renewed.
    """
    actions = [Action.TOMORROW]
    if headline is not None and headline.deadline.kind in RENEWED_BY:
        actions.insert(0, Action.RENEWED)
    if headline is None or headline.card.operator is not None:
        actions.append(Action.GUIDE)
    return tuple(actions)


def tomorrow(policy: Policy, now: datetime) -> datetime:
    """The reminding hour of tomorrow, on the user's clock."""
    today = now.astimezone(policy.zone).date()
    return at_wall_time(today + timedelta(days=1), policy.hour, policy.zone)


def move_of(action: Action, kind: DeadlineKind, policy: Policy, now: datetime) -> tuple[str, Move]:
    """What `Renewed` or `Tomorrow` records under that headline, as an event and its move."""
    if action is Action.TOMORROW:
        return "snoozed", partial(snooze, until=tomorrow(policy, now), now=now)
    today = almaty_day(now)
    if RENEWED_BY[kind] == "used":
        return "used", partial(use, on=today)
    return "renewed", ending_snooze(partial(renew, renewal=Renewal(today), now=now), policy, now)


def still_stands(card: Card, kind: DeadlineKind, at: datetime | None, now: datetime) -> bool:
    """Whether the deadline is where it was when the message told of it; None: wherever it is."""
    found = {(one.kind, one.at) for one in deadlines_of(as_of(card, now), now)}
    return (kind, at) in found if at is not None else any(kind is one for one, _ in found)
