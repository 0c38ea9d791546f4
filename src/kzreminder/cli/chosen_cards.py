"""Which cards a command is about: one by name, or many by tag, operator, state or a list in a file.

Not here: what is done with them. Many are changed all together or not at all, and after a question.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kzreminder.cli.asking import ask
from kzreminder.cli.base import STATE_NAMES, App, json_option, option
from kzreminder.cli.show import change_card, change_cards, operator_id, print_cards
from kzreminder.errors import (
    N2_,
    N_,
    BadValue,
    CardsRefused,
    Fault,
    KzreminderError,
    NoCardMatches,
)

if TYPE_CHECKING:
    from kzreminder.core.card import Card, Move
    from kzreminder.core.planning import State
    from kzreminder.storage.wanted import Wanted

NAMED_IN_QUESTION = 4
_WOULD_CHANGE = N2_(
    "{count} card would be changed: {labels}. Go on?",
    "{count} cards would be changed: {labels}. Go on?",
)
_COLUMNS = ("number", "label")
"What a file's header may name; the number counts first, as for import."

_STDIN = "-"
_EXPORTED = re.compile(rb'(\xef\xbb\xbf)?\s*(\[\s*\{\s*"|\{\s*"|BEGIN:VCALENDAR)')
"How JSON and calendars begin."
_LOOKED_AT = 64

_tag = option("--tag", metavar="TAG", help=N_("All cards with this tag, in place of CARD."))
_operator = option(
    "--operator", metavar="NAME", help=N_("All cards of this operator, in place of CARD.")
)
_state = option(
    "--state",
    type=click.Choice(STATE_NAMES),
    help=N_("All cards in this state, in place of CARD."),
)
_numbers = option(
    "--numbers",
    type=click.Path(exists=True, dir_okay=False, readable=True, allow_dash=True, path_type=Path),
    help=N_(
        "The cards listed in this file, a number or label a line, in place of CARD; - is stdin."
    ),
)
_sure = option("--yes", "sure", is_flag=True, help=N_("Do not ask before many are changed."))


def of_many(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options that name many cards in place of CARD; they are what `choose` takes."""
    decorated: Callable[..., Any] = _tag(_operator(of_many_but_tag_and_operator(function)))
    return decorated


def of_many_but_tag_and_operator(function: Callable[..., Any]) -> Callable[..., Any]:
    """Where the command has these two itself."""
    decorated: Callable[..., Any] = _state(_numbers(_sure(json_option(function))))
    return decorated


@dataclass(frozen=True, slots=True)
class Choice:
    cards: list[Card]
    are_many: bool
    "they were named together, be it only one"
    sure: bool
    as_json: bool

    def agree(self, app: App, move: Move) -> None:
        """Refuse what cannot be done, of all cards at once; then ask, where they are many."""
        if not self.are_many:
            move(self.cards[0])
            return
        faults = []
        for card in self.cards:
            try:
                move(card)
            except KzreminderError as error:
                values = tuple(error.values.items())
                faults.append(Fault(card.label, None, "", error.sentence, values, hint=error.hint))
        if faults:
            raise CardsRefused(tuple(faults))
        if not self.sure:
            self._ask(app)

    def _ask(self, app: App) -> None:
        labels = ", ".join(card.label for card in self.cards[:NAMED_IN_QUESTION])
        if len(self.cards) > NAMED_IN_QUESTION:
            labels += ", ..."
        ask(
            app,
            app.words.ngettext(*_WOULD_CHANGE, len(self.cards), labels=labels),
            BadValue(
                N_("cards that would be changed: {count}; many are changed only with --yes"),
                hint=N_("They are: {labels}"),
                count=len(self.cards),
                labels=labels,
            ),
        )

    def change(
        self, app: App, what: str, move: Move, details: Mapping[str, str] | None = None
    ) -> list[Card]:
        """Apply the move to all of them or none, and print them as they are after it."""
        if not self.are_many:
            return [change_card(app, self.cards[0], what, move, self.as_json, details)]
        changed = change_cards(app, self.cards, what, move, details)
        print_cards(app, changed, self.as_json)
        return changed


