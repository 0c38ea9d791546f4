"""How a card is printed: as JSON, or as lines; and tables.

Not here: which card, and why.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from kzreminder.cli.base import App, json_text
from kzreminder.errors import N2_, for_terminal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kzreminder.core.card import Card, Move

MOST_LINES = 100
"Nobody reads further; whoever does takes --json."


def print_card(app: App, card: Card, as_json: bool) -> None:
    marks = app.parts.store.marks_of([card.id]).get(card.id, [])
    policy = app.settings.policy
    if as_json:
        from kzreminder.cli.objects import card_json

        app.print_json(card_json(card, policy, marks, app.now, app.parts.routes))
        return
    from kzreminder.operators.numbers import spaced
    from kzreminder.wording.cards import facts_of, next_words, state_words

    words = app.words
    number = spaced(card.number) if card.number else ""
    state = state_words(card, policy, words, app.now)
    named = f"{card.label} (#{card.id})" if card.id else card.label  # not saved yet
    app.say(f"{named}: {state}")
    rows = facts_of(card, operator_name(app, card), number, words, app.now)
    coming = next_words(card, policy, marks, words, app.now, app.parts.routes)
    rows.append((words.gettext("Next reminder"), coming))
    print_table(rows)


def print_cards(app: App, cards: Sequence[Card], as_json: bool) -> None:
    """Several cards: an array, or a line each with its state and its next reminder, of very many
    the first ones."""
    policy, routes = app.settings.policy, app.parts.routes
    shown = cards if as_json else cards[:MOST_LINES]
    marks = app.parts.store.marks_of([card.id for card in shown])
    if as_json:
        from kzreminder.cli.objects import card_json

        print_json_array(
            card_json(card, policy, marks.get(card.id, ()), app.now, routes) for card in shown
        )
        return
    from kzreminder.wording.cards import next_words, state_words

    words = app.words
    print_table(
        (
            card.label,
            state_words(card, policy, words, app.now),
            next_words(card, policy, marks.get(card.id, ()), words, app.now, routes),
        )
        for card in shown
    )
    if len(cards) > len(shown):
        app.say_aside(words.ngettext(*_AND_OTHERS, len(cards) - len(shown)))


_AND_OTHERS = N2_("... and {count} more card.", "... and {count} more cards.")


def change_card(
    app: App,
    card: Card,
    what: str,
    move: Move,
    as_json: bool,
    details: Mapping[str, str] | None = None,
) -> Card:
    """Apply the move, record it as an event, and print the card as it is after it."""
    [changed] = change_cards(app, [card], what, move, details)
    print_card(app, changed, as_json)
    return changed


def change_cards(
    app: App,
    cards: Sequence[Card],
    what: str,
    move: Move,
    details: Mapping[str, str] | None = None,
) -> list[Card]:
    """Apply the move to all of them or none; where it settles what was snoozed, that ends too."""
    from kzreminder.core.silence import ending_snooze

    move = ending_snooze(move, app.settings.policy, app.now)
    ids = [card.id for card in cards]
    return app.parts.store.change_all(ids, what, move, app.now, details)


def operator_name(app: App, card: Card) -> str:
    """The operator's name; nothing where it is not told."""
    if card.operator is None:
        return ""
    return app.parts.operators.name_of(card.operator, app.words.language)


def named_operator(app: App, operator: str | None) -> str:
    """The name, as sums and pictures have it, where it is not told too."""
    if operator is None:
        return app.words.gettext("operator unknown")
    return app.parts.operators.name_of(operator, app.words.language)


def operator_id(app: App, name: str | None) -> str | None:
    """The operator that --operator names, however it is written. Raises OperatorNotFound."""
    return None if name is None else app.parts.operators.find(name).id


def print_json_array(values: Iterable[object]) -> None:
    for text in array_text(values):
        click.echo(text, nl=False)


def array_text(values: Iterable[object]) -> Iterator[str]:
    """The JSON of them all, one at a time."""
    before = "[\n"
    for value in values:
        yield before + "\n".join(f"  {line}" for line in json_text(value).split("\n"))
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def print_table(rows: Iterable[Sequence[str]], headers: Sequence[str] = ()) -> None:
    """On a terminal columns, aligned by what it shows, wide letters too; elsewhere tabs, and each
    row as soon as it is there."""
    shown = (tuple(for_terminal(cell) for cell in row) for row in rows)
    if not sys.stdout.isatty():
        _print_lines(shown, headers)
        return
    body = list(shown)
    if not body:
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=bool(headers), pad_edge=False, padding=(0, 2, 0, 0))
    for index in range(max(len(row) for row in body)):
        table.add_column(headers[index] if headers else "", overflow="fold")
    for row in body:
        table.add_row(*(Text(cell) for cell in row))
    Console(markup=False, highlight=False, emoji=False).print(table)


def _print_lines(rows: Iterable[Sequence[str]], headers: Sequence[str]) -> None:
    for place, row in enumerate(rows):
        if headers and not place:
            click.echo(_line(headers))
        click.echo(_line(row))


def _line(cells: Sequence[str]) -> str:
    return "\t".join(cell.replace("\t", " ").replace("\n", " ") for cell in cells)
