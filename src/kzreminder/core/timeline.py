"""Which deadlines stand on one axis: by operator and card, the most urgent first, within its days.

Not here: which cards are read for it (storage), how it is drawn (pages).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from kzreminder.core.card import Card
from kzreminder.core.deadlines import LOSING, Deadline, DeadlineKind, deadlines_of
from kzreminder.core.leads import lead_times
from kzreminder.core.policy import Policy
from kzreminder.core.rolling import as_of
from kzreminder.core.zone import almaty_day

NEAR = 3
"Days: of a deadline that is no farther away it is high time."
FARTHEST_BACK = 14
"Days before today that the axis shows at most; what passed earlier stands at its very left."
WEEK = 7
PASSED = -1
"In place of the number of a week: what has passed by now."


class Urgency(StrEnum):
    """The most urgent first."""

    OVERDUE = "overdue"
    URGENT = "urgent"
    SOON = "soon"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Point:
    """One deadline on the axis."""

    deadline: Deadline
    on: date
    "the Almaty day that it ends"
    urgency: Urgency
    days_left: int
    "below zero: so many days over"


@dataclass(frozen=True, slots=True)
class Lane:
    card: Card
    points: tuple[Point, ...]
    "at least one, the earliest first"


@dataclass(frozen=True, slots=True)
class Group:
    operator: str | None
    lanes: tuple[Lane, ...]
    more: int
    "cards of this operator that are counted only"


@dataclass(frozen=True, slots=True)
class Week:
    first_on: date | None
    "None: all that has passed"
    cards: int


@dataclass(frozen=True, slots=True)
class Timeline:
    today: date
    first_on: date
    last_on: date
    groups: tuple[Group, ...]
    weeks: tuple[Week, ...]
    "the cards that are counted only, by their earliest deadline; weeks without any are left out"
    without: int
    "cards of which nothing falls into these days"

    @property
    def more(self) -> int:
        return sum(group.more for group in self.groups)


Rest = Mapping[tuple[str | None, int], int]
"Cards that are counted only: by operator, and by the week from today on or PASSED."


def timeline_of(
    cards: Iterable[Card], rest: Rest, total: int, policy: Policy, now: datetime, days: int
) -> Timeline:
    """`cards` are drawn, `rest` is counted; both are part of `total`."""
    today = almaty_day(now)
    last_on = today + timedelta(days=days)
    lanes = [lane for card in cards if (lane := _lane(card, policy, now, last_on)) is not None]
    lanes.sort(key=_by_urgency)
    earliest = min((lane.points[0].on for lane in lanes), default=today)
    return Timeline(
        today=today,
        first_on=max(min(earliest, today), today - timedelta(days=FARTHEST_BACK)),
        last_on=last_on,
        groups=tuple(_groups(lanes, rest)),
        weeks=tuple(_weeks(rest, today)),
        without=max(total - len(lanes) - sum(rest.values()), 0),
    )


def shared_room(passed: int, ahead: int, room: int) -> tuple[int, int]:
    """How many cards of each are drawn: half of what there is room for, more where others lack."""
    of_passed = min(passed, max((room + 1) // 2, room - ahead))
    return of_passed, min(ahead, room - of_passed)


def urgency_of(card: Card, deadline: Deadline, policy: Policy, now: datetime) -> Urgency:
    """By the days left, and by whether its reminders have begun."""
    if deadline.kind not in LOSING:
        if deadline.at > now:
            return Urgency.LATER
        return Urgency.URGENT if deadline.kind is DeadlineKind.BALANCE else Urgency.SOON
    if deadline.at < now:
        return Urgency.OVERDUE
    if days_left(deadline, now) <= NEAR:
        return Urgency.URGENT
    _, first_at = next(lead_times(card, deadline, policy))
    return Urgency.SOON if first_at <= now else Urgency.LATER


def days_left(deadline: Deadline, now: datetime) -> int:
    """In Almaty days; what passed today, in a night that has gone, is a day over."""
    left = (deadline.last_day - almaty_day(now)).days
    return min(left, -1) if deadline.at < now else left


def _lane(card: Card, policy: Policy, now: datetime, last_on: date) -> Lane | None:
    """None where nothing of the card falls into these days."""
    card = as_of(card, now)
    points = [
        Point(one, one.last_day, urgency_of(card, one, policy, now), days_left(one, now))
        for one in deadlines_of(card, now)
        if one.last_day <= last_on
    ]
    points.sort(key=lambda point: point.deadline.at)
    return Lane(card, tuple(points)) if points else None


def _by_urgency(lane: Lane) -> tuple[int, datetime]:
    """What can be lost comes first, then what is to be looked at."""
    losing = [point for point in lane.points if point.deadline.kind in LOSING]
    return 0 if losing else 1, (losing or lane.points)[0].deadline.at


def _groups(lanes: Iterable[Lane], rest: Rest) -> Iterable[Group]:
    """In the order of their most urgent cards; then those of which all are counted only."""
    drawn: dict[str | None, list[Lane]] = {}
    for lane in lanes:
        drawn.setdefault(lane.card.operator, []).append(lane)
    counted: Counter[str | None] = Counter()
    for (operator, _), count in rest.items():
        counted[operator] += count
    for operator, of_it in drawn.items():
        yield Group(operator, tuple(of_it), counted.pop(operator, 0))
    for operator, count in counted.most_common():
        yield Group(operator, (), count)


def _weeks(rest: Rest, today: date) -> Iterable[Week]:
    by_week: Counter[int] = Counter()
    for (_, week), count in rest.items():
        by_week[week] += count
    for week in sorted(by_week):
        first_on = None if week == PASSED else today + timedelta(days=WEEK * week)
        yield Week(first_on, by_week[week])
