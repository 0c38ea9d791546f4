"""Many reminders to few messages: the most urgent by themselves, the rest counted in a digest.

Not here: the words of either (wording).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kzreminder.core.deadlines import DeadlineKind
from kzreminder.core.planning import urgency
from kzreminder.core.reminder import Reminder


@dataclass(frozen=True, slots=True)
class Telling:
    """What is to be told of one card in one message; never empty."""

    reminders: tuple[Reminder, ...]
    "the headline first"
    attempts: int = 0
    "sends that failed before"

    @property
    def headline(self) -> Reminder:
        return self.reminders[0]


def split(tellings: Sequence[Telling], cap: int) -> tuple[list[Telling], list[Telling]]:
    """The tellings that get a message each, most urgent first, and those that share the digest.

    No digest up to the cap; above it, whatever the number, the cap and one digest.
    """
    ordered = sorted(tellings, key=_rank)
    return (ordered, []) if len(ordered) <= cap else (ordered[:cap], ordered[cap:])


def counts(tellings: Sequence[Telling]) -> Counter[DeadlineKind]:
    """How many cards have each kind of deadline as their headline."""
    return Counter(telling.headline.deadline.kind for telling in tellings)


def operators(tellings: Sequence[Telling]) -> Counter[str | None]:
    """How many cards are of each operator, by its id; None where it is not known."""
    return Counter(telling.headline.card.operator for telling in tellings)


def _rank(telling: Telling) -> tuple[int, datetime, int]:
    return *urgency(telling.headline), telling.headline.card.id
