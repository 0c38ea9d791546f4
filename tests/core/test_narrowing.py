"""No card that is in a state lies outside of what is said of the dates of that state."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from kzreminder.core.deadlines import DeadlineKind
from kzreminder.core.narrowing import narrowed
from kzreminder.core.planning import State, state_of, urgent_at
from kzreminder.core.policy import Policy
from kzreminder.core.zone import almaty, almaty_day
from tests.core.cards import a_card
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
    assert found.ends_by <= now + timedelta(days=max(leads[0], leads_of_plans[0]) + 3)
