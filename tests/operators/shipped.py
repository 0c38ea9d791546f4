"""The shipped operator data and guides, as the tests of this room use them. No tests here."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from kzreminder.core.card import Card, Kind, Plan
from kzreminder.operators.book import book_path, read_book, read_clerk
from kzreminder.operators.catalogue import load

CONFIG = Path(__file__).resolve().parents[2] / "config"
OPERATORS = CONFIG / "operators"
GUIDES = CONFIG / "guides"

CATALOGUE = load(OPERATORS, None)
BOOKS = {language: read_book(book_path(GUIDES, language)) for language in ("en", "zh")}
CLERK = read_clerk(GUIDES / "clerk.toml")

NUMBER = "+77011234567"
SPACED = "+7 701 123 45 67"
MASKED = "+7 701 ••• •• 67"


def a_card(
    number: str | None = NUMBER,
    price: str | None = "4990",
    kind: Kind = Kind.SIM,
    guessed: bool = False,
) -> Card:
    return Card(
        label="Mum",
        registered_at=datetime(2026, 11, 21, tzinfo=UTC),
        id=1,
        number=number,
        kind=kind,
        operator_guessed=guessed,
        plan=Plan(price=Decimal(price) if price else None),
    )