def choose(
    app: App,
    card: str | None,
    *,
    tag: str | None,
    operator: str | None,
    state: str | None,
    numbers: Path | None,
    sure: bool,
    as_json: bool,
) -> Choice:
    """The card, or all that fit each of the others. Raises NoCardMatches where none does."""
    are_many = any(one is not None for one in (tag, operator, state, numbers))
    if (card is not None) == are_many:
        raise BadValue(
            N_("name one card, or many with --tag, --operator, --state or --numbers"),
            hint=N_("See: kzreminder {command} --help"),
            command=click.get_current_context().command.name,
        )
    if card is not None:
        return Choice([app.parts.store.find(card)], False, sure, as_json)
    cards = _fitting(app, tag, operator, state, numbers)
    if not cards:
        raise NoCardMatches
    return Choice(cards, True, sure, as_json)


def _fitting(
    app: App, tag: str | None, operator: str | None, state: str | None, numbers: Path | None
) -> list[Card]:
    from kzreminder.cli.listing import in_state
    from kzreminder.core.planning import State
    from kzreminder.storage.wanted import Wanted

    wanted = operator_id(app, operator)
    in_that = State(state) if state is not None else None
    if numbers is None:
        meant = Wanted(wanted, tag, archived=in_that is State.ARCHIVED)
        return [card for batch in in_state(app, meant, in_that) for card in batch]
    # who lists cards by name means the archived too
    return _of_file(app, numbers, Wanted(wanted, tag), in_that)


def _of_file(app: App, file: Path, wanted: Wanted, state: State | None) -> list[Card]:
    from kzreminder.cli.listing import of_state

    streaming = app.parts.store.streaming
    found = streaming.of(streaming.labelled(_listed(app, file), wanted))
    return [card for batch in found for card in of_state(app, batch, state)]


def _listed(app: App, file: Path) -> set[str]:
    """The labels of the cards in the file. Raises CardsRefused for unknown ones."""
    lines = _named_in(file)
    read = {text: _number(text) for _line, text in lines}
    known_numbers = {number for number in read.values() if number is not None}
    labels, numbers = app.parts.store.known(read, known_numbers)
    found, faults = set(), []
    for place, (line, text) in enumerate(lines):
        label = labels.get(text) or numbers.get(read[text] or "")
        if label is not None:
            found.add(label)
        elif not text:
            sentence = N_("neither a number nor a label stands here")
            faults.append(Fault(str(file), line, "", sentence))
        elif place or text.casefold() not in _COLUMNS:
            sentence = N_("no card has this number or label: {text}")
            faults.append(Fault(str(file), line, "", sentence, (("text", text[:80]),)))
    if faults:
        raise CardsRefused(tuple(faults), exit_code=NoCardMatches.exit_code)
    return found


def _named_in(file: Path) -> list[tuple[int, str]]:
    """Each line's number, and what stands there as a card's number, else label; a header of several
    columns is left out."""
    from kzreminder.exchange.batch import Unreadable
    from kzreminder.exchange.csv_lines import CsvRows

    try:
        with _opened(file) as stream:
            _refuse_other_exports(stream)
            rows = iter(CsvRows(stream))
            first = next(rows, (0, []))
            names = [cell.strip().casefold() for cell in first[1]]
            places = [names.index(column) for column in _COLUMNS if column in names]
            begun = [first] if len(names) == 1 or (names and not places) else []
            return [(line, _named(cells, places or [0])) for line, cells in chain(begun, rows)]
    except Unreadable as error:
        fault = Fault(
            *(str(file), error.line, "", error.sentence, tuple(error.values.items())),
            hint=error.hint,
            column=error.column,
        )
        raise CardsRefused((fault,)) from error
    except OSError as error:
        raise BadValue(
            N_("{path} cannot be read: {why}"), path=file, why=error.strerror or error
        ) from error


def _refuse_other_exports(stream: BufferedReader) -> None:
    if _EXPORTED.match(stream.peek(_LOOKED_AT)):
        from kzreminder.exchange.batch import Unreadable

        raise Unreadable(
            1,
            N_("a CSV file is expected here, or a number or label a line"),
            hint=N_("Write one: kzreminder export --format csv"),
        )


@contextmanager
def _opened(file: Path) -> Iterator[BufferedReader]:
    if str(file) == _STDIN:
        assert isinstance(sys.stdin.buffer, BufferedReader)
        yield sys.stdin.buffer
        return
    with file.open("rb") as stream:
        yield stream


def _named(cells: Sequence[str], places: Iterable[int]) -> str:
    from kzreminder.exchange.spreadsheet_cells import unshielded

    there = (cells[place].strip() for place in places if place < len(cells))
    return unicodedata.normalize("NFC", unshielded(next(filter(None, there), "")))


def _number(text: str) -> str | None:
    from kzreminder.operators.numbers import parse_number

    try:
        return parse_number(text, any_country=True)
    except BadValue:
        return None
