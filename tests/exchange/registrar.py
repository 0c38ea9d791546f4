"""Makes the cards of a file as `import` does, of what the tests call their policy and their time.

Not here: reading files.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from kzreminder.core.card import Card
from kzreminder.core.correcting import Told
from kzreminder.core.told_by_file import balance_told, register_told
from kzreminder.errors import BadValue
from kzreminder.exchange.batch import Row
from tests.storage.samples import NOW, POLICY


class Registrar:
    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def own(self, own: Told, told: Told) -> Told:
        if not {"label", "number"} & set(own):
            raise BadValue("a card needs a number or a label")
        return {"label": own.get("number"), **own}

    def card(self, told: Told) -> Card:
        return register_told({**told, "label": ""}, POLICY, self.now)

    def with_balance(
        self, card: Card, balance: Decimal | None, at: datetime | None, *, estimated: bool
    ) -> Card:
        return balance_told(card, balance, at, POLICY, self.now, estimated=estimated)


def whole(rows: Iterable[Row]) -> list[Card]:
    """Each card with its own."""
    return [replace(row.alike, **row.own) for row in rows if row.alike is not None]
