"""What an operator's SMS or USSD reply says: its kind, tenge, day, operator, or nothing for sure.

Not here: the patterns (config/sms.toml, sms_patterns), one-time codes (sms_danger).
Nothing of a text is logged or put into an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import TypeVar

from kzreminder.operators.sms_danger import Danger, danger_in, leads_elsewhere
from kzreminder.operators.sms_patterns import Pattern, Patterns, SmsKind
from kzreminder.operators.sms_text import Mark, Marked, expand, fold, folded_pattern, marked

Value = TypeVar("Value")

LONGEST = 2000
"""No operator's message is longer; a longer text is not understood, rather than cut: a cut could
go through an amount, or leave a code behind it unseen. It also bounds how long matching takes."""

_MAY_BE_BELOW_ZERO = frozenset((SmsKind.BALANCE, SmsKind.LOW_BALANCE))
_IS_DONE = frozenset((SmsKind.CHARGE_DONE, SmsKind.TOPPED_UP))
_DAY_ANYWHERE = frozenset((SmsKind.NUMBER_CLOSING, SmsKind.CHARGE_DUE))
"kinds of which the day may stand anywhere in the sentence that tells them"
_SENDER = re.compile(r"([^:.!?\n]{2,40}?)\s?:\s?(?=\D)")
_UNDONE = re.compile(folded_pattern(r"\bне\b|\bnot\b|n't\b|\bемес\b|\bne\b|未|没有|沒有|\?"))
"With these in its sentence nothing was charged or credited."
_SENTENCE_END = re.compile(r"[!?\n]|\.(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Reading:
    """What is surely understood; None is not said, or not surely."""

    kind: SmsKind | None = None
    amount: Decimal | None = None
    missing: Decimal | None = None
    "how much is lacking"
    balance: Decimal | None = None
    "that a message about something else states beside its own amount"
    on: date | None = None
    operator: str | None = None
    caution: bool = False
    "somebody may be after a code"
    numbers: tuple[str, ...] = ()
    "the mobile numbers of Kazakhstan in the text, E.164; not those of a sender"

    def operator_of(self, cards_own: str | None) -> str | None:
        """Whom the text names, else the operator of the card whose message it is."""
        return self.operator or (cards_own if self.kind is not None else None)


def read_sms(text: str, patterns: Patterns, today: date) -> Reading:
    """Never raises; a text in which a one-time code is shown or asked for says nothing else."""
    folded = fold(text[: LONGEST + 1])
    danger = danger_in(folded)
    if danger is Danger.CODE:
        return Reading(SmsKind.ONE_TIME_CODE, caution=True)
    if danger is Danger.SCAM or leads_elsewhere(text[:LONGEST]):
        return Reading(caution=True)
    if len(text) > LONGEST:
        return Reading()
    seen = marked(folded, today)
    others = seen.text
    for way in patterns.ways:
        others = re.sub(expand(way), " ", others)
    if any(re.search(expand(one), others) for one in patterns.strangers):
        return Reading()
    if _is_strangers(folded, patterns):
        return Reading()
    told = _told(seen, patterns.patterns)
    reading = _reading(seen, told) if told else Reading()
    if reading.kind is None:
        return reading
    operator = _only({one.operator for one in told if one.operator is not None})
    return replace(
        reading,
        operator=operator or _named(folded, patterns),
        numbers=tuple(dict.fromkeys(str(one) for one in seen.all(Mark.PHONE) if one)),
    )


def _is_strangers(folded: str, patterns: Patterns) -> bool:
    """Whether it begins with the name of a sender that is no operator, as `Shop: …` does."""
    begins = _SENDER.match(folded)
    if begins is None or any(names.search(begins[1]) for _, names in patterns.names):
        return False
    return not any(re.search(expand(one), begins[1]) for one in patterns.labels)


@dataclass(slots=True)
class _Told:
    """What one match of one pattern says."""

    kind: SmsKind
    operator: str | None
    start: int
    end: int
    money: dict[str, str] = field(default_factory=dict)
    "meaning, and the sign that marks the money in the text"
    days: set[date | None] = field(default_factory=set)


def _told(seen: Marked, patterns: Iterable[Pattern]) -> list[_Told]:
    """What the user's own patterns find; only where they find nothing, what the shipped ones do."""
    own: list[_Told] = []
    shipped: list[_Told] = []
    for pattern in patterns:
        for match in pattern.found_in(seen.text):
            one = _of_match(seen, pattern, match)
            if one is not None:
                (own if pattern.own else shipped).append(one)
    return own or shipped


