"""What a guide is made for: a card where it stands, what is to be paid, what the user wishes.

Not here: the guide (guide), the choice of a way to pay (best).
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from kzreminder.core.card import Card
from kzreminder.core.deadlines import LOSING, DeadlineKind
from kzreminder.core.policy import Policy
from kzreminder.core.rolling import as_of
from kzreminder.core.standing import Stage, Standing, standing_of, to_pay
from kzreminder.core.typed import money_shown
from kzreminder.core.zone import almaty_day
from kzreminder.operators.best import Situation, Wishes
from kzreminder.operators.numbers import spaced
from kzreminder.operators.opening import closed_through


@dataclass(frozen=True, slots=True)
class Case:
    """None of it need be known."""

    card: Card | None = None
    standing: Standing = field(default_factory=lambda: Standing(Stage.BEFORE, None))
    amount: Decimal | None = None
    "tenge to be paid; None: unknown, or any sum will do"
    wishes: Wishes = field(default_factory=Wishes)
    now: datetime | None = None
    "None, and no deadline is near"

    @property
    def number(self) -> str | None:
        return spaced(self.card.number) if self.card and self.card.number else None

    @property
    def shown_amount(self) -> str | None:
        return None if self.amount is None else money_shown(self.amount)

    @property
    def at_home(self) -> Case:
        """The same for somebody in Kazakhstan, who has wishes of their own."""
        return replace(self, wishes=Wishes())

    @property
    def situation(self) -> Situation:
        """What the choice of a way to pay hangs on."""
        deadline = self.standing.deadline
        if deadline is None or self.now is None:
            return Situation(self.wishes)
        today = almaty_day(self.now)
        closed = closed_through(today, deadline.last_day)
        return Situation(self.wishes, deadline.at - self.now, closed)


def case_of(
    card: Card,
    policy: Policy,
    wishes: Wishes,
    now: datetime,
    kinds: Container[DeadlineKind] = LOSING,
) -> Case:
    standing = standing_of(card, policy, now, kinds)
    return Case(card, standing, to_pay(as_of(card, now), standing.deadline), wishes, now)
