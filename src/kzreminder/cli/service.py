"""run, status: the background service and its state.

Not here: what the service does (daemon, reminding).
"""

from __future__ import annotations

from contextlib import nullcontext, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from kzreminder.cli.base import App, command, json_option, option
from kzreminder.cli.show import print_table
from kzreminder.errors import N_, BadValue, DeliveryFailed, StorageFault

MOST_NAMED = 6

if TYPE_CHECKING:
    from datetime import datetime

    from kzreminder.doctor.state import Seen
    from kzreminder.reminding.desk import PassReport


@command(
    "run",
    help=N_("The background service, in the foreground. Ends on Ctrl-C or SIGTERM."),
    epilog=N_("Example: kzreminder run --once"),
)
@option("--once", is_flag=True, help=N_("Make one pass and end."))
@json_option
def run_daemon(app: App, once: bool, as_json: bool) -> None:
    if as_json and not once:
        raise BadValue(N_("--json goes with --once"))
    from kzreminder.alive.lock import only_one
    from kzreminder.daemon.logs import log_to_stderr

    log_to_stderr(verbose=bool(app.given.get("verbose")), quiet=once)
    if once:
        with nullcontext() if app.parts.is_shared else only_one(app.parts.lock_file):
            _take_operators(app)
            _print_report(app, _pass_once(app), as_json)
        return
    with only_one(app.parts.lock_file) as lock:
        _take_operators(app)
        _refuse_other_rules(app)
        from kzreminder.daemon.service import serve

        app.exit_code = serve(app.parts, lock)


def _refuse_other_rules(app: App) -> None:
    """Where the database cannot be used yet, the service finds out when it can."""
    if not app.parts.is_shared:
        return
    from kzreminder.daemon.membership import join
    from kzreminder.daemon.notify import extend_start

    # parts of their own: the service's store tells it how it goes on, so it is opened later
    asking = replace(app.parts, sign_of_life=extend_start)
    try:
        with suppress(StorageFault):
            join(asking, app.now, app.now, has_desktop=False)
    finally:
        asking.close()


def _pass_once(app: App) -> PassReport:
    from kzreminder.daemon.membership import join, leave
    from kzreminder.reminding.passing import run_pass, take_over

    join(app.parts, app.now, app.now, has_desktop=False)
    channel = app.parts.channel()
    try:
        desk = app.parts.desk(channel)
        take_over(desk, app.parts.is_gone, app.now)
        return run_pass(desk, app.now, patient=False)
    finally:
        channel.close()
        with suppress(StorageFault):  # what the pass ran into is said, not what follows from it
            leave(app.parts)


def _print_report(app: App, report: PassReport, as_json: bool) -> None:
    if as_json:
        from kzreminder.cli.objects import report_json

        app.print_json(report_json(report, app.settings.policy))
    else:
        _say_report(app, report)
    if report.failed or report.put_off:
        app.exit_code = DeliveryFailed.exit_code


def _take_operators(app: App) -> None:
    """A slip in a file about an operator must cost nobody a reminder."""
    from kzreminder.errors import ConfigurationInvalid

    try:
        _ = app.parts.operators
    except ConfigurationInvalid as invalid:
        app.parts.take_shipped_operators()
        app.tell(N_("Your own operator files are left out, because of faults:"))
        for fault in invalid.faults:
            app.say_aside(app.words.fault(fault))


def _say_report(app: App, report: PassReport) -> None:
    for title, target in dict.fromkeys((one.text.title, one.target) for one in report.delivered):
        app.say(app.words.gettext("told: {title}", title=f"{title}{_beside(target)}"))
    unsaid = ((one.text.title, one.target, one.error) for one in report.failed)
    for title, target, error in dict.fromkeys(unsaid):
        titled = f"{title}{_beside(target)}"
        app.say(app.words.gettext("not delivered: {title} ({error})", title=titled, error=error))
    for card_id, why in ((one.card_id, one.error) for one in report.put_off):
        said = app.words.gettext("cannot be told: card {card} ({why})", card=card_id, why=why)
        app.say(said)
    if not (report.delivered or report.failed or report.put_off):
        app.tell(N_("Nothing was due."))


def _beside(target: str) -> str:
    """The target, where it is not the desktop."""
    kind, _, name = target.partition(":")
    return f" [{name}]" if kind == "push" else ""


