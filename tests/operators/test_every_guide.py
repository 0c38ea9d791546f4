"""Every guide there can be: operator, method, language, stage, kind of deadline, SIM or eSIM."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache
from itertools import product

import pytest

from kzreminder.core.card import Kind
from kzreminder.core.deadlines import LOSING, Deadline
from kzreminder.core.standing import Stage
from kzreminder.operators.best import Wishes
from kzreminder.operators.case import Case
from kzreminder.operators.facts import Operator
from kzreminder.operators.guide import Guide, guide_for
from tests.operators.shipped import BOOKS, CATALOGUE, CLERK, NUMBER, SPACED, a_case

NOW = datetime(2026, 11, 25, 5, tzinfo=UTC)
ENDS_AT = datetime(2026, 11, 29, 18, 59, 59, tzinfo=UTC)  # a Sunday
KNOWN = tuple(product((NUMBER, None), ("4990", None)))
CASES: list[Case] = [
    Case(),
    *(
        a_case(number, price, kind, stage=stage, deadline=deadline, wishes=wishes, now=NOW)
        for (number, price), kind, stage, deadline, wishes in product(
            KNOWN,
            Kind,
            Stage,
            [None, *(Deadline(one, ENDS_AT) for one in LOSING)],
            [Wishes(), Wishes(("loan",), abroad=True)],
        )
    ),
]
ENGLISH = re.compile(r"\b([Tt]he|and|not|with|your|[Pp]ay|top|number|from|this|what|only)\b")
"Words that would be left over from a text nobody translated."
QUOTED = re.compile(r"https?://\S+|kzreminder ask|[\w.]+\.(com|kz)\S*|\w+ Pay\b")


@pytest.mark.parametrize("language", BOOKS)
@pytest.mark.parametrize("operator", CATALOGUE.operators, ids=lambda one: str(one.id))
def test_every_guide_is_whole(
    operator: Operator, language: str, pytestconfig: pytest.Config
) -> None:
    seen: set[str] = set()
    # English has every case; else, unless there is time, each seventh: each value of each kind
    cases = CASES if language == "en" or pytestconfig.getoption("--long") else CASES[::7]
    for case in cases:
        made = guide_for(operator, CATALOGUE.country, case, BOOKS[language], CLERK)
        assert made.language == language
        _check_money_and_number(made, case)
        seen |= set(_texts(made))
    for text in seen:
        assert text.strip() == text
        assert not set("{}") & set(text), text
        assert "None" not in text, text
        assert "  " not in text, text
        if language != "en":
            assert not ENGLISH.search(QUOTED.sub("", text)), text


def _texts(made: Guide) -> list[str]:
    """Everything the guide says in words."""
    facts = [*made.balance, *made.facts, *(fact for topic in made.topics for fact in topic.facts)]
    facts += [fact for method in made.methods for fact in method.facts]
    return [
        made.operator_name,
        made.because,
        made.clerk.ru,
        made.clerk.kk,
        *made.cautions,
        *made.not_found,
        *(line for stage in made.stages for line in (stage.title, *stage.steps)),
        *(line for topic in made.topics for line in (topic.title, *topic.lines)),
        *(
            line
            for method in made.methods
            for line in (method.name, *method.steps, *method.needs, *method.cautions)
        ),
        *(one for method in made.methods for one in (method.nearest, method.fee) if one),
        *(one for fact in facts for one in (fact.name, fact.note, fact.value) if one),
    ]


@cache
def _amounts(text: str) -> set[str]:
    return set(re.findall(r"\d[\d ]* ₸", text))


@cache
def _numbers(text: str) -> set[str]:
    return {one.strip() for one in re.findall(r"\+7 7\d\d[ \d]+", text)}


def _check_money_and_number(made: Guide, case: Case) -> None:
    """The amount and the number of the case, and no other, in every way to pay."""
    number = {SPACED} if case.number is not None else set()
    amount = {"4 990 ₸"} if case.amount is not None else set()
    for method in made.methods:
        steps = " ".join(method.steps)
        assert _numbers(steps) == number, method
        assert _amounts(steps) == amount, method
    for sentence in (made.clerk.ru, made.clerk.kk):
        assert _numbers(sentence) == number
        assert _amounts(sentence) == amount
    for stage in made.stages:
        steps = " ".join(stage.steps)
        assert _numbers(steps) <= number
        assert _amounts(steps) <= amount
