"""What a keeper refuses, in words.

Not here: what makes it refuse (user_manager, autostart).
"""

from __future__ import annotations

from kzreminder import places
from kzreminder.errors import N_, KzreminderError


class NotInstalled(KzreminderError):
    def __init__(self) -> None:
        super().__init__(
            N_("the service is not installed"), hint=N_("Install it: kzreminder service install")
        )


class NotStarted(KzreminderError):
    def __init__(self, why: str) -> None:
        super().__init__(
            N_("the service does not start: {why}"),
            hint=N_("See: kzreminder service logs"),
            why=why,
        )


class NoAnswer(KzreminderError):
    """There is a systemd, but not for whoever asks."""

    def __init__(self) -> None:
        super().__init__(
            N_("systemd does not answer for this user"),
            hint=N_(
                "Log in as this user, not with su or sudo; for a server without log-ins, "
                "read {template}"
            ),
            template=places.shipped("systemd/kzreminder@.service"),
        )
