"""Push: chats, mail and phones, each message through Apprise in a process of its own.

A process a message costs about half a second; one that stays would answer in milliseconds, and hold
44 MB for the few messages of a day.

Not here: what that process does (push_child). Apprise itself is imported nowhere else.
"""

from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from kzreminder.channels.child import (
    ask_child,
    outcome_from_json,
    python_child,
    with_our_modules,
)
from kzreminder.channels.message import Message, Outcome, Server, TargetAway
from kzreminder.errors import N_, BadValue, KzreminderError

LIMIT_SECONDS = 20.0
CHECK_SECONDS = 10.0
NEEDED = {
    # the way to the network
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"),
    # the system's own
    *("PATH", "HOME", "TMPDIR", "TEMP", "TMP", "TZ", "LANG", "LC_ALL", "LD_LIBRARY_PATH"),
    *("SYSTEMROOT", "WINDIR", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "PATHEXT"),
}
"The child's environment: of ours what it needs, so no secret that is meant for somebody else."


class Push:
    """One target; the address is asked for anew each time, so one that was changed counts at once.

    Any thread may call it.
    """

    name = "push"

    def __init__(
        self,
        name: str,
        address: Callable[[], str],
        *,
        limit_seconds: float = LIMIT_SECONDS,
        command: tuple[str, ...] = (),
    ) -> None:
        """`address`: holds secrets; raises KzreminderError where it cannot be had. `command`: what
        is run in place of the child, for tests of children that misbehave."""
        self.target = f"push:{name}"
        self._address = address
        self._limit_seconds = limit_seconds
        self._command = command or python_child("kzreminder.channels.push_child")
        self._checked: tuple[int, Server | TargetAway] | None = None

    def describe(self) -> Server | TargetAway:
        """Whether it could be sent to, as far as is known without sending."""
        try:
            address = hash(self._address())
        except KzreminderError as error:
            return TargetAway(str(error))
        if self._checked is not None and self._checked[0] == address:
            return self._checked[1]
        found: Server | TargetAway
        try:
            found = Server(self.check(), "Apprise", _version())
        except BadValue as error:  # as wrong in a minute as it is now
            found = TargetAway(str(error))
        except KzreminderError as error:
            return TargetAway(str(error))
        self._checked = (address, found)
        return found

    def check(self) -> str:
        """The service behind the address. Raises KzreminderError, BadValue for a wrong address."""
        told = self._ask({}, min(self._limit_seconds, CHECK_SECONDS))
        if isinstance(told, TargetAway):
            raise KzreminderError(N_("it could not be checked: {error}"), error=told.error)
        return str(told["service"])

    def send(self, message: Message) -> Outcome:
        message = message.cleaned()
        words = {"title": message.title, "body": message.body, "urgency": message.urgency.value}
        try:
            told = self._ask(words, self._limit_seconds)
        except KzreminderError as error:
            return TargetAway(str(error))
        return told if isinstance(told, TargetAway) else outcome_from_json(json.dumps(told))

    def attend(self) -> None:
        """Nobody tells us what becomes of a message."""

    def take_away(self, message_id: int, server: str) -> None:
        """What was sent stays."""

    def close(self) -> None:
        """Nothing is held."""

    def _ask(self, words: dict[str, str], limit_seconds: float) -> dict[str, Any] | TargetAway:
        address = self._address()
        if importlib.util.find_spec("apprise") is None:
            raise KzreminderError(
                N_("Apprise, which sends to other devices, is not installed"),
                hint=N_("Install kzreminder with it: pipx install '.[push]'"),
            )
        question = {"url": address, **words}
        ended = ask_child(self._command, question, _environ(), limit_seconds)
        if isinstance(ended, TargetAway):
            return ended
        told = _read(ended.told)
        if told is None:  # what else it said may show the address
            return TargetAway(f"Apprise's process ended with {ended.exit_code} and no answer")
        if "fault" in told:
            raise _fault(told)
        return told


def _read(told: str) -> dict[str, Any] | None:
    """None where the child did not get as far as an answer."""
    try:
        fields = json.loads(told)
        if fields.keys() & {"fault", "service"}:
            return dict(fields)
        outcome_from_json(told)
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
    return dict(fields)


def _fault(told: dict[str, Any]) -> BadValue:
    if told["fault"] == "unknown_service":
        return BadValue(
            N_("Apprise knows no service by the beginning of the address"),
            hint=N_("Services and their addresses: {page}"),
            page="https://appriseit.com/services/",
        )
    if told["fault"] == "lacks_package":
        return BadValue(
            N_("{service} needs packages that are not installed: {packages}"),
            hint=N_("Services and their addresses: {page}"),
            **_plain(told),
        )
    return BadValue(
        N_("the address is not one that {service} has, or names nobody to send to"),
        hint=N_("How to write it: {page}"),
        **_plain(told),
    )


def _plain(told: dict[str, Any]) -> dict[str, str]:
    return {key: str(value) for key, value in told.items() if key != "fault"}


def _environ() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name.upper() in NEEDED}
    # What stands in ~/.netrc is for other programs.
    return with_our_modules({**kept, "NETRC": os.devnull})


def _version() -> str:
    try:
        return version("apprise")
    except PackageNotFoundError:
        return "?"
