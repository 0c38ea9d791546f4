"""A question before what was there is lost, what is never lost, and pages that are written so.

Not here: questions about a card (register), which the wizard asks.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from kzreminder.cli.base import TO_STDOUT, App
from kzreminder.errors import N_, BadValue, for_terminal


def ask(app: App, question: str, unanswered: BadValue) -> None:
    """Ends the command unless the answer is yes; `unanswered` where nobody can be asked."""
    if not app.may_ask:
        raise unanswered
    with left_politely(app):
        is_wanted = click.confirm(for_terminal(question), err=True)
    if not is_wanted:
        raise click.Abort


@contextmanager
def left_politely(app: App) -> Iterator[None]:
    """What is said after a Ctrl-C begins on a line of its own."""
    try:
        yield
    except click.Abort:
        app.say_aside("")
        raise


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


def write_page(app: App, name: str, text: str, *, option: str, begins: bytes, sure: bool) -> None:
    """A picture or page to stdout, or into the file of that name; `begins`: how such files begin.
    One of them is written anew unasked, so that a picture can be made every night."""
    if name == TO_STDOUT:
        click.echo(text, nl=False)
        return
    from kzreminder import places

    path = named(option, name)
    refuse_database(app, path)
    if not (sure or _may_be_replaced(path, begins)):
        ask_to_overwrite(app, path)
    places.write_private(path, text)


def named(option: str, name: str) -> Path:
    """The file of that name. Raises BadValue where there is none."""
    if not name:
        error = BadValue(N_("the name of a file is needed here, and this one is empty"))
        error.place = option
        raise error
    return Path(name)


def _may_be_replaced(path: Path, begins: bytes) -> bool:
    with suppress(OSError, ValueError):  # no such name: writing it says so
        if path.is_file():
            with path.open("rb") as file:
                found = file.read(_LOOKED_AT).removeprefix(b"\xef\xbb\xbf").lstrip().lower()
            return not found or found.startswith((begins, b"<?xml"))
    return True


_LOOKED_AT = 64


def refuse_database(app: App, path: Path) -> None:
    """Whatever is written to a file: the database is none for it, by whichever name."""
    from kzreminder.storage.address import file_of, sides_of

    database = file_of(app.settings.database_url)
    if database is None:
        return
    sides = sides_of(database)
    with suppress(OSError, ValueError, RuntimeError):  # no such name: writing it says so
        if path.resolve() in sides:  # one that is not there may come at any moment
            raise BadValue(N_("{path} belongs to the database"), path=path)
    for file in (database, *sides):
        with suppress(OSError, ValueError):
            if path.samefile(file):
                raise BadValue(N_("{path} is the database itself"), path=path)
