"""why, history: what was told, what was not, and why.

Not here: what will come (views).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kzreminder.cli.base import App, command, json_option
from kzreminder.cli.show import print_table
from kzreminder.errors import N_

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kzreminder.core.explaining import Explanation
    from kzreminder.storage.history import Entry


@command(
    "why",
    help=N_("Why a card was told of, or why it is silent: every deadline, every reminder."),
    epilog=N_("Example: kzreminder why Mum"),
)
@click.argument("card")
@json_option
def why(app: App, card: str, as_json: bool) -> None:
    from kzreminder.core.explaining import explain
    from kzreminder.core.routing import told_on

    store, policy, target = app.parts.store, app.settings.policy, app.parts.target
    found = store.find(card)
    route = app.parts.routes[0]
    marks = told_on(route, found, store.marks_of([found.id]).get(found.id, []))
    told = explain(found, policy, marks, app.now)
    absence = store.notes.absence(target)
    refused = _refused(store.last_message(found.id), told) if absence is None else None
    if as_json:
        from kzreminder.cli.objects import why_json

        away_since = absence.since if absence else None
        app.print_json(why_json(told, policy, target, away_since, refused))
        return
    _print_why(app, told)
    if absence is not None:
        app.say(app.words.gettext("The desktop takes nothing now: {error}", error=absence.error))
    if refused is not None:
        app.say(app.words.gettext("The desktop refused the message: {error}", error=refused))


def _refused(last: Entry | None, told: Explanation) -> str | None:
    """What the target said of a message that is still due: why it was not told."""
    from kzreminder.core.explaining import Fate, fates_in

    is_due = Fate.DUE in fates_in(told.stories)
    if last is None or last.fields["outcome"] != "failed" or not is_due:
        return None
    return str(last.fields["error"])


def _print_why(app: App, told: Explanation) -> None:
    from kzreminder.wording import explanations

    words, policy, now = app.words, app.settings.policy, app.now
    app.say(explanations.heading(told, words))
    for line in explanations.silence_lines(told, policy, words, now):
        app.say(line)
    for story in told.stories:
        app.say("")
        app.say(explanations.story_heading(story, words, now))
        print_table(explanations.lead_row(story, one, policy, words, now) for one in story.leads)
    app.say("")
    app.say(explanations.coming_line(told, policy, words, now))


@command(
    "history",
    help=N_("What happened to a card and what was told, newest first."),
    epilog=N_("Example: kzreminder history Mum"),
)
@click.argument("card", required=False)
@json_option
def history(app: App, card: str | None, as_json: bool) -> None:
    found = app.parts.store.find(card) if card is not None else None
    entries = app.parts.store.history(found.id if found else None)
    if not as_json:
        print_table(history_rows(app, entries))
        return
    from kzreminder.cli.objects import history_json

    app.print_json([history_json(entry, app.settings.policy) for entry in entries])


def history_rows(app: App, entries: Iterable[Entry]) -> list[tuple[str, str, str]]:
    from kzreminder.wording.history import entry_words

    zone = app.settings.policy.zone
    today = app.now.astimezone(zone).date()
    return [
        (
            app.words.moment(entry.at, zone, today),
            *entry_words(entry.kind, entry.fields, app.words, today),
        )
        for entry in entries
    ]
