"""The picture of all deadlines, in words and days: what every way of drawing it is made from.

Not here: ink and markup (timeline_lines, timeline_svg), which deadlines there are (core.timeline).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from kzreminder.core.deadlines import LOSING, DeadlineKind
from kzreminder.core.timeline import Group, Point, Timeline, Urgency, Week
from kzreminder.errors import N_
from kzreminder.pages.axis import Axis
from kzreminder.wording.cards import KINDS
from kzreminder.wording.language import MONTHS, Words, grouped

URGENCIES = {
    Urgency.OVERDUE: N_("overdue"),
    Urgency.URGENT: N_("3 days or less, low balance"),
    Urgency.SOON: N_("you are being reminded"),
    Urgency.LATER: N_("later"),
}
_SINCE = {
    DeadlineKind.BALANCE: N_("low balance since {at}"),
    DeadlineKind.CHECK: N_("balance to be read since {at}"),
}


@dataclass(frozen=True, slots=True)
class Mark:
    """One deadline, a row of its own."""

    label: str
    "of its card; empty below the card's first"
    place: int
    is_earlier: bool
    "it passed before the axis begins, and stands at its left end"
    urgency: Urgency
    day: str
    text: str
    card: str
    "whose it is, on every row"


@dataclass(frozen=True, slots=True)
class Block:
    operator: str
    marks: tuple[Mark, ...]
    more: str
    "how many other cards of the operator there are, in words; empty: none"


@dataclass(frozen=True, slots=True)
class Picture:
    language: str
    title: str
    about: str
    axis: Axis
    today: str
    blocks: tuple[Block, ...]
    legend: tuple[tuple[Urgency, str], ...]
    notes: tuple[str, ...]
    columns: tuple[str, str, str, str]
    "operator, card, day, deadline"


def picture_of(timeline: Timeline, name_of: Callable[[str | None], str], words: Words) -> Picture:
    """`name_of`: an operator's name by its id."""
    today = timeline.today
    first, last = (words.day(day, today) for day in (timeline.first_on, timeline.last_on))
    axis = Axis(
        timeline.first_on,
        max((timeline.last_on - timeline.first_on).days, 1),
        (today - timeline.first_on).days,
        tuple(words.gettext(name) for name in MONTHS),
        words.gettext("{month} {year}", month="{month}", year="{year}"),
    )
    return Picture(
        language=words.language,
        title=words.gettext("Deadlines from {first} to {last}", first=first, last=last),
        about=_about(timeline, words),
        axis=axis,
        today=words.gettext("today, {day}", day=words.day(today, today)),
        blocks=tuple(_block(group, timeline, name_of, words) for group in timeline.groups),
        legend=tuple((urgency, words.gettext(said)) for urgency, said in URGENCIES.items()),
        notes=tuple(_notes(timeline, words)),
        columns=(
            words.gettext("Operator"),
            words.gettext("Card"),
            words.gettext("Day"),
            words.gettext("Deadline"),
        ),
    )


def _block(
    group: Group, timeline: Timeline, name_of: Callable[[str | None], str], words: Words
) -> Block:
    marks = [
        _mark(lane.card.label, point, nth == 0, timeline, words)
        for lane in group.lanes
        for nth, point in enumerate(lane.points)
    ]
    more = ""
    if group.more:
        more = words.ngettext("and {number} more card", "and {number} more cards", group.more,
                              number=grouped(group.more))  # fmt: skip
    return Block(name_of(group.operator), tuple(marks), more)


def _mark(label: str, point: Point, is_first: bool, timeline: Timeline, words: Words) -> Mark:
    return Mark(
        label=label if is_first else "",
        place=max((point.on - timeline.first_on).days, 0),
        is_earlier=point.on < timeline.first_on,
        urgency=point.urgency,
        day=words.day(point.on, timeline.today),
        text=_said(point, timeline.today, words),
        card=label,
    )


def _said(point: Point, today: date, words: Words) -> str:
    """What it is and how much time is left; of what is no loss, since when."""
    kind = point.deadline.kind
    what = words.gettext(KINDS[kind])
    if kind in LOSING:
        return words.gettext("{left}: {what}", what=what, left=_left(point.days_left, words))
    if kind in _SINCE and point.days_left <= 0:
        return words.gettext(_SINCE[kind], at=words.day(point.on, today))
    return what


def _left(days: int, words: Words) -> str:
    if days > 0:
        return words.ngettext("{count} day left", "{count} days left", days)
    if days == 0:
        return words.gettext("Today")
    return words.ngettext("{count} day over", "{count} days over", -days)


def _about(timeline: Timeline, words: Words) -> str:
    """The picture in a sentence, for who cannot see it."""
    points = [point for group in timeline.groups for lane in group.lanes for point in lane.points]
    passed = sum(point.urgency is Urgency.OVERDUE for point in points)
    urgent = sum(point.urgency is Urgency.URGENT for point in points)
    drawn = words.ngettext("{count} deadline", "{count} deadlines", len(points))
    return words.gettext(
        "{deadlines}; overdue: {overdue}, urgent: {urgent}. Days are days in Almaty.",
        deadlines=drawn, overdue=passed, urgent=urgent,
    )  # fmt: skip


def _notes(timeline: Timeline, words: Words) -> list[str]:
    notes = []
    if timeline.more:
        notes.append(
            words.ngettext(
                "And {number} more card, counted only; show more with --limit.",
                "And {number} more cards, counted only; show more with --limit.",
                timeline.more,
                number=grouped(timeline.more),
            )
        )
        counts = ", ".join(_week(week, timeline.today, words) for week in timeline.weeks)
        notes.append(words.gettext("Their earliest deadlines by week: {counts}", counts=counts))
    if timeline.without:
        notes.append(
            words.ngettext(
                "{number} card has no deadline in these days.",
                "{number} cards have no deadline in these days.",
                timeline.without,
                number=grouped(timeline.without),
            )
        )
    return notes


def _week(week: Week, today: date, words: Words) -> str:
    count = grouped(week.cards)
    if week.first_on is None:
        return words.gettext("passed {number}", number=count)
    return words.gettext("from {day} {number}", day=words.day(week.first_on, today), number=count)
