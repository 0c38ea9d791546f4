"""Files as spreadsheets save them: their dates, amounts, numbers and words for yes."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from kzreminder.core.card import Card, Kind
from kzreminder.exchange.batch import Batch
from kzreminder.exchange.csv_cards import read_cards
from tests.exchange.registrar import whole
from tests.exchange.test_csv_out import At, readers_at
from tests.storage.samples import NOW

LIBREOFFICE = Path(__file__).with_name("libreoffice_ru.csv")


def read(raw: str | bytes) -> tuple[Batch, list[Card]]:
    batch = Batch("cards.csv")
    stream = io.BytesIO(raw.encode() if isinstance(raw, str) else raw)
    return batch, whole(read_cards(stream, batch, readers_at(NOW), At(NOW)))


def one(column: str, cell: str) -> Card:
    batch, cards = read(f"label\t{column}\nMum\t{cell}\n")
    assert batch.faults == []
    [card] = cards
    return card


def refusal(column: str, cell: str) -> tuple[str, str | None]:
    batch, _ = read(f"label\t{column}\nMum\t{cell}\n")
    [fault] = batch.faults
    assert fault.key == column
    return fault.sentence.format(**dict(fault.values)), fault.hint


@pytest.mark.parametrize(
    "raw",
    [
        "number,price,expires\n87011234567,4990.5,2026-12-31\n",
        "\ufeffnumber;price;expires\r\n87011234567;4990,50;31.12.2026\r\n",
        "number\tprice\texpires\n87011234567\t4 990,50\t31.12.2026\n",
        "sep=;\nnumber;price;expires\n87011234567;4990,50;31.12.2026\n",
        "SEP=|\r\nnumber|price|expires\r\n87011234567|4990,50|31.12.2026\r\n",
        '"Number";" Price ";EXPIRES;;\n87011234567;4990,50;31.12.2026;;\n;;;;\n;;;;\n',
        '"number";"price";"expires"\n"87011234567";"4990,50";"31.12.2026"\n\n\n',
    ],
)
def test_one_table_however_it_is_saved(raw: str) -> None:
    batch, [card] = read(raw)
    assert batch.faults == []
    plan = card.plan
    assert (card.number, plan.price, plan.last_good_on) == (
        "+77011234567",
        Decimal("4990.50"),
        date(2026, 12, 31),
    )


@pytest.mark.parametrize(
    "header", ["auto_renew", "Auto_Renew", "AUTO RENEW", "auto-renew", " auto renew "]
)
def test_a_column_is_known_however_its_name_is_written(header: str) -> None:
    assert one(header, "true").plan.auto_renew


@pytest.mark.parametrize(
    "cell",
    [
        "+77011234567",
        "77011234567",
        "7011234567",
        "87011234567",
        "8 701 123 45 67",
        "8 (701) 123-45-67",
        "8\u00a0701\u00a0123\u202f45\u202f67",
        "77011234567.0",
        "87011234567,00",
        '="87011234567"',
        '"=""+7 701 123 45 67"""',
        "'+77011234567",
    ],
)
def test_numbers_whatever_became_of_them(cell: str) -> None:
    assert one("number", cell).number == "+77011234567"


@pytest.mark.parametrize("cell", ["7,70112E+10", "7.70112E+10", "7.7E10", "7,70112Е+10", "8e+10"])
def test_a_number_that_has_lost_digits_is_refused(cell: str) -> None:
    sentence, hint = refusal("number", cell)
    assert sentence == (f'"{cell}" has lost digits: the spreadsheet took the number for an amount')
    assert hint == "Format the column as text there, and write the numbers again"


@pytest.mark.parametrize(
    "cell",
    [
        *("31.12.2026", "2026-12-31", "2026-12-31 00:00:00", "2026-12-31 00:00:00.000"),
        *("31.12.2026 0:00", "31.12.2026 00:00:00", "2026-12-31T00:00:00", "2026/12/31"),
    ],
)
def test_days(cell: str) -> None:
    assert one("expires", cell).plan.last_good_on == date(2026, 12, 31)


@pytest.mark.parametrize(
    "cell", ["46387", "12/31/26", "12/31/2026", "2026-12-31 10:00:00", "31.12.26", "#####"]
)
def test_what_was_a_day_and_is_none_now_is_refused(cell: str) -> None:
    sentence, hint = refusal("expires", cell)
    assert sentence == f'"{cell}" is no day, or could be several'
    assert hint is not None


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("4990", "4990"),
        ("4990,5", "4990.50"),
        ("4990.50", "4990.50"),
        ("4\u00a0990,50", "4990.50"),
        ("1\u202f204\u202f990,50 ₸", "1204990.50"),
        ("4 990,00 тг.", "4990"),
        ("4990.0", "4990"),
    ],
)
def test_amounts(cell: str, amount: str) -> None:
    assert one("price", cell).plan.price == Decimal(amount)


@pytest.mark.parametrize("cell", ["4,990", "4.99E+03", "4 990,505", "#REF!", "4'990"])
def test_what_could_be_two_amounts_or_none_is_refused(cell: str) -> None:
    refusal("price", cell)


@pytest.mark.parametrize("yes", ["ИСТИНА", "TRUE", "true", "да", "Да", "是", "иә", "1", "yes"])
@pytest.mark.parametrize("no", ["ЛОЖЬ", "FALSE", "нет", "否", "жоқ", "0", "no"])
def test_yes_and_no_in_every_language(yes: str, no: str) -> None:
    assert (one("esim", yes).kind, one("esim", no).kind) == (Kind.ESIM, Kind.SIM)


def test_a_dash_says_that_something_is_unknown() -> None:
    card = one("started", "-")
    assert card.plan.started_on is None
    _, [card] = read("number,operator,note,tags,price\n87011234567,-,-,-,-\n")
    assert (card.operator, card.note, card.tags, card.plan.price) == (None, None, (), None)


def test_targets_are_read_as_the_option_is() -> None:
    assert one("targets", "Phone|push:phone| desktop:mine |").targets == ("phone", "desktop")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "cp1251"])
def test_another_character_set_is_refused_with_what_to_do(encoding: str) -> None:
    bom = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    batch, cards = read(bom + "label\tnote\nМама\tтариф\n".encode(encoding))
    [fault] = batch.faults
    assert "UTF-8" in fault.sentence
    assert fault.hint is not None
    assert cards == []


def test_what_libreoffice_writes_in_russian() -> None:
    batch, cards = read(LIBREOFFICE.read_bytes())
    assert batch.faults == []
    assert [(card.label, card.number, card.kind.value) for card in cards] == [
        ("Мама", "+77011234567", "sim"),
        ("Офис; 1", "+77011234568", "esim"),
        ("妈妈", "+77051234567", "sim"),
    ]
    assert [(card.plan.last_good_on, card.plan.price, card.plan.auto_renew) for card in cards] == [
        (date(2026, 12, 31), Decimal(4990), True),
        (date(2027, 1, 15), Decimal("2990.50"), False),
        (date(2026, 12, 1), None, False),
    ]
    assert [card.balance.amount for card in cards] == [
        Decimal("1204.50"),
        Decimal("12345.67"),
        Decimal("-12.50"),
    ]
    assert cards[0].tags == ("семья", "банк")
    assert [card.note for card in cards] == ['две; части, и "кавычки"', None, "=1+1"]
