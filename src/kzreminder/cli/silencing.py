"""ack, snooze, mute, unmute: which reminders are not wanted, of one card or of many.

Not here: how far each reaches (core.silence).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import click

from kzreminder.cli.base import App, command, option, read
from kzreminder.cli.chosen_cards import choose, of_many
from kzreminder.core.card import Move
from kzreminder.core.silence import (
    acknowledge,
    mute,
    snooze,
    snooze_until,
    unmute,
)
from kzreminder.core.typed import read_day, read_snooze
from kzreminder.core.zone import almaty
from kzreminder.errors import N_, BadValue


@command(
    "ack",
    help=N_("Seen: what was told so far is settled. What comes next still comes."),
    epilog=N_("Example: kzreminder ack Mum"),
)
@click.argument("card", required=False)
@of_many
def ack(app: App, card: str | None, **beside: Any) -> None:
    _change(app, card, "acknowledged", partial(acknowledge, now=app.now), {}, **beside)


@command(
    "snooze",
    help=N_(
        "Silent for a while, then one reminder. A deadline that comes earlier ends it earlier."
    ),
    epilog=N_("Example: kzreminder snooze Mum 2d"),
)
@click.argument("card", required=False)
@click.argument("period", required=False)
@of_many
def snooze_cards(app: App, card: str | None, period: str | None, **beside: Any) -> None:
    if period is None and any(beside[one] for one in ("tag", "operator", "state", "numbers")):
        card, period = None, card  # `snooze --tag family 2d`
    if period is None:
        raise BadValue(N_("for how long?"), hint=N_("Example: kzreminder snooze Mum 2d"))
    until = snooze_until(app.now, read("PERIOD", read_snooze, period))
    details = {"until": until.astimezone(almaty()).isoformat(timespec="seconds")}
    _change(app, card, "snoozed", partial(snooze, until=until, now=app.now), details, **beside)


@command(
    "mute",
    help=N_("Tell nothing of a card, through a day or until it is unmuted."),
    epilog=N_(
        "Example: kzreminder mute Mum --until 2026-12-31\n"
        "Example: kzreminder mute --tag family --yes"
    ),
)
@click.argument("card", required=False)
@option("--until", metavar="DATE", help=N_("The last silent day."))
@of_many
def mute_cards(app: App, card: str | None, until: str | None, **beside: Any) -> None:
    day = read("--until", read_day, until, app.today) if until is not None else None
    if day is not None and day < app.today:
        raise BadValue(N_("--until: {day} is in the past"), day=day)
    details = {"until": day.isoformat()} if day is not None else {}
    _change(app, card, "muted", partial(mute, until=day), details, **beside)


@command(
    "unmute",
    help=N_("Tell of a muted card again; what fell due meanwhile and still holds comes now."),
    epilog=N_("Example: kzreminder unmute Mum"),
)
@click.argument("card", required=False)
@of_many
def unmute_cards(app: App, card: str | None, **beside: Any) -> None:
    _change(app, card, "unmuted", unmute, {}, **beside)


def _change(
    app: App,
    card: str | None,
    what: str,
    move: Move,
    details: Mapping[str, str],
    **which: Any,
) -> None:
    choice = choose(app, card, **which)
    choice.agree(app, move)
    choice.change(app, what, move, details)
