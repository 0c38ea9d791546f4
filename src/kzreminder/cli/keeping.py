"""service install, uninstall, start, stop, restart, status, logs: who keeps the service up.

Not here: how that is done (keeper), what the service does (daemon).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kzreminder.cli.base import App, Group, command, json_option, option
from kzreminder.cli.show import print_table
from kzreminder.errors import N_, BadValue, DaemonRuns, KzreminderError

if TYPE_CHECKING:
    from kzreminder.keeper.choice import Keeper
    from kzreminder.keeper.look import Kept


@click.group(
    "service",
    cls=Group,
    help=N_("Keep the background service running, from log-in on."),
    epilog=N_("Example: kzreminder service install"),
)
def service() -> None:
    pass


@command(
    "install",
    help=N_("Start the service now and at every log-in. A second time: bring it up to date."),
    epilog=N_("Example: kzreminder service install"),
)
@json_option
def install(app: App, as_json: bool) -> None:
    from kzreminder.keeper.setup import setup_here
    from kzreminder.storage.address import file_of

    keeper = _keeper()
    _refuse_address(app)
    _ = app.settings  # with faults in it the service would not start
    before = keeper.look()
    if not before.running:
        _refuse_another(app)
    is_named = app.given.get("config") or app.environ.get("KZREMINDER_CONFIG")
    config = app.config_path if is_named else None
    is_new = keeper.install(setup_here(app.environ, config, file_of(app.settings.database_url)))
    kept = keeper.look()
    if as_json:
        app.print_json(kept_json(kept))
        return
    if is_new:
        app.tell(N_("Installed: {file}"), file=kept.file)
    else:
        app.tell(N_("All was in place already: {file}"), file=kept.file)
    app.tell(N_("It runs, and starts again whenever you log in."))
    if kept.by == "autostart":
        app.tell(
            N_("There is no systemd here: after a crash it stays away until you log in again.")
        )
    elif kept.lingers:
        app.tell(N_("It runs while nobody is logged in, too."))
    else:
        app.tell(N_("It ends when you log out. To have it run always: loginctl enable-linger"))


def _refuse_address(app: App) -> None:
    if app.given.get("db") or app.environ.get("KZREMINDER_DATABASE"):
        error = BadValue(
            N_("the service takes the database from the settings, so that no password is seen"),
            hint=N_("Write it there: database = ... in {file}; then install without it."),
            file=app.config_path,
        )
        error.place = "--db" if app.given.get("db") else "KZREMINDER_DATABASE"
        raise error


def _refuse_another(app: App) -> None:
    from kzreminder.alive.lock import holder

    is_held, pid = holder(app.parts.lock_file)
    if is_held:
        raise DaemonRuns(pid)


@command(
    "uninstall",
    help=N_("Stop the service and take it away. Cards and settings stay."),
    epilog=N_("Example: kzreminder service uninstall"),
)
@json_option
def uninstall(app: App, as_json: bool) -> None:
    keeper = _keeper()
    was_there = keeper.uninstall()
    if as_json:
        app.print_json(kept_json(keeper.look()))
    elif was_there:
        app.tell(N_("The service is stopped and gone. Your cards and settings are untouched."))
    else:
        app.tell(N_("The service was not installed."))


@command(
    "start",
    help=N_("Start the installed service."),
    epilog=N_("Example: kzreminder service start"),
)
@json_option
def start(app: App, as_json: bool) -> None:
    keeper = _keeper()
    keeper.start()
    _done(app, keeper, as_json, N_("The service runs."))


@command(
    "stop",
    help=N_("Stop the service until the next log-in, or until it is started."),
    epilog=N_("Example: kzreminder service stop"),
)
@json_option
def stop(app: App, as_json: bool) -> None:
    keeper = _keeper()
    keeper.stop()
    _done(app, keeper, as_json, N_("The service is stopped; what falls due now is shown later."))


@command(
    "restart",
    help=N_("Stop the service and start it again."),
    epilog=N_("Example: kzreminder service restart"),
)
@json_option
def restart(app: App, as_json: bool) -> None:
    keeper = _keeper()
    keeper.restart()
    _done(app, keeper, as_json, N_("The service runs."))


@command(
    "status",
    help=N_("Is it installed, does it run? Exit code 0 when it runs, 1 when not."),
    epilog=N_("Example: kzreminder service status"),
)
@json_option
def status(app: App, as_json: bool) -> None:
    from kzreminder.keeper.look import look

    kept = look()
    app.exit_code = 0 if kept.running else 1
    if as_json:
        app.print_json(kept_json(kept))
    else:
        print_table(_rows(app, kept))


@command(
    "logs",
    help=N_("The last hundred lines that the service wrote."),
    epilog=N_("Example: kzreminder service logs --follow"),
)
@option("-f", "--follow", is_flag=True, help=N_("Go on with each new line, until Ctrl-C."))
def logs(_app: App, follow: bool) -> None:
    _keeper().logs(follow=follow)


def _keeper() -> Keeper:
    from kzreminder.keeper.choice import keeper_here

    keeper = keeper_here()
    if keeper is None:
        raise KzreminderError(
            N_("on this system kzreminder cannot install itself as a service"),
            hint=N_(
                "Have this started at log-in (Windows: Task Scheduler, macOS: launchd): "
                "kzreminder run"
            ),
        )
    return keeper


def _done(app: App, keeper: Keeper, as_json: bool, sentence: str) -> None:
    if as_json:
        app.print_json(kept_json(keeper.look()))
    else:
        app.tell(sentence)


def kept_json(kept: Kept) -> dict[str, object]:
    return {
        "by": kept.by,
        "file": str(kept.file) if kept.file else None,
        "current": kept.is_current,
        "enabled": kept.enabled,
        "running": kept.running,
        "lingers": kept.lingers,
    }


def _rows(app: App, kept: Kept) -> list[tuple[str, str]]:
    words = app.words

    def said(value: bool | None) -> str:
        if value is None:
            return words.gettext("not known")
        return words.gettext("yes") if value else words.gettext("no")

    kept_by = {
        "systemd": words.gettext("systemd, for this user"),
        "autostart": words.gettext("the desktop, at log-in"),
        "nothing": words.gettext("nobody"),
    }
    if kept.file is None:
        file = words.gettext("not installed: kzreminder service install")
    elif kept.is_current:
        file = str(kept.file)
    else:
        file = words.gettext(
            "{file} (of another version: kzreminder service install)", file=kept.file
        )
    return [
        (words.gettext("Running"), said(kept.running)),
        (words.gettext("Kept by"), kept_by[kept.by]),
        (words.gettext("Installed"), file),
        (words.gettext("Starts at log-in"), said(kept.enabled)),
        (words.gettext("Runs without log-in"), said(kept.lingers)),
    ]


for _command in (install, uninstall, start, stop, restart, status, logs):
    service.add_command(_command)
