"""A database on a server: how long is waited for it, and what its errors mean.

Not here: a file's (opening, faults), what is asked of either in other words (dialects).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kzreminder.errors import N_

if TYPE_CHECKING:
    from sqlalchemy.engine import ExceptionContext

CONNECT_SECONDS = 5
UNANSWERED_SECONDS = 10
IDLE_SECONDS = 30

OPTIONS: Mapping[str, str] = {
    "application_name": "kzreminder",
    "connect_timeout": str(CONNECT_SECONDS),
    # A server that was cut off says nothing: without these it would be waited for by the hour.
    "tcp_user_timeout": str(UNANSWERED_SECONDS * 1000),
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
}
"Each gives way to the same one in the address."

SESSION = (
    f"set lock_timeout = '{UNANSWERED_SECONDS}s'; "
    # Whoever stands still or is cut off within a transaction keeps what others wait for.
    f"set idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'"
)

Meaning = tuple[str, str | None]

AWAY: Meaning = (
    N_("the database {url} cannot be reached: {why}"),
    N_("Does its server run, and is the network there?"),
)
REFUSED: Meaning = (
    N_("the server of {url} refuses us: {why}"),
    N_("Are user, password and the name of the database right, and is it up by now?"),
)
HELD: Meaning = (
    N_("the database {url} is locked by another program"),
    N_("Try again; if it lasts, look on the server who holds it: table pg_stat_activity"),
)
NOT_OURS: Meaning = (
    N_("the database {url} may not be written by this user: {why}"),
    N_("Let the user own the database: ALTER DATABASE ... OWNER TO ..."),
)
ONLY_READ: Meaning = (
    N_("the database {url} is read-only"),
    N_("Its server may be a copy that only follows another: name the one that leads."),
)
NO_ROOM: Meaning = (
    N_("the disk is full: the database {url} could not be written"),
    N_("Make room and try again; nothing was changed."),
)
OTHER: Meaning = (N_("the database {url} cannot be used: {why}"), None)
_MEANINGS: Mapping[str, Meaning] = {
    "08": AWAY,
    "28": REFUSED,
    "3D": REFUSED,
    "53": AWAY,  # too many connections, no memory
    "57": AWAY,  # it is being shut down, or not up yet
    "25P03": AWAY,  # we stood still for too long
    "53100": NO_ROOM,
    "55P03": HELD,
    "40": HELD,
    "25006": ONLY_READ,
    "42501": NOT_OURS,
    "42P01": OTHER,  # a table has gone
    "42703": OTHER,
    "3F000": OTHER,
}
"By the whole of what the server calls it, else by its class."
_SERVER_SAID = re.compile(r"failed: (?:\w+: {2}|fe_sendauth: )(.+)")
"""Two blanks after its FATAL, in whatever language, mean that the server itself answered; it has
asked for a password where the driver says fe_sendauth."""
_ROW = re.compile(r"\nDETAIL:.*")
_OF_THE_CONNECTION = {"OperationalError", "InterfaceError", "ConnectionTimeout"}
"What the driver says of itself: the server has said nothing."
TAKEN = "23505"
"Another row has that label or number already."


def leave_values_out(context: ExceptionContext) -> None:
    """A server adds the row that it did not take: an error is logged whole, and numbers are not."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None and error.args:
            error.args = (_ROW.sub("", str(error.args[0])), *error.args[1:])


def options_beside(given: Mapping[str, Any]) -> dict[str, str]:
    return {name: value for name, value in OPTIONS.items() if name not in given}


def meaning_of(error: BaseException) -> Meaning | None:
    """None: a bug of ours, if it is an error of a server at all."""
    state = getattr(error, "sqlstate", "")
    if state is None and type(error).__name__ not in _OF_THE_CONNECTION:
        return None  # the driver cannot even say it to the server
    if state is None:
        return REFUSED if _SERVER_SAID.search(str(error)) else AWAY
    return _MEANINGS.get(state) or _MEANINGS.get(state[:2])


def reason_of(error: BaseException) -> str:
    """The server's own words, or the driver's, in one line."""
    said = str(error).splitlines() or [""]
    found = _SERVER_SAID.search(said[0])
    return found[1] if found else said[0]
