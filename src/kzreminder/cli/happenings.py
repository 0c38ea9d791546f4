"""renew, topup, balance, used, undo: what happened to a card.

Not here: correcting what was told wrongly (register).
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from kzreminder.cli.base import App, command, json_option, option, read
from kzreminder.cli.calendar_code import after_change, qr_option, refuse_both
from kzreminder.cli.chosen_cards import choose, of_many
from kzreminder.cli.show import change_card, print_card
from kzreminder.cli.typed_options import warn_if_ahead
from kzreminder.core.moves import Renewal, read_balance, renew, top_up, use
from kzreminder.core.typed import (
    money_text,
    read_day,
    read_instant,
    read_money,
    read_note,
    read_period,
)
from kzreminder.core.zone import almaty, almaty_day
from kzreminder.errors import N_, BadValue

_receipt = option(
    "--receipt",
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
    help=N_("The receipt; a copy is kept."),
)
_method = option("--method", metavar="ID", help=N_("How it was paid, as kaspi; see the guide."))
_note = option("--note", metavar="TEXT", help=N_("Anything worth remembering."))
_on = option("--on", metavar="DATE", help=N_("The day it happened; today unless given."))


@command(
    "renew",
    help=N_(
        "Record that a plan was renewed. From its expiry when paid in time, else from that day."
    ),
    epilog=N_(
        "Example: kzreminder renew Mum --paid 4990 --method kaspi\n"
        "Example: kzreminder renew --tag family --paid 4990 --yes"
    ),
)
@click.argument("card", required=False)
@option("--until", metavar="DATE", help=N_("The new last good day."))
@option("--for", "length", metavar="PERIOD", help=N_("For how long, when it is not the usual."))
@option(
    "--from",
    "start",
    type=click.Choice(["expiry", "today"]),
    help=N_("Where the new period begins."),
)
@_on
@option("--paid", metavar="MONEY", help=N_("What was paid, for each card."))
@_method
@_receipt
@_note
@qr_option
@of_many
def renew_card(
    app: App,
    card: str | None,
    until: str | None,
    length: str | None,
    start: str | None,
    on: str | None,
    paid: str | None,
    qr: bool,
    method: str | None,
    receipt: Path | None,
    note: str | None,
    **which: Any,
) -> None:
    refuse_both(qr=qr, as_json=which["as_json"])
    if until is not None and length is not None:
        raise BadValue(N_("--until and --for cannot both say how long"))
    choice = choose(app, card, **which)
    renewal = Renewal(
        on=_day(app, on),
        until=read("--until", read_day, until, app.today) if until is not None else None,
        period=read("--for", read_period, length) if length is not None else None,
        from_expiry=None if start is None else start == "expiry",
    )
    details = {"on": renewal.on.isoformat()}
    if paid is not None:
        details["paid"] = money_text(read("--paid", read_money, paid))
    for operator in {one.operator for one in choice.cards}:  # each knows methods of its own
        details |= _beside(app, operator, {"method": method, "note": note})
    renewal = replace(renewal, method=details.get("method"))
    move = partial(renew, renewal=renewal, now=app.now)
    choice.agree(app, move)  # refuses before a receipt is copied
    details |= _beside(app, None, {"receipt": receipt})
    renewed = choice.change(app, "renewed", move, details)
    day = renewed[0].plan.last_good_on
    if not choice.are_many and not choice.as_json and day is not None:
        shown = app.words.day(day, app.today)
        app.tell(N_("Renewed: {label} is good through {day}."), label=renewed[0].label, day=shown)
    if not choice.are_many:
        after_change(app, renewed[0], qr=qr, as_json=choice.as_json)


@command(
    "topup",
    help=N_("Record a top-up: it adds to the balance, and the number counts as used."),
    epilog=N_("Example: kzreminder topup Mum 2000 --method kaspi"),
)
@click.argument("card")
@click.argument("money")
@_on
@_method
@_receipt
@_note
@json_option
def topup(app: App, card: str, money: str, on: str | None, as_json: bool, **beside: Any) -> None:
    amount = read("MONEY", read_money, money)
    found = app.parts.store.find(card)
    day = _day(app, on)
    read_at = found.balance.read_at
    if read_at is not None and day < almaty_day(read_at):
        app.tell(N_("Note: the balance was read after {day}; it is added all the same."), day=day)
    details = {"amount": money_text(amount), "on": day.isoformat()}
    details |= _beside(app, found.operator, beside)
    move = partial(
        top_up,
        amount=amount,
        on=day,
        policy=app.settings.policy,
        now=app.now,
        method=details.get("method"),
    )
    changed = change_card(app, found, "topped_up", move, as_json, details)
    if not as_json and changed.balance.amount is None:
        app.tell(
            N_("Recorded. The balance stays unknown: kzreminder balance {id} AMOUNT"),
            id=changed.id,
        )


@command(
    "balance",
    help=N_("Record a balance reading. One dated before the newest is history only."),
    epilog=N_("Example: kzreminder balance Mum 1200"),
    context_settings={"ignore_unknown_options": True},  # a balance may be negative: -320
)
@click.argument("card")
@click.argument("money")
@option("--at", metavar="TIME", help=N_("When it was read, as 2026-11-20 18:00; now unless given."))
@json_option
def balance(app: App, card: str, money: str, at: str | None, as_json: bool) -> None:
    amount = read("MONEY", read_money, money, negative=True, zero=True)
    found = app.parts.store.find(card)
    read_at = read("--at", read_instant, at, app.now, almaty()) if at is not None else app.now
    newest = found.balance.read_at
    if newest is not None and read_at < newest and not as_json:
        app.tell(N_("A newer reading is known: this one is kept as history only."))
    details = {
        "amount": money_text(amount),
        "at": read_at.astimezone(almaty()).isoformat(timespec="seconds"),
    }
    move = partial(read_balance, amount=amount, at=read_at, policy=app.settings.policy)
    change_card(app, found, "balance_read", move, as_json, details)


@command(
    "used",
    help=N_("Record a paid call, SMS or data session: the number counts as used."),
    epilog=N_("Example: kzreminder used Mum --on yesterday"),
)
@click.argument("card")
@_on
@json_option
def used(app: App, card: str, on: str | None, as_json: bool) -> None:
    found = app.parts.store.find(card)
    day = _day(app, on)
    move = partial(use, on=day)
    details = {"on": day.isoformat()}
    change_card(app, found, "used", move, as_json, details)


@command(
    "undo",
    help=N_("Take back the newest change of a card; again and again, back to its registration."),
    epilog=N_("Example: kzreminder undo Mum"),
)
@click.argument("card")
@json_option
def undo(app: App, card: str, as_json: bool) -> None:
    from kzreminder.wording.history import EVENTS

    found = app.parts.store.find(card)
    restored, what = app.parts.store.undo(found.id, app.now)
    print_card(app, restored, as_json)
    if not as_json:
        app.tell(N_("Undone: {what}."), what=app.words.gettext(EVENTS[what]))


def _day(app: App, on: str | None) -> Any:
    day = read("--on", read_day, on, app.today) if on is not None else app.today
    warn_if_ahead(app, day)
    return day


def _beside(app: App, operator_id: str | None, beside: dict[str, Any]) -> dict[str, str]:
    """Method, receipt and note, checked; the receipt is copied before the change is recorded."""
    details = {}
    method = beside.get("method")
    if method is not None:
        details["method"] = _known_method(app, operator_id, method)
    if beside.get("note") is not None:
        details["note"] = read("--note", read_note, beside["note"])
    if beside.get("receipt"):
        details["receipt"] = app.parts.keep_receipt(beside["receipt"])
    return details


def _known_method(app: App, operator_id: str | None, method: str) -> str:
    catalogue = app.parts.operators
    own = catalogue.get(operator_id)
    operators = catalogue.operators if own is None else (own,)
    known = sorted({one.id for operator in operators for one in operator.methods})
    if method not in known:
        raise BadValue(
            N_("no top-up method is called {method}"),
            hint=N_("Known methods: {known}"),
            method=method,
            known=", ".join(known),
        )
    return method
