"""The questions of `add` without arguments: no more than the card needs, one at a time.

Not here: how an answer is read (typed_options, core.typed), what is made of it (register).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kzreminder.cli.asking import left_politely
from kzreminder.cli.base import App
from kzreminder.cli.show import print_card, print_table
from kzreminder.cli.typed_options import text_readers, warn_if_ahead
from kzreminder.core.period import Period
from kzreminder.core.typed import money_shown
from kzreminder.errors import N_, AlreadyExists, BadValue, KzreminderError, printable
from kzreminder.operators.numbers import parse_number, spaced

if TYPE_CHECKING:
    from kzreminder.core.card import Card
    from kzreminder.core.correcting import Told

T = TypeVar("T")

FIRST_REMINDERS = 4
AHEAD = timedelta(days=400)
"Reminders that come later are not the first that one wants to see."
_ENDS, _RENEWS_ITSELF, _ONLY_KEPT = "1", "2", "3"


def ask_for_card(app: App, told: Told, *, any_country: bool) -> Told:
    """What a user on a terminal tells of a new card; what was told with options is kept.

    Raises click.Abort when the user has had enough.
    """
    app.tell(
        N_("A card in a few questions. Enter skips what is not needed, Ctrl-C leaves unsaved.")
    )
    return {**told, **_Wizard(app, any_country).card()}


def confirm_card(app: App, card: Card) -> None:
    """Show what would be saved, and what would be told first. Raises click.Abort for a no."""
    app.say_aside("")
    print_card(app, card, as_json=False)
    app.say_aside("")
    app.tell(N_("Its first reminders:"))
    print_table(_first_reminders(app, card))
    app.say_aside("")
    with left_politely(app):
        is_wanted = click.confirm(app.words.gettext("Save?"), default=True, err=True)
    if not is_wanted:
        raise click.Abort


def say_what_is_next(app: App, card: Card) -> None:
    from kzreminder.alive.lock import holder

    app.tell(N_("Saved. To correct it or tell more: kzreminder edit {card} --help"), card=card.id)
    is_running, _pid = holder(app.parts.lock_file)
    if is_running:
        app.tell(N_("The service runs: you are reminded from now on."))
    else:
        app.tell(N_("Let it remind you: kzreminder service install"))


def _first_reminders(app: App, card: Card) -> list[tuple[str, str]]:
    from kzreminder.core.planning import upcoming

    policy, scribe, words = app.settings.policy, app.parts.scribe(), app.words
    today = app.now.astimezone(policy.zone).date()
    coming = upcoming(card, policy, (), app.now, app.now + AHEAD)
    rows = [
        (
            words.gettext("now") if at <= app.now else words.moment(at, policy.zone, today),
            scribe.message(reminders, at).title,
        )
        for at, reminders in islice(coming, FIRST_REMINDERS)
    ]
    return rows or [(words.gettext("none ahead"), "")]


class _Wizard:
    def __init__(self, app: App, any_country: bool) -> None:
        self._app = app
        self._any_country = any_country
        self._readers = text_readers(app)

    def card(self) -> dict[str, Any]:
        told = self._name()
        told |= self._operator(told.get("number"))
        told |= self._reminded_of()
        told |= self._optional(
            "protects",
            N_("Accounts that hang on the number, as eGov, Kaspi, WeChat: named when it is late."),
            N_("What hangs on it (Enter: nothing)"),
        )
        return told

    def _name(self) -> dict[str, Any]:
        number = self._ask(
            N_("The number in any usual form. Without one the card needs a name."),
            N_("Number (Enter: none)"),
            self._new_number,
            shown=spaced,
        )
        told = {} if number is None else {"number": number}
        label = self._ask(
            N_("Reminders begin with what you call the card, as Mum or Office."),
            N_("What do you call it?"),
            self._new_label if number is not None else self._label_or_number,
            default="" if number is None else spaced(number),
            needed=True,
        )
        if number is None and (number := self._number_in(label or "")) is not None:
            self._app.tell(N_("This is a telephone number: it is taken as the card's."))
            self._app.say_aside("")
            told = {"number": number}
        return told | {"label": label}

    def _operator(self, number: str | None) -> dict[str, Any]:
        operators, language = self._app.parts.operators, self._app.words.language
        guessed = operators.guess(number) if number else None
        operator = self._ask(
            N_("Guessed from the number; numbers can move to another operator.")
            if guessed
            else N_("Kcell, activ, Beeline, izi, Tele2, Altel ...: how to pay depends on it."),
            N_("Operator") if guessed else N_("Operator (Enter: not known)"),
            self._readers["operator"],
            default=guessed.name(language) if guessed else "",
            shown=lambda found: operators.name_of(str(found), language),
        )
        return {} if operator is None else {"operator": operator}

    def _reminded_of(self) -> dict[str, Any]:
        for line in (
            N_("What do you want to be reminded of?"),
            N_("  1  that its plan ends: the next one is bought by hand"),
            N_("  2  that its plan renews itself: the balance must cover the price"),
            N_("  3  that the number must be used: there is no plan, only the number counts"),
        ):
            self._app.tell(line)
        with left_politely(self._app):
            choice = click.prompt(
                self._app.words.gettext("1, 2 or 3"),
                type=click.Choice([_ENDS, _RENEWS_ITSELF, _ONLY_KEPT]),
                show_choices=False,
                default=_ENDS,
                err=True,
            )
        self._app.say_aside("")
        if choice == _ONLY_KEPT:
            return self._kept()
        if choice == _ENDS:
            return self._end(N_("Last good day, or period (Enter: not known)"))
        return (
            {"auto_renew": True}
            | self._end(N_("Last good day before the charge, or period (Enter: not known)"))
            | self._optional("price", N_("In tenge."), N_("Price (Enter: not known)"), money_shown)
            | self._optional(
                "balance",
                N_("In tenge; with it you hear only of charges that are not covered."),
                N_("Balance now (Enter: not known)"),
                money_shown,
            )
        )

    def _end(self, question: str) -> dict[str, Any]:
        """The last good day and how long it is bought for, or how long and the first day."""
        end = self._ask(
            N_(
                "As 31.12.2026, +30d or in 3 weeks; or its period, as 30d or 1mo, from a first day."
            ),
            question,
            self._day_or_period,
            shown=self._shown,
        )
        if end is None:
            self._app.tell(
                N_("Nothing of a plan is told until its end is known: kzreminder edit --help")
            )
            self._app.say_aside("")
            return {}
        if isinstance(end, date):
            if end < self._app.today:
                self._app.tell(N_("Note: {day} is in the past; this plan has ended."), day=end)
            return {"expires": end} | self._optional(
                "period",
                N_("As 30d, 4w, 1mo or month-start: with it a renewal needs no date."),
                N_("For how long is it renewed? (Enter: not known)"),
            )
        started = self._optional(
            "started",
            N_("The first day counts: a plan of 30 days from today is good for 29 more."),
            N_("First day (Enter: today)"),
        )
        return {"period": end} | started

    def _kept(self) -> dict[str, Any]:
        period = self._ask(
            N_("Your own rule: no operator's page says after how long an unused number is lost."),
            N_("How often must it be used, as 90d or 6mo?"),
            self._readers["keep_alive"],
            shown=self._shown,
            needed=True,
        )
        used = self._optional(
            "last_used",
            N_("The last paid call, SMS, data session or top-up."),
            N_("Last used (Enter: today)"),
        )
        warn_if_ahead(self._app, used.get("last_used"))
        return {"keep_alive": period} | used

    def _optional(
        self,
        name: str,
        explanation: str,
        question: str,
        shown: Callable[[Any], str] | None = None,
    ) -> dict[str, Any]:
        answer = self._ask(explanation, question, self._readers[name], shown=shown or self._shown)
        return {} if answer is None else {name: answer}

    def _ask(
        self,
        explanation: str,
        question: str,
        reader: Callable[[str], T],
        *,
        shown: Callable[[T], str | None] = lambda _answer: None,
        default: str = "",
        needed: bool = False,
    ) -> T | None:
        """The answer, said back as it was understood; None where there is none."""
        app = self._app

        def understood(text: str) -> T | None:
            if not text.strip() and not needed:
                return None
            try:
                return reader(text)
            except KzreminderError as error:
                lines = (printable(" ".join(line.split())) for line in app.words.error(error))
                raise click.UsageError("\n".join(lines)) from None

        app.tell(explanation)
        with left_politely(app):
            answer: T | None = click.prompt(
                app.words.gettext(question),
                default=default,
                show_default=bool(default),
                value_proc=understood,
                prompt_suffix=" " if question.endswith("?") else ": ",
                err=True,
            )
        said = None if answer is None else shown(answer)
        if said is not None:
            app.say_aside(f"  = {said}")
        app.say_aside("")
        return answer

    def _shown(self, answer: object) -> str | None:
        if isinstance(answer, date):
            return self._app.words.dated(answer)
        if isinstance(answer, Period):
            return self._app.words.period(answer)
        if isinstance(answer, Decimal):
            return money_shown(answer)
        return None

    def _day_or_period(self, text: str) -> date | Period:
        try:
            return self._read("expires", text, date)
        except BadValue as no_day:
            try:
                return self._read("period", text, Period)
            except BadValue:
                raise no_day from None

    def _read(self, name: str, text: str, kind: type[T]) -> T:
        value = self._readers[name](text)
        assert isinstance(value, kind)
        return value

    def _new_number(self, text: str) -> str:
        number = parse_number(text, self._any_country)
        _, numbers = self._app.parts.store.known([], [number])
        if number in numbers:
            raise AlreadyExists(
                N_("the number {number} is registered already, as {label}"),
                number=number,
                label=numbers[number],
            )
        return number

    def _label_or_number(self, text: str) -> str:
        number = self._number_in(text)
        return self._new_label(text if number is None else spaced(self._new_number(text)))

    def _number_in(self, text: str) -> str | None:
        try:
            return parse_number(text, self._any_country)
        except BadValue:
            return None

    def _new_label(self, text: str) -> str:
        label = str(self._readers["label"](text))
        labels, _ = self._app.parts.store.known([label], [])
        if label in labels:
            raise AlreadyExists(N_("a card called {label} is registered already"), label=label)
        return label
