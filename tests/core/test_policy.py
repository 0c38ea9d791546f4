"""The defaults of the reminders, and the nonsense that is refused."""

from __future__ import annotations

from datetime import time, timedelta
from decimal import Decimal

import pytest

from kzreminder.core.policy import Policy
from kzreminder.errors import BadValue


def test_the_defaults_are_those_that_the_readme_promises() -> None:
    policy = Policy()
    assert policy.hour == time(10)
    assert policy.charge_hour == time(18)
    assert policy.leads == (14, 7, 3, 1, 0)
    assert policy.charge_leads_from == 3
    assert policy.repeats == (1, 2, 3, 4, 5, 6, 7, 14, 21, 28, 35, 42, 49, 56, 60)
    assert policy.safe_margin == timedelta(hours=4)
    assert (policy.low_every, policy.low_every_until, policy.low_every_later) == (3, 60, 30)
    assert policy.hysteresis == Decimal("0.1")
    assert policy.max_toasts == 3


@pytest.mark.parametrize("leads", [(0,), (365,), (365, 0), (30, 14, 7, 3, 1)])
def test_leads_from_a_year_ahead_to_the_last_day_are_taken(leads: tuple[int, ...]) -> None:
    assert Policy(leads=leads).leads == leads


@pytest.mark.parametrize(
    "leads",
    [(), (3, 7), (0, 14), (7, 7), (14, 7, 7, 0), (-1,), (7, -1), (366,), (366, 0)],
    ids=str,
)
def test_leads_that_make_no_sense_are_refused(leads: tuple[int, ...]) -> None:
    with pytest.raises(BadValue, match="leads must"):
        Policy(leads=leads)


@pytest.mark.parametrize("cap", [1, 3, 20])
def test_a_pass_may_show_one_to_twenty_cards_by_themselves(cap: int) -> None:
    assert Policy(max_toasts=cap).max_toasts == cap


@pytest.mark.parametrize("cap", [-1, 0, 21])
def test_a_cap_that_shows_nothing_or_floods_is_refused(cap: int) -> None:
    with pytest.raises(BadValue, match="max_toasts must"):
        Policy(max_toasts=cap)


@pytest.mark.parametrize("repeats", [(1,), (3650,), (1, 7, 60)])
def test_repeats_from_the_next_day_to_ten_years_are_taken(repeats: tuple[int, ...]) -> None:
    assert Policy(repeats=repeats, repeats_of={"idle": repeats}).repeats == repeats


@pytest.mark.parametrize("repeats", [(), (0,), (7, 1), (1, 1), (-1, 1), (3651,)], ids=str)
def test_repeats_that_make_no_sense_are_refused(repeats: tuple[int, ...]) -> None:
    with pytest.raises(BadValue, match="repeats must"):
        Policy(repeats=repeats)
    with pytest.raises(BadValue, match="repeats must"):
        Policy(repeats_of={"plan": repeats})
    with pytest.raises(BadValue, match="leads must"):
        Policy(leads_of={"plan": ()})


@pytest.mark.parametrize(("every", "later"), [(0, 30), (31, 30), (3, 366), (-1, 1)])
def test_a_cadence_that_never_comes_or_hurries_later_is_refused(every: int, later: int) -> None:
    with pytest.raises(BadValue, match="a low balance"):
        Policy(low_every=every, low_every_later=later)


@pytest.mark.parametrize(("every", "later"), [(1, 1), (30, 30), (365, 365)])
def test_a_cadence_of_a_day_to_a_year_is_taken(every: int, later: int) -> None:
    assert Policy(low_every=every, low_every_later=later).low_every == every


@pytest.mark.parametrize("share", ["-0.01", "1.01"])
def test_a_hysteresis_beyond_all_or_nothing_is_refused(share: str) -> None:
    with pytest.raises(BadValue, match="hysteresis"):
        Policy(hysteresis=Decimal(share))
    assert Policy(hysteresis=Decimal(1)).hysteresis == Policy(hysteresis=Decimal("1.00")).hysteresis
    assert Policy(hysteresis=Decimal(0)).hysteresis == 0
