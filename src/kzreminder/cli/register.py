"""add, edit, archive, restore, remove: which cards there are and what is known of them.

Not here: what happens to a card later (happenings).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import click

from kzreminder.cli.asking import ask
from kzreminder.cli.base import App, CardCommand, command, json_option, option
from kzreminder.cli.calendar_code import after_change, qr_option, refuse_both
from kzreminder.cli.chosen_cards import choose, of_many, of_many_but_tag_and_operator
from kzreminder.cli.show import change_card, print_card
from kzreminder.cli.typed_options import card_options, guess_operator, told_by
from kzreminder.core.correcting import correct, register
from kzreminder.core.moves import archive, restore
from kzreminder.errors import N_, BadValue
from kzreminder.operators.numbers import spaced

if TYPE_CHECKING:
    from kzreminder.core.card import Card
    from kzreminder.core.correcting import Told


@command(
    "add",
    cls=CardCommand,
    help=N_(
        "Register a card. Give its number, a label, or both; without anything, on a terminal, you"
        " are asked."
    ),
    epilog=N_("Example: kzreminder add 87011234567 --label Mum --period 30d --price 4990"),
)
@click.argument("number", required=False)
@card_options
@qr_option
@json_option
def add(app: App, number: str | None, qr: bool, as_json: bool, **typed: Any) -> None:
    refuse_both(qr=qr, as_json=as_json)
    told = told_by(app, typed, number, may_clear=False)
    if not set(told) - {"lang"} and app.may_ask and not as_json:
        _add_by_asking(app, told, any_country=typed["any_country"], qr=qr)
        return
    added = app.parts.store.add(new_card(app, told), app.now)
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


def _add_by_asking(app: App, told: Told, *, any_country: bool, qr: bool) -> None:
    from kzreminder.cli.wizard import ask_for_card, confirm_card, say_what_is_next

    card = new_card(app, ask_for_card(app, told, any_country=any_country))
    confirm_card(app, card)
    added = app.parts.store.add(card, app.now)
    say_what_is_next(app, added)
    after_change(app, added, qr=qr, as_json=False)


def new_card(app: App, told: Told) -> Card:
    """The card as it is registered; without a label it is called by its number."""
    if "label" not in told and "number" not in told:
        raise nameless()
    named = told if "label" in told else {**told, "label": spaced(told["number"])}
    return register(guess_operator(app, named), app.settings.policy, app.now)


def nameless() -> BadValue:
    return BadValue(
        N_("a card needs a number or a label"),
        hint=N_("Example: kzreminder add 87011234567 --label Mum --period 30d --price 4990"),
    )


@command(
    "edit",
    cls=CardCommand,
    help=N_(
        "Correct what is known of a card. A value of - clears it; --tag replaces all tags."
        " Without CARD, --tag and --operator choose the cards; --new-tag and --new-operator change"
        " them."
    ),
    epilog=N_(
        "Example: kzreminder edit Mum --expires 2026-12-31 --note -\n"
        "Example: kzreminder edit --tag family --price 4990 --yes"
    ),
)
@click.argument("card", required=False)
@option("--number", metavar="NUMBER", help=N_("The phone number."))
@card_options
@option("--new-operator", metavar="NAME", help=N_("The operator of all that are chosen."))
@option("--new-tag", "new_tags", multiple=True, metavar="TAG", help=N_("Their tags from now on."))
@of_many_but_tag_and_operator
def edit(app: App, card: str | None, number: str | None, **typed: Any) -> None:
    which = {name: typed.pop(name) for name in ("state", "numbers", "sure", "as_json")}
    which |= _chosen_by(card, typed)
    _take_the_new(typed)
    choice = choose(app, card, **which)
    if choice.are_many:
        _refuse_for_many(typed, number)
    told = told_by(app, typed, number, may_clear=True)
    found = choice.cards[0]
    if "operator" in told or found.operator_guessed or found.operator is None:
        told = guess_operator(app, told)
    if "number" in told and found.operator_guessed and "operator" not in told:
        told = {**told, "operator": None, "operator_guessed": False}
    if not told:
        raise BadValue(N_("nothing to change was given"), hint=N_("See: kzreminder edit --help"))
    move = partial(correct, told=told, policy=app.settings.policy, now=app.now)
    choice.agree(app, move)
    changed = choice.change(app, "edited", move)
    before = {card.id: card.plan.last_good_on for card in choice.cards}
    moved = [card for card in changed if card.plan.last_good_on != before[card.id]]
    if moved:
        _warn_of_end(app, moved[0])


def _chosen_by(card: str | None, typed: dict[str, Any]) -> dict[str, str | None]:
    """Without CARD, --tag and --operator say which cards; with it, what they become."""
    if card is not None:
        return {"tag": None, "operator": None}
    tags = typed.pop("tags")
    if len(tags) > 1:
        raise BadValue(N_("one --tag chooses the cards; their tags become those of --new-tag"))
    return {"tag": tags[0] if tags else None, "operator": typed.pop("operator")}


def _take_the_new(typed: dict[str, Any]) -> None:
    operator, tags = typed.pop("new_operator"), typed.pop("new_tags")
    if operator is not None:
        typed["operator"] = operator
    if tags:
        typed["tags"] = tags


def _refuse_for_many(typed: dict[str, Any], number: str | None) -> None:
    for name, text in (("--label", typed["label"]), ("--number", number)):
        if text is not None:
            raise BadValue(N_("{option} is of one card; name it"), option=name)


def _warn_of_end(app: App, card: Card) -> None:
    """A card may be registered late, but a slip in a year would look the same."""
    ended_on = card.plan.last_good_on
    if ended_on is not None and ended_on < app.today:
        app.tell(N_("Note: {day} is in the past; this plan has ended."), day=ended_on)


@command(
    "archive",
    help=N_("Put a card away: it is not spoken of any more, its history is kept."),
    epilog=N_(
        "Example: kzreminder archive Mum\nExample: kzreminder archive --numbers cards.csv --yes"
    ),
)
@click.argument("card", required=False)
@of_many
def archive_card(app: App, card: str | None, **which: Any) -> None:
    choice = choose(app, card, **which)
    choice.agree(app, archive)
    choice.change(app, "archived", archive)


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
        ask(
            app,
            app.words.gettext("Delete {label} and its history?", label=found.label),
            BadValue(
                N_("removing {label} deletes its history too, so it must be confirmed"),
                hint=N_("Add --yes, or keep the history: kzreminder archive"),
                label=found.label,
            ),
        )
    if as_json:
        print_card(app, found, as_json)
    app.parts.store.remove(found.id)
    places.page(found.id).unlink(missing_ok=True)  # it shows the number
    if not as_json:
        app.tell(N_("Removed {label}."), label=found.label)
