"""A guide names the operator, the number and the amount, and says what is not known."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest

from kzreminder.core.card import Kind
from kzreminder.core.deadlines import LOSING, Deadline, DeadlineKind
from kzreminder.core.standing import Stage
from kzreminder.core.typed import money_shown
from kzreminder.errors import BadValue, ConfigurationInvalid
from kzreminder.operators import brief
from kzreminder.operators.best import Because, Wishes, choose
from kzreminder.operators.book import Book
from kzreminder.operators.book_file import book_path, read_book, read_clerk
from kzreminder.operators.brief import method_name
from kzreminder.operators.case import Case
from kzreminder.operators.catalogue import Catalogue, load
from kzreminder.operators.facts import Operator
from kzreminder.operators.guide import Guide, guide_for
from tests.operators.shipped import (
    BOOKS,
    CATALOGUE,
    CLERK,
    GUIDES,
    MASKED,
    OPERATORS,
    SPACED,
    a_case,
)
from tests.operators.test_facts import OWN_OPERATOR, written

EN, ZH = BOOKS["en"], BOOKS["zh"]


def guide(
    operator_id: str,
    case: Case | None = None,
    language: str = "en",
    method_id: str | None = None,
    catalogue: Catalogue = CATALOGUE,
) -> Guide:
    operator = catalogue.by_id(operator_id)
    book = BOOKS[language]
    case = a_case() if case is None else case
    return guide_for(operator, catalogue.country, case, book, CLERK, method_id=method_id)


def short(operator: Operator, case: Case, book: Book, *, mask: bool = True) -> str:
    best = choose(operator, case.situation).best
    return brief.short(operator, best, case, book, mask=mask)


def test_the_best_method_comes_first() -> None:
    for operator in CATALOGUE.operators:
        made = guide(operator.id)
        assert made.methods[0].id == made.best
        assert len(made.methods) == len(operator.methods)
        assert made.because in EN.because.values()


def test_one_method_can_be_asked_for() -> None:
    made = guide("kcell", method_id="terminal")
    assert [method.id for method in made.methods] == ["terminal"]
    assert made.best == "kaspi"
    with pytest.raises(BadValue, match="no method called pigeon"):
        guide("kcell", method_id="pigeon")


def test_a_fee_is_told_where_a_source_states_it_and_unknown_elsewhere() -> None:
    methods = guide("kcell").methods
    fees = {method.id: method.fee for method in methods}
    assert fees.pop("kaspi") == "no fee"
    assert set(fees.values()) == {None}
    assert {method.credited_in for method in methods} == {None}
    [loan] = [method for method in guide("tele2").methods if method.id == "loan"]
    assert loan.fee == "20 tenge"


def test_only_where_one_must_be_there_a_method_is_said_not_to_work_abroad() -> None:
    abroad = {method.id: method.works_abroad for method in guide("kcell").methods}
    assert {one for one, works in abroad.items() if works is False} == {"terminal", "shop", "agent"}
    assert {one for one, works in abroad.items() if works} == {"person"}


def test_opening_hours_matter_where_somebody_serves() -> None:
    hours = {method.id: method.has_opening_hours for method in guide("kcell").methods}
    assert {one for one, matter in hours.items() if matter} == {"shop", "agent"}
    assert {one for one, matter in hours.items() if matter is None} == {"terminal"}


TENGE = {
    "en": "foreign money",
    "zh": "外币",
    "zh-Hant": "外幣",
    "ru": "иностранные деньги",
    "kk": "шетел ақшасы",
}


def test_whoever_goes_somewhere_is_told_how_to_find_it_and_what_money_is_taken() -> None:
    for language, cash in TENGE.items():
        for method in guide("beeline", language=language).methods:
            is_place = method.id in ("terminal", "shop", "agent")
            assert (method.nearest is not None) == is_place
            assert any(cash in need for need in method.needs) == is_place, method


def test_an_unsourced_method_says_that_it_is_not_confirmed() -> None:
    for method in guide("beeline").methods:
        told = any("Not confirmed for Beeline Kazakhstan" in line for line in method.cautions)
        assert told == (method.id not in ("app", "loan"))


def test_a_weak_source_is_said_to_be_weak() -> None:
    [loan] = [method for method in guide("tele2").methods if method.id == "loan"]
    assert any("Doubtful for Tele2" in line for line in loan.cautions)
    assert "*141*1*1# (doubtful)" in loan.steps[0]
    assert "*141*1*0# (doubtful)" in loan.steps[-1]


def test_beelines_balance_code_says_that_it_is_not_confirmed() -> None:
    made = guide("beeline")
    code = next(fact for fact in made.balance if fact.value == "*102#")
    assert (code.confidence, code.source) == ("unsourced", None)
    assert any("*102# is not confirmed" in line for line in made.cautions)
    said = [step for stage in made.stages for step in stage.steps if "*102#" in step]
    assert said
    assert all("*102# (not confirmed)" in step for step in said)


def test_a_link_that_no_source_states_stands_in_no_step() -> None:
    for operator in CATALOGUE.operators:
        links = {fact.value for fact in operator.facts if "://" in fact.value}
        sourced = {fact.value for fact in operator.facts if fact.is_sourced}
        steps = " ".join(step for method in guide(operator.id).methods for step in method.steps)
        assert not {link for link in links - sourced if link in steps}


def test_every_guide_warns_of_the_call_about_an_expired_sim() -> None:
    for operator in CATALOGUE.operators:
        for language, words in (("en", "never needs a code from an SMS"), ("zh", "短信")):
            made = guide(operator.id, Case(), language)
            assert any(words in line for line in made.cautions)


def test_an_esim_is_told_to_be_topped_up_the_same_way_by_inference() -> None:
    told = guide("kcell", a_case(kind=Kind.ESIM)).cautions
    assert any("eSIM" in line and "inferred" in line for line in told)
    told = guide("kcell", a_case(kind=Kind.SIM)).cautions
    assert not any("eSIM" in line for line in told)


def test_a_guessed_operator_is_told_to_be_a_guess() -> None:
    told = guide("kcell", a_case(guessed=True)).cautions
    assert any("guessed from its number" in line for line in told)


def test_abroad_each_method_says_what_that_means_for_it() -> None:
    made = guide("kcell", a_case(wishes=Wishes(abroad=True)))
    assert (made.best, made.because) == ("person", EN.because[Because.ABROAD])
    said = {method.id: " ".join(method.cautions) for method in made.methods}
    assert "somebody has to be in Kazakhstan" in said["shop"]
    assert "was not found: try it" in said["kaspi"]
    assert "abroad" not in said["person"]


def test_the_stage_of_the_card_comes_first_with_the_steps_of_its_deadline() -> None:
    at = datetime(2026, 11, 30, 19, tzinfo=UTC)
    for kind, stage in product(LOSING, Stage):
        made = guide("kcell", a_case(stage=stage, deadline=Deadline(kind, at)))
        assert made.stage is made.stages[0].id is stage
        assert {one.id for one in made.stages} == set(Stage)
        assert len(made.stages[0].steps) == len(EN.stages[stage].steps_for(kind))
    assert guide("kcell", Case()).stage is None


def test_where_nothing_is_due_nobody_is_told_to_pay() -> None:
    [first, _] = guide("kcell", a_case()).stages[0].steps
    assert first.startswith("Nothing is due")
    assert guide("kcell", Case()).stages[0].steps[0].startswith("Pay ")


def test_a_shop_that_may_be_closed_on_the_last_day_is_said_to_be() -> None:
    sunday = Deadline(DeadlineKind.PLAN, datetime(2026, 11, 29, 18, 59, 59, tzinfo=UTC))
    now = datetime(2026, 11, 25, 5, tzinfo=UTC)
    for method in guide("kcell", a_case(deadline=sunday, now=now)).methods:
        told = any("weekend" in line for line in method.cautions)
        assert told == (method.id in ("shop", "agent"))


def test_the_note_of_the_user_stands_with_the_method(tmp_path: Path) -> None:
    written(tmp_path, "kcell.toml", '[methods.kaspi]\nnote = "{5} % back"\n')
    made = guide("kcell", catalogue=load(OPERATORS, tmp_path))
    notes = {method.id: method.note for method in made.methods if method.note}
    assert notes == {"kaspi": "{5} % back"}


def test_the_clerks_sentence_holds_number_and_amount_in_both_languages() -> None:
    for operator, stage in product(CATALOGUE.operators, Stage):
        clerk = guide(operator.id, a_case(stage=stage)).clerk
        for sentence in (clerk.ru, clerk.kk):
            assert SPACED in sentence
            assert "4 990 ₸" in sentence
    asked = guide("kcell", a_case(stage=Stage.LONG_AFTER)).clerk
    assert "заблокирован" in asked.ru
    assert "бұғатталған" in asked.kk


def test_astelit_names_ukraine_and_both_not_found_begin_with_whose_card_it_is() -> None:
    assert any("Ukraine" in line for line in _cautions("astelit", "en"))
    assert any("乌克兰" in line for line in _cautions("astelit", "zh"))
    for operator_id in ("lycamobile", "astelit"):
        operator = CATALOGUE.by_id(operator_id)
        made = guide(operator_id)
        assert made.status == "not-found"
        finding = next(fact for fact in made.facts if fact.key == "finding")
        assert (finding.confidence, bool(finding.source)) == ("high", True)
        for method in made.methods:
            assert method.steps[0].startswith("Find out whose card it really is")
            assert operator.name("en") in method.steps[0]
            # What follows is done with the operator that was found, never with this one.
            assert not any(operator.name("en") in step for step in method.steps[1:])


def _cautions(operator_id: str, language: str) -> tuple[str, ...]:
    return guide(operator_id, language=language).cautions


def test_a_short_sentence_fits_a_notification() -> None:
    for operator, book in product(CATALOGUE.operators, BOOKS.values()):
        for case in (a_case(price="12990"), a_case(price=None), a_case(None), a_case(None, None)):
            sentence = short(operator, case, book)
            assert len(sentence) <= 80, sentence
            assert operator.name(book.language) in sentence
            assert (MASKED in sentence) == (case.number is not None)
            assert SPACED not in sentence
            assert ("12 990 ₸" in sentence) == (case.amount == 12990)
            assert "None" not in sentence
            assert "{" not in sentence


def test_a_short_sentence_shows_the_number_where_the_user_wants_it() -> None:
    sentence = short(CATALOGUE.by_id("kcell"), a_case(), EN, mask=False)
    assert sentence == f"Kcell: pay 4 990 ₸ in Kaspi.kz for {SPACED}"


def test_a_method_of_ones_own_is_told_by_its_own_words(tmp_path: Path) -> None:
    kiosk = OWN_OPERATOR.replace("methods.app", "methods.kiosk").replace(
        'best = "app"', 'best = "kiosk"'
    )
    written(tmp_path, "freedom.toml", kiosk)
    catalogue = load(OPERATORS, tmp_path)
    made = guide("freedom", catalogue=catalogue)
    assert made.methods[0].steps == (f"Freedom, {SPACED}, 4 990 ₸: top up in {{their}} app",)
    freedom = catalogue.by_id("freedom")
    assert method_name(freedom, "kiosk", EN) == "kiosk"
    assert "kiosk" in short(freedom, a_case(), EN)


def test_methods_have_names_in_every_language() -> None:
    assert method_name(CATALOGUE.by_id("kcell"), "site", EN) == "Site of Kcell"
    assert method_name(CATALOGUE.by_id("tele2"), "app", EN) == "App of Tele2 Kazakhstan"
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
        ("zh-Hant", "zh-Hant.toml"),
        ("zh-hant", "zh-Hant.toml"),
        ("zh-TW", "zh.toml"),
        ("ZH", "zh.toml"),
        ("ru", "ru.toml"),
        ("uz", "en.toml"),
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
        ('preferred = "', 'prefered = "', "because.prefered"),
        ("[stages.on_day]", "[stages.one_day]", "stages.one_day"),
        ("[stages.after.for.idle]", "[stages.after.for.lazy]", "stages.after.for.lazy"),
        ("[topics.imei]", "[topics.emei]", "topics.emei"),
        ("nearest = ", "nearst = ", "methods.terminal.nearst"),
        ("Open {app}.", "Open it {where}.", "methods.app.steps"),
        ("{method}. Any other", "{number}. Any other", "ask_more.way"),
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
