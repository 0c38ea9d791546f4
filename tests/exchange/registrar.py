"""Makes the cards of a file as `import` does, of what the tests call their policy and their time.

Not here: reading files.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from kzreminder.core.card import Card
from kzreminder.core.correcting import Told, register
from kzreminder.core.moves import read_balance
from kzreminder.errors import BadValue
from kzreminder.exchange.csv_cards import Row
from tests.storage.samples import NOW, POLICY


class Registrar:
    def own(self, own: Told, told: Told) -> Told:
        if not {"label", "number"} & set(own):
            raise BadValue("a card needs a number or a label")
        return {"label": own.get("number"), **own}

    def card(self, told: Told) -> Card:
        return register({**told, "label": ""}, POLICY, NOW)

    def with_balance(self, card: Card, balance: Decimal) -> Card:
        return read_balance(card, balance, NOW, POLICY)


def whole(rows: Iterable[Row]) -> list[Card]:
    """Each card with its own."""
    return [replace(row.alike, **row.own) for row in rows if row.alike is not None]
