"""One value, as TOML gave it -> what it means, or BadValue.

Not here: which settings there are (declared).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import time, tzinfo
from zoneinfo import ZoneInfo

from kzreminder.core.typed import read_tag
from kzreminder.core.typed_leads import read_leads, read_repeats
from kzreminder.errors import N_, BadValue


def text(value: object) -> str:
    if not isinstance(value, str):
        raise BadValue(N_("must be a text in quotes"))
    return value


def ids(value: object) -> tuple[str, ...]:
    """Which ids there are is known to the operators' files; `config check` looks there."""
    named = value if isinstance(value, list) else [None]
    if not all(isinstance(one, str) and re.fullmatch(r"\w{1,40}", one) for one in named):
        raise BadValue(N_('must be a list such as ["kaspi", "terminal"]'))
    return tuple(dict.fromkeys(named))


def names(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise BadValue(N_('must be a list such as ["office", "night shift"]'))
    return tuple(dict.fromkeys(read_tag(one) for one in value))


def database(value: object) -> str:
    if re.match(r"(sqlite|postgresql)(\+\w+)?://", text(value)):
        return text(value)
    raise BadValue(N_("must be the address of a database such as sqlite:////home/me/cards.db"))


def choice(*known: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        if value not in known:
            raise BadValue(N_("must be one of {known}"), known=", ".join(known))
        return str(value)

    return read


def whole(least: int, most: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise BadValue(
                N_("must be a whole number from {least} to {most}"), least=least, most=most
            )
        return value

    return read


def yes_or_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise BadValue(N_("must be true or false"))
    return value


def hour(value: object) -> time:
    if isinstance(value, str) and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        return time.fromisoformat(value)
    raise BadValue(N_('must be a time of day such as "10:00"'))


def quiet(value: object) -> tuple[time, time] | tuple[()]:
    """Two times of day, or nothing for `off`."""
    written = text(value)
    if written == "off":
        return ()
    begin, dash, end = (part.strip() for part in written.partition("-"))
    if not dash or begin == end:
        raise BadValue(N_('must be two times of day such as "22:00-08:00", or "off"'))
    return hour(begin), hour(end)


def zone(value: object) -> tzinfo:
    name = text(value)
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError
        raise BadValue(N_("{name} is no time zone such as Asia/Almaty"), name=name) from None


def days_before(value: object) -> tuple[int, ...]:
    return read_leads(text(value))


def days_after(value: object) -> tuple[int, ...]:
    return read_repeats(text(value))
