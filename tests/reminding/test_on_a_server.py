"""Passes over a database on a server: they plan all anew, tell and wait as over a file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from kzreminder.channels.message import TargetAway
from kzreminder.core.card import Card
from kzreminder.reminding import passing
from kzreminder.reminding.desk import PassReport
from kzreminder.settings.declared import Desktop
from kzreminder.storage import replanning
from tests.passes import House, a_target
from tests.postgres import ON_POSTGRES, Timed
from tests.reminding.test_planning_anew import (
    changed,
    test_a_pass_after_which_none_may_come_plans_all,
    test_what_falls_due_meanwhile_is_told_at_once,
)
from tests.storage.samples import NOW, ending

__all__ = [
    "changed",
    "test_a_pass_after_which_none_may_come_plans_all",
    "test_what_falls_due_meanwhile_is_told_at_once",
]
pytestmark = ON_POSTGRES
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _one_step_a_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    for room in (replanning, passing):
        monkeypatch.setattr(room, "STEP", 3)
    monkeypatch.setattr(passing, "REPLAN_SECONDS", -1.0)


class Shared(House):
    """Its database is on a server, whose clock goes by ours."""

    def __init__(self, folder: Path, timed: Timed) -> None:
        self._timed = timed
        self.url = timed.emptied(NOW)
        super().__init__(folder)

    def add(self, *cards: Card) -> list[Card]:
        self._timed.tell_time(max(card.registered_at for card in cards))
        return super().add(*cards)

    def tell(self, now: datetime, *, patient: bool = True) -> PassReport:
        self._timed.tell_time(now)
        return super().tell(now, patient=patient)


@pytest.fixture
def house(tmp_path: Path, timed: Timed, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    made = Shared(tmp_path, timed)
    yield made
    made.store.close()


def test_what_waits_for_a_desktop_that_is_switched_off_is_told_elsewhere(house: House) -> None:
    house.add(ending("Mum", in_days=1))
    house.screen.fault = TargetAway("no bus")
    dad, mum = a_target("dad"), a_target("mum")
    house.tells(dad)
    house.tell(NOW)
    house.tells(dad, mum, desktop=Desktop.OFF)
    told = house.tell(NOW + MINUTE, patient=False).delivered
    assert [one.target for one in told] == ["push:mum"]
