"""The settings in force: options, then environment, then config.toml, then what is so by default.

Not here: which settings there are (declared, targets), where one stands in the file (lines).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from kzreminder.core.languages import language_of_locale
from kzreminder.core.policy import Policy
from kzreminder.core.typed import read_language
from kzreminder.errors import N_, BadValue, ConfigurationInvalid, Fault
from kzreminder.settings.declared import KINDS, SETTINGS, Desktop
from kzreminder.settings.lines import fault_of, line_of, parsed, text_of

if TYPE_CHECKING:
    from kzreminder.settings.targets import TargetSettings

T = TypeVar("T")


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
    targets: tuple[TargetSettings, ...] = ()
    "whom to tell beside the desktop, in the file's order"


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
        targets=_typed(values["targets"], tuple),
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
    text = text_of(path, must_exist)
    raw, faults = parsed(path, text)
    values: dict[str, object] = {"targets": ()}
    tables = raw.pop("targets", None)
    if tables is not None:
        from kzreminder.settings.targets import read_targets  # a command pays for what it uses

        values["targets"], wrong = read_targets(tables, text, path)
        faults += wrong
    flat = _flattened(raw)
    for setting in SETTINGS:
        values[setting.key] = setting.default
        if setting.key not in flat:
            continue
        try:
            values[setting.key] = setting.read(flat.pop(setting.key))
        except BadValue as error:
            line = line_of(text, setting.key)
            faults.append(fault_of(path, line, setting.key, error))
    for key in flat:
        is_table = any(setting.key.startswith(f"{key}.") for setting in SETTINGS)
        sentence = N_("must be a table") if is_table else N_("no such setting")
        faults.append(Fault(str(path), line_of(text, key), key, sentence))
    if values["delivery.desktop"] is Desktop.OFF and not tables:
        line = line_of(text, "delivery.desktop")
        alone = N_("off leaves nobody who is told: add a table such as [targets.family]")
        faults.append(Fault(str(path), line, "delivery.desktop", alone))
    if faults:
        raise ConfigurationInvalid(tuple(sorted(faults, key=lambda fault: fault.line or 0)))
    return values


def _flattened(raw: Mapping[str, Any]) -> dict[str, object]:
    """`{"delivery": {"max_toasts": 3}}` as `{"delivery.max_toasts": 3}`; tables are one deep."""
    flat: dict[str, object] = {}
    for key, value in raw.items():
        if isinstance(value, dict) and value:
            flat |= {f"{key}.{inner}": content for inner, content in value.items()}
        else:
            flat[key] = value
    return {key: value for key, value in flat.items() if value != {}}


def _language(given: Given, environ: Mapping[str, str], configured: object) -> str:
    for named in (given.language, environ.get("KZREMINDER_LANG")):
        if named:
            return read_language(named)
    return configured if isinstance(configured, str) else language_of_locale(environ)


def _typed(value: object, kind: type[T]) -> T:
    assert isinstance(value, kind)
    return value
