"""add, edit, archive, restore, remove: which cards there are and what is known of them.

Not here: what happens to a card later (happenings).
"""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Any

import click

from kzreminder.cli.base import App, CardCommand, command, json_option, option
from kzreminder.cli.calendar_code import after_change, qr_option, refuse_both
from kzreminder.cli.show import change_card, print_card
from kzreminder.cli.typed_options import card_options, guess_operator, told_by
from kzreminder.core.correcting import correct, register
from kzreminder.core.moves import archive, read_balance, restore
from kzreminder.errors import N_, BadValue
from kzreminder.operators.numbers import PREFIX_SIGNS, spaced

if TYPE_CHECKING:
    from decimal import Decimal

    from kzreminder.core.card import Card
    from kzreminder.core.correcting import Told


@command(
    "add",
    cls=CardCommand,
    help=N_("Register a card. Give its number, a label, or both."),
    epilog=N_("Example: kzreminder add 87011234567 --label Mum --period 30d --price 4990"),
)
@click.argument("number", required=False)
@card_options
@qr_option
@json_option
def add(app: App, number: str | None, qr: bool, as_json: bool, **typed: Any) -> None:
    refuse_both(qr=qr, as_json=as_json)
    added = app.parts.store.add(
        new_card(app, told_by(app, typed, number, may_clear=False)), app.now
    )
    _warn_of_end(app, added)
    if not as_json:
        app.tell(N_("Registered."))
        if added.operator_guessed:
            app.tell(
                N_("The operator is guessed from the number. If it is another: "
                   "kzreminder edit {card} --operator NAME"),
                card=added.id,
            )  # fmt: skip
    print_card(app, added, as_json)
    after_change(app, added, qr=qr, as_json=as_json)


def new_card(app: App, told: Told) -> Card:
    """The card as it is registered; without a label it is called by its number."""
    if "label" not in told and "number" not in told:
        raise _nameless()
    named = told if "label" in told else {**told, "label": spaced(told["number"])}
    return register(guess_operator(app, named), app.settings.policy, app.now)


def _nameless() -> BadValue:
    return BadValue(
        N_("a card needs a number or a label"),
        hint=N_("Example: kzreminder add 87011234567 --label Mum --period 30d --price 4990"),
    )


class Registrar:
    """Makes the cards of a file as `add` would: what most have in common is made once."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._policy, self._now = app.settings.policy, app.now
        self._guess = cache(app.parts.operators.guess_by_prefix)

    def own(self, own: Told, told: Told) -> Told:
        number = own.get("number")
        if "label" not in own:
            if number is None:
                raise _nameless()
            own = {**own, "label": spaced(number)}
        if number is None or "operator" in told:
            return own
        operator = self._guess(number[:PREFIX_SIGNS])
        return own if operator is None else {**own, "operator": operator, "operator_guessed": True}

    def card(self, told: Told) -> Card:
        return register({**told, "label": ""}, self._policy, self._now)

    def with_balance(self, card: Card, balance: Decimal) -> Card:
        return read_balance(card, balance, self._now, self._policy)


@command(
    "edit",
    cls=CardCommand,
    help=N_("Correct what is known of a card. A value of - clears it; --tag replaces all tags."),
    epilog=N_("Example: kzreminder edit Mum --expires 2026-12-31 --note -"),
)
@click.argument("card")
@option("--number", metavar="NUMBER", help=N_("The phone number."))
@card_options
@json_option
def edit(app: App, card: str, number: str | None, as_json: bool, **typed: Any) -> None:
    found = app.parts.store.find(card)
    told = told_by(app, typed, number, may_clear=True)
    if "operator" in told or found.operator_guessed or found.operator is None:
        told = guess_operator(app, told)
    if "number" in told and found.operator_guessed and "operator" not in told:
        told = {**told, "operator": None, "operator_guessed": False}
    if not told:
        raise BadValue(N_("nothing to change was given"), hint=N_("See: kzreminder edit --help"))
    move = partial(correct, told=told, policy=app.settings.policy, now=app.now)
    changed = change_card(app, found, "edited", move, as_json)
    if changed.plan.last_good_on != found.plan.last_good_on:
        _warn_of_end(app, changed)


def _warn_of_end(app: App, card: Card) -> None:
    """A card may be registered late, but a slip in a year would look the same."""
    ended_on = card.plan.last_good_on
    if ended_on is not None and ended_on < app.today:
        app.tell(N_("Note: {day} is in the past; this plan has ended."), day=ended_on)


@command(
    "archive",
    help=N_("Put a card away: it is not spoken of any more, its history is kept."),
    epilog=N_("Example: kzreminder archive Mum"),
)
@click.argument("card")
@json_option
def archive_card(app: App, card: str, as_json: bool) -> None:
    change_card(app, app.parts.store.find(card), "archived", archive, as_json)


@command(
    "restore",
    help=N_("Take an archived card back."),
    epilog=N_("Example: kzreminder restore Mum"),
)
@click.argument("card")
@json_option
def restore_card(app: App, card: str, as_json: bool) -> None:
    change_card(app, app.parts.store.find(card), "restored", restore, as_json)


@command(
    "remove",
    help=N_("Delete a card and its history. To keep the history: kzreminder archive."),
    epilog=N_("Example: kzreminder remove Mum --yes"),
)
@click.argument("card")
@option("--yes", "sure", is_flag=True, help=N_("Do not ask."))
@json_option
def remove(app: App, card: str, sure: bool, as_json: bool) -> None:
    from kzreminder import places

    found = app.parts.store.find(card)
    if not sure:
        if not app.may_ask:
            raise BadValue(
                N_("removing {label} deletes its history too, so it must be confirmed"),
                hint=N_("Add --yes, or keep the history: kzreminder archive"),
                label=found.label,
            )
        question = app.words.gettext("Delete {label} and its history?", label=found.label)
        if not click.confirm(question, err=True):
            raise click.Abort
    if as_json:
        print_card(app, found, as_json)
    app.parts.store.remove(found.id)
    places.page(found.id).unlink(missing_ok=True)  # it shows the number
    if not as_json:
        app.tell(N_("Removed {label}."), label=found.label)
