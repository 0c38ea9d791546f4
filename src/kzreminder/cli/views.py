"""list, show, upcoming: what there is and what will come.

Not here: what was, and why (explain); anything that changes a card.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kzreminder.cli.base import App, command, json_option, option
from kzreminder.cli.calendar_code import qr_option, refuse_both, show_code
from kzreminder.cli.show import print_card, print_table
from kzreminder.errors import N_

if TYPE_CHECKING:
    from kzreminder.core.card import Card
    from kzreminder.core.reminder import Mark

STATE_NAMES = ("archived", "muted", "lapsed", "overdue", "low", "ending", "ok")
SORT_KEYS = ("urgency", "label", "operator", "added")


@command(
    "list",
    help=N_("All cards, the most urgent first, each with its next reminder."),
    epilog=N_("Example: kzreminder list --operator beeline --state ending"),
)
@option("--operator", metavar="NAME", help=N_("Only cards of this operator."))
@option("--tag", metavar="TAG", help=N_("Only cards with this tag."))
@option("--state", type=click.Choice(STATE_NAMES), help=N_("Only cards in this state."))
@option("--sort", type=click.Choice(SORT_KEYS), default="urgency", help=N_("What comes first."))
@option("--all", "everything", is_flag=True, help=N_("Archived cards too."))
@json_option
def list_cards(
    app: App,
    operator: str | None = None,
    tag: str | None = None,
    state: str | None = None,
    sort: str = "urgency",
    everything: bool = False,
    as_json: bool = False,
) -> None:
    from kzreminder.core.planning import state_of

    policy = app.settings.policy
    wanted = app.parts.operators.find(operator).id if operator is not None else None
    cards = app.parts.store.cards(
        operator=wanted, tag=tag, archived=everything or state == "archived"
    )
    if state:
        cards = [card for card in cards if state_of(card, policy, app.now) == state]
    _sort(cards, sort)
    marks = app.parts.store.marks_of([card.id for card in cards])
    if as_json:
        from kzreminder.cli.objects import card_json

        routes = app.parts.routes
        app.print_json([card_json(c, policy, marks.get(c.id, ()), app.now, routes) for c in cards])
    elif not cards:
        app.tell(N_("No cards here. Register one: kzreminder add --help"))
    else:
        _print_list(app, cards, marks)


def _sort(cards: list[Card], key: str) -> None:
    """The store gives the earliest deadline first."""
    if key == "label":
        cards.sort(key=lambda card: card.label.casefold())
    elif key == "operator":
        cards.sort(key=lambda card: card.operator or "~")
    elif key == "added":
        cards.sort(key=lambda card: card.id)


def _print_list(app: App, cards: list[Card], marks: dict[int, list[Mark]]) -> None:
    from kzreminder.operators.numbers import spaced
    from kzreminder.wording.cards import balance_words, next_words, state_words

    words, policy = app.words, app.settings.policy
    rows = [
        (
            card.label,
            spaced(card.number) if card.number else "",
            card.operator or "",
            state_words(card, policy, words, app.now),
            balance_words(card, words, app.now),
            next_words(card, policy, marks.get(card.id, ()), words, app.now, app.parts.routes),
        )
        for card in cards
    ]
    headers = (
        N_("Card"),
        N_("Number"),
        N_("Operator"),
        N_("State"),
        N_("Balance"),
        N_("Next reminder"),
    )
    print_table(rows, [words.gettext(header) for header in headers])


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
