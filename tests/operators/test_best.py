"""Which way to pay is best: tables for what decides, and properties of every choice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kzreminder.operators.best import LAST_RESORTS, Because, Situation, Wishes, choose, for_payer
from kzreminder.operators.facts import (
    COUNTERS,
    RANKS,
    Confidence,
    Fact,
    Method,
    MethodKind,
    Operator,
    Status,
)
from kzreminder.operators.opening import closed_through
from tests.operators.shipped import CATALOGUE

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("operator", "best", "because"),
    [
        ("kcell", "kaspi", Because.FREE),
        ("activ", "kaspi", Because.FREE),
        ("beeline", "app", Because.STATED),
        ("izi", "app", Because.STATED),
        ("tele2", "app", Because.USUAL),
        ("altel", "app", Because.STATED),
        ("lycamobile", "shop", Because.WHOSE),
        ("astelit", "shop", Because.WHOSE),
    ],
)
def test_the_best_way_of_each_operator_at_leisure(
    operator: str, best: str, because: Because
) -> None:
    choice = choose(CATALOGUE.by_id(operator), Situation())
    assert (choice.best.id, choice.because) == (best, because)


FOR_PAYERS = {"kcell": "kaspi", "activ": "kaspi", "altel": "site"}


@pytest.mark.parametrize("operator", CATALOGUE.ids)
@pytest.mark.parametrize("left", [None, DAY / 2, -30 * DAY])
def test_whoever_is_asked_needs_neither_the_card_nor_an_app_that_it_signed_in(
    operator: str, left: timedelta | None
) -> None:
    choice = choose(CATALOGUE.by_id(operator), Situation(left=left))
    method = for_payer(choice)
    assert method.id not in ("app", "autopay", "voucher", "loan", "person")
    if choice.because is not Because.WHOSE:
        assert method.id == FOR_PAYERS.get(operator, "site")


def test_free_is_only_what_a_source_calls_free() -> None:
    fee = Fact("fee", "no fee", None, date(2026, 11, 21), Confidence.UNSOURCED)
    bank = Method("bank", MethodKind.BANK_APP, (fee,))
    choice = choose(replace(SHOP_ONLY, methods=(bank,)), Situation())
    assert choice.because is Because.USUAL


def test_a_terminal_may_be_inside_a_shop() -> None:
    terminal = Method("terminal", MethodKind.TERMINAL, SHOP_ONLY.methods[1].facts)
    operator = replace(SHOP_ONLY, methods=(*SHOP_ONLY.methods, terminal))
    assert choose(operator, Situation(left=DAY / 2)).best.id == "bank"


@pytest.mark.parametrize("operator", CATALOGUE.ids)
def test_abroad_somebody_in_kazakhstan_pays(operator: str) -> None:
    choice = choose(CATALOGUE.by_id(operator), Situation(Wishes(abroad=True)))
    assert (choice.best.id, choice.because) == ("person", Because.ABROAD)
    assert for_payer(choice).id != "person"


def test_what_the_user_prefers_comes_first_in_that_order() -> None:
    wishes = Wishes(("terminal", "reseller", "unheard_of", "site"))
    choice = choose(CATALOGUE.by_id("kcell"), Situation(wishes))
    assert [method.id for method in choice.methods[:3]] == ["terminal", "reseller", "site"]
    assert choice.because is Because.PREFERRED


def test_no_wish_makes_a_way_work_from_abroad() -> None:
    wishes = Wishes(("terminal", "kaspi"), abroad=True)
    choice = choose(CATALOGUE.by_id("kcell"), Situation(wishes))
    assert choice.best.id == "kaspi"
    assert [method.id for method in choice.methods[-3:]] == ["terminal", "shop", "agent"]


SHOP_ONLY = Operator(
    id="corner",
    names={"en": "Corner"},
    status=Status.SERVES,
    methods=(
        Method("bank", MethodKind.BANK_APP, ()),
        Method(
            "shop",
            MethodKind.SHOP,
            (Fact("offered", "x", "a source", date(2026, 11, 21), Confidence.HIGH),),
        ),
    ),
)
"An operator of which a source states its shops only."


@pytest.mark.parametrize(
    ("situation", "best", "because"),
    [
        (Situation(), "shop", Because.STATED),
        (Situation(left=DAY), "shop", Because.STATED),
        (Situation(left=DAY - timedelta(seconds=1)), "bank", Because.SHORT_TIME),
        (Situation(left=-DAY), "bank", Because.SHORT_TIME),
        (Situation(left=3 * DAY, shops_closed=True), "bank", Because.SHORT_TIME),
        (Situation(Wishes(("shop",)), left=timedelta(0)), "shop", Because.PREFERRED),
    ],
)
def test_with_little_time_nothing_is_advised_that_has_to_be_open(
    situation: Situation, best: str, because: Because
) -> None:
    choice = choose(SHOP_ONLY, situation)
    assert (choice.best.id, choice.because) == (best, because)


def test_the_file_of_an_operator_may_name_one() -> None:
    choice = choose(replace(SHOP_ONLY, best="bank"), Situation())
    assert (choice.best.id, choice.because) == ("bank", Because.OWN_FILE)


METHODS = [method.id for method in CATALOGUE.by_id("kcell").methods]
SITUATIONS = st.builds(
    Situation,
    wishes=st.builds(
        Wishes,
        methods=st.lists(st.sampled_from([*METHODS, "other"]), unique=True, max_size=4).map(tuple),
        abroad=st.booleans(),
    ),
    left=st.none() | st.timedeltas(min_value=-90 * DAY, max_value=90 * DAY),
    shops_closed=st.booleans(),
)


@given(st.sampled_from(CATALOGUE.operators), SITUATIONS)
def test_every_choice_keeps_to_the_rules(operator: Operator, situation: Situation) -> None:
    choice = choose(operator, situation)
    wishes = situation.wishes
    assert sorted(one.id for one in choice.methods) == sorted(one.id for one in operator.methods)
    best = choice.best
    if best.id not in wishes.methods:
        assert best.kind not in LAST_RESORTS
        assert choice.because is not Because.PREFERRED
    if wishes.abroad:
        assert best.works_abroad is not False
    wished = [one for one in wishes.methods if (found := operator.method(one)) is not None
              and not (wishes.abroad and found.works_abroad is False)]  # fmt: skip
    if wished:
        assert best.id == wished[0]


@given(st.sampled_from(CATALOGUE.operators), SITUATIONS)
def test_nothing_is_surer_than_the_best_where_nothing_else_decides(
    operator: Operator, situation: Situation
) -> None:
    choice = choose(operator, replace(situation, wishes=Wishes()))
    if operator.is_found:
        others = [one for one in choice.methods if one.kind not in LAST_RESORTS | COUNTERS]
        assert RANKS[choice.best.confidence] == min(RANKS[one.confidence] for one in others)


@pytest.mark.parametrize(
    ("today", "last_day", "closed"),
    [
        ("2026-11-27", "2026-11-29", False),  # a Friday
        ("2026-11-28", "2026-11-29", True),  # Saturday, Sunday
        ("2026-11-28", "2026-11-30", False),
        ("2026-11-29", "2026-11-20", True),  # overdue: today counts
        ("2026-11-30", "2026-11-20", False),
        ("2026-12-16", "2026-12-16", True),  # Independence Day
    ],
)
def test_shops_are_closed_through_when_every_day_left_is(
    today: str, last_day: str, closed: bool
) -> None:
    assert closed_through(date.fromisoformat(today), date.fromisoformat(last_day)) is closed
