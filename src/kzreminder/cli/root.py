"""The root command: which commands there are, what all share, how errors end.

Not here: what a command does.
"""

from __future__ import annotations

import importlib
import io
import os
import sys
from typing import TYPE_CHECKING, Any

import click

from kzreminder import __version__
from kzreminder.cli.base import App, GlobalOptions, Option, app_of, translated
from kzreminder.errors import N_, KzreminderError, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from click.shell_completion import CompletionItem

_COMMANDS: dict[str, tuple[str, str]] = {
    "add": ("register:add", N_("Register a card")),
    "list": ("listing:list_cards", N_("All cards, the most urgent first")),
    "show": ("views:show", N_("Everything known of one card")),
    "edit": ("register:edit", N_("Correct what is known of a card")),
    "archive": ("register:archive_card", N_("Put a card away: no reminders, history kept")),
    "restore": ("register:restore_card", N_("Take an archived card back")),
    "remove": ("register:remove", N_("Delete a card and its history")),
    "renew": ("happenings:renew_card", N_("Record that a plan was renewed")),
    "topup": ("happenings:topup", N_("Record a top-up")),
    "balance": ("happenings:balance", N_("Record a balance reading")),
    "sms": ("sms:sms", N_("Read what an operator sent")),
    "used": ("happenings:used", N_("Record that the number was used")),
    "undo": ("happenings:undo", N_("Take back the newest change of a card")),
    "ack": ("silencing:ack", N_("Seen: what was told so far is settled")),
    "snooze": ("silencing:snooze_cards", N_("Silent for a while, then one reminder")),
    "mute": ("silencing:mute_cards", N_("Tell nothing of a card")),
    "unmute": ("silencing:unmute_cards", N_("Tell of a muted card again")),
    "guide": ("guides:guide", N_("How to renew, step by step")),
    "ask": ("guides:ask", N_("A message to forward to whoever pays for you")),
    "import": ("exchange:import_cards", N_("Register the cards of a CSV or JSON file")),
    "export": ("exporting:export_cards", N_("Write the cards as CSV, JSON or a calendar")),
    "upcoming": ("views:upcoming_reminders", N_("Every reminder that will fire, when and why")),
    "timeline": ("timeline:timeline", N_("A picture of all deadlines")),
    "stats": ("stats:stats", N_("What was spent, and what next month will take")),
    "why": ("explain:why", N_("Why a card was told of, or why it is silent")),
    "history": ("explain:history", N_("What happened, and what was told")),
    "run": ("service:run_daemon", N_("The background service, in the foreground")),
    "service": ("keeping:service", N_("Keep the background service running")),
    "status": ("service:status", N_("Is everything well?")),
    "doctor": ("doctor:doctor", N_("Checks all that a reminder needs, and how to mend it")),
    "test-notification": ("trying:test_notification", N_("Show one notification now")),
    "operators": ("operators:operators", N_("What is known of each operator, with sources")),
    "config": ("configure:config", N_("The settings")),
    "backup": ("backups:backup", N_("Copy the database while it is in use")),
    "restore-backup": ("backups:restore_backup", N_("Put a copy in the database's place")),
    "completion": ("completion:completion", N_("Let your shell complete commands and labels")),
    "demo": ("demo:demo", N_("Three cards in trouble, real notifications, nothing left behind")),
}


_READING = frozenset(
    (None, *["list", "show", "ask", "export", "upcoming", "timeline", "stats", "why", "history"])
)
"Commands that change nothing; None is what runs without one."


ASKED_BY_A_SHELL = "_KZREMINDER_COMPLETE"


