"""What a CSV file says of cards, and every fault of it with its line and column."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

import pytest

from kzreminder.core.card import Card, Kind
from kzreminder.core.correcting import Told, register
from kzreminder.core.typed import read_day, read_label, read_money, read_note
from kzreminder.errors import Fault
from kzreminder.exchange.batch import MOST_FAULTS, Batch
from kzreminder.exchange.csv_cards import read_cards
from kzreminder.exchange.csv_lines import MOST_SIGNS, CsvRows
from kzreminder.operators.numbers import parse_number
from tests.exchange.registrar import Registrar, whole
from tests.storage.samples import NOW, POLICY, TODAY

READERS: dict[str, Callable[[str], object]] = {
    "number": parse_number,
    "label": read_label,
    "price": read_money,
    "note": read_note,
    "expires": partial(read_day, today=TODAY),
    "started": partial(read_day, today=TODAY),
}


@dataclass
class Read:
    batch: Batch
    cards: list[Card]

    @property
    def faults(self) -> list[Fault]:
        return self.batch.faults

    @property
    def count(self) -> int:
        return self.batch.count


def a_new_card(told: Told) -> Card:
    return register({"label": told.get("number"), **told}, POLICY, NOW)


def read_stream(stream: BinaryIO) -> Read:
    batch = Batch("cards.csv")
    return Read(batch, whole(read_cards(stream, batch, READERS, Registrar())))


def read(text: str | bytes) -> Read:
    return read_stream(io.BytesIO(text.encode() if isinstance(text, str) else text))


def faults(text: str | bytes) -> list[tuple[int | None, str, str]]:
    return [
        (fault.line, fault.key, fault.sentence.format(**dict(fault.values)))
        for fault in read(text).faults
    ]


@pytest.mark.parametrize(
    "text",
    [
        "label,price\nMum,4990\nDad,12.50\n",
        "\ufefflabel,price\nMum,4990\nDad,12.50\n",
        "label;price\nMum;4990\nDad;12,50\n",
        "label,price\r\nMum,4990\r\nDad,12.50\r\n",
        "label,price\rMum,4990\rDad,12.50",
        'price,label\n4990,"Mum"\n"12,50",Dad\n',
        '"label", "price"\n"Mum", "4990"\n"Dad", 12.50',
        "Label, PRICE ,,\nMum,4990,,\n,,,\n\nDad,12.50,,,,\n",
        "\n\nlabel,price\n\nMum,4990\n  \nDad,12.50\n",
    ],
)
def test_a_file_is_read_however_a_program_writes_it(text: str) -> None:
    found = read(text)
    assert faults(text) == []
    assert [(card.label, str(card.plan.price)) for card in found.cards] == [
        ("Mum", "4990"),
        ("Dad", "12.50"),
    ]


def test_empty_cells_are_not_told() -> None:
    [card] = read("label,number,price,note,esim,tags,archived\nMum,, ,\u3000,,,\n").cards
    assert card == a_new_card({"label": "Mum"})


@pytest.mark.parametrize("yes", ["true", "TRUE", "yes", "1", " True "])
@pytest.mark.parametrize("no", ["false", "FALSE", "no", "0", ""])
def test_yes_and_no(yes: str, no: str) -> None:
    found = read(
        f"label,esim,auto_renew,archived\nA,{yes},{no},{no}\nB,{no},{yes},{no}\nC,{no},{no},{yes}\n"
    )
    told = [(card.kind, card.plan.auto_renew, card.archived) for card in found.cards]
    assert told == [
        (Kind.ESIM, False, False),
        (Kind.SIM, True, False),
        (Kind.SIM, False, True),
    ]


def test_tags_stand_between_bars() -> None:
    [card] = read("label,tags\nMum,family| bank ||family\n").cards
    assert card.tags == ("family", "bank")


def test_columns_may_be_called_as_the_options_of_add_are() -> None:
    [card] = read("label,tag,target\nMum,a|b,desktop\n").cards
    assert (card.tags, card.targets) == (("a", "b"), ("desktop",))
    assert faults('label,tag\nMum,"a,b"\n')[0][:2] == (2, "tag")
    assert faults("label,tag,tags\nMum,a,b\n") == [(1, "tags", "the column stands here twice")]


def test_a_note_may_have_lines_and_lines_are_counted_as_an_editor_does() -> None:
    text = 'label,note,price\nMum,"one\ntwo\r\nthree",1\n\nDad,x,0\n'
    assert read(text).cards[0].note == "one\ntwo\nthree"
    assert faults(text) == [(6, "price", "the amount must be more than zero")]


def test_every_fault_is_told_with_its_line_and_column() -> None:
    text = (
        "label,number,price,expires,started,tags,esim\n"
        "Mum,87011234567,nan,30,,,maybe\n"
        ",,5,,,,\n"
        "Dad,12345,,,,\"a,b\",\n"
        "Sis,,,2026-01-01,2026-02-01,,\n"
        "Mum,+7 701 123 45 67,,,,,\n"
        "Bro,,\n"
        "Bro,,,,,,,too much\n"
    )  # fmt: skip
    told = faults(text)
    assert [(line, column) for line, column, _ in told] == [
        (2, "price"),
        (2, "expires"),
        (2, "esim"),
        (3, ""),
        (4, "number"),
        (4, "tags"),
        (5, ""),
        (7, ""),
        (8, ""),
    ]
    assert told[0][2] == '"nan" is no amount of tenge'
    assert told[7][2] == "the header names 7 columns, and here are 3 cells"


@pytest.mark.parametrize(
    ("text", "line", "column", "sentence"),
    [
        ("", 1, "", "there is no header: the first line names the columns"),
        ("\n \n", 1, "", "there is no header: the first line names the columns"),
        ("price\n1\n", 1, "", "a column number or label is needed"),
        ("label,Lable\nMum,\n", 1, "Lable", "there is no such column"),
        ("label,label\nMum,\n", 1, "label", "the column stands here twice"),
        ("label,,price\nMum,,1\n", 1, "", "there is no such column"),
        ("label|price\nMum|1\n", 1, "label|price", "there is no such column"),
        ('label\n"Mum\n', 2, "", "a quote is never closed, or stands in the middle of a cell"),
        ('label\n"Mum"x\n', 2, "", "a quote is never closed, or stands in the middle of a cell"),
        (b"label\nM\xfcm\n", 2, "", "this is not UTF-8 text"),
        ("label\nMum\n".encode("utf-16-le"), 1, "", "this is UTF-16 text, not UTF-8"),
        ("label\nMum\n".encode("utf-16-be"), 1, "", "this is UTF-16 text, not UTF-8"),
        (b"PK\x03\x04\x14\x00\xff", 1, "", "this is a spreadsheet's own file, no CSV file"),
        ("label\nMum\n".encode("utf-16"), 1, "", "this is UTF-16 text, not UTF-8"),
        (b"label\nM\xed\xa0\x80m\n", 2, "", "this is not UTF-8 text"),
        ("label,price\nMum,1\0\n", 2, "price", '"1\\x00" is no amount of tenge'),
    ],
)  # fmt: skip
def test_what_is_no_such_file_is_refused(
    text: str | bytes, line: int, column: str, sentence: str
) -> None:
    assert (line, column, sentence) in faults(text)
    assert read(text).cards == []


@pytest.mark.parametrize("end", [b"x" * 10**7, b'"' + b"\n" * 10**6, b'a,"\n' + b'","\n' * 10**6])
def test_a_row_without_end_is_not_gathered(end: bytes) -> None:
    raw = io.BytesIO(b"label\n" + end)
    assert read_stream(raw).count == 1
    assert raw.tell() < 3 * MOST_SIGNS


def test_of_many_faults_the_first_are_kept_and_all_are_counted() -> None:
    batch = read("label,price\n" + "Mum,0\n" * 3000)
    assert (len(batch.faults), batch.count) == (MOST_FAULTS, 3000)


def test_a_header_alone_is_a_file_of_no_cards() -> None:
    assert read("label,number,price") == Read(Batch("cards.csv"), [])


def test_the_stream_stays_open_for_whoever_opened_it() -> None:
    raw = io.BytesIO(b"label\nMum\n")
    rows: Iterator[object] = iter(CsvRows(raw))
    next(rows)
    del rows
    assert not raw.closed
