"""Which way to pay is best for this card now, and why: a pure rule over what is known.

Not here: the words of the reason (config/guides), when a shop may be closed (opening). Whether the
card is a SIM or an eSIM changes nothing: both are topped up by their number.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum

from kzreminder.operators.facts import RANKS, Method, MethodKind, Operator

URGENT = timedelta(days=1)
"With less time than this left, what has to be open is not advised."
LAST_RESORTS = frozenset({MethodKind.RESELLER, MethodKind.LOAN})
"One is not official, the other costs and has to be paid back."
NEEDS_THE_CARD = frozenset(
    {MethodKind.APP, MethodKind.AUTOPAY, MethodKind.VOUCHER, MethodKind.LOAN}
)
"The card or an account on it is at hand: an app is signed in with a code sent to its number."
NO_FEE = "no fee"
"As the files write it; any other text is a fee, or a condition."


class Because(StrEnum):
    """Why a way is named first: the first of these that is true of it."""

    WHOSE = "whose"
    "nobody knows whose card it is, and there one can ask"
    PREFERRED = "preferred"
    ABROAD = "abroad"
    "the user is not in Kazakhstan"
    SHORT_TIME = "short_time"
    "it is urgent, and nothing has to be open for it"
    OWN_FILE = "own_file"
    "the operator's file names it"
    FREE = "free"
    "a source says that it takes no fee"
    STATED = "stated"
    "a source says that the operator can be paid this way"
    USUAL = "usual"
    "no source states any way; this one needs neither a counter nor cash"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user has said about paying."""

    methods: tuple[str, ...] = ()
    "ids, the one liked best first"
    abroad: bool = False


@dataclass(frozen=True, slots=True)
class Situation:
    """What the choice hangs on."""

    wishes: Wishes = field(default_factory=Wishes)
    left: timedelta | None = None
    "to the deadline, negative after it; None where there is none"
    shops_closed: bool = False
    "as far as is known, from now to the deadline"

    @property
    def is_urgent(self) -> bool:
        """Little time is left, or none."""
        return self.shops_closed or (self.left is not None and self.left < URGENT)


@dataclass(frozen=True, slots=True)
class Choice:
    methods: tuple[Method, ...]
    "the best first"
    because: Because

    @property
    def best(self) -> Method:
        return self.methods[0]


def choose(operator: Operator, situation: Situation) -> Choice:
    """All ways of the operator in the order in which they are advised."""
    places = {method.id: place for place, method in enumerate(operator.methods)}

    def rank(method: Method) -> tuple[int | bool, ...]:
        return (*_rank(operator, method, situation), places[method.id])

    methods = tuple(sorted(operator.methods, key=rank))
    return Choice(methods, _because(operator, methods[0], situation))


def for_payer(choice: Choice) -> Method:
    """The best way for somebody in Kazakhstan who is asked to pay, and has not got the card."""
    able = [method for method in choice.methods if method.kind not in NEEDS_THE_CARD]
    return next((method for method in able if method.kind is not MethodKind.PERSON), choice.best)


def _rank(operator: Operator, method: Method, situation: Situation) -> tuple[int | bool, ...]:
    """Smaller is better; what stands first decides first."""
    wishes = situation.wishes
    return (
        wishes.abroad and method.works_abroad is False,
        _preference(method, wishes),
        method.kind in LAST_RESORTS,
        not operator.is_found and method.kind is not MethodKind.SHOP,
        wishes.abroad and not method.works_abroad,
        situation.is_urgent and method.has_opening_hours is not False,
        method.id != operator.best,
        RANKS[method.confidence],
        not _is_free(method),
    )


def _preference(method: Method, wishes: Wishes) -> int:
    known = wishes.methods
    return known.index(method.id) if method.id in known else len(known)


def _is_free(method: Method) -> bool:
    fee = method.fact("fee")
    return fee is not None and fee.is_sourced and fee.value == NO_FEE


def _because(operator: Operator, best: Method, situation: Situation) -> Because:
    wishes = situation.wishes
    if best.id in wishes.methods:
        return Because.PREFERRED
    if not operator.is_found and best.kind is MethodKind.SHOP:
        return Because.WHOSE
    if wishes.abroad and best.works_abroad:
        return Because.ABROAD
    if best.id == operator.best:
        return Because.OWN_FILE
    at_leisure = replace(situation, left=None, shops_closed=False)
    if situation.is_urgent and best is not choose(operator, at_leisure).best:
        return Because.SHORT_TIME
    if _is_free(best):
        return Because.FREE
    return Because.STATED if best.is_confirmed else Because.USUAL
