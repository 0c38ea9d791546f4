"""guide, operators: how to renew, and what is known of each operator.

Not here: the words of a guide (operators.guide and config/guides).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kzreminder.cli.base import App, Command, Group, command, json_option, option
from kzreminder.cli.show import print_table
from kzreminder.errors import N_, BadValue, CardNotFound, OperatorNotFound, SeveralCardsMatch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kzreminder.core.card import Card
    from kzreminder.operators.book import Book
    from kzreminder.operators.facts import Fact, Operator
    from kzreminder.operators.guide import Guide, GuideMethod
    from kzreminder.wording.language import Words


@command(
    "guide",
    help=N_("How to renew a card, or with an operator: step by step, in your language."),
    epilog=N_("Example: kzreminder guide Mum --method kaspi"),
)
@click.argument("card", metavar="[CARD|OPERATOR]", required=False)
@option("--method", metavar="ID", help=N_("Only this way to pay, as kaspi or terminal."))
@json_option
def guide(app: App, card: str | None, method: str | None, as_json: bool) -> None:
    found, operator = _asked_for(app, card)
    from kzreminder.operators.guide import guide_for

    language = app.given.get("lang") or (found and found.lang) or app.words.language
    book = app.parts.book(language)
    advice = _shop_advice(app, found, book) if found is not None else None
    made = guide_for(operator, found, book, app.parts.clerk, method_id=method, advice=advice)
    if as_json:
        from kzreminder.cli.objects import guide_json

        app.print_json(guide_json(made))
    else:
        _print_guide(app, made)


def _shop_advice(app: App, card: Card, book: Book) -> str | None:
    """When to go to a shop, where the card's next deadline ends on a day when it may be closed."""
    from kzreminder.core.deadlines import next_loss
    from kzreminder.operators.guide import shop_advice

    deadline = next_loss(card, app.now)
    return shop_advice(deadline.last_day, app.today, book) if deadline is not None else None


def _asked_for(app: App, wanted: str | None) -> tuple[Card | None, Operator]:
    """A card's guide is its operator's; a name that is no card's is an operator's."""
    if wanted is None:
        cards = app.parts.store.cards()
        if len(cards) != 1:
            raise BadValue(
                N_("say whose guide: a card or an operator"),
                hint=N_("Example: kzreminder guide Mum --method kaspi"),
            )
        wanted = str(cards[0].id)
    try:
        found = app.parts.store.find(wanted)
    except (CardNotFound, SeveralCardsMatch) as no_card:
        try:
            return None, app.parts.operators.find(wanted)
        except OperatorNotFound:
            raise no_card from None
    if found.operator is None:
        raise OperatorNotFound(found.label, app.parts.operators.ids)
    return found, app.parts.operators.by_id(found.operator)


def _print_guide(app: App, made: Guide) -> None:
    words = app.words
    app.say(made.operator_name)
    for caution in made.cautions:
        app.say(f"! {caution}")
    for method in made.methods:
        app.say("")
        _print_method(app, method)
    app.say("")
    app.say(words.gettext("To show at the counter:"))
    app.say(f"  {made.clerk.ru}")
    app.say(f"  {made.clerk.kk}")
    if made.balance:
        app.say("")
        app.say(words.gettext("How to see the balance and more:"))
        _print_facts(app, made.balance)
    app.say("")
    app.say(words.gettext("Sources:"))
    for source in _sources(made, words):
        app.say(f"  {source}")


def _print_method(app: App, method: GuideMethod) -> None:
    words = app.words
    app.say(f"{method.name} ({method.id})")
    for number, step in enumerate(method.steps, start=1):
        app.say(f"  {number}. {step}")
    if method.needs:
        app.say("  " + words.gettext("You need: {needs}", needs="; ".join(method.needs)))
    unknown = words.gettext("not known")
    fee, credited = method.fee or unknown, method.credited_in or unknown
    app.say("  " + words.gettext("Fee: {fee}. Credited in: {time}.", fee=fee, time=credited))
    for caution in method.cautions:
        app.say(f"  ! {caution}")


def _sources(made: Guide, words: Words) -> list[str]:
    facts = [*made.balance, *(fact for method in made.methods for fact in method.facts)]
    return sorted({_source(fact, words) for fact in facts if fact.source})


