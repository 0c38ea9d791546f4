"""import: the cards of a file.

Not here: reading the file (exchange), one card by hand (register).
"""

from __future__ import annotations

import sys
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from kzreminder.cli.base import App, command, json_option, option
from kzreminder.errors import N2_, N_, BadValue, ImportRefused

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from kzreminder.exchange.csv_cards import Batch

STDIN = "-"


@command(
    "import",
    help=N_(
        "Register the cards of a CSV file, all or none. Its first line names the columns, as the"
        " options of `kzreminder add` are called: number,label,operator,expires. - reads stdin."
    ),
    epilog=N_("Example: kzreminder import cards.csv --dry-run"),
)
@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, readable=True, allow_dash=True)
)
@option(
    "--format",
    type=click.Choice(["csv"]),
    default="csv",
    expose_value=False,  # there is one choice yet
    help=N_("What the file is."),
)
@option("--dry-run", is_flag=True, help=N_("Check everything, register nothing."))
@option("--any-country", is_flag=True, help=N_("Take numbers of other countries too."))
@json_option
def import_cards(app: App, file: str, dry_run: bool, any_country: bool, as_json: bool) -> None:
    batch = _read(app, file, any_country=any_country)
    _refuse_faults(app, batch)
    count = len(batch.cards) if dry_run else app.parts.store.add_all(batch.cards, app.now)
    if as_json:
        app.print_json({"added": count, "dry_run": dry_run})
        return
    one, many = _WOULD_REGISTER if dry_run else _REGISTERED
    app.say_aside(app.words.ngettext(one, many, count))
    _tell_of_doubts(app, batch)


_REGISTERED = N2_("Registered {count} card.", "Registered {count} cards.")
_WOULD_REGISTER = N2_(
    "{count} card would be registered; nothing was changed.",
    "{count} cards would be registered; nothing was changed.",
)


def _read(app: App, file: str, *, any_country: bool) -> Batch:
    from kzreminder.cli.register import new_card
    from kzreminder.cli.typed_options import text_readers
    from kzreminder.exchange.csv_cards import read_cards
    from kzreminder.operators.numbers import parse_number

    readers = text_readers(app) | {"number": partial(parse_number, any_country=any_country)}
    app.parts.operators.ids  # noqa: B018 - its faults are the configuration's, not the file's
    try:
        with _opened(file) as stream:
            name = "stdin" if file == STDIN else file
            return read_cards(stream, name, readers, partial(new_card, app))
    except OSError as error:
        raise BadValue(
            N_("{path} cannot be read: {why}"), path=file, why=error.strerror or error
        ) from error


def _opened(file: str) -> AbstractContextManager[BinaryIO]:
    if file == STDIN:
        return nullcontext(sys.stdin.buffer)
    return Path(file).open("rb")


def _refuse_faults(app: App, batch: Batch) -> None:
    """Also what the database knows already; that alone is another exit code."""
    of_the_file = batch.count
    labels, numbers = app.parts.store.known(batch.labels, batch.numbers)
    batch.are_registered(labels, numbers)
    if batch.count:
        faults = tuple(sorted(batch.faults, key=lambda fault: fault.line or 0))
        raise ImportRefused(batch.file, faults, batch.count, known=not of_the_file)


def _tell_of_doubts(app: App, batch: Batch) -> None:
    """What `add` says of each card is said of them together."""
    doubts = (
        (
            N_("Operators guessed from the number: {count}. See: kzreminder list"),
            sum(card.operator_guessed for card in batch.cards),
        ),
        (
            N_("Note: plans that have ended already: {count}."),
            sum(
                card.plan.last_good_on is not None and card.plan.last_good_on < app.today
                for card in batch.cards
            ),
        ),
        (
            N_("Note: days of last use or of entry that are still ahead: {count}."),
            sum(
                any(
                    day is not None and day > app.today
                    for day in (card.keep_alive.last_used_on, card.device_entered_on)
                )
                for card in batch.cards
            ),
        ),
    )
    for sentence, count in doubts:
        if count:
            app.tell(sentence, count=count)
