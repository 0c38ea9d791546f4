"""guide, ask: how to renew, and a message to whoever does it for you.

Not here: the words of a guide (operators.guide and config/guides), drawing it (pages).
"""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import click

from kzreminder.cli.base import TO_STDOUT, App, command, json_option, option
from kzreminder.core.deadlines import LOSING
from kzreminder.errors import (
    N_,
    BadValue,
    CardNotFound,
    KzreminderError,
    OperatorNotFound,
    OperatorUnknown,
    SeveralCardsMatch,
    for_terminal,
)

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from kzreminder.core.card import Card
    from kzreminder.core.deadlines import DeadlineKind
    from kzreminder.operators.case import Case
    from kzreminder.operators.facts import Operator
    from kzreminder.operators.guide import Guide
    from kzreminder.pages.guide_lines import Line
    from kzreminder.wording.guides import Heading
    from kzreminder.wording.language import Words


@command(
    "guide",
    help=N_("How to renew a card, or with an operator: step by step, in your language."),
    epilog=N_("Example: kzreminder guide Mum --method kaspi"),
)
@click.argument("card", metavar="[CARD|OPERATOR]", required=False)
@option("--method", metavar="ID", help=N_("Only this way to pay, as kaspi or terminal."))
@option("--all", "whole", is_flag=True, help=N_("Every way to pay and all there is to know."))
@option(
    "--abroad/--in-kazakhstan",
    default=None,
    help=N_("Where you are, when it is not what the settings say."),
)
@option("--html", metavar="FILE", help=N_("Write it as a page for a browser; - is stdout."))
@option("--yes", "sure", is_flag=True, help=N_("Do not ask."))
@option("--open", "opens", is_flag=True, help=N_("Show it in the browser."))
@json_option
def guide(
    app: App,
    card: str | None,
    method: str | None,
    whole: bool,
    abroad: bool | None,
    html: str | None,
    sure: bool,
    opens: bool,
    as_json: bool,
) -> None:
    if html is not None and opens:
        raise BadValue(N_("--html writes the page, --open shows it: give one of them"))
    if html == TO_STDOUT and as_json:
        raise BadValue(N_("the page and JSON cannot both be printed: give --html a file"))
    found, operator = _asked_for(app, card)
    made = _made(app, found, operator, abroad, method)
    if html is not None:
        from kzreminder.cli.asking import write_page

        page = _page(app, made)
        write_page(app, html, page, option="--html", begins=b"<!doctype html", sure=sure)
    if opens:
        _open(app, made)
    if as_json:
        from kzreminder.cli.guide_objects import guide_json

        app.print_json(guide_json(made.guide))
    elif html is None and not opens:
        _print(app, made, whole=whole)


@command(
    "ask",
    help=N_("A message to forward to whoever pays for you: number, amount, way, last safe day."),
    epilog=N_("Example: kzreminder ask Mum --lang ru"),
)
@click.argument("card")
@json_option
def ask(app: App, card: str, as_json: bool) -> None:
    from kzreminder.core.standing import BY_TOPPING_UP
    from kzreminder.wording.asking import ask_for

    found = app.parts.store.find(card)
    operator = _operator_of(app, found)
    words = _words(app, found)
    case = _case(app, found, None, BY_TOPPING_UP)
    asked = ask_for(operator, case, app.parts.book(words.language), words)
    if as_json:
        from kzreminder.cli.guide_objects import asked_json

        app.print_json(asked_json(found, operator, asked, words.language))
    else:
        app.say(asked.text)


class _Made(NamedTuple):
    guide: Guide
    heading: Heading | None
    words: Words


def _made(
    app: App, card: Card | None, operator: Operator, abroad: bool | None, method: str | None
) -> _Made:
    from kzreminder.operators.guide import guide_for
    from kzreminder.wording.guides import heading_of

    words = _words(app, card)
    parts = app.parts
    made = guide_for(
        operator,
        parts.operators.country,
        _case(app, card, abroad),
        parts.book(words.language),
        parts.clerk,
        method_id=method,
        say_day=partial(words.day, today=app.today),
    )
    return _Made(made, heading_of(card, words, app.now) if card else None, words)


def _case(
    app: App,
    card: Card | None,
    abroad: bool | None,
    kinds: Container[DeadlineKind] = LOSING,
) -> Case:
    from kzreminder.operators.case import Case, case_of

    wishes = app.parts.wishes
    if abroad is not None:
        wishes = replace(wishes, abroad=abroad)
    if card is None:
        return Case(wishes=wishes)
    return case_of(card, app.settings.policy, wishes, app.now, kinds)


def _words(app: App, card: Card | None) -> Words:
    """The language asked for, else the card's own, else the user's."""
    from kzreminder.wording.language import Words

    if app.given.get("lang") or card is None or card.lang is None:
        return app.words
    return Words(card.lang)


def _asked_for(app: App, wanted: str | None) -> tuple[Card | None, Operator]:
    """A card's guide is its operator's; a name that is no card's is an operator's."""
    if wanted is None:
        cards = app.parts.store.cards()
        if len(cards) != 1:
            raise BadValue(
                N_("say whose guide: a card or an operator"),
                hint=N_("Example: kzreminder guide Mum --method kaspi"),
            )
        wanted = str(cards[0].id)
    try:
        found = app.parts.store.find(wanted)
    except (CardNotFound, SeveralCardsMatch) as no_card:
        try:
            return None, app.parts.operators.find(wanted)
        except OperatorNotFound:
            raise no_card from None
    return found, _operator_of(app, found)


def _operator_of(app: App, card: Card) -> Operator:
    if card.operator is None:
        raise OperatorUnknown(card.label, card.id)
    return app.parts.operators.by_id(card.operator)


def _page(app: App, made: _Made) -> str:
    from kzreminder.pages.guide_page import guide_page

    return for_terminal(guide_page(made.guide, made.heading, made.words, app.today))


def _open(app: App, made: _Made) -> None:
    """The page stays where it is written until the same guide is opened again."""
    import webbrowser

    from kzreminder import places

    name = made.guide.card if made.guide.card is not None else made.guide.operator_id
    path = places.page(name)
    places.make_private(path.parent)
    places.write_private(path, _page(app, made), follows=False)
    if not webbrowser.open(path.as_uri()):
        raise KzreminderError(
            N_("no browser could be opened"), hint=N_("The page is here: {path}"), path=path
        )
    app.tell(N_("The page is here: {path}"), path=path)
    app.tell(N_("A browser that may not read it there: write it elsewhere with --html FILE"))


def _print(app: App, made: _Made, *, whole: bool) -> None:
    from kzreminder.pages.guide_lines import guide_lines

    on_terminal = sys.stdout.isatty()
    lines = guide_lines(made.guide, made.heading, made.words, whole=whole, with_codes=on_terminal)
    if on_terminal:
        _print_inked(lines)
        return
    for line in lines:
        app.say(f"{' ' * line.indent}{line.text}")


_INKS = {
    "title": "bold underline",
    "heading": "bold",
    "plain": "",
    "caution": "yellow",
    "faint": "dim",
    "big": "bold",
    "code": "white on black",
}


def _print_inked(lines: Iterable[Line]) -> None:
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console = Console(markup=False, highlight=False, emoji=False)
    for line in lines:
        if not line.text:
            console.print()  # of an empty text Rich would print nothing
            continue
        text = Text(for_terminal(line.text), _INKS[line.look], no_wrap=line.look == "code")
        console.print(Padding(text, (0, 0, 0, line.indent), expand=False))
