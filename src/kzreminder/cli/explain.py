"""why, history: what was told, what was not, and why.

Not here: what will come (views).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from kzreminder.cli.base import App, command, json_option
from kzreminder.cli.show import print_table
from kzreminder.errors import N_

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kzreminder.core.card import Card
    from kzreminder.core.explaining import Explanation
    from kzreminder.core.reminder import Mark
    from kzreminder.core.routing import Route
    from kzreminder.storage.history import Entry
    from kzreminder.storage.notes import Absence


@command(
    "why",
    help=N_("Why a card was told of, or why it is silent: every deadline, every reminder."),
    epilog=N_("Example: kzreminder why Mum"),
)
@click.argument("card")
@json_option
def why(app: App, card: str, as_json: bool) -> None:
    from kzreminder.core.routing import routes_for

    found = app.parts.store.find(card)
    marks = app.parts.store.marks_of([found.id]).get(found.id, [])
    known = app.parts.routes
    ways = [_way(app, found, marks, route) for route in routes_for(found, known)]
    are_several = len(known) > 1
    if as_json:
        from kzreminder.cli.objects import why_json

        app.print_json(why_json(ways, app.settings.policy, are_several=are_several))
        return
    _print_card(app, ways[0].told)
    if found.watcher is not None and not _is_watched(app, found.watcher):
        unheard = N_(
            "Only a service that bears the name {name} speaks of it, and none is heard of."
        )
        app.say(app.words.gettext(unheard, name=found.watcher))
    for way in ways:
        _print_way(app, way, is_named=are_several, is_whole=way is ways[0])


def _is_watched(app: App, watcher: str) -> bool:
    """Whether a service bears the name; of a file there is none to ask."""
    if not app.parts.is_shared:
        return True
    return any(watcher in one.watches for one in app.parts.store.services.alive(app.now))


@dataclass(frozen=True, slots=True)
class Way:
    """What there is to say of a card on one target."""

    route: Route
    told: Explanation
    absence: Absence | None
    refused: str | None
    "what the target said of a message that is still due"

    @property
    def target(self) -> str:
        return self.route.target

    @property
    def away_since(self) -> str | None:
        return self.absence.since if self.absence else None

    @property
    def wait(self) -> str | None:
        if self.route.after is None:
            return None
        from kzreminder.settings.targets import wait_text

        return wait_text(self.route.after)


def _way(app: App, card: Card, marks: Sequence[Mark], route: Route) -> Way:
    from kzreminder.core.explaining import explain

    store = app.parts.store
    told = explain(card, app.settings.policy, marks, app.now, route)
    absence = store.notes.absence(route.target)
    last = store.last_message(card.id, route.target) if absence is None else None
    return Way(route, told, absence, _refused(last, told))


def _refused(last: Entry | None, told: Explanation) -> str | None:
    from kzreminder.core.explaining import Fate, fates_in

    is_due = Fate.DUE in fates_in(told.stories)
    if last is None or last.fields["outcome"] != "failed" or not is_due:
        return None
    return str(last.fields["error"])


def _print_card(app: App, told: Explanation) -> None:
    from kzreminder.wording import explanations

    app.say(explanations.heading(told, app.words))
    for line in explanations.silence_lines(told, app.settings.policy, app.words, app.now):
        app.say(line)


def _print_way(app: App, way: Way, *, is_named: bool, is_whole: bool) -> None:
    """`is_whole`: with all that is ahead; else up to what comes next."""
    from kzreminder.wording import explanations

    words, policy, now = app.words, app.settings.policy, app.now
    if is_named:
        app.say("")
        app.say(explanations.target_heading(way.route.name, way.wait, words))
    for story in way.told.stories:
        if is_named and explanations.is_unwanted(story):
            app.say(explanations.unwanted_line(story, words, now))
            continue
        app.say("")
        app.say(explanations.story_heading(story, words, now))
        leads = story.leads if is_whole else explanations.up_to_the_next(story)
        print_table(explanations.lead_row(story, one, policy, words, now) for one in leads)
    app.say("")
    app.say(explanations.coming_line(way.told, policy, words, now))
    if way.route.is_desktop:
        away = N_("The desktop takes nothing now: {error}")
        refused = N_("The desktop refused the message: {error}")
    else:
        away = N_("{target} takes nothing now: {error}")
        refused = N_("{target} refused the message: {error}")
    if way.absence is not None:
        app.say(words.gettext(away, target=way.route.name, error=way.absence.error))
    if way.refused is not None:
        app.say(words.gettext(refused, target=way.route.name, error=way.refused))


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
