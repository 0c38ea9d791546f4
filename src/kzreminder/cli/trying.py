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
@option("--target", metavar="ID", help=N_("Where to; the desktop unless given."))
@json_option
def test_notification(app: App, target: str | None, as_json: bool) -> None:
    from kzreminder.channels.message import Accepted, Message

    words = app.words
    message = Message(
        words.gettext("kzreminder can reach you here"),
        words.gettext("A reminder will look like this. Nothing is due because of it."),
    )
    failed = []
    told = []
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
        # Where the desktop is off, all targets are tried; there may be several.
        app.print_json(told[0] if target or not _is_off(app) else told)
    if failed:
        raise DeliveryFailed(
            N_("the notification was not delivered to {target}: {error}"),
            target=failed[0][0],
            error="; ".join([failed[0][1], *(f"{where}: {why}" for where, why in failed[1:])]),
        )


def _channels(app: App, target: str | None) -> tuple[Channel, ...]:
    """Those that are meant; the desktop, or all others where it is off."""
    parts = app.parts
    if target is None:
        return parts.push_channels() if _is_off(app) else (parts.channel(),)
    if target in (DESKTOP, parts.target):
        return (parts.channel(),)
    named = [channel for channel in parts.push_channels() if channel.target == f"push:{target}"]
    named += [channel for channel in parts.push_channels() if channel.target == target]
    if named:
        return (named[0],)
    known = [parts.target, *(channel.target for channel in parts.push_channels())]
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
