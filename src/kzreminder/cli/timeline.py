"""timeline: a picture of all deadlines, on the terminal or in a file.

Not here: what stands in it (core.timeline, pages.timeline), drawing it (pages).
"""

from __future__ import annotations

import shutil
import sys
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import click

from kzreminder.cli.base import TO_STDOUT, App, command, json_option, option
from kzreminder.cli.show import named_operator, operator_id
from kzreminder.errors import N_, BadValue, for_terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kzreminder.core.card import Card
    from kzreminder.core.timeline import Timeline
    from kzreminder.pages.timeline import Picture
    from kzreminder.pages.timeline_lines import Signs
    from kzreminder.storage.surveys import Urgent

DAYS, CARDS = 60, 50
FARTHEST, MOST_CARDS = 3660, 2000


@command(
    "timeline",
    help=N_("A picture of all deadlines: by operator, the most urgent cards, today marked."),
    epilog=N_("Example: kzreminder timeline --days 90 --html deadlines.html"),
)
@option(
    "--days",
    type=click.IntRange(1, FARTHEST),
    default=DAYS,
    help=N_("How far ahead; 60 unless given."),
)
@option("--operator", metavar="NAME", help=N_("Only cards of this operator."))
@option("--tag", metavar="TAG", help=N_("Only cards with this tag."))
@option(
    "--limit",
    type=click.IntRange(1, MOST_CARDS),
    default=CARDS,
    metavar="N",
    help=N_("How many cards are drawn, the others are counted; 50 unless given."),
)
@option("--svg", metavar="FILE", help=N_("Write it as an SVG picture; - is stdout."))
@option("--html", metavar="FILE", help=N_("Write it as a page for a browser; - is stdout."))
@option("--yes", "sure", is_flag=True, help=N_("Do not ask."))
@json_option
def timeline(
    app: App,
    days: int,
    operator: str | None,
    tag: str | None,
    limit: int,
    svg: str | None,
    html: str | None,
    sure: bool,
    as_json: bool,
) -> None:
    if svg is not None and html is not None:
        raise BadValue(N_("--svg and --html are two pictures: give one of them"))
    target = svg if html is None else html
    if target == TO_STDOUT and as_json:
        raise BadValue(N_("a picture and JSON cannot both be printed: give the picture a file"))
    urgent = _urgent(app, days, operator, tag, limit)
    if target is not None:
        from kzreminder.cli.asking import write_page

        is_page = html is not None
        option, begins = ("--html", b"<!doctype html") if is_page else ("--svg", b"<svg")
        drawn = _drawn(app, urgent, days, as_page=is_page)
        write_page(app, target, drawn, option=option, begins=begins, sure=sure)
    if as_json:
        from kzreminder.cli.picture_objects import timeline_json

        app.print_json(timeline_json(_laid_out(app, urgent, urgent.cards, days)))
    elif target is None:
        _print(app, urgent, days, are_chosen=any((operator, tag)))


def _urgent(app: App, days: int, operator: str | None, tag: str | None, limit: int) -> Urgent:
    from kzreminder.storage.wanted import Wanted

    wanted = Wanted(operator_id(app, operator), tag)
    until = app.today + timedelta(days=days)
    return app.parts.store.surveys.urgent(wanted, app.now, until, limit)


def _laid_out(app: App, urgent: Urgent, cards: Sequence[Card], days: int) -> Timeline:
    from kzreminder.core.timeline import timeline_of

    return timeline_of(cards, urgent.rest, urgent.total, app.settings.policy, app.now, days)


def _picture(app: App, urgent: Urgent, days: int) -> Picture:
    """Pictures are shown around: numbers are masked on them as on notifications."""
    from kzreminder.pages.timeline import picture_of

    cards = app.parts.scribe().masked(urgent.cards)
    return picture_of(_laid_out(app, urgent, cards, days), partial(named_operator, app), app.words)


def _drawn(app: App, urgent: Urgent, days: int, *, as_page: bool) -> str:
    from kzreminder.pages.timeline_svg import timeline_page, timeline_svg

    picture = _picture(app, urgent, days)
    return timeline_page(picture, app.words) if as_page else timeline_svg(picture)


def _print(app: App, urgent: Urgent, days: int, *, are_chosen: bool) -> None:
    if not urgent.total:
        from kzreminder.cli.listing import tell_of_none

        tell_of_none(app, are_chosen=are_chosen)
        return
    picture = _picture(app, urgent, days)
    if not picture.blocks:
        app.tell(N_("Nothing in the next {days} days."), days=days)
        return
    from kzreminder.pages.timeline_lines import ASCII_SIGNS, SIGNS, timeline_lines

    encoding = sys.stdout.encoding or "ascii"
    signs = SIGNS if _can_write("".join(SIGNS), encoding) else ASCII_SIGNS

    def shown(text: str) -> str:
        visible = " ".join(for_terminal(text).split())
        return visible.encode(encoding, "replace").decode(encoding)

    if sys.stdout.isatty():
        _print_inked(picture, signs, shown)
        return
    width = shutil.get_terminal_size().columns
    for line in timeline_lines(picture, width, signs, shown):
        click.echo("".join(text for text, _ in line).rstrip())


def _can_write(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


_INKS = {
    "title": "bold underline",
    "heading": "bold",
    "plain": "",
    "faint": "dim",
    "today": "bold",
    "overdue": "bold red",
    "urgent": "bold yellow",
    "soon": "cyan",
    "later": "",
}


def _print_inked(picture: Picture, signs: Signs, shown: Callable[[str], str]) -> None:
    from rich.console import Console
    from rich.text import Text

    from kzreminder.pages.timeline_lines import timeline_lines

    console = Console(markup=False, highlight=False, emoji=False)
    for line in timeline_lines(picture, console.width, signs, shown):
        text = Text.assemble(*((span, _INKS[look]) for span, look in line))
        text.rstrip()
        console.print(text, soft_wrap=True)
