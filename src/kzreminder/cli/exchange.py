"""import: the cards of a file.

Not here: reading the file (exchange), its cards (file_cards), one card by hand (register).
"""

from __future__ import annotations

import gc
import sys
from contextlib import contextmanager
from functools import partial
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kzreminder.cli.base import App, command, json_option, option
from kzreminder.errors import N2_, N_, BadValue, ImportRefused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kzreminder.cli.file_cards import Taking
    from kzreminder.exchange.batch import Batch
    from kzreminder.storage.incoming import Incoming

STDIN = "-"
FORMATS = ("csv", "json")
_LOOKED_AT = 64
"Bytes that tell what a file without a name is."


@command(
    "import",
    help=N_(
        "Register the cards of a CSV or JSON file, all or none. A CSV file's first line names the"
        " columns, as the options of `kzreminder add` are called: number,label,operator,expires."
        " - reads stdin."
    ),
    epilog=N_(
        "Example: kzreminder import cards.csv --dry-run\n"
        "Example: kzreminder import cards.csv --update"
    ),
)
@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, readable=True, allow_dash=True)
)
@option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    help=N_("What the file is, unless its name or its beginning says so."),
)
@option("--dry-run", is_flag=True, help=N_("Check everything, register nothing."))
@option("--update", is_flag=True, help=N_("Correct the cards that are registered already."))
@option("--any-country", is_flag=True, help=N_("Take numbers of other countries too."))
@json_option
def import_cards(
    app: App,
    file: str,
    form: str | None,
    dry_run: bool,
    update: bool,
    any_country: bool,
    as_json: bool,
) -> None:
    with app.parts.store.incoming(app.now) as coming:
        batch, taking = _lay_by(app, file, form, coming, update=update, any_country=any_country)
        try:
            _refuse_faults(batch, coming, update=update)
        except ImportRefused as refusal:
            if as_json:
                _print_faults(app, refusal, dry_run=dry_run)
            raise
        if not dry_run:
            coming.register()
    if as_json:
        changes = {"changed": coming.corrected, "unchanged": taking.unchanged} if update else {}
        app.print_json({"added": coming.count, **changes, "dry_run": dry_run})
        return
    _say_what_was_done(app, coming, taking, dry_run=dry_run, update=update)


_REGISTERED = N2_("Registered {count} card.", "Registered {count} cards.")
_WOULD_REGISTER = N2_(
    "{count} card would be registered; nothing was changed.",
    "{count} cards would be registered; nothing was changed.",
)


def _say_what_was_done(
    app: App, coming: Incoming, taking: Taking, *, dry_run: bool, update: bool
) -> None:
    from kzreminder.cli.typed_options import warn_of_targets, warn_of_watchers

    if update:
        sentence = (
            N_("Would be registered: {added}, changed: {changed}; as they are: {unchanged}.")
            if dry_run
            else N_("Registered: {added}, changed: {changed}; as they were: {unchanged}.")
        )
        app.tell(sentence, added=coming.count, changed=coming.corrected, unchanged=taking.unchanged)
    else:
        one, many = _WOULD_REGISTER if dry_run else _REGISTERED
        app.say_aside(app.words.ngettext(one, many, coming.count))
    for sentence, found in taking.doubts.sentences():
        if found:
            app.tell(sentence, count=found)
    warn_of_targets(app, taking.doubts.targets)
    warn_of_watchers(app, taking.doubts.watchers)


def _print_faults(app: App, refusal: ImportRefused, *, dry_run: bool) -> None:
    from kzreminder.cli.objects import faults_json

    faults = faults_json(refusal.faults, app.words)
    app.print_json({"added": 0, "dry_run": dry_run, "faults": faults})


def _lay_by(
    app: App, file: str, form: str | None, coming: Incoming, *, update: bool, any_country: bool
) -> tuple[Batch, Taking]:
    from kzreminder.cli.file_cards import Registrar, Taking
    from kzreminder.cli.progress import with_progress_of
    from kzreminder.cli.typed_options import text_readers
    from kzreminder.core.typed import read_instant
    from kzreminder.core.zone import almaty
    from kzreminder.exchange.batch import Batch
    from kzreminder.exchange.csv_cards import read_cards
    from kzreminder.exchange.json_cards import read_json
    from kzreminder.operators.numbers import parse_number

    readers = text_readers(app) | {
        "number": partial(parse_number, any_country=any_country),
        "balance_at": lambda text: read_instant(text, app.now, almaty()),
    }
    app.parts.operators.ids  # noqa: B018 - its faults are the configuration's, not the file's
    try:
        with _opened(file) as stream:
            is_json = (form or _form(file, stream)) == "json"
            batch = Batch("stdin" if file == STDIN else file, counts_cards=is_json)
            taking = Taking(app, batch, coming, update=update)
            read = read_json if is_json else read_cards
            rows = read(stream, batch, readers, Registrar(app))
            with _no_search_for_circles():
                taking.take(with_progress_of(stream, rows))
    except OSError as error:
        raise BadValue(
            N_("{path} cannot be read: {why}"), path=file, why=error.strerror or error
        ) from error
    return batch, taking


@contextmanager
def _no_search_for_circles() -> Iterator[None]:
    """No card refers back to itself; to look for that takes an eighth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextmanager
def _opened(file: str) -> Iterator[BufferedReader]:
    if file == STDIN:
        assert isinstance(sys.stdin.buffer, BufferedReader)
        yield sys.stdin.buffer
        return
    with Path(file).open("rb") as stream:
        yield stream


def _form(file: str, stream: BufferedReader) -> str:
    """What the name ends with, else what the file begins with."""
    ending = Path(file).suffix.lower().removeprefix(".")
    if ending in FORMATS:
        return ending
    begins = stream.peek(_LOOKED_AT).removeprefix(b"\xef\xbb\xbf").lstrip()
    return "json" if begins.startswith((b"[", b"{")) else "csv"


def _refuse_faults(batch: Batch, coming: Incoming, *, update: bool) -> None:
    """Also what stands twice, and what the database knows already; that alone is another code."""
    from kzreminder.exchange.batch import MOST_FAULTS

    clashes = coming.clashes()
    of_the_rows = batch.count
    known = [clash for clash in clashes if clash.known_as is not None]
    twice = (
        N_("{value} is the card {earlier} already")
        if batch.counts_cards
        else N_("{value} stands in line {earlier} already")
    )
    seen: set[int] = set()
    for clash in clashes:
        if clash.known_as is None and (clash.column or clash.line not in seen):
            seen.add(clash.line)
            batch.wrong(clash.line, clash.column, twice, value=clash.value, earlier=clash.earlier)
    of_the_file = batch.count
    seen.clear()
    for clash in known:
        if clash.line in seen:
            continue  # the same card, by its label and by its number
        seen.add(clash.line)
        if clash.column == "label":
            sentence = N_("a card called {label} is registered already")
        else:
            sentence = N_("the number {number} is registered already, as {label}")
        batch.wrong(clash.line, clash.column, sentence, number=clash.value, label=clash.known_as)
    if len(clashes) >= MOST_FAULTS:  # more than are told apart here
        batch.count = max(batch.count, of_the_rows + coming.clashing())
    if batch.count:
        in_order = sorted(batch.faults, key=lambda one: (one.column is not None, one.line or 0))
        faults = tuple(in_order)
        raise ImportRefused(batch.file, faults, batch.count, known=not of_the_file, update=update)
