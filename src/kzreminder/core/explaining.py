"""Why a card is told of, or silent: each lead of each deadline, and what became of it.

Not here: the decision itself (planning), the sentences (wording).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kzreminder.core.card import Card
from kzreminder.core.deadlines import (
    LOSING,
    Deadline,
    DeadlineKind,
    deadlines_of,
    to_check_at,
    turns_stale_at,
)
from kzreminder.core.leads import (
    Lead,
    is_acknowledged,
    is_held,
    lead_times,
    leads_before,
    out_of_quiet,
    time_before,
)
from kzreminder.core.planning import State, next_reminder_on, snoozed_until, state_of
from kzreminder.core.policy import Policy
from kzreminder.core.reminder import Mark, Reminder, believed, covering, is_own, reminder_of
from kzreminder.core.rolling import as_of, rolls_at
from kzreminder.core.routing import Route, is_of_desktop, told_on, waited_until
from kzreminder.core.silence import is_muted, unmutes_at


class Fate(StrEnum):
    """What became of a lead, or will."""

    TOLD = "told"
    COVERED = "covered"
    "something at least as urgent was told at or after its time"
    SUPERSEDED = "superseded"
    "a later lead of the deadline has come"
    ACKNOWLEDGED = "acknowledged"
    DROPPED = "dropped"
    "it would fall before the first day of the period"
    ARCHIVED = "archived"
    MUTED = "muted"
    SNOOZED = "snoozed"
    QUIET = "quiet"
    UNWANTED = "unwanted"
    "by the settings the target is not told of it"
    DUE = "due"
    "now: the next pass tells it, as soon as the target takes it"
    COMING = "coming"


class Hush(StrEnum):
    """What keeps a card silent, or one deadline from being one."""

    ARCHIVED = "archived"
    MUTED = "muted"
    SNOOZED = "snoozed"
    QUIET_HOURS = "quiet_hours"
    CHARGE_COVERED = "charge_covered"
    LOW_BY_ESTIMATE = "low_by_estimate"
    "what was counted off brings it under the threshold; only a reading makes an episode"
    NOTHING_TO_LOSE = "nothing_to_lose"
    ALL_TOLD = "all_told"


@dataclass(frozen=True, slots=True)
class LeadStory:
    lead: Lead
    at: datetime
    "when it is or was to be told, UTC"
    fate: Fate
    by: Mark | None = None
    "told, covered: the mark that says so"


@dataclass(frozen=True, slots=True)
class Story:
    deadline: Deadline
    leads: tuple[LeadStory, ...]
    "in time order; of an endless row up to the next that comes"


@dataclass(frozen=True, slots=True)
class Explanation:
    card: Card
    "as it stands now"
    state: State
    hushes: tuple[tuple[Hush, datetime | None], ...]
    "what keeps it silent, each with its end where it has one"
    stories: tuple[Story, ...]
    coming: Reminder | None


def explain(
    card: Card, policy: Policy, marks: Iterable[Mark], now: datetime, route: Route | None = None
) -> Explanation:
    """The whole story of a card at `now`, on one target; None: on one that takes all."""
    known = believed(marks, now)
    told = known if route is None else told_on(route, card, known)
    coming = next_reminder_on(route, card, policy, known, now)
    snooze_end = snoozed_until(card, policy, told, now)
    card = as_of(card, now)
    there = _There(card, policy, route, told, [m for m in known if is_of_desktop(m)], now)
    stories = tuple(
        Story(deadline, tuple(_lead_stories(there, deadline, snooze_end)))
        for deadline in deadlines_of(card, now)
    )
    hushes = tuple(_hushes(card, policy, snooze_end, stories, now))
    return Explanation(card, state_of(card, policy, now), hushes, stories, coming)


def fates_in(stories: Iterable[Story]) -> set[Fate]:
    return {lead.fate for story in stories for lead in story.leads}


@dataclass(frozen=True, slots=True)
class _There:
    """The card as it is told of on one target."""

    card: Card
    policy: Policy
    route: Route | None
    told: list[Mark]
    "what counts as told there"
    first: list[Mark]
    "what was told on the desktop"
    now: datetime

    def told_at(self, deadline: Deadline, lead: Lead, raw_at: datetime) -> datetime | None:
        """When the lead that falls at `raw_at` is told; None where an answer keeps it silent."""
        card, policy = self.card, self.policy
        if is_acknowledged(card, deadline, lead, raw_at, policy, self.now):
            return None
        at = out_of_quiet(raw_at, deadline, policy)
        return waited_until(card, deadline, policy, self.route, self.first, lead, at)

    def wants(self, deadline: Deadline, lead: Lead, at: datetime) -> bool:
        if self.route is None:
            return True
        return self.route.wants(reminder_of(self.card, deadline, lead, at, self.policy, self.now))


def _lead_stories(
    there: _There, deadline: Deadline, snooze_end: datetime | None
) -> Iterator[LeadStory]:
    card, policy, now = there.card, there.policy, there.now
    rows = list(_until_the_next(there, deadline))
    if deadline.kind in LOSING:
        shown = {lead for lead, *_ in rows}
        for days in leads_before(card, deadline, policy):
            if Lead(-days) not in shown:
                yield LeadStory(Lead(-days), time_before(deadline, days, policy), Fate.DROPPED)
    ahead = [(lead, told_at) for lead, _, told_at in rows if told_at is not None]
    for lead, raw_at, told_at in rows:
        at = told_at or out_of_quiet(raw_at, deadline, policy)
        by = covering(deadline, lead, at, there.told)
        if by is not None:
            fate = Fate.TOLD if is_own(by, deadline, lead) else Fate.COVERED
            yield LeadStory(lead, at, fate, by)
        elif told_at is None:
            yield LeadStory(lead, at, Fate.ACKNOWLEDGED)
        elif not there.wants(deadline, lead, at):
            yield LeadStory(lead, at, Fate.UNWANTED)
        elif any(later > lead and told_at <= max(at, now) for later, told_at in ahead):
            yield LeadStory(lead, at, Fate.SUPERSEDED)
        elif at > now:
            yield LeadStory(lead, at, _will_come(card, at, snooze_end, now))
        else:
            yield LeadStory(lead, at, _waits_for(card, deadline, policy, snooze_end, now))


def _until_the_next(
    there: _There, deadline: Deadline
) -> Iterator[tuple[Lead, datetime, datetime | None]]:
    """All leads, when each falls and is told; of a low balance, whose row is endless, up to the
    next that will be."""
    for lead, raw_at in lead_times(there.card, deadline, there.policy):
        told_at = there.told_at(deadline, lead, raw_at)
        yield lead, raw_at, told_at
        is_endless = deadline.kind is DeadlineKind.BALANCE
        if is_endless and told_at is not None and told_at > there.now:
            return


def _will_come(card: Card, at: datetime, snooze_end: datetime | None, now: datetime) -> Fate:
    """What is to become of a lead ahead, as things stand."""
    if card.archived:
        return Fate.ARCHIVED
    unmuted_at = unmutes_at(card)
    if is_muted(card, now) and (unmuted_at is None or at < unmuted_at):
        return Fate.MUTED
    return Fate.SNOOZED if snooze_end is not None and at < snooze_end else Fate.COMING


def _waits_for(
    card: Card, deadline: Deadline, policy: Policy, snooze_end: datetime | None, now: datetime
) -> Fate:
    """Why a lead whose time has come was not told."""
    if card.archived:
        return Fate.ARCHIVED
    if is_muted(card, now):
        return Fate.MUTED
    if snooze_end is not None:
        return Fate.SNOOZED
    return Fate.QUIET if is_held(deadline, policy, now) else Fate.DUE


def _hushes(
    card: Card,
    policy: Policy,
    snooze_end: datetime | None,
    stories: tuple[Story, ...],
    now: datetime,
) -> Iterator[tuple[Hush, datetime | None]]:
    if card.archived:
        yield Hush.ARCHIVED, None
    if is_muted(card, now):
        yield Hush.MUTED, unmutes_at(card)
    if snooze_end is not None:
        yield Hush.SNOOZED, snooze_end
    fates = fates_in(stories)
    quiet = policy.quiet_around(now)
    if quiet is not None and Fate.QUIET in fates:
        yield Hush.QUIET_HOURS, quiet[1]
    kinds = {story.deadline.kind for story in stories}
    is_covered = card.plan.auto_renew and DeadlineKind.CHARGE not in kinds
    if is_covered and rolls_at(card) is not None:
        yield Hush.CHARGE_COVERED, turns_stale_at(card)
    elif not stories and to_check_at(card) is None:
        yield Hush.NOTHING_TO_LOSE, None
    if card.balance.is_low and DeadlineKind.BALANCE not in kinds:
        yield Hush.LOW_BY_ESTIMATE, None
    if stories and not fates & _STILL_TO_TELL:
        yield Hush.ALL_TOLD, None


_STILL_TO_TELL = {Fate.DUE, Fate.QUIET, Fate.COMING, Fate.SNOOZED, Fate.MUTED, Fate.ARCHIVED}
