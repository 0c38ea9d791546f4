"""The cards of a file, from its rows to what is laid by: new ones, and corrections of known ones.

Not here: the command and its words (exchange.py of this room), reading the file (exchange).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache, partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from kzreminder.cli.base import App
from kzreminder.cli.register import nameless
from kzreminder.core.correcting import Told
from kzreminder.core.silence import ending_snooze
from kzreminder.core.told_by_file import balance_told, correct_told, register_told
from kzreminder.errors import N_, BadValue
from kzreminder.operators.numbers import PREFIX_SIGNS, spaced

if TYPE_CHECKING:
    from kzreminder.core.card import Card
    from kzreminder.exchange.batch import Batch, Row
    from kzreminder.storage.incoming import Incoming

TOGETHER = 500
"Rows of which the registered cards are looked up at once."
MOST_NAMES = 100


class Registrar:
    """Makes the cards of a file as `add` would: what most have in common is made once."""

    def __init__(self, app: App) -> None:
        self._policy, self._now = app.settings.policy, app.now
        self._guess = cache(app.parts.operators.guess_by_prefix)

    def own(self, own: Told, told: Told) -> Told:
        number = own.get("number")
        if "label" not in own:
            if number is None:
                raise nameless()
            own = {**own, "label": spaced(number)}
        if number is None or "operator" in told:
            return own
        operator = self._guess(number[:PREFIX_SIGNS])
        return own if operator is None else {**own, "operator": operator, "operator_guessed": True}

    def card(self, told: Told) -> Card:
        return register_told({**told, "label": ""}, self._policy, self._now)

    def with_balance(
        self, card: Card, balance: Decimal | None, at: datetime | None, *, estimated: bool
    ) -> Card:
        return balance_told(card, balance, at, self._policy, self._now, estimated=estimated)


class Taking:
    """Takes the rows of a file in, each as a new card or as news of a registered one."""

    def __init__(self, app: App, batch: Batch, coming: Incoming, *, update: bool) -> None:
        self._policy, self._now = app.settings.policy, app.now
        self._batch = batch
        self._coming = coming
        self._update = update
        self.doubts = Doubts(app.today)
        self.unchanged = 0

    def take(self, rows: Iterable[Row]) -> None:
        if not self._update:
            for row in rows:
                self._add(row)
            return
        rows = iter(rows)
        while together := list(islice(rows, TOGETHER)):
            self._take_known(together)

    def _add(self, row: Row) -> None:
        if row.alike is None:
            self._coming.name(row.place, row.own.get("label"), row.own.get("number"))
        else:
            self._coming.lay_by(row.place, row.alike, row.own)
            self.doubts.look_at(row.alike, row.own)
            self.doubts.hear(row.common)

    def _take_known(self, rows: list[Row]) -> None:
        labels, numbers = self._coming.registered(
            [row.mine["label"] for row in rows if row.mine.get("label")],
            [row.mine["number"] for row in rows if row.mine.get("number")],
        )
        for row in rows:
            number = row.mine.get("number")
            known = numbers.get(number) if number else labels.get(row.mine.get("label") or "")
            if known is None:
                self._add(row)
            else:
                self._correct(row, known)

    def _correct(self, row: Row, known: Card) -> None:
        told = {**row.common, **row.mine}
        if not told.get("number"):
            told.pop("label", None)  # by it the card was found, be it in another case
        label, number = told.get("label", known.label), told.get("number", known.number)
        self._coming.name(row.place, label, number, known.id)
        if row.alike is None:
            return
        move = partial(correct_told, told=told, policy=self._policy, now=self._now)
        try:
            changed = ending_snooze(move, self._policy, self._now)(known)
        except BadValue as error:
            self._batch.refuses(row.place, "", error)
            return
        if changed is known:
            self.unchanged += 1
        else:
            self._coming.correct(known, changed)
            self.doubts.hear(row.common)


class Doubts:
    """What `add` says of each card is said of them together."""

    def __init__(self, today: date) -> None:
        self._today = today
        self._guessed = self._ended = self._ahead = 0
        self.targets: dict[str, None] = {}
        self.watchers: dict[str, None] = {}
        "The first names in the file; more than so many nobody has."

    def hear(self, told: Told) -> None:
        if (targets := told.get("targets")) and len(self.targets) < MOST_NAMES:
            self.targets |= dict.fromkeys(targets)
        if (watcher := told.get("watcher")) and len(self.watchers) < MOST_NAMES:
            self.watchers[watcher] = None

    def look_at(self, card: Card, own: Mapping[str, Any]) -> None:
        self._guessed += own.get("operator_guessed", False)
        ends_on = card.plan.last_good_on
        self._ended += ends_on is not None and ends_on < self._today
        for day in (card.keep_alive.last_used_on, card.device_entered_on):
            if day is not None and day > self._today:
                self._ahead += 1
                break

    def sentences(self) -> Iterator[tuple[str, int]]:
        yield (
            N_("Operators guessed from the number: {count}. See: kzreminder list"),
            self._guessed,
        )
        yield N_("Note: plans that have ended already: {count}."), self._ended
        ahead = N_("Note: days of last use or of entry that are still ahead: {count}.")
        yield ahead, self._ahead
