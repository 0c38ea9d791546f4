"""A question with yes or no before what was there is lost, and what is lost never.

Not here: questions about a card (register), which the wizard asks.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import click

from kzreminder.cli.base import App
from kzreminder.errors import N_, BadValue, for_terminal


def ask(app: App, question: str, unanswered: BadValue) -> None:
    """Ends the command unless the answer is yes; `unanswered` where nobody can be asked."""
    if not app.may_ask:
        raise unanswered
    if not click.confirm(for_terminal(question), err=True):
        raise click.Abort


def ask_to_overwrite(app: App, path: Path) -> None:
    ask(
        app,
        app.words.gettext("Overwrite {path}?", path=path),
        BadValue(
            N_("{path} exists already, so overwriting it must be confirmed"),
            hint=N_("Add --yes, or name another file."),
            path=path,
        ),
    )


def refuse_database(app: App, path: Path) -> None:
    """Whatever is written to a file: the database is none for it, by whichever name."""
    from kzreminder.storage.address import file_of

    database = file_of(app.settings.database_url)
    with suppress(OSError, ValueError):  # no such file, or no such name: writing it says so
        if database is not None and path.samefile(database):
            raise BadValue(N_("{path} is the database itself"), path=path)
