"""stats: what was spent by month, operator and card, and what next month will take.

Not here: the sums (core.payments, core.next_month), their words (wording.spendings).
"""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import click

from kzreminder.cli.base import App, command, json_option, option
from kzreminder.cli.show import named_operator, operator_id, print_table
from kzreminder.errors import N_

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kzreminder.core.next_month import Expected
    from kzreminder.core.payments import Spendings

MONTHS, CARDS = 6, 20
MOST_MONTHS = 120


@command(
    "stats",
    help=N_("What was spent by month, operator and card, and what next month will take."),
    epilog=N_("Example: kzreminder stats --months 12 --tag family"),
)
@option(
    "--months",
    type=click.IntRange(1, MOST_MONTHS),
    default=MONTHS,
    metavar="N",
    help=N_("How many months, this one too; 6 unless given."),
)
@option("--operator", metavar="NAME", help=N_("Only cards of this operator."))
@option("--tag", metavar="TAG", help=N_("Only cards with this tag."))
@json_option
def stats(app: App, months: int, operator: str | None, tag: str | None, as_json: bool) -> None:
    from datetime import timedelta

    from kzreminder.core.next_month import expected_in
    from kzreminder.core.payments import month_after, spendings_of
    from kzreminder.storage.wanted import Wanted

    chosen, surveys = Wanted(operator_id(app, operator), tag), app.parts.store.surveys
    first, next_month = month_after(app.today, 1 - months), month_after(app.today)
    payments = surveys.payments(chosen, first)
    spendings = spendings_of(payments, first, next_month - timedelta(days=1))
    expected = expected_in(surveys.living(chosen), next_month, app.now)
    if as_json:
        from kzreminder.cli.picture_objects import stats_json

        app.print_json(stats_json(spendings, expected))
    else:
        _print_spendings(app, spendings)
        _print_forecast(app, expected)


def _print_spendings(app: App, spendings: Spendings) -> None:
    from kzreminder.wording.spendings import (
        HEADERS,
        bars,
        month_words,
        more_cards,
        spendings_notes,
        spent_cells,
    )

    words = app.words
    headers = [words.gettext(header) for header in HEADERS]
    drawn = bars([spent.total for _, spent in spendings.months], _block())
    print_table(
        [
            (month_words(month, words), *spent_cells(spent, words), bar)
            for (month, spent), bar in zip(spendings.months, drawn, strict=True)
        ],
        [words.gettext("Month"), *headers, ""],
    )
    if spendings.operators:
        app.say("")
        print_table(
            [
                (named_operator(app, operator), *spent_cells(spent, words))
                for operator, spent in spendings.operators
            ],
            [words.gettext("Operator"), *headers],
        )
        app.say("")
        print_table(
            [
                (one.label, *spent_cells(one.spent, words), named_operator(app, one.operator))
                for one in spendings.cards[:CARDS]
            ],
            [words.gettext("Card"), *headers, words.gettext("Operator")],
        )
    if len(spendings.cards) > CARDS:
        app.say(more_cards(len(spendings.cards) - CARDS, words))
    app.say("")
    _say(app, spendings_notes(spendings, words))


def _print_forecast(app: App, expected: Expected) -> None:
    from kzreminder.wording.spendings import forecast_notes, forecast_rows, month_words

    words = app.words
    app.say("")
    month = month_words(expected.month, words)
    app.say(words.gettext("Forecast for {month}:", month=month))
    print_table(forecast_rows(expected, words))
    _say(app, forecast_notes(expected, words))


def _say(app: App, notes: Iterable[str]) -> None:
    """On a terminal broken between words."""
    for note in notes:
        if not sys.stdout.isatty():
            app.say(note)
            continue
        from kzreminder.pages.cells import wrapped

        for line in wrapped(note, shutil.get_terminal_size().columns):
            app.say(line)


def _block() -> str:
    """A block where the output can show one."""
    try:
        "█".encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return "#"
    return "█"
