"""config.toml, the environment and the options of a command -> one frozen Settings.

Not here: what the settings mean (core.policy, assembly). A setting is declared once, in `SETTINGS`;
all faults of a file are reported together, each with its key and line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time, tzinfo
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from kzreminder.core.deadlines import LOSING
from kzreminder.core.languages import language_of_locale
from kzreminder.core.policy import Policy
from kzreminder.core.typed import read_language, read_tag
from kzreminder.core.typed_leads import read_leads, read_repeats
from kzreminder.errors import N_, BadValue, ConfigurationInvalid, Fault, toml_line

T = TypeVar("T")


class Desktop(StrEnum):
    """The way to the desktop."""

    AUTO = "auto"
    DBUS = "dbus"
    PLYER = "plyer"


@dataclass(frozen=True, slots=True)
class Setting:
    key: str
    "as in the file, a dot after the table's name"
    read: Callable[[object], object]
    "the value from what TOML gave; raises BadValue"
    default: object


@dataclass(frozen=True, slots=True)
class Settings:
    file: Path
    language: str
    database_url: str
    policy: Policy
    desktop: Desktop
    mask_numbers: bool
    methods: tuple[str, ...] = ()
    "ways to pay by id, the one liked best first"
    abroad: bool = False
    watches: tuple[str, ...] = ()
    "the names that this service bears: only it speaks of cards with such a watcher"


@dataclass(frozen=True, slots=True)
class Given:
    """What the command line says; None where it says nothing."""

    file: Path | None = None
    database_url: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Defaults:
    """What depends on the host, where nothing else is said."""

    file: Path
    database_url: str
    zone: Callable[[], tzinfo]


def load(given: Given, environ: Mapping[str, str], defaults: Defaults) -> Settings:
    """The settings in force: options, then environment, then file, then defaults.

    Raises ConfigurationInvalid with all faults of the file, BadValue for option or environment.
    """
    path = given.file or defaults.file
    values = read_file(path, must_exist=given.file is not None)
    zone = values["reminders.zone"]
    policy = _policy(values, zone if isinstance(zone, tzinfo) else defaults.zone())
    database = given.database_url or environ.get("KZREMINDER_DATABASE") or values["database"]
    return Settings(
        file=path,
        language=_language(given, environ, values["language"]),
        database_url=str(database or defaults.database_url),
        policy=policy,
        desktop=_typed(values["delivery.desktop"], Desktop),
        mask_numbers=not values["delivery.show_numbers"],
        methods=_typed(values["methods"], tuple),
        abroad=_typed(values["abroad"], bool),
        watches=_typed(values["watches"], tuple),
    )


def _policy(values: Mapping[str, object], zone: tzinfo) -> Policy:
    def by_kind(table: str) -> dict[str, tuple[int, ...]]:
        told = {kind: values[f"{table}.{kind}"] for kind in KINDS}
        return {kind: _typed(days, tuple) for kind, days in told.items() if days is not None}

    return Policy(
        zone=zone,
        hour=_typed(values["reminders.hour"], time),
        charge_hour=_typed(values["reminders.charge_hour"], time),
        leads=_typed(values["reminders.leads"], tuple),
        leads_of=by_kind("leads"),
        repeats=_typed(values["reminders.repeats"], tuple),
        repeats_of=by_kind("repeats"),
        quiet=_typed(values["reminders.quiet"], tuple) or None,
        low_every=_typed(values["balance.every"], int),
        hysteresis=_typed(values["balance.hysteresis"], Decimal),
        max_toasts=_typed(values["delivery.max_toasts"], int),
    )


def read_file(path: Path, *, must_exist: bool = False) -> dict[str, object]:
    """Each setting's value from the file, or its default. All faults at once."""
    text = _text_of(path, must_exist)
    raw, faults = _parsed(path, text)
    flat = _flattened(raw)
    values: dict[str, object] = {}
    for setting in SETTINGS:
        values[setting.key] = setting.default
        if setting.key not in flat:
            continue
        try:
            values[setting.key] = setting.read(flat.pop(setting.key))
        except BadValue as error:
            line = line_of(text, setting.key)
            faults.append(_fault(path, line, setting.key, error))
    for key in flat:
        is_table = any(setting.key.startswith(f"{key}.") for setting in SETTINGS)
        sentence = N_("must be a table") if is_table else N_("no such setting")
        faults.append(Fault(str(path), line_of(text, key), key, sentence))
    if faults:
        raise ConfigurationInvalid(tuple(sorted(faults, key=lambda fault: fault.line or 0)))
    return values


def _text_of(path: Path, must_exist: bool) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")  # Notepad begins with a mark
    except FileNotFoundError:
        if not must_exist:
            return ""
        raise BadValue(N_("there is no configuration file {path}"), path=path) from None
    except (OSError, UnicodeDecodeError) as error:
        why = "not UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror or str(error)
        fault = Fault(str(path), None, "", N_("cannot be read: {why}"), (("why", why),))
        raise ConfigurationInvalid((fault,)) from error


def _parsed(path: Path, text: str) -> tuple[dict[str, Any], list[Fault]]:
    if not text.strip():
        return {}, []
    import tomllib

    try:
        return tomllib.loads(text), []
    except (ValueError, RecursionError) as error:  # tomllib has more than its own
        why = str(error).partition(" (at ")[0]
        line = toml_line(error, text)
        fault = Fault(str(path), line, "", N_("not valid TOML: {why}"), (("why", why),))
        return {}, [fault]


