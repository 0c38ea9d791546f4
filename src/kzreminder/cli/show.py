"""How a card is printed: as JSON, or as lines; and tables.

Not here: which card, and why.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from kzreminder.cli.base import App

if TYPE_CHECKING:
    from kzreminder.core.card import Card

WIDE = 200
"Columns where nobody looks: a pipe or a file gets whole lines."


def print_card(app: App, card: Card, as_json: bool) -> None:
    marks = app.parts.store.marks_of([card.id], app.parts.target).get(card.id, [])
    policy = app.settings.policy
    if as_json:
        from kzreminder.cli.objects import card_json

        app.print_json(card_json(card, policy, marks, app.now))
        return
    from kzreminder.operators.numbers import spaced
    from kzreminder.wording.cards import facts_of, next_words, state_words

    words = app.words
    number = spaced(card.number) if card.number else ""
    state = state_words(card, policy, words, app.now)
    app.say(f"{card.label} (#{card.id}): {state}")
    rows = facts_of(card, operator_name(app, card), number, words, app.now)
    rows.append((words.gettext("Next reminder"), next_words(card, policy, marks, words, app.now)))
    print_table(rows)


def operator_name(app: App, card: Card) -> str:
    """The operator's name; one that is not in the book any more stands for itself."""
    if card.operator is None:
        return ""
    catalogue = app.parts.operators
    if card.operator not in catalogue.ids:
        return card.operator
    return catalogue.by_id(card.operator).name(app.words.language)


def print_table(rows: Iterable[Sequence[str]], headers: Sequence[str] = ()) -> None:
    """Columns aligned by what a terminal shows, wide letters too; nothing is read as markup."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    width = None if sys.stdout.isatty() else WIDE
    console = Console(markup=False, highlight=False, emoji=False, width=width, soft_wrap=False)
    table = Table(box=None, show_header=bool(headers), pad_edge=False, padding=(0, 2, 0, 0))
    body = [tuple(row) for row in rows]
    if not body:
        return
    columns = max([len(headers), *(len(row) for row in body)], default=0)
    for index in range(columns):
        table.add_column(headers[index] if headers else "", overflow="fold")
    for row in body:
        table.add_row(*(Text(cell) for cell in row))
    with console.capture() as drawn:
        console.print(table)
    for line in drawn.get().splitlines():
        click.echo(line.rstrip())
