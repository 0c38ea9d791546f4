"""Nothing that matters is left out where little is looked at."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from kzreminder.core.deadlines import DeadlineKind
from kzreminder.core.leads import Lead
from kzreminder.core.narrowing import longest_lead, matters_since, narrowed
from kzreminder.core.planning import State, plan, state_of, urgent_at
from kzreminder.core.policy import Policy
from kzreminder.core.reminder import Mark
from kzreminder.core.silence import snooze
from kzreminder.core.zone import almaty, almaty_day
from tests.core.cards import POLICY, a_card
from tests.storage.samples import NOW

LEADS = st.sampled_from([(14, 7, 0), (365, 0), (30,), (0,)])


@given(LEADS, LEADS, st.none() | LEADS, st.integers(0, 400), st.integers(0, 24 * 400))
def test_what_is_ending_ends_soon_enough(
    leads: tuple[int, ...],
    leads_of_plans: tuple[int, ...],
    own: tuple[int, ...] | None,
    in_days: int,
    hours: int,
) -> None:
    policy = Policy(zone=almaty(), leads=leads, leads_of={DeadlineKind.PLAN.value: leads_of_plans})
    now = NOW + timedelta(hours=hours)
    card = a_card(ends_on=str(almaty_day(now) + timedelta(days=in_days)), leads=own)
    found = narrowed([State.ENDING], policy, now)
    ends_at = urgent_at(card, now)
    assert ends_at is not None
    if state_of(card, policy, now) is State.ENDING:
        assert now <= ends_at <= (found.ends_by if own is None else found.ends_by_own)
    assert found.ends_by <= now + timedelta(days=max(leads[0], leads_of_plans[0]) + 4)


@given(LEADS, st.integers(-900, 400), st.integers(-900, 0), st.lists(st.integers(0, 2500)))
def test_what_was_told_before_what_matters_silences_nothing(
    leads: tuple[int, ...], in_days: int, snoozed_days: int, told_days_ago: list[int]
) -> None:
    ends_on = almaty_day(NOW) + timedelta(days=in_days)
    card = a_card(
        ends_on=str(ends_on),
        leads=leads,
        threshold=500,
        balance=100,
        read_at="2025-01-01 12:00",
        low_since="2025-01-01 12:00",
    )
    snoozed_at = NOW + timedelta(days=snoozed_days)
    card = snooze(card, snoozed_at + timedelta(days=2), snoozed_at)
    since = matters_since(card, NOW, longest_lead(POLICY))
    marks = [
        Mark(kind, NOW - timedelta(days=ago - 30), Lead(days), NOW - timedelta(days=ago), "")
        for ago in told_days_ago
        for kind, days in product(DeadlineKind, (-7, 0, 7))
    ]
    kept = [mark for mark in marks if mark.told_at >= since or mark.deadline_at >= since]
    assert plan(card, POLICY, kept, NOW) == plan(card, POLICY, marks, NOW)


def test_how_far_is_looked() -> None:
    policy = Policy(zone=almaty(), leads=(14, 0), leads_of={DeadlineKind.CHARGE.value: (30, 0)})
    assert longest_lead(policy) == 30
    found = narrowed([State.ENDING, State.LOW], policy, NOW)
    assert found.states == (State.ENDING, State.LOW)
    assert found.ends_by == NOW + timedelta(days=33)
    card = a_card(ends_on=str(almaty_day(NOW)), leads=(90, 0))
    for one in (card, snooze(card, NOW, NOW), a_card()):
        days_back = 93 if one.leads else 33
        assert abs(NOW - matters_since(one, NOW, 30) - timedelta(days=days_back)).days <= 1
