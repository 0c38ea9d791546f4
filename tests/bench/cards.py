"""Parts of the bench of scale that work with the cards: each a process, told what to do.

python -m tests.bench.cards due 1000     the figures as JSON

Not here: which parts there are, and what they are compared with (scale).
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from statistics import median

from sqlalchemy import bindparam, select, update

from kzreminder import clock
from kzreminder.assembly import Parts, load_settings
from kzreminder.channels.message import Accepted, Life, Message, Outcome, Server
from kzreminder.core.correcting import correct, register
from kzreminder.core.zone import almaty_day, end_of_day
from kzreminder.reminding.passing import run_pass
from kzreminder.settings.reading import Given
from kzreminder.storage.engine import connect, writing
from kzreminder.storage.tables import cards

EMPTY_PASSES = 21
FAR = timedelta(days=30)
"Beyond the longest lead: nothing of such a card was told."
MEANWHILE = "Meanwhile"
Figures = dict[str, float]
elapsed: Callable[[], float] = getattr(time, os.environ.get("BENCH_CLOCK", "perf_counter"))


class Counting:
    """A desktop that only counts."""

    target = "desktop:bench"
    name = "counting"

    def __init__(self) -> None:
        self.shown = 0
        self.see: Callable[[Message], None] = lambda message: None

    def describe(self) -> Server:
        return Server("bench", "kzreminder", "1")

    def send(self, message: Message) -> Outcome:
        self.shown += 1
        self.see(message)
        return Accepted(self.shown, "bench :1")

    def attend(self) -> Life:
        return Life("bench", ":1")

    def take_away(self, message_id: int, server: str) -> None:
        """Nothing stands there."""

    def close(self) -> None:
        """Nothing is held."""


class House:
    def __init__(self, *longer_leads: int) -> None:
        settings = load_settings(Given(), os.environ)
        policy = replace(settings.policy, leads=(*longer_leads, *settings.policy.leads))
        self.url, self.policy = settings.database_url, policy
        self.channel = Counting()
        self.parts = Parts(replace(settings, policy=policy))
        self.desk = self.parts.desk(self.channel)

    def make_pass(self) -> tuple[float, bool]:
        """How long it took, and whether the next one is to follow at once."""
        now, begun = clock.now(), elapsed()
        report = run_pass(self.desk, now)
        return elapsed() - begun, report.next_wake_at == now

    def make_passes(self) -> int:
        count, goes_on = 0, True
        while goes_on:
            _, goes_on = self.make_pass()
            count += 1
        return count

    def fall_due(self, count: int, ends_in: timedelta) -> None:
        """So many cards, spread over all of them, have something to tell that was not told."""
        now = clock.now()
        ends_on = almaty_day(now) + ends_in
        engine = connect(self.url)
        far = select(cards.c.id).where(cards.c.urgent_at > now + FAR).order_by(cards.c.id)
        with writing(engine) as connection:
            ids = connection.scalars(far).all()
            chosen = ids[:: max(len(ids) // count, 1)][:count]
            falls_due = (
                update(cards)
                .where(cards.c.id == bindparam("card"))
                .values(
                    auto_renew=False,
                    started_on=None,
                    last_good_on=ends_on,
                    wake_at=now,
                    urgent_at=end_of_day(ends_on),
                )
            )
            connection.execute(falls_due, [{"card": card_id} for card_id in chosen])
        engine.dispose()


def first() -> Figures:
    """Cards that were imported are planned in steps."""
    begun = elapsed()
    passes = House().make_passes()
    return {"seconds": elapsed() - begun, "passes": passes}


def due(count: int) -> Figures:
    house = House()
    house.make_passes()
    if not count:
        return {"seconds": median(house.make_pass()[0] for _ in range(EMPTY_PASSES))}
    house.fall_due(count, timedelta(days=1))
    seconds, _ = house.make_pass()
    assert house.channel.shown == house.policy.max_toasts + 1, house.channel.shown
    return {"seconds": seconds}


def overdue(count: int) -> Figures:
    house = House()
    house.make_passes()
    house.fall_due(count, timedelta(days=-3))
    house.make_pass()
    return {}


def changed(count: int) -> Figures:
    """As `edit --numbers FILE` does with so many lines."""
    house, now = House(), clock.now()
    move = partial(correct, told={"note": "looked through"}, policy=house.policy, now=now)
    begun = elapsed()
    house.parts.store.change_all(range(1, count + 1), "edited", move, now)
    return {"seconds": elapsed() - begun}


def policy() -> Figures:
    """It changes so that a hundredth of the cards is due; one falls due in the middle of it."""
    House().make_passes()
    house = House(63)
    late: list[float] = []
    fell_due = 0.0

    def see(message: Message) -> None:
        if MEANWHILE in message.title:
            late.append(elapsed() - fell_due)

    house.channel.see = see
    begun, goes_on = elapsed(), True
    while goes_on:
        _, goes_on = house.make_pass()
        if not fell_due:
            ends_on = almaty_day(clock.now()) + timedelta(days=1)
            card = register({"label": MEANWHILE, "expires": ends_on}, house.policy, clock.now())
            fell_due = elapsed()
            house.parts.store.add(card, clock.now())
    return {
        "policy changed": elapsed() - begun,
        "due meanwhile, late": late[0],
        "messages of that": house.channel.shown,
    }


if __name__ == "__main__":
    part: Callable[..., Figures] = globals()[sys.argv[1]]
    print(json.dumps(part(*map(int, sys.argv[2:]))))
