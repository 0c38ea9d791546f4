"""import: the cards of a file.

Not here: reading the file (exchange), one card by hand (register).
"""

from __future__ import annotations

import sys
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from kzreminder.cli.base import App, command, json_option, option
from kzreminder.errors import N2_, N_, BadValue, ImportRefused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager
    from datetime import date

    from kzreminder.core.card import Card
    from kzreminder.exchange.csv_cards import Batch
    from kzreminder.storage.incoming import Incoming

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
    doubts = Doubts(app.today)
    with app.parts.store.incoming(app.now) as coming:
        batch = _lay_by(app, file, coming, doubts, any_country=any_country)
        _refuse_faults(batch, coming)
        count = coming.count if dry_run else coming.register()
    if as_json:
        app.print_json({"added": count, "dry_run": dry_run})
        return
    one, many = _WOULD_REGISTER if dry_run else _REGISTERED
    app.say_aside(app.words.ngettext(one, many, count))
    for sentence, found in doubts.sentences():
        if found:
            app.tell(sentence, count=found)


_REGISTERED = N2_("Registered {count} card.", "Registered {count} cards.")
_WOULD_REGISTER = N2_(
    "{count} card would be registered; nothing was changed.",
    "{count} cards would be registered; nothing was changed.",
)


def _lay_by(app: App, file: str, coming: Incoming, doubts: Doubts, *, any_country: bool) -> Batch:
    from kzreminder.cli.register import Registrar
    from kzreminder.cli.typed_options import text_readers
    from kzreminder.exchange.csv_cards import Batch, read_cards
    from kzreminder.operators.numbers import parse_number

    readers = text_readers(app) | {"number": partial(parse_number, any_country=any_country)}
    app.parts.operators.ids  # noqa: B018 - its faults are the configuration's, not the file's
    batch = Batch("stdin" if file == STDIN else file)
    try:
        with _opened(file) as stream:
            for row in read_cards(stream, batch, readers, Registrar(app)):
                if row.alike is None:
                    coming.name(row.line, row.own.get("label"), row.own.get("number"))
                else:
                    coming.lay_by(row.line, row.alike, row.own)
                    doubts.look_at(row.alike, row.own)
    except OSError as error:
        raise BadValue(
            N_("{path} cannot be read: {why}"), path=file, why=error.strerror or error
        ) from error
    return batch


def _opened(file: str) -> AbstractContextManager[BinaryIO]:
    if file == STDIN:
        return nullcontext(sys.stdin.buffer)
    return Path(file).open("rb")


def _refuse_faults(batch: Batch, coming: Incoming) -> None:
    """Also what stands twice, and what the database knows already; that alone is another code."""
    clashes = coming.clashes()
    known = [clash for clash in clashes if clash.known_as is not None]
    for clash in clashes:
        if clash.known_as is None:
            batch.wrong(
                clash.line,
                clash.column,
                N_("{value} stands in line {earlier} already"),
                value=clash.value,
                earlier=clash.earlier,
            )
    of_the_file = batch.count
    seen: set[int] = set()
    for clash in known:
        if clash.line in seen:
            continue  # the same card, by its label and by its number
        seen.add(clash.line)
        if clash.column == "label":
            sentence = N_("a card called {label} is registered already")
        else:
            sentence = N_("the number {number} is registered already, as {label}")
        batch.wrong(clash.line, clash.column, sentence, number=clash.value, label=clash.known_as)
    if batch.count:
        faults = tuple(sorted(batch.faults, key=lambda fault: fault.line or 0))
        raise ImportRefused(batch.file, faults, batch.count, known=not of_the_file)


class Doubts:
    """What `add` says of each card is said of them together."""

    def __init__(self, today: date) -> None:
        self._today = today
        self._guessed = self._ended = self._ahead = 0

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
