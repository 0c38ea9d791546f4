"""list: the cards, the most urgent first, however many there are.

Not here: one card (views), which cards a change is about (chosen_cards).
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

from kzreminder.cli.base import STATE_NAMES, App, command, json_option, option
from kzreminder.cli.show import operator_id, print_json_array, print_table
from kzreminder.errors import N2_, N_

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kzreminder.core.card import Card
    from kzreminder.core.planning import State
    from kzreminder.core.reminder import Mark
    from kzreminder.storage.wanted import Wanted

SORT_KEYS = ("urgency", "label", "operator", "added")
MOST_ON_TERMINAL = 100
"Nobody reads further; what is most urgent stands first."


@command(
    "list",
    help=N_(
        "All cards, the most urgent first, each with its next reminder. On a terminal the first"
        " 100 of them, unless --limit says otherwise."
    ),
    epilog=N_(
        "Example: kzreminder list --operator beeline --state ending\n"
        "Example: kzreminder list --count"
    ),
)
@option("--operator", metavar="NAME", help=N_("Only cards of this operator."))
@option("--tag", metavar="TAG", help=N_("Only cards with this tag."))
@option("--state", type=click.Choice(STATE_NAMES), help=N_("Only cards in this state."))
@option("--sort", type=click.Choice(SORT_KEYS), default="urgency", help=N_("What comes first."))
@option("--all", "everything", is_flag=True, help=N_("Archived cards too."))
@option("--limit", type=click.IntRange(0), metavar="N", help=N_("So many at most; 0 is all."))
@option(
    "--offset", type=click.IntRange(0), metavar="N", default=0, help=N_("Pass over the first N.")
)
@option("--count", "is_counted", is_flag=True, help=N_("Only how many, by state."))
@json_option
def list_cards(
    app: App,
    operator: str | None = None,
    tag: str | None = None,
    state: str | None = None,
    sort: str = "urgency",
    everything: bool = False,
    limit: int | None = None,
    offset: int = 0,
    is_counted: bool = False,
    as_json: bool = False,
) -> None:
    from kzreminder.core.planning import State
    from kzreminder.storage.wanted import Wanted

    in_state = State(state) if state else None
    wanted = Wanted(
        operator_id(app, operator), tag, archived=everything or in_state is State.ARCHIVED
    )
    if is_counted:
        _print_counts(app, wanted, in_state, as_json)
        return
    if limit is None and not as_json and sys.stdout.isatty():
        limit = MOST_ON_TERMINAL
    page = _Page(app, wanted, in_state, sort, limit or None, offset)
    if as_json:
        print_json_array(_objects(app, page))
        return
    _print_list(app, page)
    if not page.count:
        tell_of_none(app, are_chosen=any((operator, tag, state, offset)))
    page.tell_of_others()


def tell_of_none(app: App, *, are_chosen: bool) -> None:
    """`are_chosen`: only some cards were asked for."""
    if are_chosen and app.parts.store.count():
        app.tell(N_("No card matches."))
    else:
        app.tell(N_("No cards here. Register one: kzreminder add --help"))


class _Page:
    """The cards that were asked for, a batch at a time; afterwards what is known of the others."""

    def __init__(
        self,
        app: App,
        wanted: Wanted,
        state: State | None,
        sort: str,
        limit: int | None,
        offset: int,
    ) -> None:
        self._app = app
        self._wanted, self._state = wanted, state
        self._sort, self._limit, self._offset = sort, limit, offset
        self._are_more = False
        self.count = 0

    def __iter__(self) -> Iterator[tuple[list[Card], dict[int, list[Mark]]]]:
        """With what was told of them."""
        store = self._app.parts.store
        for batch in self._in_state() if self._state else self._all():
            self.count += len(batch)
            if batch:
                yield batch, store.marks_of([card.id for card in batch])

    def _all(self) -> Iterator[list[Card]]:
        from kzreminder.storage.streaming import Sort

        streaming = self._app.parts.store.streaming
        limit, after = self._limit, self._offset
        ids = streaming.ids(self._wanted, Sort(self._sort), limit=limit, after=after)
        self._are_more = limit is not None and len(ids) == limit
        return streaming.of(ids)

    def _in_state(self) -> Iterator[list[Card]]:
        """One more than the limit is looked for, and no further."""
        passed, left = self._offset, self._limit
        for batch in in_state(self._app, self._wanted, self._state, self._sort):
            rest = batch[passed:]
            passed -= len(batch) - len(rest)
            yield rest[:left]
            if left is not None and len(rest) > left:
                self._are_more = True
                return
            left = None if left is None else left - len(rest)

    def tell_of_others(self) -> None:
        if not self._are_more:
            return
        app, shown = self._app, self._offset + self.count
        if self._state:
            app.tell(_AND_MORE, shown=shown)
        elif left := app.parts.store.streaming.count(self._wanted) - shown:
            app.say_aside(app.words.ngettext(*_AND_SO_MANY, left, shown=shown))


_AND_MORE = N_("... and more: --offset {shown} goes on, --limit 0 shows all")
_AND_SO_MANY = N2_(
    "... and {count} more: --offset {shown} goes on, --limit 0 shows all",
    "... and {count} more: --offset {shown} goes on, --limit 0 shows all",
)


def in_state(
    app: App, wanted: Wanted, state: State | None, sort: str = "urgency"
) -> Iterator[list[Card]]:
    """The cards that are in that state, of those that are wanted; None is any."""
    from dataclasses import replace

    from kzreminder.core.narrowing import narrowed
    from kzreminder.storage.streaming import Sort

    streaming = app.parts.store.streaming
    if state is not None:
        wanted = replace(wanted, state=narrowed((state,), app.settings.policy, app.now))
    for batch in streaming.of(streaming.ids(wanted, Sort(sort))):
        yield of_state(app, batch, state)


def of_state(app: App, batch: list[Card], state: State | None) -> list[Card]:
    if state is None:
        return batch
    from kzreminder.core.planning import state_of

    policy, now = app.settings.policy, app.now
    return [card for card in batch if state_of(card, policy, now) is state]


def _objects(
    app: App, page: Iterable[tuple[list[Card], dict[int, list[Mark]]]]
) -> Iterator[object]:
    from kzreminder.cli.objects import card_json

    policy, routes = app.settings.policy, app.parts.routes
    for cards, marks in page:
        for card in cards:
            yield card_json(card, policy, marks.get(card.id, ()), app.now, routes)


def _print_list(app: App, page: Iterable[tuple[list[Card], dict[int, list[Mark]]]]) -> None:
    headers = (
        N_("Card"),
        N_("Number"),
        N_("Operator"),
        N_("State"),
        N_("Balance"),
        N_("Next reminder"),
    )
    print_table(_rows(app, page), [app.words.gettext(header) for header in headers])


def _rows(
    app: App, page: Iterable[tuple[list[Card], dict[int, list[Mark]]]]
) -> Iterator[Sequence[str]]:
    from kzreminder.operators.numbers import spaced
    from kzreminder.wording.cards import balance_words, next_words, state_words

    words, policy, routes = app.words, app.settings.policy, app.parts.routes
    for cards, marks in page:
        for card in cards:
            yield (
                card.label,
                spaced(card.number) if card.number else "",
                card.operator or "",
                state_words(card, policy, words, app.now),
                balance_words(card, words, app.now),
                next_words(card, policy, marks.get(card.id, ()), words, app.now, routes),
            )


def _print_counts(app: App, wanted: Wanted, state: State | None, as_json: bool) -> None:
    from kzreminder.core.planning import State
    from kzreminder.wording.cards import STATES

    counts = _counts(app, wanted)
    shown = [one for one in State if one in counts and state in (None, one)]
    total = sum(counts[one] for one in shown)
    if as_json:
        app.print_json({one.value: counts[one] for one in shown} | {"total": total})
        return
    words = app.words
    rows = [(words.gettext(STATES[one]), str(counts[one])) for one in shown if counts[one]]
    print_table([*rows, (words.gettext(N_("together")), str(total))])


def _counts(app: App, wanted: Wanted) -> dict[State, int]:
    """No card is read that must be well: those are what is left of all."""
    from dataclasses import replace

    from kzreminder.core.narrowing import narrowed
    from kzreminder.core.planning import State, state_of

    policy, now, streaming = app.settings.policy, app.now, app.parts.store.streaming
    living = replace(wanted, archived=False)
    others = [one for one in State if one not in (State.OK, State.ARCHIVED)]
    found: Counter[State] = Counter()
    for batch in streaming.batches(replace(living, state=narrowed(others, policy, now))):
        found.update(state_of(card, policy, now) for card in batch)
    counts: dict[State, int] = {one: found[one] for one in others}
    counts[State.OK] = streaming.count(living) - sum(counts.values())
    if wanted.archived:
        counts[State.ARCHIVED] = streaming.count(wanted) - streaming.count(living)
    return counts
