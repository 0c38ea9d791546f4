"""A guide names the operator, the number and the amount, and says what is not known."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from kzreminder.core.card import Kind
from kzreminder.core.typed import money_shown
from kzreminder.errors import BadValue, ConfigurationInvalid
from kzreminder.operators.book import book_path, read_book, read_clerk
from kzreminder.operators.catalogue import load
from kzreminder.operators.guide import guide_for, method_name, short
from tests.operators.shipped import (
    BOOKS,
    CATALOGUE,
    CLERK,
    GUIDES,
    MASKED,
    OPERATORS,
    SPACED,
    a_card,
)
from tests.operators.test_facts import OWN_OPERATOR, written

EN, ZH = BOOKS["en"], BOOKS["zh"]


def test_the_best_method_comes_first() -> None:
    for operator in CATALOGUE.operators:
        guide = guide_for(operator, a_card(), EN, CLERK)
        assert guide.methods[0].id == guide.best
        assert len(guide.methods) == len(operator.methods)


def test_one_method_can_be_asked_for() -> None:
    guide = guide_for(CATALOGUE.by_id("kcell"), None, EN, CLERK, method_id="terminal")
    assert [method.id for method in guide.methods] == ["terminal"]
    with pytest.raises(BadValue, match="no method called pigeon"):
        guide_for(CATALOGUE.by_id("kcell"), None, EN, CLERK, method_id="pigeon")


def test_a_fee_is_told_where_a_source_states_it_and_unknown_elsewhere() -> None:
    methods = guide_for(CATALOGUE.by_id("kcell"), a_card(), EN, CLERK).methods
    fees = {method.id: method.fee for method in methods}
    assert fees.pop("kaspi") == "no fee"
    assert set(fees.values()) == {None}
    assert {method.credited_in for method in methods} == {None}


def test_only_where_one_must_be_there_a_method_is_said_not_to_work_abroad() -> None:
    methods = guide_for(CATALOGUE.by_id("kcell"), a_card(), EN, CLERK).methods
    abroad = {method.id: method.works_abroad for method in methods}
    assert abroad["terminal"] is abroad["shop"] is False
    assert abroad["kaspi"] is abroad["app"] is None


def test_an_unsourced_method_says_that_it_is_not_confirmed() -> None:
    for method in guide_for(CATALOGUE.by_id("beeline"), a_card(), EN, CLERK).methods:
        told = any("Not confirmed for Beeline Kazakhstan" in line for line in method.cautions)
        assert told == (method.id != "app")


def test_beelines_balance_code_says_that_it_is_not_confirmed() -> None:
    guide = guide_for(CATALOGUE.by_id("beeline"), a_card(), EN, CLERK)
    code = next(fact for fact in guide.balance if fact.value == "*102#")
    assert (code.confidence, code.source) == ("unsourced", None)
    assert code.note is not None
    assert code.note.startswith("not confirmed")
    assert any("*102# is not confirmed" in line for line in guide.cautions)


def test_every_guide_warns_of_the_call_about_an_expired_sim() -> None:
    for operator in CATALOGUE.operators:
        for book, words in ((EN, "never needs a code from an SMS"), (ZH, "绝不需要把短信验证码")):
            guide = guide_for(operator, None, book, CLERK)
            assert any(words in line for line in guide.cautions)


def test_an_esim_is_told_to_be_topped_up_the_same_way_by_inference() -> None:
    kcell = CATALOGUE.by_id("kcell")
    told = guide_for(kcell, a_card(kind=Kind.ESIM), EN, CLERK).cautions
    assert any("eSIM" in line and "inferred" in line for line in told)
    told = guide_for(kcell, a_card(kind=Kind.SIM), EN, CLERK).cautions
    assert not any("eSIM" in line for line in told)


def test_a_guessed_operator_is_told_to_be_a_guess() -> None:
    told = guide_for(CATALOGUE.by_id("kcell"), a_card(guessed=True), EN, CLERK).cautions
    assert any("guessed from its number" in line for line in told)


def test_the_amount_missing_can_stand_in_for_the_price() -> None:
    kcell = CATALOGUE.by_id("kcell")
    guide = guide_for(kcell, a_card(price="4990"), EN, CLERK, amount=Decimal(3990))
    assert any("3 990 ₸" in step for step in guide.methods[0].steps)
    assert "3 990 ₸" in short(kcell, a_card(), EN, amount=Decimal(3990))


def test_the_clerks_sentence_holds_number_and_amount_in_both_languages() -> None:
    for operator in CATALOGUE.operators:
        for book in (EN, ZH):
            clerk = guide_for(operator, a_card(), book, CLERK).clerk
            for sentence in (clerk.ru, clerk.kk):
                assert SPACED in sentence
                assert "4 990 ₸" in sentence
                assert "{" not in sentence
            bare = guide_for(operator, None, book, CLERK).clerk
            assert "None" not in bare.ru + bare.kk


def test_astelit_names_ukraine_and_both_not_found_begin_with_whose_card_it_is() -> None:
    assert any("Ukraine" in line for line in _cautions("astelit", "en"))
    assert any("乌克兰" in line for line in _cautions("astelit", "zh"))
    for operator_id in ("lycamobile", "astelit"):
        operator = CATALOGUE.by_id(operator_id)
        guide = guide_for(operator, a_card(), EN, CLERK)
        assert guide.status == "not-found"
        finding = next(fact for fact in guide.facts if fact.key == "finding")
        assert (finding.confidence, bool(finding.source)) == ("high", True)
        for method in guide.methods:
            assert method.steps[0].startswith("Find out whose card it really is")
            assert operator.name("en") in method.steps[0]
            # What follows is done with the operator that was found, never with this one.
            assert not any(operator.name("en") in step for step in method.steps[1:])


def _cautions(operator_id: str, language: str) -> tuple[str, ...]:
    return guide_for(CATALOGUE.by_id(operator_id), a_card(), BOOKS[language], CLERK).cautions


def test_a_short_sentence_fits_a_notification() -> None:
    for operator in CATALOGUE.operators:
        for card in (a_card(price="12990"), a_card(price=None), a_card(None), a_card(None, None)):
            for book in (EN, ZH):
                sentence = short(operator, card, book)
                assert len(sentence) <= 75, sentence
                assert operator.name(book.language) in sentence
                assert (MASKED in sentence) == (card.number is not None)
                assert SPACED not in sentence
                assert ("12 990 ₸" in sentence) == (card.plan.price == 12990)
                assert "None" not in sentence
                assert "{" not in sentence


def test_a_short_sentence_shows_the_number_where_the_user_wants_it() -> None:
    sentence = short(CATALOGUE.by_id("kcell"), a_card(), EN, mask=False)
    assert sentence == f"Kcell: pay 4 990 ₸ in Kaspi.kz for {SPACED}"


def test_a_method_of_ones_own_is_told_by_its_own_words(tmp_path: Path) -> None:
    written(tmp_path, "freedom.toml", OWN_OPERATOR.replace("methods.app", "methods.kiosk").replace(
        'best = "app"', 'best = "kiosk"'))  # fmt: skip
    freedom = load(OPERATORS, tmp_path).by_id("freedom")
    guide = guide_for(freedom, a_card(), EN, CLERK)
    assert guide.methods[0].steps == (f"Freedom, {SPACED}, 4 990 ₸: top up in {{their}} app",)
    assert method_name(freedom, "kiosk", EN) == "kiosk"
    assert "kiosk" in short(freedom, a_card(), EN)


def test_methods_have_names_in_both_languages() -> None:
    assert method_name(CATALOGUE.by_id("kcell"), "app", EN) == "Top-up page of Kcell"
    assert method_name(CATALOGUE.by_id("tele2"), "app", EN) == "App or site of Tele2 Kazakhstan"
    assert method_name(CATALOGUE.by_id("kcell"), "shop", ZH) == "Kcell 的营业厅"


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("4990", "4 990 ₸"),
        ("12.5", "12.50 ₸"),
        ("1234567", "1 234 567 ₸"),
        ("4990.00", "4 990 ₸"),
        ("1E+3", "1 000 ₸"),
    ],
)
def test_money_is_shown_in_tenge(amount: str, shown: str) -> None:
    assert money_shown(Decimal(amount)) == shown


@pytest.mark.parametrize(
    ("language", "file"),
    [
        ("en", "en.toml"),
        ("zh", "zh.toml"),
        ("zh-Hant", "zh.toml"),
        ("ZH", "zh.toml"),
        ("ru", "en.toml"),
        ("clerk", "en.toml"),
        ("../operators/kcell", "en.toml"),
        ("", "en.toml"),
    ],
)
def test_a_language_without_a_guide_gets_the_nearest(language: str, file: str) -> None:
    assert book_path(GUIDES, language).name == file


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('language = "en"', 'language = ""', "language"),
        ("{number} and {amount}", "{numbr}", "methods.app.steps"),
        ("{number} and {amount}", "{number!r}{number.__class__}", "methods.app.steps"),
        ("{number} and {amount}", "{", "methods.app.steps"),
        ("[short]", "[shrt]", "shrt"),
        ('where = "in Kaspi.kz"', "", "methods.kaspi.where"),
        ("not_confirmed = ", "not_confrmed = ", "phrases.not_confrmed"),
    ],
)
def test_a_fault_in_a_guide_file_is_named(tmp_path: Path, old: str, new: str, key: str) -> None:
    text = (GUIDES / "en.toml").read_text(encoding="utf-8")
    path = written(tmp_path, "en.toml", text.replace(old, new, 1))
    with pytest.raises(ConfigurationInvalid) as invalid:
        read_book(path)
    assert key in [fault.key for fault in invalid.value.faults]


def test_a_guide_file_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    for path in (tmp_path / "none.toml", tmp_path, written(tmp_path, "x.toml", "[")):
        with pytest.raises(ConfigurationInvalid):
            read_book(path)
        with pytest.raises(ConfigurationInvalid):
            read_clerk(path)