def _flattened(raw: Mapping[str, Any]) -> dict[str, object]:
    """`{"delivery": {"max_toasts": 3}}` as `{"delivery.max_toasts": 3}`; tables are one deep."""
    flat: dict[str, object] = {}
    for key, value in raw.items():
        if isinstance(value, dict) and value:
            flat |= {f"{key}.{inner}": content for inner, content in value.items()}
        else:
            flat[key] = value
    return {key: value for key, value in flat.items() if value != {}}


def line_of(text: str, key: str) -> int | None:
    """Where a setting stands; None where the key is written in an unusual way."""
    table, _, name = key.rpartition(".")
    current = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[([^\]]+)\]", line):
            current = header.group(1).strip()
        written = re.match(r"""\s*["']?([\w.-]+)["']?\s*=""", line)
        if written and (current, written.group(1)) in ((table, name), ("", key)):
            return number
    return None


def _fault(path: Path, line: int | None, key: str, error: BadValue) -> Fault:
    return Fault(str(path), line, key, error.sentence, tuple(error.values.items()))


def _language(given: Given, environ: Mapping[str, str], configured: object) -> str:
    for named in (given.language, environ.get("KZREMINDER_LANG")):
        if named:
            return read_language(named)
    return configured if isinstance(configured, str) else language_of_locale(environ)


def _typed(value: object, kind: type[T]) -> T:
    assert isinstance(value, kind)
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise BadValue(N_("must be a text in quotes"))
    return value


def _ids(value: object) -> tuple[str, ...]:
    """Which ids there are is known to the operators' files; `config check` looks there."""
    named = value if isinstance(value, list) else [None]
    if not all(isinstance(one, str) and re.fullmatch(r"\w{1,40}", one) for one in named):
        raise BadValue(N_('must be a list such as ["kaspi", "terminal"]'))
    return tuple(dict.fromkeys(named))


def _names(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise BadValue(N_('must be a list such as ["office", "night shift"]'))
    return tuple(dict.fromkeys(read_tag(one) for one in value))


def _database(value: object) -> str:
    if re.match(r"(sqlite|postgresql)(\+\w+)?://", _text(value)):
        return _text(value)
    raise BadValue(N_("must be the address of a database such as sqlite:////home/me/cards.db"))


def _choice(*known: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        if value not in known:
            raise BadValue(N_("must be one of {known}"), known=", ".join(known))
        return str(value)

    return read


def _whole(least: int, most: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise BadValue(
                N_("must be a whole number from {least} to {most}"), least=least, most=most
            )
        return value

    return read


def _yes_or_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise BadValue(N_("must be true or false"))
    return value


def _hour(value: object) -> time:
    if isinstance(value, str) and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        return time.fromisoformat(value)
    raise BadValue(N_('must be a time of day such as "10:00"'))


def _quiet(value: object) -> tuple[time, time] | tuple[()]:
    """Two times of day, or nothing for `off`."""
    text = _text(value)
    if text == "off":
        return ()
    begin, dash, end = (part.strip() for part in text.partition("-"))
    if not dash or begin == end:
        raise BadValue(N_('must be two times of day such as "22:00-08:00", or "off"'))
    return _hour(begin), _hour(end)


def _zone(value: object) -> tzinfo:
    name = _text(value)
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError
        raise BadValue(N_("{name} is no time zone such as Asia/Almaty"), name=name) from None


def _days_before(value: object) -> tuple[int, ...]:
    return read_leads(_text(value))


def _days_after(value: object) -> tuple[int, ...]:
    return read_repeats(_text(value))


KINDS = tuple(kind.value for kind in LOSING)
"Deadlines that have leads and repeats of their own; the others have rules of their own."

SETTINGS = (
    Setting("language", lambda value: read_language(_text(value)), None),
    Setting("database", _database, None),
    Setting("methods", _ids, ()),
    Setting("abroad", _yes_or_no, False),
    Setting("watches", _names, ()),
    Setting("reminders.hour", _hour, Policy().hour),
    Setting("reminders.zone", _zone, None),
    Setting("reminders.charge_hour", _hour, Policy().charge_hour),
    Setting("reminders.leads", _days_before, Policy().leads),
    Setting("reminders.repeats", _days_after, Policy().repeats),
    Setting("reminders.quiet", _quiet, Policy().quiet),
    *(Setting(f"leads.{kind}", _days_before, None) for kind in KINDS),
    *(Setting(f"repeats.{kind}", _days_after, None) for kind in KINDS),
    Setting("balance.every", _whole(1, 30), Policy().low_every),
    Setting(
        "balance.hysteresis",
        lambda value: Decimal(_whole(0, 100)(value)) / 100,
        Policy().hysteresis,
    ),
    Setting("delivery.max_toasts", _whole(1, 20), Policy().max_toasts),
    Setting(
        "delivery.desktop",
        lambda value: Desktop(_choice(*(way.value for way in Desktop))(value)),
        Desktop.AUTO,
    ),
    Setting("delivery.show_numbers", _yes_or_no, False),
)
