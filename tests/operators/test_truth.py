"""What is shipped says only what a source says, and every guide is whole in every case."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from datetime import date
from itertools import product

import pytest

from kzreminder.operators.book import Book
from kzreminder.operators.facts import Fact, Operator
from tests.operators.shipped import BOOKS, CATALOGUE, GUIDES, OPERATORS

OPERATOR_CASES = pytest.mark.parametrize("operator", CATALOGUE.operators, ids=lambda o: str(o.id))

# Looked for and not found: to be stated by nobody. Kept apart from the data on purpose.
UNKNOWN_OF_ALL = {
    "outgoing_blocked_after_days",
    "incoming_blocked_after_days",
    "reclaimed_after_days",
    "resets_clock",
    "balance_sms",
    "hotline_from_abroad",
    "voucher_code",
    "minimum_topup",
    "credited_in",
    "terminal_fee",
    "foreign_cards",
    "international_topup",
    "foreigners_without_iin",
    "name_zh",
}
UNKNOWN: dict[str, set[str]] = {
    "kcell": set(),
    "activ": set(),
    "beeline": {"tariff_code"},
    "izi": {"balance_code", "own_number_code", "tariff_code", "hotline"},
    "tele2": {"own_number_code", "tariff_code", "hotline", "charge_time", "rebrand"},
    "altel": {"tariff_code", "hotline"},
    "lycamobile": {"network", "prefixes", "balance_code", "hotline", "site", "app"},
    "astelit": {"network", "prefixes", "balance_code", "hotline", "site", "app"},
}

METHODS = ["app", "site", "kaspi", "halyk", "bank", "terminal", "shop", "agent", "autopay",
           "foreign_card", "international", "voucher", "person", "reseller", "loan"]  # fmt: skip
EXPIRED = (
    r"SIM\S* (card )?(has )?expire|SIM 卡(已经?)?过期|SIM 卡(已經?)?過期"
    r"|SIM\S* просроч|срок (действия )?(вашей )?SIM|SIM\S*ның мерзімі"
)

# Operator, code, what it is, how sure: copied by hand from what was found.
CODES = """
kcell balance_code *100# medium
kcell own_number_code *114# medium
kcell data_service_code *444*1*3# medium
kcell tariff_code *166# unsourced
kcell self_care_password_code *245# high
kcell hotline 3030 medium
kcell autopay_hotline 4098 low
activ balance_code *111*3# medium
activ allowance_code *123*3*2# medium
activ own_number_code *114# medium
activ tariff_code *166*2# high
activ registered_owner_code *562# low
activ hotline 3030 high
beeline balance_code *102# unsourced
beeline package_code *106# high
beeline own_number_code *160# medium
beeline renew_now_code *355# medium
beeline hotline 116 low
tele2 balance_code *111# unsourced
tele2 loan.loan_code *141*1*1# low
tele2 loan.loan_check_code *141*1*0# low
activ loan.loan_code *911*1*3# medium
beeline loan.loan_code *141# unsourced
beeline loan.loan_auto_code *141*1# medium
altel balance_code *111# medium
altel own_number_code *802# medium
"""

# Kaspi.kz and terminals are stated by a source for these only.
CONFIRMED: dict[str, set[str]] = {
    "kcell": {"kaspi", "site", "halyk", "autopay", "terminal", "foreign_card"},
    "activ": {"kaspi", "site", "halyk", "autopay", "terminal", "person", "loan"},
    "beeline": {"app", "loan"},
    "izi": {"app"},
    "tele2": {"loan"},
    "altel": {"app", "site", "kaspi", "halyk", "bank", "terminal"},
    "lycamobile": set(),
    "astelit": set(),
}


def every_fact() -> list[Fact]:
    """Of all operators and of the country."""
    return [
        *CATALOGUE.country.facts,
        *(fact for operator in CATALOGUE.operators for fact in operator.all_facts),
    ]


@OPERATOR_CASES
def test_every_fact_has_a_source_or_says_that_it_has_none(operator: Operator) -> None:
    for fact in operator.all_facts:
        assert (fact.source is None) == (fact.confidence == "unsourced"), fact
        assert fact.checked_on == date(2026, 11, 21)
        assert fact.value.strip()


@OPERATOR_CASES
def test_what_was_not_found_is_not_stated(operator: Operator) -> None:
    unknown = UNKNOWN_OF_ALL | UNKNOWN[operator.id]
    assert set(operator.not_found) == unknown
    stated = {fact.key for fact in operator.all_facts}
    assert stated & unknown == set()
    assert "zh" not in operator.names


@pytest.mark.parametrize("line", CODES.strip().splitlines())
def test_a_code_is_what_was_found_and_as_sure(line: str) -> None:
    operator_id, key, value, confidence = line.split()
    operator = CATALOGUE.by_id(operator_id)
    way, _, of_method = key.partition(".")
    method = operator.method(way)
    fact = operator.fact(key) if method is None else method.fact(of_method)
    assert fact is not None
    assert (fact.value, fact.confidence) == (value, confidence)


def test_a_code_that_is_dialled_is_nothing_but_a_code() -> None:
    for operator in CATALOGUE.operators:
        for fact in operator.all_facts:
            if fact.key.endswith("_code"):
                assert re.fullmatch(r"\*\d+(\*(\d+|NUMBER))*#", fact.value), fact


@OPERATOR_CASES
def test_only_what_a_source_states_is_a_confirmed_method(operator: Operator) -> None:
    confirmed = {method.id for method in operator.methods if method.is_confirmed}
    assert confirmed == CONFIRMED[operator.id]
    assert [method.id for method in operator.methods] == METHODS


def test_no_guide_states_a_number_of_days() -> None:
    for path in sorted(GUIDES.glob("*.toml")):
        prose, _, _facts = path.read_text(encoding="utf-8").partition("[said]")
        for line in prose.splitlines():
            if not line.startswith("#"):
                assert not re.search(r"\d+\s*(days?|months?|天|個?个?月|дн|мес|күн|ай)", line), line


def test_a_number_of_days_is_never_without_a_source() -> None:
    for fact in every_fact():
        if re.search(r"\d+ (calendar )?(days|months)", f"{fact.value} {fact.note}"):
            assert fact.is_sourced, fact


def test_no_text_says_that_a_sim_expires() -> None:
    for path in [*GUIDES.glob("*.toml"), *OPERATORS.glob("*.toml")]:
        for line in path.read_text(encoding="utf-8").splitlines():
            if re.search(EXPIRED, line, re.IGNORECASE):
                # Only where the swindler's words are quoted, or what is known of the swindle.
                assert re.search(r"call|来电|來電|звон|қоңырау|соғ", line, re.IGNORECASE), line


@pytest.mark.parametrize("language", [name for name in BOOKS if name != "en"])
def test_the_languages_have_the_same_words_to_fill(language: str) -> None:
    en, other = shape(BOOKS["en"]), shape(BOOKS[language])
    assert en.keys() == other.keys()
    for key, template in en.items():
        assert fields(template) == fields(other[key]), key


def shape(book: Book) -> dict[str, str]:
    """Every template of a book by where it stands; the words of facts are looked at apart."""
    templates: dict[str, str] = {}

    def walk(value: object, path: str) -> None:
        if isinstance(value, str):
            templates[path] = value
        elif isinstance(value, Mapping):
            for key, inner in value.items():
                walk(inner, f"{path}.{key}")
        elif isinstance(value, tuple):
            for place, inner in enumerate(value):
                walk(inner, f"{path}.{place}")
        elif value is not None:
            for name in type(value).__dataclass_fields__:  # type: ignore[attr-defined]
                walk(getattr(value, name), f"{path}.{name}")

    walk(book, "")
    return {key: text for key, text in templates.items() if not key.startswith((".said", ".lang"))}


def fields(template: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(template) if field}


def test_every_shipped_method_and_fact_has_its_words() -> None:
    for book, operator in product(BOOKS.values(), CATALOGUE.operators):
        assert set(book.methods) == {method.id for method in operator.methods}
        for key in (*(fact.key for fact in every_fact()), *operator.not_found):
            assert key in book.fact_names, key


NAMES = {"app", "sms_senders", "moved_operators", "network", "prefixes"}
"Facts whose values are names, the same in every language."


@pytest.mark.parametrize("language", [name for name in BOOKS if name != "en"])
def test_the_words_of_facts_are_said_in_every_language(language: str) -> None:
    said, wanted = BOOKS[language].said, set()
    for fact in every_fact():
        is_code = re.fullmatch(r"[\d*#+]+|\*131\*NUMBER#|https?://\S+", fact.value)
        if fact.key not in NAMES and not is_code:
            wanted.add(fact.value)
        if fact.note:
            wanted.add(fact.note)
    assert set(said) == wanted


@pytest.mark.parametrize("language", [name for name in BOOKS if name != "en"])
def test_a_translated_fact_has_the_same_figures(language: str) -> None:
    for english, other in BOOKS[language].said.items():
        # Amounts, days, codes and hours, in whatever order a language puts them.
        assert figures(other) == figures(english), other


def figures(text: str) -> list[str]:
    for word, number in MONTHS.items():
        text = re.sub(word, number, text)
    return sorted(re.findall(r"\d+", text))


MONTHS = {
    "February": "2",
    "March": "3",
    r"феврал\w+": "2",
    r"март\w*": "3",
    r"ақпан\w*": "2",
    r"наурыз\w*": "3",
}
