"""test-notification: one message now, on the way that reminders take.

Not here: sending it (channels).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzreminder.cli.base import App, command, json_option, option
from kzreminder.errors import N_, BadValue, DeliveryFailed

if TYPE_CHECKING:
    from kzreminder.channels.message import Channel, Outcome

DESKTOP = "desktop"


@command(
    "test-notification",
    help=N_("Show one notification now, on the way that reminders take."),
    epilog=N_("Example: kzreminder test-notification"),
)
@option(
    "--target",
    metavar="ID",
    help=N_("Where to; unless given the desktop, or all targets where it is off."),
)
@json_option
def test_notification(app: App, target: str | None, as_json: bool) -> None:
    from kzreminder.channels.message import Accepted, Message

    words = app.words
    message = Message(
        words.gettext("kzreminder can reach you here"),
        words.gettext("A reminder will look like this. Nothing is due because of it."),
    )
    told, failed = [], []
    for channel in _channels(app, target):
        try:
            outcome = channel.send(message)
        finally:
            channel.close()
        told.append(_as_json(channel, outcome))
        if not isinstance(outcome, Accepted):
            failed.append((channel.target, outcome.error))
        elif not as_json:
            app.tell(N_("Sent to {target}."), target=channel.target)
    if as_json:
        all_of_them = {"targets": told} if target is None and _is_off(app) else {}
        app.print_json(told[0] | all_of_them)
    undelivered = N_("the notification was not delivered to {target}: {error}")
    for where, why in failed[:-1]:
        app.tell(undelivered, target=where, error=why)
    for where, why in failed[-1:]:
        raise DeliveryFailed(undelivered, target=where, error=why)


def _channels(app: App, target: str | None) -> tuple[Channel, ...]:
    """Those that are meant; the desktop, or all others where it is off."""
    parts = app.parts
    others = parts.push_channels()
    if target is None and _is_off(app):
        return others  # without any, the settings are refused
    if target in (None, DESKTOP, parts.target):
        return (parts.channel(),)
    by_name = {channel.target: channel for channel in others}
    named = by_name.get(f"push:{target}") or by_name.get(target)
    if named is not None:
        return (named,)
    known = [parts.target, *by_name]
    raise BadValue(
        N_("there is no target {target}"),
        hint=N_("Known targets: {known}"),
        target=target,
        known=", ".join(known),
    )


def _is_off(app: App) -> bool:
    from kzreminder.settings.declared import Desktop

    return app.parts.desktop_choice[0] is Desktop.OFF


def _as_json(channel: Channel, outcome: Outcome) -> dict[str, object]:
    from kzreminder.channels.message import Accepted

    is_taken = isinstance(outcome, Accepted)
    return {
        "target": channel.target,
        "channel": channel.name,
        "accepted": is_taken,
        "notification_id": outcome.id if isinstance(outcome, Accepted) else None,
        "error": None if isinstance(outcome, Accepted) else outcome.error,
    }