def _source(fact: Fact, words: Words) -> str:
    confidence = words.gettext(_CONFIDENCE[fact.confidence.value])
    return f"{fact.source} ({fact.checked_on}, {confidence})"


def _print_facts(app: App, facts: Iterable[Fact]) -> None:
    book = app.parts.book(app.words.language)
    print_table(
        (
            f"  {book.fact_name(fact.key)}",
            fact.value,
            app.words.gettext(_CONFIDENCE[fact.confidence.value]),
            fact.note or "",
        )
        for fact in facts
    )


_CONFIDENCE = {
    "high": N_("sure"),
    "medium": N_("likely"),
    "low": N_("doubtful"),
    "unsourced": N_("not confirmed"),
}


@click.group(
    "operators",
    cls=Group,
    help=N_("What is known of each operator, with sources."),
    epilog=N_("Example: kzreminder operators show beeline"),
)
def operators() -> None:
    pass


@command(
    "list",
    cls=Command,
    help=N_("The operators that kzreminder knows."),
    epilog=N_("Example: kzreminder operators list --stale 180"),
)
@option(
    "--stale",
    type=click.IntRange(0, 36500),
    metavar="DAYS",
    help=N_("Only those with facts checked longer ago."),
)
@json_option
def list_operators(app: App, stale: int | None, as_json: bool) -> None:
    from datetime import timedelta

    known = app.parts.operators.operators
    if stale is not None:
        limit = app.today - timedelta(days=stale)
        known = tuple(one for one in known if any(f.checked_on < limit for f in one.all_facts))
    if as_json:
        from kzreminder.cli.objects import operator_json

        app.print_json([operator_json(one, app.words.language) for one in known])
        return
    words = app.words
    status = {"serves": words.gettext("serves"), "not-found": words.gettext("not found here")}
    print_table(
        (
            (
                one.id,
                one.name(words.language),
                status[one.status.value],
                ", ".join(one.prefixes),
                str(min((fact.checked_on for fact in one.all_facts), default="")),
            )
            for one in known
        ),
        [
            words.gettext(h)
            for h in (N_("Id"), N_("Name"), N_("Status"), N_("Prefixes"), N_("Checked"))
        ],
    )


@command(
    "show",
    help=N_("Every fact of one operator, with its source, day and confidence."),
    epilog=N_("Example: kzreminder operators show kcell"),
)
@click.argument("operator", metavar="ID")
@json_option
def show_operator(app: App, operator: str, as_json: bool) -> None:
    found = app.parts.operators.find(operator)
    if as_json:
        from kzreminder.cli.objects import operator_json

        app.print_json(operator_json(found, app.words.language))
        return
    words = app.words
    book = app.parts.book(words.language)
    app.say(f"{found.name(words.language)} ({found.id})")
    if found.own:
        app.say(words.gettext("Your own file has a part in this."))
    print_table(
        (
            (
                name,
                fact.value,
                words.gettext(_CONFIDENCE[fact.confidence.value]),
                str(fact.checked_on),
                fact.source or words.gettext("no source"),
                fact.note or "",
            )
            for name, fact in _named_facts(found, book, words)
        ),
        [
            words.gettext(h)
            for h in (
                N_("Fact"),
                N_("Value"),
                N_("Confidence"),
                N_("Checked"),
                N_("Source"),
                N_("Note"),
            )
        ],
    )
    if found.not_found:
        names = ", ".join(book.fact_name(key) for key in found.not_found)
        app.say(words.gettext("Looked for and not found: {names}", names=names))


def _named_facts(operator: Operator, book: Book, words: Words) -> Iterator[tuple[str, Fact]]:
    """Every fact with what it is about; that of a way to pay names the way."""
    from kzreminder.operators.guide import method_name

    for fact in operator.own_facts:
        yield book.fact_name(fact.key), fact.in_language(words.language)
    for method in operator.methods:
        way = method_name(operator, method.id, book)
        for fact in method.facts:
            name = words.gettext("{what}: {of}", what=book.fact_name(fact.key), of=way)
            yield name, fact.in_language(words.language)


operators.add_command(list_operators)
operators.add_command(show_operator)
