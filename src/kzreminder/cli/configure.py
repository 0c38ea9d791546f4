"""config init, path, show, check: the settings.

Not here: reading them for use (settings).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kzreminder.cli.base import App, Group, command, json_option
from kzreminder.cli.show import print_table
from kzreminder.core.typed_leads import leads_text
from kzreminder.errors import (
    N_,
    AlreadyExists,
    ConfigurationInvalid,
    Fault,
    KzreminderError,
    StorageFault,
)

if TYPE_CHECKING:
    from kzreminder.settings.targets import TargetSettings


@click.group(
    "config",
    cls=Group,
    help=N_("The settings."),
    epilog=N_("Example: kzreminder config check"),
)
def config() -> None:
    pass


@command(
    "init",
    help=N_("Write a commented configuration file to start from."),
    epilog=N_("Example: kzreminder config init"),
)
@json_option
def init(app: App, as_json: bool) -> None:
    from kzreminder import places

    path = app.config_path
    sample = places.shipped("config/config.toml").read_bytes()
    try:
        _write_new(path, sample)
    except FileExistsError:
        raise AlreadyExists(N_("{path} exists already"), path=path) from None
    except StorageFault as fault:  # exit code 6 is for the database
        raise KzreminderError(
            N_("{path} cannot be written: {why}"), path=path, why=fault.values["why"]
        ) from fault
    except OSError as error:
        raise KzreminderError(
            N_("{path} cannot be written: {why}"), path=path, why=error.strerror or error
        ) from error
    if as_json:
        app.print_json({"path": str(path)})
    else:
        app.say(str(path))


def _write_new(path: Path, content: bytes) -> None:
    from kzreminder import places

    places.make_private(path.parent)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        path.chmod(0o600)
        file.write(content)


@command(
    "path",
    help=N_("Where the configuration file is looked for."),
    epilog=N_("Example: kzreminder config path"),
)
@json_option
def path(app: App, as_json: bool) -> None:
    where = app.config_path
    if as_json:
        app.print_json({"path": str(where), "exists": where.is_file()})
    else:
        app.say(str(where))


@command(
    "show",
    help=N_("The settings in force."),
    epilog=N_("Example: kzreminder config show"),
)
@json_option
def show(app: App, as_json: bool) -> None:
    from kzreminder.storage.address import shown_address

    settings = app.settings
    policy = settings.policy
    values: dict[str, object] = {
        "file": str(settings.file),
        "language": settings.language,
        "database": shown_address(settings.database_url),
        "methods": list(settings.methods),
        "abroad": settings.abroad,
        "watches": list(settings.watches),
        "reminders.hour": f"{policy.hour:%H:%M}",
        "reminders.zone": str(policy.zone),
        "reminders.charge_hour": f"{policy.charge_hour:%H:%M}",
        "reminders.leads": leads_text(policy.leads),
        "reminders.repeats": leads_text(policy.repeats),
        "reminders.quiet": "-".join(f"{at:%H:%M}" for at in policy.quiet or ()) or "off",
        **{f"leads.{kind}": leads_text(days) for kind, days in policy.leads_of.items()},
        **{f"repeats.{kind}": leads_text(days) for kind, days in policy.repeats_of.items()},
        "balance.every": policy.low_every,
        "balance.hysteresis": int(policy.hysteresis * 100),
        "delivery.max_toasts": policy.max_toasts,
        "delivery.desktop": settings.desktop.value,
        "delivery.show_numbers": not settings.mask_numbers,
    }
    for target in settings.targets:
        values |= _of_target(target)
    if as_json:
        app.print_json(_nested(values))
    else:
        print_table((key, _as_toml(value)) for key, value in values.items())


def _of_target(target: TargetSettings) -> dict[str, object]:
    """Where its address is kept is told, the address never."""
    from kzreminder.settings.targets import wait_text

    told: dict[str, object] = {
        target.address.key: target.address.shown,
        "deadlines": [kind.value for kind in target.deadlines],
        "severity": target.severity.value,
        "tags": list(target.tags),
        "after": None if target.after is None else wait_text(target.after),
        "digest": target.digest,
        "max_messages": target.max_messages,
        "language": target.language,
        "show_numbers": target.show_numbers,
    }
    return {f"targets.{target.name}.{key}": value for key, value in told.items()}


def _as_toml(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, list):
        return ", ".join(str(one) for one in value) or "-"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _nested(values: dict[str, object]) -> dict[str, object]:
    """`reminders.hour` as `hour` under `reminders`, as the file has it."""
    nested: dict[str, object] = {}
    for key, value in values.items():
        inner = nested
        *tables, name = key.split(".")
        for table in tables:
            deeper = inner.setdefault(table, {})
            assert isinstance(deeper, dict)
            inner = deeper
        inner[name] = value
    return nested


@command(
    "check",
    help=N_("Look for faults in the configuration; all of them, with line."),
    epilog=N_("Example: kzreminder config check"),
)
@json_option
def check(app: App, as_json: bool) -> None:
    try:
        checked = app.settings.file
        _ = app.parts.sms_patterns  # the user's own files, of operators too, are configuration
        _refuse_unusable(app)
    except ConfigurationInvalid as invalid:
        if not as_json:
            raise
        app.print_json(_checked(app, app.config_path, invalid.faults))
        app.exit_code = invalid.exit_code
        return
    if as_json:
        app.print_json(_checked(app, checked, ()))
    else:
        app.tell(N_("{file}: no faults."), file=checked)


def _refuse_unusable(app: App) -> None:
    """What has the right form and leads nowhere."""
    from kzreminder.doctor.configuration import unknown_methods, unusable_targets

    faults = unknown_methods(app.settings, app.parts.operators) + unusable_targets(app.parts)
    if faults:
        raise ConfigurationInvalid(faults)


def _checked(app: App, file: Path, faults: tuple[Fault, ...]) -> dict[str, object]:
    from kzreminder.cli.objects import faults_json

    return {"file": str(file), "ok": not faults, "faults": faults_json(faults, app.words)}


for _command in (init, path, show, check):
    config.add_command(_command)
