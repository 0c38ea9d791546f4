"""What is not in a forecast is told in whole sentences."""

from __future__ import annotations

from datetime import date

from kzreminder.core.next_month import Expected
from kzreminder.wording.language import Words
from kzreminder.wording.spendings import forecast_notes


def test_each_that_is_not_counted_is_a_sentence() -> None:
    known = Expected(date(2026, 12, 1), renewals=3, balances=1)
    unknown = Expected(date(2026, 12, 1), renewals_unpriced=2, plans_ended=1, balances_unknown=5)
    assert forecast_notes(known, Words("en")) == []
    assert forecast_notes(unknown, Words("en")) == [
        "Not counted: 2 renewals of plans whose price is not known.",
        "Not counted: 1 plan that has ended and was not renewed.",
        "Not counted: 5 balances with too few readings.",
    ]
