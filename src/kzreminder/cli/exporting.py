"""export: the cards for another program, as CSV, JSON or a calendar.

Not here: how each is written (exchange), reading one (exchange.py of this room).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kzreminder.cli.base import STATE_NAMES, TO_STDOUT, App, command, json_option, option
from kzreminder.cli.show import array_text, operator_id
from kzreminder.errors import N2_, N_, BadValue, for_terminal

if TYPE_CHECKING:
    from kzreminder.core.card import Card

FORMATS = ("csv", "json", "ics")


@command(
    "export",
    help=N_(
        "Write the cards to stdout or a file: as CSV, which import reads back, as JSON, or as a"
        " calendar with an alarm for each reminder."
    ),
    epilog=N_("Example: kzreminder export --output deadlines.ics"),
)
@option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    help=N_("What to write; CSV unless the file's name says otherwise."),
)
@option("--output", metavar="FILE", help=N_("Where to; stdout unless given."))
@option("--operator", metavar="NAME", help=N_("Only cards of this operator."))
@option("--tag", metavar="TAG", help=N_("Only cards with this tag."))
@option("--state", type=click.Choice(STATE_NAMES), help=N_("Only cards in this state."))
@option("--no-archived", "living", is_flag=True, help=N_("Leave archived cards out."))
@option("--yes", "sure", is_flag=True, help=N_("Do not ask."))
@json_option
def export_cards(
    app: App,
    form: str | None,
    output: str | None,
    operator: str | None,
    tag: str | None,
    state: str | None,
    living: bool,
    sure: bool,
    as_json: bool,
) -> None:
    output = None if output == TO_STDOUT else output
    form = _format(form, output, as_json=as_json)
    cards = _Chosen(app, operator, tag, state, archived=not living)
    _ = app.parts.store  # what is wrong with the database is said before any question
    texts = _tame(_WRITERS[form](app, cards))
    if output is None:
        _print(texts)
        return
    path = Path(output)
    _refuse_loss(app, path, sure=sure)
    from kzreminder import places

    with places.writing_private(path) as file:
        file.writelines(texts)
    app.say_aside(app.words.ngettext(*_WRITTEN, cards.count, path=output))


_WRITTEN = N2_("{count} card written to {path}.", "{count} cards written to {path}.")


def _format(form: str | None, output: str | None, *, as_json: bool) -> str:
    """What was asked for, else what the file's name ends with, else CSV."""
    if as_json and form not in (None, "json"):
        raise BadValue(N_("--json and --format say different things: give one of them"))
    if as_json or form is not None:
        return form or "json"
    if output is None:
        return "csv"
    ending = Path(output).suffix.lower().removeprefix(".")
    if ending not in FORMATS:
        raise BadValue(
            N_("the name {path} does not say what to write"),
            hint=N_("Add --format csv, json or ics, or let the name end so."),
            path=output,
        )
    return ending


def _refuse_loss(app: App, path: Path, *, sure: bool) -> None:
    """Nothing is overwritten unasked, and the database never."""
    from kzreminder.cli.asking import ask_to_overwrite, refuse_database

    refuse_database(app, path)
    is_file = False
    with suppress(OSError, ValueError):  # no such name: writing it says so
        is_file = path.is_file()
    if is_file and not sure:
        ask_to_overwrite(app, path)


class _Chosen:
    """The cards that were asked for, a batch at a time; afterwards how many they were."""

    def __init__(
        self, app: App, operator: str | None, tag: str | None, state: str | None, *, archived: bool
    ) -> None:
        from kzreminder.core.narrowing import narrowed
        from kzreminder.core.planning import State
        from kzreminder.storage.wanted import Wanted

        self._app = app
        self._state = State(state) if state is not None else None
        within = narrowed([self._state], app.settings.policy, app.now) if self._state else None
        self._wanted = Wanted(operator_id(app, operator), tag, archived, within)
        self.count = 0

    def batches(self) -> Iterator[list[Card]]:
        from kzreminder.cli.listing import of_state
        from kzreminder.cli.progress import with_progress

        streaming = self._app.parts.store.streaming
        with closing(streaming.batches(self._wanted)) as found:
            for batch in with_progress(found, lambda: streaming.count(self._wanted)):
                chosen = of_state(self._app, batch, self._state)
                self.count += len(chosen)
                yield chosen

    def have_some(self, seldom: str, tell: Callable[[Card], str]) -> bool:
        return self._app.parts.store.streaming.some(
            self._wanted, seldom, lambda card: bool(tell(card))
        )

    def __iter__(self) -> Iterator[Card]:
        for batch in self.batches():
            yield from batch


def _as_csv(app: App, cards: _Chosen) -> Iterator[str]:
    from kzreminder.exchange.csv_out import csv_rows, seldom_cells

    policy, now = app.settings.policy, app.now
    seldom = [
        column
        for column, tell in seldom_cells(policy, now).items()
        if cards.have_some(column, tell)
    ]
    return csv_rows(cards, policy, now, seldom)


def _as_json(app: App, cards: _Chosen) -> Iterator[str]:
    """As `list --json` has it."""
    from kzreminder.cli.objects import card_json

    store, policy, routes = app.parts.store, app.settings.policy, app.parts.routes

    def objects() -> Iterator[object]:
        for batch in cards.batches():
            marks = store.marks_of([card.id for card in batch])
            for card in batch:
                yield card_json(card, policy, marks.get(card.id, ()), app.now, routes)

    return array_text(objects())


def _as_calendar(app: App, cards: _Chosen) -> Iterator[str]:
    from dataclasses import replace

    from kzreminder.exchange.calendar import calendar_file, events_of

    scribe = app.parts.scribe()
    own = not app.given.get("lang")  # what was asked for counts for all, as with a guide
    told = (card if own else replace(card, lang=None) for card in cards)
    events = (event for card in told for event in events_of(card, scribe, app.now))
    return calendar_file(events, app.now)


_WRITERS = {"csv": _as_csv, "json": _as_json, "ics": _as_calendar}


def _print(texts: Iterable[str]) -> None:
    """UTF-8 whatever the terminal speaks: these are the contents of a file."""
    for text in texts:
        sys.stdout.buffer.write(text.encode())
    sys.stdout.flush()


def _tame(texts: Iterable[str]) -> Iterator[str]:
    """With nothing in them that a terminal obeys: files are printed there too."""
    for text in texts:
        yield "\r\n".join(for_terminal(line) for line in text.split("\r\n"))
