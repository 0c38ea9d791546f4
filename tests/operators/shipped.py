"""The shipped operator data and guides, as the tests of this room use them. No tests here."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from kzreminder.core.card import Card, Kind, Plan
from kzreminder.core.deadlines import Deadline
from kzreminder.core.languages import LANGUAGES
from kzreminder.core.standing import Stage, Standing
from kzreminder.operators.best import Wishes
from kzreminder.operators.book_file import book_path, read_book, read_clerk
from kzreminder.operators.case import Case
from kzreminder.operators.catalogue import load

CONFIG = Path(__file__).resolve().parents[2] / "config"
OPERATORS = CONFIG / "operators"
GUIDES = CONFIG / "guides"

CATALOGUE = load(OPERATORS, None)
BOOKS = {language: read_book(book_path(GUIDES, language)) for language in LANGUAGES}
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


def a_case(
    number: str | None = NUMBER,
    price: str | None = "4990",
    kind: Kind = Kind.SIM,
    guessed: bool = False,
    stage: Stage = Stage.BEFORE,
    deadline: Deadline | None = None,
    wishes: Wishes | None = None,
    now: datetime | None = None,
) -> Case:
    """What a guide is made for; the price is what is to be paid."""
    card = a_card(number, price, kind, guessed)
    return Case(card, Standing(stage, deadline), card.plan.price, wishes or Wishes(), now)
