"""operators: what is known of each, with sources; and looking for faults in files of one's own.

Not here: how to renew with one of them (guides).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kzreminder.cli.base import App, Command, Group, command, json_option, option
from kzreminder.cli.show import print_table
from kzreminder.errors import N_, ConfigurationInvalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kzreminder.operators.book import Book
    from kzreminder.operators.facts import Fact, Operator
    from kzreminder.wording.language import Words


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

    from kzreminder.operators.catalogue import COUNTRY

    known, country = app.parts.operators.operators, app.parts.operators.country
    old_facts: list[Fact] = []
    if stale is not None:
        limit = app.today - timedelta(days=stale)
        known = tuple(one for one in known if any(f.checked_on < limit for f in one.all_facts))
        old_facts = [fact for fact in country.facts if fact.checked_on < limit]
    if as_json:
        from kzreminder.cli.guide_objects import operator_json

        app.print_json([operator_json(one, app.words.language) for one in known])
        return
    words = app.words
    status = {"serves": words.gettext("serves"), "not-found": words.gettext("not found here")}
    rows = [
        (
            one.id,
            one.name(words.language),
            status[one.status.value],
            ", ".join(one.prefixes),
            str(min((fact.checked_on for fact in one.all_facts), default="")),
        )
        for one in known
    ]
    if old_facts:
        about = words.gettext("What holds for every operator of Kazakhstan")
        rows.append((COUNTRY, about, "", "", str(min(fact.checked_on for fact in old_facts))))
    print_table(
        rows,
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
    from kzreminder.operators.catalogue import COUNTRY

    if operator.strip().casefold() == COUNTRY:
        _show_country(app, as_json)
        return
    found = app.parts.operators.find(operator)
    if as_json:
        from kzreminder.cli.guide_objects import operator_json

        app.print_json(operator_json(found, app.words.language))
        return
    words = app.words
    book = app.parts.book(words.language)
    app.say(f"{found.name(words.language)} ({found.id})")
    if found.own:
        app.say(words.gettext("Your own file has a part in this."))
    _print_facts(_facts_of(found, book, words), words)
    for method in found.methods:
        if method.note is not None:
            note = words.gettext("{what}: {of}", what=words.gettext("Your note"), of=method.note)
            app.say(f"{method.id}: {note}")
    _print_unknown(app, found.not_found, book)


def _show_country(app: App, as_json: bool) -> None:
    """What holds for every operator stands in a file of its own, and is looked at like one."""
    country = app.parts.operators.country
    if as_json:
        from kzreminder.cli.guide_objects import country_json

        app.print_json(country_json(country))
        return
    book = app.parts.book(app.words.language)
    app.say(app.words.gettext("What holds for every operator of Kazakhstan"))
    _print_facts((_keyed(book.told(fact), fact.key) for fact in country.facts), app.words)
    _print_unknown(app, country.not_found, book)


def _print_facts(facts: Iterable[Fact], words: Words) -> None:
    from kzreminder.wording.guides import confidence_words

    headers = (
        N_("Fact"),
        N_("Value"),
        N_("Confidence"),
        N_("Checked"),
        N_("Source"),
        N_("Note"),
    )
    print_table(
        (
            (
                fact.name,
                fact.value,
                confidence_words(fact, words),
                str(fact.checked_on),
                fact.source or words.gettext("no source"),
                fact.note or "",
            )
            for fact in facts
        ),
        [words.gettext(header) for header in headers],
    )


def _print_unknown(app: App, keys: Iterable[str], book: Book) -> None:
    names = ", ".join(book.fact_name(key) for key in keys)
    if names:
        app.say(app.words.gettext("Looked for and not found: {names}", names=names))


def _facts_of(operator: Operator, book: Book, words: Words) -> Iterator[Fact]:
    """Every fact with what it is about; that of a way to pay names the way."""
    from kzreminder.operators.brief import method_name

    for fact in operator.own_facts:
        yield _keyed(book.told(fact), fact.key)
    for method in operator.methods:
        way = method_name(operator, method.id, book)
        for fact in method.facts:
            name = words.gettext("{what}: {of}", what=book.fact_name(fact.key), of=way)
            yield _keyed(replace(book.told(fact), name=name), f"{method.id}.{fact.key}")


def _keyed(fact: Fact, key: str) -> Fact:
    """With the key that a file of the user's own would name it by."""
    return replace(fact, name=f"{fact.name} [{key}]")


@command(
    "check",
    help=N_("Look for faults in operator files of your own; all of them, with line."),
    epilog=N_("Example: kzreminder operators check kcell.toml"),
)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(exists=True))
@json_option
def check_files(app: App, files: tuple[str, ...], as_json: bool) -> None:
    from kzreminder import places
    from kzreminder.operators.catalogue import faults_in

    paths = [Path(file) for file in files]
    faults = faults_in(paths, places.shipped("config/operators"))
    if as_json:
        from kzreminder.cli.objects import faults_json

        app.print_json({"ok": not faults, "faults": faults_json(faults, app.words)})
        app.exit_code = ConfigurationInvalid.exit_code if faults else 0
    elif faults:
        raise ConfigurationInvalid(faults)
    else:
        app.tell(N_("{file}: no faults."), file=", ".join(files))


for _command in (list_operators, show_operator, check_files):
    operators.add_command(_command)