@command(
    "status",
    help=N_("Is everything well? Exit code 0 when it is, 1 when not."),
    epilog=N_("Example: kzreminder status --json"),
)
@json_option
def status(app: App, as_json: bool) -> None:
    from kzreminder.cli.objects import instant, member_json
    from kzreminder.doctor.state import look

    seen = look(app.parts, app.now)
    if not seen.ok:
        app.exit_code = 1
    zone = app.settings.policy.zone
    last_pass_at, next_wake_at = instant(seen.last_pass_at, zone), instant(seen.next_wake_at, zone)
    if as_json:
        told: dict[str, object] = {
            "ok": seen.ok,
            "daemon": {
                "alive": seen.alive,
                "pid": seen.pid,
                "last_pass_at": last_pass_at,
                "next_wake_at": next_wake_at,
            },
            "undelivered": seen.undelivered,
            "database": {"url": seen.url, "schema": seen.schema, "cards": seen.cards},
            "zone_data": {"version": seen.zone_data_version, "ok": seen.zone_data_ok},
            "channel": {
                "name": seen.channel,
                "target": seen.target,
                "why": seen.why,
                "server": seen.server,
                "error": seen.channel_error,
            },
        }
        if seen.services is not None:
            told["services"] = [member_json(one, zone) for one in seen.services]
        app.print_json(told | _targets_json(app, seen))
        return
    print_table(_status_rows(app, seen))


def _targets_json(app: App, seen: Seen) -> dict[str, object]:
    """Only where there are targets beside the desktop."""
    from kzreminder.cli.objects import instant

    zone = app.settings.policy.zone
    told = [
        {
            "target": target,
            "away_since": instant(absence.since_at, zone) if absence else None,
            "error": absence.error if absence else None,
            "retry_at": instant(absence.next_try_at, zone) if absence else None,
        }
        for target, absence in seen.targets
    ]
    return {"targets": told} if told else {}


def _target_rows(app: App, seen: Seen) -> list[tuple[str, str]]:
    words, zone = app.words, app.settings.policy.zone
    today = app.now.astimezone(zone).date()
    rows = []
    for target, absence in seen.targets:
        said = words.gettext("not known to be away")
        if absence is not None:
            since = words.moment(absence.since_at, zone, today)
            said = words.gettext("away since {at}: {error}", at=since, error=absence.error)
        rows.append((target, said))
    return rows


def _status_rows(app: App, seen: Seen) -> list[tuple[str, str]]:
    words, zone = app.words, app.settings.policy.zone
    today = app.now.astimezone(zone).date()

    def moment(at: datetime | None) -> str:
        return words.moment(at, zone, today) if at is not None else words.gettext("never")

    if seen.alive:
        service = words.gettext("running, process {pid}", pid=seen.pid)
    else:
        service = words.gettext("not running: kzreminder service install")
    cards = words.ngettext("{url}, {count} card", "{url}, {count} cards", seen.cards, url=seen.url)
    current = (
        words.gettext("current") if seen.zone_data_ok else words.gettext("before UTC+5 of 2024")
    )
    why = words.gettext(seen.why)
    passed = moment(seen.last_pass_at)
    if seen.fault is not None:
        passed = words.gettext("{at}; then it failed: {fault}", at=passed, fault=seen.fault)
    services = [(words.gettext("Services"), _services(app, seen))] if seen.services else []
    return [
        (
            words.gettext("Everything well"),
            words.gettext("yes") if seen.ok else words.gettext("no; see: kzreminder doctor"),
        ),
        (words.gettext("Background service"), service),
        *services,
        (words.gettext("Last pass"), passed),
        (words.gettext("Next wake"), moment(seen.next_wake_at)),
        (words.gettext("Undelivered"), str(seen.undelivered)),
        (words.gettext("Database"), cards),
        (words.gettext("Zone data"), f"{seen.zone_data_version or '?'} ({current})"),
        (
            words.gettext("Desktop"),
            f"{seen.channel} ({why}): {seen.server or seen.channel_error}",
        ),
        *_target_rows(app, seen),
    ]


def _services(app: App, seen: Seen) -> str:
    hosts = [one.host for one in seen.services or ()]
    names = ", ".join(hosts[:MOST_NAMED])
    if len(hosts) > MOST_NAMED:
        names = app.words.gettext("{names}, and more", names=names)
    return app.words.ngettext(
        "{count} shares the database: {names}",
        "{count} share the database: {names}",
        len(hosts),
        names=names,
    )
