"""What a guide shows, whatever it is drawn on.

Not here: ink and markup (guide_lines, guide.html).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kzreminder.errors import N_
from kzreminder.operators.facts import Fact
from kzreminder.operators.guide import Guide, GuideMethod
from kzreminder.pages.qr import dial, is_link
from kzreminder.wording.language import Words


@dataclass(frozen=True, slots=True)
class Scan:
    """Something to hold a phone before, with the same in letters."""

    what: str
    text: str
    content: str
    is_confirmed: bool


def scans(guide: Guide, words: Words) -> list[Scan]:
    """The balance code, and the page on which to pay, else the site: as far as they are known."""
    found = []
    code = _fact(guide.balance, "balance_code")
    if code is not None:
        what = words.gettext("See the balance")
        found.append(Scan(what, code.value, dial(code.value), code.is_sourced))
    for key, what in (("topup_page", N_("Pay here")), ("site", N_("Site of the operator"))):
        link = _fact(guide.facts, key)
        if link is not None and link.is_sourced and is_link(link.value):
            return [*found, Scan(words.gettext(what), link.value, link.value, True)]
    return found


def terms(method: GuideMethod, words: Words) -> Iterator[tuple[str, str]]:
    """Fee, time, from abroad, opening hours, the nearest: what is unknown is said to be."""
    unknown = words.gettext("not known")
    yield words.gettext("Fee"), method.fee or unknown
    yield words.gettext("Credited in"), method.credited_in or unknown
    yield words.gettext("Works from abroad"), _yes_no(method.works_abroad, words)
    yield words.gettext("Opening hours matter"), _yes_no(method.has_opening_hours, words)
    if method.nearest:
        yield words.gettext("The nearest one"), method.nearest
    if method.note:
        yield words.gettext("Your note"), method.note


def beside_terms(method: GuideMethod) -> list[Fact]:
    """What the terms do not tell already."""
    return [fact for fact in method.facts if fact.key not in ("fee", "credited_in")]


def sourced(guide: Guide) -> list[Fact]:
    """Every fact on the page that has a source, each once."""
    facts = [
        *guide.balance,
        *guide.facts,
        *(fact for method in guide.methods for fact in method.facts),
        *(fact for topic in guide.topics for fact in topic.facts),
    ]
    return list(dict.fromkeys(fact for fact in facts if fact.source))


def _yes_no(value: bool | None, words: Words) -> str:
    if value is None:
        return words.gettext("not known")
    return words.gettext("yes") if value else words.gettext("no")


def _fact(facts: tuple[Fact, ...], key: str) -> Fact | None:
    return next((fact for fact in facts if fact.key == key), None)
