"""Where a card stands: before a deadline, on its day, after it, long after; what is to be paid.

Not here: what to do there (the guides of operators), the state as lists show it (planning).
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from kzreminder.core.card import Card
from kzreminder.core.deadlines import LOSING, URGENCY, Deadline, DeadlineKind, deadlines_of
from kzreminder.core.planning import last_lead_at
from kzreminder.core.policy import Policy
from kzreminder.core.rolling import as_of, missing
from kzreminder.core.zone import almaty_day

BY_PAYING = (DeadlineKind.CHARGE, DeadlineKind.PLAN)
"Settled by the plan's price; what else is due needs no sum that anybody knows."
BY_TOPPING_UP = (*BY_PAYING, DeadlineKind.IDLE)
SAFE = timedelta(days=1)
"How long a payment takes is stated for no operator: a day is what the user is advised to allow."


class Stage(StrEnum):
    BEFORE = "before"
    ON_DAY = "on_day"
    AFTER = "after"
    LONG_AFTER = "long_after"
    "all reminders of it have ended; not a term that any operator has stated"


@dataclass(frozen=True, slots=True)
class Standing:
    stage: Stage
    deadline: Deadline | None
    "that which decides: what is overdue, the most urgent kind first, else what comes next"


def standing_of(
    card: Card, policy: Policy, now: datetime, kinds: Container[DeadlineKind] = LOSING
) -> Standing:
    """From dates alone; looks at what can be lost, not at balances to be read."""
    card = as_of(card, now)
    losing = [one for one in deadlines_of(card, now) if one.kind in kinds]
    overdue = [one for one in losing if one.at < now]
    # Long after only when the reminders of all that is overdue have ended, as with `lapsed`.
    live = [one for one in overdue if last_lead_at(card, one, policy) > now]
    if overdue:
        worst = min(live or overdue, key=lambda one: (URGENCY[one.kind], one.at))
        return Standing(Stage.AFTER if live else Stage.LONG_AFTER, worst)
    coming = min(losing, key=lambda one: (one.at, URGENCY[one.kind]), default=None)
    if coming is not None and coming.last_day <= almaty_day(now):
        return Standing(Stage.ON_DAY, coming)
    return Standing(Stage.BEFORE, coming)


def to_pay(card: Card, deadline: Deadline | None) -> Decimal | None:
    """What the balance lacks for a charge, else the plan's price.

    None: nothing is lacking, the sum is unknown, or any sum will do.
    """
    if deadline is not None and deadline.kind not in BY_PAYING:
        return None
    if not card.plan.auto_renew:
        return card.plan.price
    lacking = missing(card)
    return card.plan.price if lacking is None else lacking or None


def last_safe_day(deadline: Deadline, today: date) -> date:
    """The last day on which to pay without having to hope; today where that has passed."""
    return max(today, deadline.last_day - SAFE)
