"""What was spent, and what next month will take, as rows and sentences: what each sum is made of.

Not here: the sums (core.payments, core.next_month), tables (cli).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from kzreminder.core.next_month import Expected
from kzreminder.core.payments import Spendings, Spent
from kzreminder.core.typed import money_shown
from kzreminder.errors import N2_, N_
from kzreminder.wording.language import MONTHS, Words, grouped

HEADERS = (N_("Together"), N_("Renewals"), N_("Top-ups"), N_("No amount told"))
BAR = 12
"Signs of the longest bar."


def month_words(month: date, words: Words) -> str:
    """`Nov 2026`."""
    name = words.gettext(MONTHS[month.month - 1])
    return words.gettext("{month} {year}", month=name, year=month.year)


def spent_cells(spent: Spent, words: Words) -> tuple[str, str, str, str]:
    """Under HEADERS."""
    return (
        _known(spent.total, words),
        _known(spent.known_renewed_for, words),
        money_shown(spent.topped_up),
        str(spent.unknown) if spent.unknown else "",
    )


def bars(amounts: Sequence[Decimal | None], sign: str) -> list[str]:
    """A bar for each, the longest for the largest; what is more than nothing has at least one."""
    largest = max((amount for amount in amounts if amount), default=Decimal(1))
    return [sign * max(int(amount * BAR / largest), 1) if amount else "" for amount in amounts]


def spendings_notes(spendings: Spendings, words: Words) -> list[str]:
    """What the sums are made of, and what is not in them."""
    notes = [
        words.gettext(
            "Counted: what was recorded as paid with `renew --paid`, and `topup`. "
            "What a plan takes from the balance is not counted again."
        )
    ]
    if spendings.total.unknown:
        notes.append(
            words.ngettext(
                "{count} renewal without an amount is in no sum.",
                "{count} renewals without an amount are in no sum.",
                spendings.total.unknown,
            )
        )
    return notes


def more_cards(count: int, words: Words) -> str:
    """Those that no table shows."""
    return words.ngettext(
        "and {number} more card, in the sums and in --json",
        "and {number} more cards, in the sums and in --json",
        count,
        number=grouped(count),
    )


def forecast_rows(expected: Expected, words: Words) -> list[tuple[str, str, str]]:
    """What, how much, and what it is made of."""
    plans, balances, total = expected.known_plans, expected.known_from_balances, expected.total
    by_price = words.ngettext(
        "{count} renewal at the plan's price",
        "{count} renewals at the plan's price",
        expected.renewals,
    )
    by_readings = words.ngettext(
        "{count} balance, by its readings",
        "{count} balances, by their readings",
        expected.balances,
    )
    return [
        (words.gettext("Plans"), _known(plans, words), by_price if plans is not None else ""),
        (
            words.gettext("From balances"),
            _known(balances, words),
            by_readings if balances is not None else "",
        ),
        (words.gettext("Together"), _known(total, words), ""),
    ]


def forecast_notes(expected: Expected, words: Words) -> list[str]:
    """What is not in the forecast because nobody knows it."""
    left_out = (
        (
            expected.renewals_unpriced,
            N2_(
                "Not counted: {count} renewal of a plan whose price is not known.",
                "Not counted: {count} renewals of plans whose price is not known.",
            ),
        ),
        (
            expected.plans_ended,
            N2_(
                "Not counted: {count} plan that has ended and was not renewed.",
                "Not counted: {count} plans that have ended and were not renewed.",
            ),
        ),
        (
            expected.balances_unknown,
            N2_(
                "Not counted: {count} balance with too few readings.",
                "Not counted: {count} balances with too few readings.",
            ),
        ),
    )
    return [words.ngettext(*sentence, count) for count, sentence in left_out if count]


def _known(amount: Decimal | None, words: Words) -> str:
    return words.gettext("not known") if amount is None else money_shown(amount)
