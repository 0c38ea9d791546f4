"""A deadline for the phone's own calendar, as a QR code: on demand, and offered after a change.

Not here: what stands in the code (exchange.calendar), drawing it (pages.qr).
"""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import click

from kzreminder.cli.base import App, option
from kzreminder.errors import N_, BadValue

if TYPE_CHECKING:
    from kzreminder.core.card import Card
    from kzreminder.exchange.calendar import CalendarEvent

qr_option = option(
    "--qr", is_flag=True, help=N_("Show a QR code that puts the deadline into a phone's calendar.")
)


def refuse_both(*, qr: bool, as_json: bool) -> None:
    """Before anything is changed."""
    if qr and as_json:
        raise BadValue(N_("the QR code and JSON cannot both be printed: give one of them"))


def show_code(app: App, card: Card) -> None:
    """The code of the next deadline, or that there is none."""
    event = _event(app, card)
    if event is None:
        app.tell(N_("No deadline of {label} is ahead for a calendar."), label=card.label)
    else:
        _show(app, event)


def after_change(app: App, card: Card, *, qr: bool, as_json: bool) -> None:
    """The code where it was asked for; on a terminal it is offered. The change is done already."""
    if qr:
        show_code(app, card)
        return
    if as_json or not (app.may_ask and sys.stdout.isatty()):
        return
    event = _event(app, card)
    if event is None:
        return
    question = app.words.gettext(
        "Show a QR code that puts this deadline into your phone's calendar?"
    )
    try:
        wanted = click.confirm(question, err=True)
    except click.Abort:  # Ctrl-C would else end in "nothing was changed"
        click.echo(err=True)
        return
    if wanted:
        _show(app, event)


def _event(app: App, card: Card) -> CalendarEvent | None:
    from kzreminder.exchange.calendar import events_of, to_scan

    return to_scan(events_of(card, app.parts.scribe(), app.now), app.now)


def _show(app: App, event: CalendarEvent) -> None:
    from kzreminder.exchange.calendar import scanned_text
    from kzreminder.pages.qr import as_text

    rows = as_text(scanned_text(event), dense=True).splitlines()
    zone = app.settings.policy.zone
    at = app.words.moment(event.last_call, zone, app.now.astimezone(zone).date())
    app.say(f"{at}  {event.title}")
    if not sys.stdout.isatty():
        for row in rows:
            app.say(row)
        return
    if shutil.get_terminal_size().columns < len(rows[0]):
        app.tell(
            N_("The window is too narrow for the code: {columns} columns are needed."),
            columns=len(rows[0]),
        )
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(markup=False, highlight=False, emoji=False)
    for row in rows:
        console.print(Text(row, "white on black", no_wrap=True))
    app.tell(
        N_(
            "Scan it with the phone's camera: a second alarm, for a day on which this computer is"
            " off. See that the phone sets an alert."
        )
    )
