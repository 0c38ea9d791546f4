"""backup, restore-backup: a copy of the database, and back again.

Not here: how it is copied, checked and put in place (storage).
"""

from __future__ import annotations

from pathlib import Path

import click

from kzreminder.cli.asking import ask, ask_to_overwrite
from kzreminder.cli.base import App, command, json_option, option
from kzreminder.errors import N_, BadValue


@command(
    "backup",
    help=N_("Copy the database while it is in use; the copy is checked before it counts."),
    epilog=N_("Example: kzreminder backup /media/stick/cards.db"),
)
@click.argument("file", required=False, type=click.Path(path_type=Path))
@option("--yes", "sure", is_flag=True, help=N_("Do not ask."))
@json_option
def backup(app: App, file: Path | None, sure: bool, as_json: bool) -> None:
    _ = app.parts.store  # says what is wrong with the database, and upgrades an older one
    if file is None:
        made = app.parts.backups.copy(app.now)
    else:
        exists = file.is_file()
        if exists and not sure:
            ask_to_overwrite(app, file)
        made = app.parts.backups.copy_to(file, app.now, replace=exists)
    if as_json:
        app.print_json(
            {
                "path": str(made.path),
                "schema": made.contents.schema,
                "cards": made.contents.cards,
                "bytes": made.contents.bytes,
            }
        )
        return
    app.say(str(made.path))


@command(
    "restore-backup",
    help=N_("Put a copy in the database's place. What is there now is kept beside it."),
    epilog=N_("Example: kzreminder restore-backup /media/stick/cards.db"),
)
@click.argument("file", type=click.Path(path_type=Path))
@option("--yes", "sure", is_flag=True, help=N_("Do not ask."))
@json_option
def restore_backup(app: App, file: Path, sure: bool, as_json: bool) -> None:
    from kzreminder.alive.lock import only_one
    from kzreminder.storage.restoring import look_at

    url = app.settings.database_url
    contents = look_at(file, url)
    if not sure:
        question = app.words.ngettext(
            "Replace the database by {path}, which holds {count} card?",
            "Replace the database by {path}, which holds {count} cards?",
            contents.cards,
            path=file,
        )
        ask(
            app,
            question,
            BadValue(
                N_("restoring {path} replaces all cards, so it must be confirmed"),
                hint=N_("Add --yes; what is there now is kept beside it."),
                path=file,
            ),
        )
    with only_one(app.parts.lock_file):
        restored = app.parts.restore(file, app.now)
    if as_json:
        app.print_json(
            {
                "path": str(restored.path),
                "kept": str(restored.kept) if restored.kept else None,
                "cards": restored.contents.cards,
                "schema": restored.contents.schema,
            }
        )
        return
    app.say(str(restored.path))
    if restored.kept is not None:
        app.tell(N_("What was there is kept: {path}"), path=restored.kept)
