"""What a shell may offer in place of CARD, an operator, a tag, a method, a language.

Not here: how a shell asks and is answered (completion). Loaded only when a shell asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem
from click.types import StringParamType

from kzreminder import places
from kzreminder.cli.base import App, app_of
from kzreminder.core.languages import LANGUAGES
from kzreminder.storage.labels import labels_from, operator_of, sqlite_file, tags_in

COUNTRY = "kazakhstan"
Offer = Callable[[App, click.Context, str], Iterable[str]]


class Offered(StringParamType):
    """A text of which the shell may be told what is likely."""

    def __init__(self, offer: Offer) -> None:
        self._offer = offer

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem[Any]]:
        return [CompletionItem(one) for one in self._offer(app_of(ctx), ctx, incomplete)]


class OfferedFile(StringParamType):
    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem[Any]]:
        return [CompletionItem(incomplete, type="file")]


def give_offers(params: Iterable[click.Parameter]) -> None:
    """Each that is one of ours to know gets a type that knows what to offer."""
    for param in params:
        if isinstance(param.type, StringParamType):
            if param.metavar == "FILE":
                param.type = OfferedFile()
            elif param.metavar == "[CARD|OPERATOR]":
                param.type = Offered(_cards_and_operators)
            elif param.name in _OFFERS:
                param.type = Offered(_OFFERS[param.name])


def alike(known: Iterable[str], typed: str) -> list[str]:
    """Those that begin so; in another case only where none does, and then all in one and the same,
    for a shell puts what they have in common in place of what was typed."""
    found = [one for one in known if one.startswith(typed)]
    if not found:
        key = typed.casefold()
        found = [one for one in known if one.casefold().startswith(key)]
        found = [one for one in found if one[: len(typed)] == found[0][: len(typed)]]
    return found


def _labels(app: App, _ctx: click.Context, typed: str) -> list[str]:
    file = _database(app)
    if file is None:
        return []
    # one that begins with a dash would be taken for an option
    return [label for label in alike(labels_from(file, typed), typed) if label[0] != "-"]


def _operators(_app: App, ctx: click.Context, typed: str) -> list[str]:
    """By the names of their files: to read them all would take longer than the rest."""
    folders = (places.shipped("config/operators"), places.own_operators())
    ids = sorted({file.stem for folder in folders for file in folder.glob("*.toml")} - {COUNTRY})
    return alike(ids + [COUNTRY] * (ctx.info_name == "show"), typed)


def _cards_and_operators(app: App, ctx: click.Context, typed: str) -> list[str]:
    return list(dict.fromkeys(_labels(app, ctx, typed) + _operators(app, ctx, typed)))


def _methods(app: App, ctx: click.Context, typed: str) -> list[str]:
    """Of the card's operator, where that is known; else of all."""
    file, card = _database(app), ctx.params.get("card")
    operator = operator_of(file, card) if file is not None and card else None
    catalogue = app.parts.operators
    own = catalogue.get(operator)
    operators = catalogue.operators if own is None else (own,)
    return alike(sorted({method.id for one in operators for method in one.methods}), typed)


def _tags(app: App, _ctx: click.Context, typed: str) -> list[str]:
    file = _database(app)
    return [] if file is None else alike(tags_in(file), typed)


def _languages(_app: App, _ctx: click.Context, typed: str) -> list[str]:
    return alike(LANGUAGES, typed)


_OFFERS: dict[str, Offer] = {
    "card": _labels,
    "operator": _operators,
    "new_operator": _operators,
    "tag": _tags,
    "tags": _tags,
    "new_tags": _tags,
    "method": _methods,
    "lang": _languages,
}


def _database(app: App) -> Path | None:
    """The SQLite file; None where the cards are elsewhere. Of the settings no more is read."""
    url = app.given.get("db") or app.environ.get("KZREMINDER_DATABASE")
    if not url and app.config_path.is_file():
        from kzreminder.settings.reading import read_file

        url = read_file(app.config_path)["database"]
    return sqlite_file(str(url)) if url else places.database_file()