def _of_match(seen: Marked, pattern: Pattern, match: re.Match[str]) -> _Told | None:
    """None where an amount is below zero that cannot be."""
    told = _Told(pattern.kind, pattern.operator, match.start(), match.end())
    for name, sign in match.groupdict().items():
        value = seen.values.get(sign) if sign is not None else None
        if isinstance(value, Decimal):
            if value < 0 and pattern.kind not in _MAY_BE_BELOW_ZERO:
                return None
            told.money[name.rstrip("0123456789")] = match[name]
        elif sign is not None:
            told.days.add(value if isinstance(value, date) else None)
    return told


def _reading(seen: Marked, told: Sequence[_Told]) -> Reading:
    """The reading of the kind that counts; nothing where its amount is told in two ways."""
    ranks = list(SmsKind)
    kind = min((one.kind for one in told), key=ranks.index)
    counted = [one for one in told if one.kind is kind]
    if kind in _IS_DONE and any(
        _UNDONE.search(_sentence(seen.text, one.start, one.end)) for one in counted
    ):
        return Reading()
    states_balance = kind in _MAY_BE_BELOW_ZERO
    missing = _signs("missing", told)
    balances = _signs("balance", told) | _signs(
        "amount", [one for one in told if one.kind is SmsKind.BALANCE]
    )
    # "Not charged: 500 tg are lacking", "charged, balance 350 tg": such words stand next to the
    # money they tell of, those of a charge may reach across them.
    amounts = _signs("amount", counted) - missing
    amounts = amounts | balances if states_balance else amounts - balances
    told_amounts = _values(seen, amounts)
    if len(told_amounts) > 1 or (kind is SmsKind.BALANCE and not told_amounts):
        return Reading()
    return Reading(
        kind=kind,
        amount=_only(told_amounts),
        missing=_only(_values(seen, missing)),
        balance=None if states_balance else _only(_values(seen, balances)),
        on=_day(seen, counted),
    )


def _signs(meaning: str, told: Iterable[_Told]) -> set[str]:
    return {one.money[meaning] for one in told if meaning in one.money}


def _values(seen: Marked, signs: Iterable[str]) -> set[Decimal]:
    values = (seen.values[sign] for sign in signs)
    return {value for value in values if isinstance(value, Decimal)}


def _only(values: set[Value]) -> Value | None:
    return next(iter(values)) if len(values) == 1 else None


def _day(seen: Marked, told: Sequence[_Told]) -> date | None:
    days = {day for one in told for day in one.days}
    if not days and told[0].kind in _DAY_ANYWHERE:
        for one in told:
            days |= _days(seen, _sentence(seen.text, one.start, one.end))
    return _only(days)


def _days(seen: Marked, part: str) -> set[date | None]:
    found = [seen.values[sign] for sign in re.findall(Mark.DAY.signs, part)]
    return {day if isinstance(day, date) else None for day in found}


def _sentence(text: str, start: int, end: int) -> str:
    """The sentences that this part of the text stands in."""
    ends = [found.end() for found in _SENTENCE_END.finditer(text)]
    first = max((at for at in ends if at <= start), default=0)
    last = min((at for at in ends if at >= end), default=len(text))
    return text[first:last]


def _named(folded: str, patterns: Patterns) -> str | None:
    """The one operator that is named; None where none is, or two are."""
    return _only({one for one, names in patterns.names if names.search(folded)})
