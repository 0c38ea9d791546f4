"""Every card is planned again in steps: nothing waits for that, and it does not end in a flood."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from kzreminder.reminding import passing
from kzreminder.storage import replanning
from tests.passes import House, house
from tests.storage.samples import NOW, POLICY, a_card, ending

__all__ = ["house"]

SECOND = timedelta(seconds=1)
SOONER = replace(POLICY, leads=(60, *POLICY.leads))


def _in_steps_of(cards: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (replanning, passing):
        monkeypatch.setattr(module, "STEP", cards)


@pytest.fixture(autouse=True)
def _one_step_a_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    _in_steps_of(3, monkeypatch)
    monkeypatch.setattr(passing, "REPLAN_SECONDS", -1.0)


@pytest.fixture
def changed(house: House) -> House:
    """Its policy has changed so that ten cards are due which were not."""
    house.add(*(ending(f"Card {nth}", in_days=40) for nth in range(10)), a_card("Bare"))
    at = NOW
    while house.tell(at).next_wake_at == at:
        at += SECOND
    assert house.screen.shown == []
    house.change_policy(SOONER)
    return house


def test_what_is_found_comes_in_one_digest_at_the_end(changed: House) -> None:
    at, passes = NOW + timedelta(minutes=1), 1
    while (report := changed.tell(at)).next_wake_at == at:
        assert report.delivered == []
        at, passes = at + SECOND, passes + 1
    assert passes == 1 + 11 // 3
    assert len(report.delivered) == 10
    assert len(changed.screen.shown) == POLICY.max_toasts + 1


def test_what_falls_due_meanwhile_is_told_at_once(changed: House) -> None:
    at = NOW + timedelta(minutes=1)
    assert changed.tell(at).delivered == []
    changed.add(ending("Soon", in_days=1))
    told = changed.tell(at + SECOND).delivered
    assert [one.reminder.card.label for one in told] == ["Soon"]


def test_a_pass_after_which_none_may_come_plans_all(changed: House) -> None:
    report = changed.tell(NOW + timedelta(minutes=1), patient=False)
    assert len(report.delivered) == 10


def test_a_planning_that_takes_hours_tells_once_in_a_quarter_of_an_hour(
    changed: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    _in_steps_of(1, monkeypatch)
    at = NOW + timedelta(minutes=1)
    told = []
    while (report := changed.tell(at)).next_wake_at == at:
        if report.delivered:
            told.append(at)
        at += timedelta(minutes=5)
    assert told == [NOW + timedelta(minutes=minutes) for minutes in (31, 46)]
