"""Targets that come and go, answers, a locked screen and restarts, in any order."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kzreminder.channels.message import Refused, TargetAway
from kzreminder.core.card import Card
from kzreminder.core.deadlines import DeadlineKind
from kzreminder.core.reminder import Severity
from kzreminder.core.silence import acknowledge, mute, snooze, unmute
from kzreminder.reminding.desk import PassReport
from tests.passes import House, a_target
from tests.storage.samples import NOW, ending

HOUR = timedelta(hours=1)
FAULTS = st.sampled_from(
    [
        *(None, None, None),
        TargetAway("no network"),
        Refused("busy", permanent=False),
        Refused("too long", permanent=True),
    ]
)
WAITS = st.sampled_from([None, timedelta(minutes=15), 6 * HOUR, 30 * HOUR])
CARDS = st.integers(1, 3)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.integers(0, 100) | st.integers(0, 10_000)),
        st.tuples(st.sampled_from(["desktop", "a", "b"]), FAULTS),
        st.tuples(st.sampled_from(["acknowledged", "snoozed", "muted", "unmuted"]), CARDS),
        st.tuples(st.just("screen"), st.booleans()),
        st.tuples(st.just("add"), st.integers(0, 9)),
        st.tuples(st.just("policy"), st.integers(1, 6)),
        st.tuples(st.just("restart"), st.none()),
    ),
    min_size=5,
    max_size=40,
)


class Walk:
    def __init__(self, house: House) -> None:
        self.house = house
        self.now = NOW
        self.told: Counter[tuple[object, ...]] = Counter()
        self.added = 0

    def step(self, what: str, value: object) -> None:
        house = self.house
        if what == "wait":
            assert isinstance(value, int)
            self.now += timedelta(minutes=value)
        elif what == "restart":
            house.restart()
        elif what == "screen":
            house.somebody_is_there = bool(value)
        elif what == "policy":
            assert isinstance(value, int)
            house.change_policy(replace(house.policy, max_toasts=value))
        elif what == "add":
            assert isinstance(value, int)
            self.added += 1
            house.add(ending(f"New {self.added}", in_days=value, at=self.now))
        elif what in ("desktop", "a", "b"):
            target = house.screen if what == "desktop" else house.phones[what]
            assert value is None or isinstance(value, (TargetAway, Refused))
            target.fault = value
        else:
            assert isinstance(value, int)
            house.store.change(value, what, partial(_answered, how=what, now=self.now), self.now)

    def tell(self) -> None:
        """Once; and again, which must find nothing to do."""
        house, now = self.house, self.now
        self._count(house.tell(now))
        while house.store.replanning.under_way_for():  # as long as that takes
            self._count(house.tell(now))
        assert set(self.told.values()) <= {1}
        before = self._state()
        again = house.tell(now)
        assert (again.delivered, again.failed) == ([], [])
        assert self._state() == before
        assert again.next_wake_at is None or again.next_wake_at > now

    def _count(self, report: PassReport) -> None:
        for one in report.delivered:
            reminder = one.reminder
            what = reminder.deadline.kind, reminder.marked_at, reminder.lead
            self.told[one.target, reminder.card.id, *what] += 1

    def _state(self) -> tuple[object, ...]:
        asked = [self.house.screen.asked, *(phone.asked for phone in self.house.phones.values())]
        return self.house.rows("select id, wake_at, awaits, attempts from cards"), asked


def _answered(card: Card, how: str, now: datetime) -> Card:
    if how == "acknowledged":
        return acknowledge(card, now)
    if how == "snoozed":
        return snooze(card, now + 24 * HOUR, now)
    return mute(card, None) if how == "muted" else unmute(card)


@pytest.mark.long
@pytest.mark.timeout(300)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    walk=steps,
    after=st.tuples(WAITS, WAITS),
    severity=st.sampled_from(Severity),
    digest=st.booleans(),
)
def test_each_is_told_once_a_target_no_pass_goes_in_circles_and_in_the_end_nothing_waits(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    walk: list[tuple[str, object]],
    after: tuple[timedelta | None, timedelta | None],
    severity: Severity,
    digest: bool,
) -> None:
    folder: Path = tmp_path_factory.mktemp("walk")
    monkeypatch.setenv("XDG_STATE_HOME", str(folder / "state"))
    house = House(folder)
    kinds = (DeadlineKind.PLAN, DeadlineKind.BALANCE)
    house.tells(
        a_target("a", after=after[0]),
        a_target("b", after=after[1], severity=severity, digest=digest, deadlines=kinds),
    )
    house.add(
        ending("Mum", in_days=8),
        ending("Dad", in_days=2),
        ending("Low", in_days=20, balance=Decimal(5), threshold=Decimal(100)),
    )
    going = Walk(house)
    going.tell()
    for what, value in walk:
        going.step(what, value)
        going.tell()
    for what, well in (("desktop", None), ("a", None), ("b", None), ("screen", True)):
        going.step(what, well)
    for card in (1, 2, 3):
        going.step("unmuted", card)
    for _ in range(3):
        going.step("wait", 13 * 60)
        going.tell()
    waiting = "awaits is not null or attempts > 0 or claim_token is not null"
    assert house.rows(f"select label from cards where {waiting}") == []
    assert house.store.delivery.undelivered(going.now, is_away=False) == 0
    house.store.close()