class Root(GlobalOptions, click.Group):
    """Knows its commands by name, and imports one only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(f"kzreminder.cli.{module}"), name)
        assert isinstance(command, click.Command)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[Any]]:
        """By name and what is said of them here: none is imported to be offered."""
        from click.shell_completion import CompletionItem

        options = click.Command.shell_complete(self, ctx, incomplete)
        return options + [
            CompletionItem(name, help=about)
            for name, (_, about) in _COMMANDS.items()
            if name.startswith(incomplete)
        ]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        words = app_of(ctx).words
        with formatter.section(translated(ctx, N_("Commands"))):
            formatter.write_dl(
                [(name, words.gettext(about)) for name, (_, about) in _COMMANDS.items()]
            )


@click.group(
    cls=Root,
    invoke_without_command=True,
    no_args_is_help=False,
    help=N_("Reminds you before a Kazakhstan SIM card or eSIM loses its plan, balance or number."),
    epilog=N_("Example: kzreminder add 87011234567 --label Mum --period 30d --price 4990"),
)
@click.version_option(
    __version__, prog_name="kzreminder", message="%(prog)s %(version)s", cls=Option
)
@click.pass_context
def root(ctx: click.Context) -> None:
    app = app_of(ctx)
    app.command = ctx.invoked_subcommand
    if app.command is not None:
        return
    if not sys.stdout.isatty():
        click.echo(ctx.get_help())
    elif app.parts.store.count():
        from kzreminder.cli.listing import list_cards

        ctx.invoke(list_cards)
    else:
        for line in _WELCOME:
            app.tell(line)


_WELCOME = (
    N_(
        "Welcome. kzreminder tells you in good time before a SIM card loses its plan or its number."
    ),
    N_("  kzreminder add              register your first card in a few questions"),
    N_("  kzreminder demo             see what a reminder looks like; nothing is left behind"),
    N_("  kzreminder service install  be reminded, from log-in on"),
    N_("  kzreminder --help           all the rest"),
)


def run(args: Sequence[str]) -> int:
    """Run the command line; the exit code of the contract."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without the tenge sign shows a ?
    app = App(os.environ)
    app.use_words(app.words.language)
    if ASKED_BY_A_SHELL in os.environ:
        from kzreminder.cli import completion  # noqa: F401 - Click is told how to answer
    try:
        return _run(app, args)
    finally:
        app.close()


def _run(app: App, args: Sequence[str]) -> int:
    try:
        root.main(list(args), prog_name="kzreminder", standalone_mode=False, obj=app)
        app.warn_of_password()
    except KzreminderError as error:
        return _complain(app.words.error(error), error.exit_code)
    except click.ClickException as error:
        return _complain_of_usage(app, error)
    except (click.Abort, KeyboardInterrupt):
        return _complain([app.words.gettext("stopped; nothing was changed")], 1)
    except click.exceptions.Exit as done:
        return done.exit_code
    except BrokenPipeError:
        _write_no_more()  # whoever read our output has seen enough, as `head` does
        return 1
    except OSError as error:
        # a full disk behind stdout, a file that went away: the user's to mend, not a bug
        why = error.strerror or str(error)
        if error.filename:
            return _complain([f"{error.filename}: {why}"], 1)
        _write_no_more()
        unwritten = app.words.gettext("the output could not be written: {why}", why=why)
        if app.command in _READING:
            return _complain([unwritten], 1)
        hint = app.words.gettext("What was asked for may have been done: see kzreminder history")
        return _complain([unwritten, hint], 1)
    return app.exit_code


def _write_no_more() -> None:
    """What is left in the buffer would fail once more when the interpreter ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain_of_usage(app: App, error: click.ClickException) -> int:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        print(error.format_message(), file=sys.stderr)
        return error.exit_code
    hint = ""
    if isinstance(error, click.UsageError) and error.ctx is not None:
        hint = app.words.gettext("See: {command} --help", command=error.ctx.command_path)
    return _complain([error.format_message(), hint], error.exit_code)


def _complain(lines: Sequence[str], exit_code: int) -> int:
    first, *rest = (_one_line(line) for line in lines if line)
    print(f"Error: {first}", file=sys.stderr)
    for line in rest:
        print(line, file=sys.stderr)
    return exit_code


def _one_line(text: str) -> str:
    """What was typed stands in errors: nothing of it may break the line or steer the terminal."""
    return printable(" ".join(text.split()))
