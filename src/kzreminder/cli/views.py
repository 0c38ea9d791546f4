"""show, upcoming: what there is of a card and what will come.

Not here: many cards (listing); what was, and why (explain); anything that changes a card.
"""

from __future__ import annotations

import click

from kzreminder.cli.base import App, command, json_option, option
from kzreminder.cli.calendar_code import qr_option, refuse_both, show_code
from kzreminder.cli.show import print_card, print_table
from kzreminder.errors import N_


@command(
    "show",
    help=N_("Everything known of one card, with its deadlines, next reminder and last events."),
    epilog=N_("Example: kzreminder show Mum"),
)
@click.argument("card")
@qr_option
@json_option
def show(app: App, card: str, qr: bool, as_json: bool) -> None:
    refuse_both(qr=qr, as_json=as_json)
    found = app.parts.store.find(card)
    print_card(app, found, as_json)
    if not as_json:
        from kzreminder.cli.explain import history_rows

        print_table(history_rows(app, app.parts.store.history(found.id, limit=5)))
    if qr:
        show_code(app, found)


@command(
    "upcoming",
    help=N_("Every reminder that will fire, when and why."),
    epilog=N_("Example: kzreminder upcoming --days 90 --card Mum"),
)
@option(
    "--days", type=click.IntRange(1, 3660), default=30, help=N_("How far ahead; 30 unless given.")
)
@option("--card", metavar="CARD", help=N_("Only this card."))
@json_option
def upcoming_reminders(app: App, days: int, card: str | None, as_json: bool) -> None:
    from datetime import timedelta

    from kzreminder.core.planning import upcoming_on

    store, policy, scribe = app.parts.store, app.settings.policy, app.parts.scribe()
    cards = [store.find(card)] if card is not None else store.cards()
    marks = store.marks_of([one.id for one in cards])
    until = app.now + timedelta(days=days)
    routes = app.parts.routes
    are_several = len(routes) > 1
    coming = [
        (instant, reminders, scribe.message(reminders, instant), route)
        for one in cards
        for instant, route, reminders in upcoming_on(
            routes, one, policy, marks.get(one.id, ()), app.now, until
        )
    ]
    coming.sort(key=lambda each: (each[0], each[1][0].card.id))
    if as_json:
        from kzreminder.cli.objects import instant as iso
        from kzreminder.cli.objects import reminder_json

        app.print_json(
            [
                reminder_json(reminder, policy, text.title, text.body)
                | {"at": iso(instant, policy.zone)}
                | ({"target": route.target} if are_several and route else {})
                for instant, reminders, text, route in coming
                for reminder in reminders
            ]
        )
        return
    from kzreminder.wording.cards import REASONS

    today = app.now.astimezone(policy.zone).date()
    print_table(
        (
            app.words.moment(instant, policy.zone, today),
            text.title,
            app.words.gettext(REASONS[reminders[0].reason]),
            *([route.name] if are_several and route else []),
        )
        for instant, reminders, text, route in coming
    )
    if not coming:
        app.tell(N_("Nothing in the next {days} days."), days=days)
