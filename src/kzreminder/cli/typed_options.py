"""The options of a card, from the words typed to values; a fault names its option.

Not here: what the values mean for the card (core.correcting).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from kzreminder.cli.base import App, option, read
from kzreminder.core.card import Kind
from kzreminder.core.correcting import Told
from kzreminder.core.typed import (
    read_day,
    read_keep_alive,
    read_label,
    read_language,
    read_money,
    read_note,
    read_period,
    read_protects,
    read_tag,
    read_target,
    read_watcher,
)
from kzreminder.core.typed_leads import read_leads
from kzreminder.errors import N_, BadValue

CLEAR = "-"
_AHEAD_IS_ODD = ("last_used", "device_entered")


def card_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that `add` and `edit` share."""
    for decorate in reversed(_OPTIONS):
        command = decorate(command)
    return command


_OPTIONS = (
    option("--label", metavar="TEXT", help=N_("What you call the card.")),
    option("--operator", metavar="NAME", help=N_("Kcell, activ, Beeline, izi, Tele2, Altel ...")),
    option("--esim/--sim", "esim", default=None, help=N_("An eSIM, or a plastic card.")),
    option("--plan", metavar="NAME", help=N_("The plan's name.")),
    option("--period", metavar="PERIOD", help=N_("30d, 4w, 1mo, 1y, month-start or none.")),
    option("--started", metavar="DATE", help=N_("First day of the period that runs now.")),
    option("--expires", metavar="DATE", help=N_("Last good day of the plan.")),
    option("--price", metavar="MONEY", help=N_("What the plan costs, in tenge.")),
    option(
        "--auto-renew/--no-auto-renew",
        "auto_renew",
        default=None,
        help=N_("Whether the plan takes its price and goes on by itself."),
    ),
    option("--balance", metavar="MONEY", help=N_("The balance now.")),
    option("--threshold", metavar="MONEY", help=N_("Under this balance you are told.")),
    option("--keep-alive", metavar="PERIOD", help=N_("Your own rule: use the number this often.")),
    option("--last-used", metavar="DATE", help=N_("Last paid call, SMS, data session or top-up.")),
    option("--device-entered", metavar="DATE", help=N_("Day an unregistered phone came in.")),
    option("--protects", metavar="TEXT", help=N_('Accounts on the number, as "eGov, Kaspi".')),
    option("--leads", metavar="LEADS", help=N_("Days before a deadline, as 14d,7d,3d,1d,0d.")),
    option("--lang", metavar="LANG", help=N_("The language of this card's reminders.")),
    option("--tag", "tags", multiple=True, metavar="TAG", help=N_("A tag; may be repeated.")),
    option(
        "--target",
        "targets",
        multiple=True,
        metavar="NAME",
        help=N_("Where it is told: desktop, or a target in the settings; may be repeated."),
    ),
    option("--watcher", metavar="NAME", help=N_("Only services that bear this name speak of it.")),
    option("--note", metavar="TEXT", help=N_("Anything worth remembering.")),
    option("--any-country", is_flag=True, help=N_("Take a number of another country too.")),
)


def text_readers(app: App) -> dict[str, Callable[[str], object]]:
    """How each option that is one text is read, by its name."""
    return {
        "label": read_label,
        "operator": lambda text: app.parts.operators.find(text).id,
        "plan": read_label,
        "period": read_period,
        "started": lambda text: read_day(text, app.today),
        "expires": lambda text: read_day(text, app.today),
        "price": read_money,
        "balance": lambda text: read_money(text, negative=True, zero=True),
        "threshold": lambda text: read_money(text, zero=True),
        "keep_alive": read_keep_alive,
        "last_used": lambda text: read_day(text, app.today),
        "device_entered": lambda text: read_day(text, app.today),
        "protects": read_protects,
        "leads": read_leads,
        "lang": read_language,
        "note": read_note,
    }


def told_by(app: App, typed: Mapping[str, Any], number: str | None, *, may_clear: bool) -> Told:
    """The values of the options that were given; `-` clears where that is allowed."""
    from kzreminder.operators.numbers import parse_number

    told: dict[str, Any] = {}
    for name, reader in text_readers(app).items():
        text = typed.get(name)
        if text is None:
            continue
        place = f"--{name.replace('_', '-')}"
        clears = may_clear and text == CLEAR
        if clears and name == "label":
            raise BadValue(N_("a label cannot be cleared: it is what the card is called by"))
        told[name] = None if clears else read(place, reader, text)
    if number is not None:
        clears = may_clear and number == CLEAR
        any_country = bool(typed.get("any_country"))
        told["number"] = None if clears else read("NUMBER", parse_number, number, any_country)
    if typed.get("esim") is not None:
        told["kind"] = Kind.ESIM if typed["esim"] else Kind.SIM
    if typed.get("auto_renew") is not None:
        told["auto_renew"] = typed["auto_renew"]
    told |= _told_names(typed, may_clear=may_clear)
    _warn(app, told)
    return told


def _told_names(typed: Mapping[str, Any], *, may_clear: bool) -> dict[str, Any]:
    """What is told by names, of which there may be several."""
    told: dict[str, Any] = {}
    for key, place, reader in (("tags", "--tag", read_tag), ("targets", "--target", read_target)):
        if names := typed.get(key):
            cleared = may_clear and names == (CLEAR,)
            read_names = () if cleared else (read(place, reader, name) for name in names)
            told[key] = tuple(dict.fromkeys(read_names))
    if (watcher := typed.get("watcher")) is not None:
        cleared = may_clear and watcher == CLEAR
        told["watcher"] = None if cleared else read("--watcher", read_watcher, watcher)
    return told


def guess_operator(app: App, told: Told) -> Told:
    """The operator that the number's prefix suggests, marked as guessed, where none was told."""
    if "operator" in told:
        return {**told, "operator_guessed": False}
    number = told.get("number")
    guessed = app.parts.operators.guess(number) if number else None
    if guessed is None:
        return told
    return {**told, "operator": guessed.id, "operator_guessed": True}


def _warn(app: App, told: Told) -> None:
    for name in _AHEAD_IS_ODD:
        warn_if_ahead(app, told.get(name))
    if targets := told.get("targets"):
        warn_of_targets(app, targets)
    if watcher := told.get("watcher"):
        warn_of_watchers(app, (watcher,))


def warn_of_targets(app: App, names: Iterable[str]) -> None:
    """No error: settings differ between machines that share a database."""
    known = ["desktop", *(target.name for target in app.settings.targets)]
    for name in names:
        if name not in known:
            app.tell(
                N_("Note: {name} is no target in the settings here. Known: {known}"),
                name=name,
                known=", ".join(known),
            )


def warn_of_watchers(app: App, names: Iterable[str]) -> None:
    for name in names:
        if name not in app.settings.watches:
            app.tell(
                N_(
                    "Note: the settings here do not watch {name}: a service that does must speak"
                    " of it."
                ),
                name=name,
            )


def warn_if_ahead(app: App, day: Any) -> None:
    if day is not None and day > app.today:
        app.tell(N_("Note: {day} is still ahead."), day=day)
