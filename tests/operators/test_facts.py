"""Operator files: read, laid over, found; and everything wrong in them is told at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from kzreminder.errors import ConfigurationInvalid, Fault, OperatorNotFound
from kzreminder.operators.catalogue import faults_in, load
from kzreminder.operators.facts import Confidence
from tests.operators.shipped import CATALOGUE, OPERATORS

IDS = ("kcell", "activ", "beeline", "izi", "tele2", "altel", "lycamobile", "astelit")

OWN_OPERATOR = """
id = "freedom"
best = "app"
aliases = ["фридом"]
[names]
en = "Freedom"
[methods.app]
kind = "app"
[methods.app.offered]
value = "top up in {their} app"
confidence = "low"
source = "told by the shop"
checked_on = 2026-12-01
"""


def written(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def said(fault: Fault) -> str:
    return fault.sentence.format(**dict(fault.values))


def test_operators_stand_in_a_stable_order() -> None:
    assert CATALOGUE.ids == IDS


@pytest.mark.parametrize(
    ("text", "operator_id"),
    [
        ("kcell", "kcell"),
        ("  KCell ", "kcell"),
        ("K’cell", "kcell"),
        ("Кселл", "kcell"),
        ("Актив", "activ"),
        ("Kcell/Activ", "activ"),
        ("beeline  kz", "beeline"),
        ("БИЛАЙН", "beeline"),
        ("Beeline Қазақстан", "beeline"),
        ("Теле2", "tele2"),
        ("Astana Lycamobile", "lycamobile"),
        ("Astelit", "astelit"),
        ("Astelit (Tele2)", "astelit"),
    ],
)
def test_an_operator_is_found_as_people_type_it(text: str, operator_id: str) -> None:
    assert CATALOGUE.find(text).id == operator_id


@pytest.mark.parametrize("text", ["", "tele", "mts", "\ud800", "x" * 10_000])
def test_an_unknown_operator_is_an_error_that_names_the_known(text: str) -> None:
    for look in (CATALOGUE.find, CATALOGUE.by_id):
        with pytest.raises(OperatorNotFound) as missing:
            look(text)
        assert "altel" in str(missing.value.values["known"])


@pytest.mark.parametrize(
    ("prefixes", "operator_id"),
    [
        ("701", "kcell"),
        ("702 775 778", "activ"),
        ("705 706 771 776 777", "beeline"),
        ("707 747", "tele2"),
        ("700 708", "altel"),
        ("703 760 999 916", None),
    ],
)
def test_the_operator_is_guessed_from_the_prefix(prefixes: str, operator_id: str | None) -> None:
    for prefix in prefixes.split():
        guess = CATALOGUE.guess(f"+7{prefix}1234567")
        assert (guess.id if guess else None) == operator_id


def test_numbers_of_other_countries_are_not_guessed() -> None:
    assert CATALOGUE.guess("+447011123456") is None


def test_own_file_replaces_a_fact_whole_and_keeps_the_rest(tmp_path: Path) -> None:
    own = written(
        tmp_path,
        "beeline.toml",
        'id = "beeline"\n[balance.balance_code]\nvalue = "*102#"\nsource = "tried on my own card"\n'
        'checked_on = 2026-12-01\nconfidence = "high"\n',
    )
    beeline = load(OPERATORS, own.parent).by_id("beeline")
    fact = beeline.fact("balance_code")
    assert fact is not None
    assert (fact.confidence, fact.note) == (Confidence.HIGH, None)
    assert beeline.own
    assert beeline.prefixes == CATALOGUE.by_id("beeline").prefixes
    assert beeline.methods == CATALOGUE.by_id("beeline").methods


def test_own_file_may_tell_what_was_not_found(tmp_path: Path) -> None:
    written(
        tmp_path,
        "izi.toml",
        '[facts.hotline]\nvalue = "1234"\nsource = "the shop"\nchecked_on = 2026-12-01\n'
        'confidence = "low"\n',
    )
    izi = load(OPERATORS, tmp_path).by_id("izi")
    assert izi.fact("hotline") is not None
    assert "hotline" not in izi.not_found
    assert "voucher_code" in izi.not_found


def test_own_note_stands_beside_a_way_to_pay_and_changes_nothing_else(tmp_path: Path) -> None:
    written(tmp_path, "kcell.toml", '[methods.kaspi]\nnote = "5 % back on Fridays"\n')
    kaspi = load(OPERATORS, tmp_path).by_id("kcell").method("kaspi")
    shipped = CATALOGUE.by_id("kcell").method("kaspi")
    assert kaspi is not None
    assert shipped is not None
    assert (kaspi.note, shipped.note) == ("5 % back on Fridays", None)
    assert kaspi.facts == shipped.facts


def test_what_comes_from_an_own_file_is_marked_so(tmp_path: Path) -> None:
    written(
        tmp_path,
        "altel.toml",
        '[balance.balance_code]\nvalue = "*112#"\nsource = "tried"\nchecked_on = 2026-12-01\n'
        'confidence = "high"\n',
    )
    altel = load(OPERATORS, tmp_path).by_id("altel")
    assert [fact.value for fact in altel.all_facts if fact.own] == ["*112#"]


def test_own_file_may_correct_what_holds_for_all(tmp_path: Path) -> None:
    text = """
    id = "kazakhstan"
    [facts.minimum_topup]
    value = "100 tenge"
    source = "a terminal"
    checked_on = 2026-12-01
    confidence = "low"
    [methods.kaspi.credited_in]
    value = "some minutes"
    source = "tried"
    checked_on = 2026-12-01
    confidence = "low"
    """
    written(tmp_path, "mine.toml", text)
    catalogue = load(OPERATORS, tmp_path)
    assert "minimum_topup" not in catalogue.country.not_found
    assert [fact.value for fact in catalogue.country.facts if fact.own] == ["100 tenge"]
    for operator in catalogue.operators:
        kaspi = operator.method("kaspi")
        assert kaspi is not None
        told = kaspi.fact("credited_in")
        assert told is not None
        assert (told.value, told.own) == ("some minutes", True)


def test_a_fault_in_what_holds_for_all_is_told_once(tmp_path: Path) -> None:
    path = written(tmp_path, "kazakhstan.toml", 'aliases = ["x"]\n[methods.kaspi]\nkind = "bird"\n')
    keys = [fault.key for fault in faults_in([path], OPERATORS)]
    assert sorted(keys) == ["aliases", "methods.kaspi.kind"]


def test_own_operator_has_every_way_to_pay_beside_its_own(tmp_path: Path) -> None:
    kiosk = OWN_OPERATOR.replace("methods.app", "methods.kiosk").replace('"app"', '"kiosk"', 1)
    written(tmp_path, "freedom.toml", kiosk.replace('kind = "kiosk"', 'kind = "terminal"'))
    methods = load(OPERATORS, tmp_path).by_id("freedom").methods
    assert [method.id for method in methods][-1] == "kiosk"
    assert len(methods) == 16


def test_own_operator_comes_after_the_shipped(tmp_path: Path) -> None:
    written(tmp_path, "freedom.toml", OWN_OPERATOR)
    catalogue = load(OPERATORS, tmp_path)
    assert catalogue.ids == (*IDS, "freedom")
    assert catalogue.find("Фридом").own
    assert catalogue.fingerprint != CATALOGUE.fingerprint


def test_a_folder_of_own_files_need_not_be_there(tmp_path: Path) -> None:
    assert load(OPERATORS, tmp_path / "none").fingerprint == CATALOGUE.fingerprint


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    written(
        tmp_path,
        "kcell.toml",
        'id = "kcell"\nhotlin = "1"\n\n[balance.balance_code]\nvalue = "*1#"\n'
        'checked_on = "yesterday"\nconfidence = "sure"\n',
    )
    broken = written(tmp_path, "broken.toml", 'id = "x"\n[names\n')
    (tmp_path / "latin.toml").write_bytes(b"id = '\xff'")
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(ConfigurationInvalid) as invalid:
        load(OPERATORS, tmp_path)
    found = {(Path(f.file).name, f.line, f.key) for f in invalid.value.faults}
    assert ("kcell.toml", 2, "hotlin") in found
    assert ("kcell.toml", 6, "balance.balance_code.checked_on") in found
    assert ("kcell.toml", 7, "balance.balance_code.confidence") in found
    assert (broken.name, 2, "") in found
    assert ("latin.toml", None, "") in found
    assert ("folder.toml", None, "") in found


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        ('[facts.x]\nvalue = "1"\n', "facts.x.confidence", "one of: high"),
        ("[facts.x]\nvalue = 1\n", "facts.x.value", "one line"),
        ('[facts]\nx = "1"\n', "facts.x", "a fact is a table"),
        ('[facts.x]\nvalue = "1"\nconfidence = "low"\n', "facts.x.source", "source is needed"),
        (
            '[facts.x]\nvalue = "1"\nsource = "a"\nconfidence = "unsourced"\n',
            "facts.x.source",
            'not "unsourced"',
        ),
        ('[facts.x]\nvalue = "1"\nwhen = "1"\n', "facts.x.when", "not known"),
        ('[facts.x]\nvalue = "1"\nnote_zh = "1"\n', "facts.x.note_zh", "not known"),
        ('[methods.kaspi]\nnote = ""\n', "methods.kaspi.note", "one line"),
        ('not_found = "x"\n', "not_found", "a list of texts"),
        ('[facts.x]\nvalue = "1"\nchecked_on = 2026-12-01T10:00:00\n', "facts.x.checked_on", "day"),
        ('status = "closed"\n', "status", "serves, not-found"),
        ('best = "carrier-pigeon"\n', "best", "not among the methods"),
        ('[methods.pigeon]\nkind = "bird"\n', "methods.pigeon.kind", "one of"),
        ('[methods.pigeon]\nkind = "app"\n', "methods.pigeon.offered", "who says"),
        ('[prefixes]\nnumbers = ["0701"]\n', "prefixes.numbers", "three digits"),
        ('[names]\nEN = "x"\n', "names.EN", "not known"),
        ("names = 3\n", "names", "a table"),
        ("aliases = [1]\n", "aliases", "a list of texts"),
        ('aliases = ["Актив"]\n', "aliases", "names kcell too"),
        ("id = 5\n", "id", "small letters"),
    ],
)
def test_a_fault_in_an_own_file_is_named(tmp_path: Path, text: str, key: str, words: str) -> None:
    path = written(tmp_path, "kcell.toml", text)
    faults = faults_in([path], OPERATORS)
    assert any(fault.key == key and words in said(fault) for fault in faults), faults


def test_two_own_files_about_one_operator_are_a_fault(tmp_path: Path) -> None:
    written(tmp_path, "a.toml", OWN_OPERATOR)
    written(tmp_path, "b.toml", OWN_OPERATOR)
    with pytest.raises(ConfigurationInvalid) as invalid:
        load(OPERATORS, tmp_path)
    assert [fault.key for fault in invalid.value.faults] == ["id"]


def test_the_shipped_files_have_no_fault_when_checked_by_name() -> None:
    assert faults_in(sorted(OPERATORS.glob("*.toml")), OPERATORS) == ()


def test_a_missing_shipped_folder_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationInvalid):
        load(tmp_path / "none", None)
