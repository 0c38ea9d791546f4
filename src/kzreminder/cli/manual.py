"""kzreminder(1): the manual page, made from the commands and what they say of themselves.

Not here: any command. It is for the build; the program never loads it, and does not carry it.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

import click

from kzreminder import __version__
from kzreminder.cli.base import App
from kzreminder.cli.root import root

EXIT_STATUS = (
    ("0", "Done."),
    ("1", "Any other failure."),
    ("2", "Wrong usage or value, or something that is done only with --yes."),
    ("3", "No such card, operator or record."),
    ("4", "Several cards match."),
    ("5", "It exists already."),
    ("6", "The database cannot be used."),
    ("7", "A reminder could not be delivered."),
    ("8", "The service runs already."),
    ("9", "The configuration is invalid; all its faults are listed."),
)
ENVIRONMENT = (
    ("KZREMINDER_DATABASE", "The address of the database."),
    ("KZREMINDER_CONFIG", "The configuration file."),
    ("KZREMINDER_LANG", "The language: en, zh, zh-Hant, ru or kk."),
    ("NO_COLOR", "If it is set, nothing is coloured."),
)
FILES = (
    ("~/.config/kzreminder/config.toml", "The settings; kzreminder config init writes them."),
    ("~/.config/kzreminder/operators/*.toml", "What you know better of operators."),
    ("~/.local/share/kzreminder/kzreminder.db", "The cards."),
    ("~/.local/state/kzreminder/backups/", "Nightly copies of them."),
)


def manual_page() -> str:
    context = _context(root, "kzreminder", None)
    return "\n".join(
        [
            f'.TH KZREMINDER 1 "" "kzreminder {__version__}" "User Commands"',
            ".SH NAME",
            "kzreminder \\- reminds you before a Kazakhstan SIM card dies",
            ".SH SYNOPSIS",
            *_usage(context),
            ".SH DESCRIPTION",
            *_help(root),
            ".SH OPTIONS",
            "They may stand before the command or after it.",
            *_options(context),
            ".SH COMMANDS",
            *_commands(context),
            *_list("EXIT STATUS", EXIT_STATUS),
            *_list("ENVIRONMENT", ENVIRONMENT),
            *_list("FILES", FILES),
            "",
        ]
    )


def _commands(context: click.Context) -> Iterator[str]:
    group = context.command
    assert isinstance(group, click.Group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        inner = _context(command, name, context)
        if isinstance(command, click.Group):
            yield from _commands(inner)
            continue
        yield f'.SS "{_plain(inner.command_path.removeprefix("kzreminder "))}"'
        yield from _usage(inner)
        yield ".PP"
        yield from _help(command)
        yield from _options(inner, without=("help",))


def _context(command: click.Command, name: str, parent: click.Context | None) -> click.Context:
    app = App({"KZREMINDER_LANG": "en"})
    return click.Context(command, info_name=name, parent=parent, obj=app)


def _usage(context: click.Context) -> list[str]:
    pieces = " ".join(context.command.collect_usage_pieces(context))
    return [f"\\fB{_plain(context.command_path)}\\fR {_plain(pieces)}"]


def _help(command: click.Command) -> Iterator[str]:
    yield from _text(command.help or "")
    for line in (command.epilog or "").splitlines():
        example = line.removeprefix("Example: ")
        yield from (".PP", "Example:", f"\\fB{_plain(example)}\\fR")


def _options(context: click.Context, without: tuple[str, ...] = ()) -> Iterator[str]:
    for param in context.command.get_params(context):
        record = param.get_help_record(context)
        if isinstance(param, click.Option) and record is not None and param.name not in without:
            yield from _entry(*record)


def _list(title: str, rows: tuple[tuple[str, str], ...]) -> Iterator[str]:
    yield f".SH {title}"
    for row in rows:
        yield from _entry(*row)


def _entry(name: str, about: str) -> Iterator[str]:
    yield from (".TP", f"\\fB{_plain(name)}\\fR", *_text(about))


def _text(words: str) -> list[str]:
    """In lines of which none begins with a request."""
    lines = textwrap.wrap(_plain(words), 78, break_long_words=False, break_on_hyphens=False)
    return [re.sub(r"^(?=[.'])", r"\\&", line) for line in lines]


def _plain(words: str) -> str:
    """As roff shows it; a dash can be copied as one."""
    escaped = words.replace("\\", "\\e").replace("-", "\\-").replace('"', "\\(dq")
    return " ".join(escaped.split())
