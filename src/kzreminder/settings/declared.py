"""The settings, each declared once: its name, how its value is read, what it is by default.

Not here: the tables of targets (targets), of which there may be any number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from kzreminder.core.deadlines import LOSING
from kzreminder.core.policy import Policy
from kzreminder.core.typed import read_language
from kzreminder.settings.values import (
    choice,
    database,
    days_after,
    days_before,
    hour,
    ids,
    names,
    quiet,
    text,
    whole,
    yes_or_no,
    zone,
)


class Desktop(StrEnum):
    """The way to the desktop."""

    AUTO = "auto"
    DBUS = "dbus"
    PLYER = "plyer"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Setting:
    key: str
    "as in the file, a dot after the table's name"
    read: Callable[[object], object]
    "the value from what TOML gave; raises BadValue"
    default: object


KINDS = tuple(kind.value for kind in LOSING)
"Deadlines that have leads and repeats of their own; the others have rules of their own."

SETTINGS = (
    Setting("language", lambda value: read_language(text(value)), None),
    Setting("database", database, None),
    Setting("methods", ids, ()),
    Setting("abroad", yes_or_no, False),
    Setting("watches", names, ()),
    Setting("reminders.hour", hour, Policy().hour),
    Setting("reminders.zone", zone, None),
    Setting("reminders.charge_hour", hour, Policy().charge_hour),
    Setting("reminders.leads", days_before, Policy().leads),
    Setting("reminders.repeats", days_after, Policy().repeats),
    Setting("reminders.quiet", quiet, Policy().quiet),
    *(Setting(f"leads.{kind}", days_before, None) for kind in KINDS),
    *(Setting(f"repeats.{kind}", days_after, None) for kind in KINDS),
    Setting("balance.every", whole(1, 30), Policy().low_every),
    Setting(
        "balance.hysteresis",
        lambda value: Decimal(whole(0, 100)(value)) / 100,
        Policy().hysteresis,
    ),
    Setting("delivery.max_toasts", whole(1, 20), Policy().max_toasts),
    Setting(
        "delivery.desktop",
        lambda value: Desktop(choice(*(way.value for way in Desktop))(value)),
        Desktop.AUTO,
    ),
    Setting("delivery.show_numbers", yes_or_no, False),
)
