"""A guide as lines, for a terminal or a pipe.

Not here: what stands in it (operators.guide, layout); the page for a browser (guide_page).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from kzreminder.core.deadlines import DeadlineKind
from kzreminder.core.standing import Stage
from kzreminder.operators.facts import Confidence, Fact
from kzreminder.operators.guide import Guide, GuideMethod, GuideStage, GuideTopic
from kzreminder.pages.layout import beside_terms, scans, sourced, terms
from kzreminder.pages.qr import as_text
from kzreminder.wording.guides import CONFIDENCE, Heading, confidence_words, source_words
from kzreminder.wording.language import Words

CHARGES = ("charge_", "next_charge_")
"How the keys begin of what is known of an operator's charges: after one it matters at once."


class Look(StrEnum):
    TITLE = "title"
    HEADING = "heading"
    PLAIN = "plain"
    CAUTION = "caution"
    FAINT = "faint"
    BIG = "big"
    "to be shown to somebody across a counter"
    CODE = "code"
    "a QR code: white on black, one space as wide as any other sign"


@dataclass(frozen=True, slots=True)
class Line:
    text: str
    look: Look = Look.PLAIN
    indent: int = 0


def guide_lines(
    guide: Guide, heading: Heading | None, words: Words, *, whole: bool, with_codes: bool
) -> Iterator[Line]:
    """The card, what to do now, the best way in full, the others by name; `whole`: all in full."""
    lines = list(_told(guide, heading, words, whole=whole, with_codes=with_codes))
    yield from lines
    told = "\n".join(line.text for line in lines)
    sources = {source_words(fact, words) for fact in sourced(guide) if fact.value in told}
    if sources:
        yield Line("")
        yield Line(words.gettext("Sources:"), Look.HEADING)
    for source in sorted(sources):
        yield Line(source, Look.FAINT, 2)


def _told(
    guide: Guide, heading: Heading | None, words: Words, *, whole: bool, with_codes: bool
) -> Iterator[Line]:
    yield from _head(guide, heading, words)
    if guide.stage is not None:
        yield from _stage(guide.stages[0])
    if guide.about is DeadlineKind.DEVICE and not whole:
        for topic in guide.topics:
            if topic.id == "imei":
                yield from _topic(topic, words)
    if guide.stage is Stage.AFTER and guide.about is DeadlineKind.CHARGE and not whole:
        for fact in guide.facts:
            if fact.key.startswith(CHARGES):
                yield Line(_fact(f"{fact.name}: {fact.value}", fact, words), Look.FAINT, 5)
    first, *others = guide.methods
    yield Line("")
    because = guide.because if first.id == guide.best else None
    yield from _method(first, words, because)
    yield from _clerk(guide, words)
    yield from _balance(guide, words, with_codes=with_codes)
    if whole:
        yield from _the_rest(guide, others, words)
    else:
        yield from _by_name(others, words)


def _head(guide: Guide, heading: Heading | None, words: Words) -> Iterator[Line]:
    title = f"{heading.label}: {guide.operator_name}" if heading else guide.operator_name
    yield Line(title, Look.TITLE)
    for stake in heading.stakes if heading else ():
        yield Line(stake, Look.PLAIN, 2)
    for note in heading.note.splitlines() if heading and heading.note else ():
        yield Line(note, Look.FAINT, 2)
    if guide.number:
        yield Line(words.gettext("Number: {number}", number=guide.number), Look.PLAIN, 2)
    if guide.amount and guide.stage is not Stage.LONG_AFTER:  # it says not to pay yet
        yield Line(words.gettext("To pay: {amount}", amount=guide.amount), Look.PLAIN, 2)
    for caution in guide.cautions:
        yield Line(f"! {caution}", Look.CAUTION)


def _stage(stage: GuideStage) -> Iterator[Line]:
    yield Line("")
    yield Line(stage.title, Look.HEADING)
    yield from _numbered(stage.steps)


def _numbered(steps: Iterable[str]) -> Iterator[Line]:
    for number, step in enumerate(steps, start=1):
        yield Line(f"{number}. {step}", Look.PLAIN, 2)


def _method(method: GuideMethod, words: Words, because: str | None = None) -> Iterator[Line]:
    yield Line(f"{method.name} ({method.id})", Look.HEADING)
    if because is not None:
        yield Line(words.gettext("Named first because: {why}.", why=because), Look.FAINT, 2)
    yield from _numbered(method.steps)
    if method.needs:
        needs = "; ".join(method.needs)
        yield Line(words.gettext("You need: {needs}", needs=needs), Look.PLAIN, 2)
    for what, value in terms(method, words):
        yield Line(words.gettext("{what}: {value}", what=what, value=value), Look.PLAIN, 2)
    for caution in method.cautions:
        yield Line(f"! {caution}", Look.CAUTION, 2)
    for fact in beside_terms(method):
        yield Line(_fact(fact.value, fact, words), Look.FAINT, 2)


def _clerk(guide: Guide, words: Words) -> Iterator[Line]:
    yield Line("")
    yield Line(words.gettext("To show at the counter:"), Look.HEADING)
    for sentence in (guide.clerk.ru, guide.clerk.kk):
        yield Line(sentence, Look.BIG, 2)


def _balance(guide: Guide, words: Words, *, with_codes: bool) -> Iterator[Line]:
    if guide.balance:
        yield Line("")
        yield Line(words.gettext("How to see the balance and more:"), Look.HEADING)
    for fact in guide.balance:
        yield Line(_fact(f"{fact.name}: {fact.value}", fact, words), Look.PLAIN, 2)
    for scan in scans(guide, words) if with_codes else ():
        yield Line("")
        mark = "" if scan.is_confirmed else f" ({words.gettext(CONFIDENCE[Confidence.UNSOURCED])})"
        yield Line(f"{scan.what}: {scan.text}{mark}", Look.PLAIN, 2)
        for row in as_text(scan.content).splitlines():
            yield Line(row, Look.CODE, 2)


def _fact(said: str, fact: Fact, words: Words) -> str:
    sure = confidence_words(fact, words)
    note = f"; {fact.note}" if fact.note else ""
    return f"{said} ({sure}{note})"


def _by_name(methods: Iterable[GuideMethod], words: Words) -> Iterator[Line]:
    lines = [Line(f"{method.id}: {method.name}", Look.PLAIN, 2) for method in methods]
    if lines:
        yield Line("")
        yield Line(words.gettext("Other ways (--method ID for one, --all for all):"), Look.HEADING)
        yield from lines


def _the_rest(guide: Guide, methods: Iterable[GuideMethod], words: Words) -> Iterator[Line]:
    for method in methods:
        yield Line("")
        yield from _method(method, words)
    for stage in guide.stages[1:] if guide.stage is not None else guide.stages:
        yield from _stage(stage)
    for topic in guide.topics:
        yield from _topic(topic, words)
    yield Line("")
    about = words.gettext("Codes and facts of {operator}", operator=guide.operator_name)
    yield Line(about, Look.HEADING)
    for fact in guide.facts:
        yield Line(_fact(f"{fact.name}: {fact.value}", fact, words), Look.PLAIN, 2)
    if guide.not_found:
        names = ", ".join(guide.not_found)
        yield Line(words.gettext("Looked for and not found: {names}", names=names), Look.FAINT, 2)


def _topic(topic: GuideTopic, words: Words) -> Iterator[Line]:
    yield Line("")
    yield Line(topic.title, Look.HEADING)
    for line in topic.lines:
        yield Line(line, Look.PLAIN, 2)
    for fact in topic.facts:
        yield Line(_fact(fact.value, fact, words), Look.FAINT, 2)
