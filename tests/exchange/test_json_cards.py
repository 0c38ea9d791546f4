"""What `list --json` prints is read back as the same cards; all else is refused with its place."""

from __future__ import annotations

import io
import json
import tracemalloc
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings

from kzreminder.cli.objects import card_json
from kzreminder.core.card import Card
from kzreminder.core.told_by_file import correct_told
from kzreminder.exchange.batch import MOST_FAULTS, Batch, Row
from kzreminder.exchange.json_cards import read_json
from kzreminder.exchange.json_text import MOST_SIGNS
from tests.exchange.registrar import whole
from tests.exchange.test_csv_out import At, cards, readers_at, said
from tests.storage.samples import NOW, POLICY, full_card

OF_THE_MOMENT = ("id", "deadlines", "next_reminder")


def rows_of(raw: bytes, now: datetime = NOW) -> tuple[Batch, list[Row]]:
    batch = Batch("cards.json", counts_cards=True)
    return batch, list(read_json(io.BytesIO(raw), batch, readers_at(now), At(now)))


def printed(card: Card, now: datetime) -> dict[str, Any]:
    return card_json(card, POLICY, [], now)


def lasting(card: Card, now: datetime) -> dict[str, Any]:
    told = printed(card, now)
    balance = {**told["balance"], "runs_low_on": None}  # the forecast needs the readings before it
    return {key: told[key] for key in told if key not in OF_THE_MOMENT} | {"balance": balance}


def faults(text: str | bytes) -> list[tuple[int | None, str, str]]:
    batch, _ = rows_of(text.encode() if isinstance(text, str) else text)
    return [
        (fault.line, fault.key, fault.sentence.format(**dict(fault.values)))
        for fault in batch.faults
    ]


@settings(max_examples=150, deadline=None)
@given(cards())
def test_what_is_printed_is_read_back_and_is_no_news(made: tuple[Card, datetime]) -> None:
    card, now = made
    batch, [row] = rows_of(json.dumps([printed(card, now)], indent=2).encode(), now)
    assert batch.faults == []
    [read] = whole([row])
    assert said(read, now) == said(card, now)
    assert lasting(read, now) == lasting(card, now)
    assert correct_told(card, {**row.common, **row.mine}, POLICY, now) is card


def test_few_keys_are_enough() -> None:
    _, rows = rows_of(b'\xef\xbb\xbf [ {"number": "8 701 123 45 67"} ,\n\t{"label":"Dad"}]\n')
    assert [card.label for card in whole(rows)] == ["+7 701 123 45 67", "Dad"]
    assert rows_of(b"[]") == (Batch("cards.json", counts_cards=True), [])


@pytest.mark.parametrize(
    ("keys", "key", "sentence"),
    [
        ('"plan": {"prise": "1"}', "plan.prise", "there is no such key"),
        ('"plan.price": "1"', '"plan.price"', "there is no such key"),
        ('"price": "1"', "price", "there is no such key"),
        ('"plan": []', "plan", "an object in braces is expected here"),
        ('"plan": null', "plan", "an object in braces is expected here"),
        ('"plan": {"price": 4990}', "plan.price", "a text in quotes is expected here, or null"),
        ('"plan": {"price": 1e9}', "plan.price", "a text in quotes is expected here, or null"),
        ('"plan": {"price": "0"}', "plan.price", "the amount must be more than zero"),
        ('"plan": {"auto_renew": 1}', "plan.auto_renew", "true or false is expected here"),
        ('"plan": {"auto_renew": null}', "plan.auto_renew", "true or false is expected here"),
        (
            '"plan": {"ends_at": "2026-12-20T23:59:00+05:00"}',
            "plan.ends_at",
            "a plan ends at 23:59:59 in Almaty, not at 2026-12-20T23:59:00+05:00",
        ),
        ('"plan": {"ends_at": ""}', "plan.ends_at", '"" is no day, or could be several'),
        (
            '"plan": {"keeps_day": 32}',
            "plan.keeps_day",
            "a day of the month is expected here, 1 to 31",
        ),
        (
            '"balance": {"amount": "1", "read_at": "2026-11-21T10:02:00+05:00"}',
            "balance.read_at",
            "2026-11-21T10:02:00+05:00 lies in the future",
        ),
        (
            '"balance": {"read_at": "2026-11-21T09:00:00+05:00"}',
            "",
            "a time of the balance is told, and no balance",
        ),
        (
            '"snoozed_until": "tomorrow"',
            "snoozed_until",
            "tomorrow is no time with its offset",
        ),
        ('"tags": "family"', "tags", "a list of texts in quotes is expected here"),
        ('"tags": [1]', "tags", "a list of texts in quotes is expected here"),
        ('"archived": "no"', "archived", "true or false is expected here"),
        ('"number": "87011234567", "label": null', "label", "a text in quotes is expected here"),
        ('"kind": null', "kind", "a text in quotes is expected here"),
        ('"kind": 1', "kind", "a text in quotes is expected here"),
        ('"kind": "phone"', "kind", '"phone" is neither sim nor esim'),
        ('"lang": "xx"', "lang", 'there are no texts in the language "xx"'),
        (
            '"note": "\\ud800"',
            "note",
            '"\\ud800" contains a line break or an invisible sign: U+D800',
        ),
    ],
)
def test_each_fault_names_the_card_and_the_key(keys: str, key: str, sentence: str) -> None:
    named = keys if "label" in keys else f'"label": "Dad", {keys}'
    assert faults(f'[{{"label": "Mum"}}, {{{named}}}]') == [(2, key, sentence)]


def test_of_one_card_all_faults_are_told_and_the_next_is_read() -> None:
    batch, rows = rows_of(b'[{"label": 1, "a": 2, "plan": {"price": "x"}}, {"label": "Mum"}]')
    assert [(fault.line, fault.key) for fault in batch.faults] == [
        (1, "label"),
        (1, "a"),
        (1, "plan.price"),
    ]
    assert [card.label for card in whole(rows)] == ["Mum"]


BROKEN = {
    "nothing": (b"", 1, 1, "the file ends here, and the array does not: is it cut short?"),
    "a card by itself": (b'{"label": "Mum"}', 1, 1, "this is no JSON array of cards"),
    "no JSON": (b"label\nMum\n", 1, 1, "this is no JSON array of cards"),
    "cut in the array": (b'[\n{"label": "Mum"},\n', 3, 1, "the file ends here"),
    "cut in a card": (b'[\n{"label": "Mum", ', 2, 18, "the file ends here"),
    "cut in a text": (b'[\n{"label": "Mu', 2, 11, "this is no JSON"),
    "a comma too many": (b'[{"label": "Mum"},\n ]', 2, 2, "a card in braces is expected here"),
    "no comma": (b'[{"label": "Mum"}\n{"label": "Dad"}]', 2, 1, "between two cards stands a comma"),
    "no colon": (b'[{"label": "Mum"},\n {"label" "Dad"}]', 2, 11, 'this is no JSON: "Dad"}]'),
    "numbers": (b"[1, 2]", 1, 2, "a card in braces is expected here, not 1, 2]"),
    "more after it": (b"[]\n[]", 2, 1, "something stands after the end of the array"),
    "a key twice": (b'[{"label": "A",\n"label": "B"}]', 1, 2, "this card says label twice"),
    "a key twice within": (b'[{"plan": {"x": 1, "x": 2}}]', 1, 2, "this card says x twice"),
    "NaN": (b'[{"price": NaN}]', 1, 2, "in this card stands NaN, which is no JSON"),
    "minus infinity": (b'[{"a": -Infinity}]', 1, 2, "in this card stands -Infinity"),
    "arrays without end": (b"[" * 10**6, 1, 2, "a card in braces is expected here"),
    "arrays in a card": (b'[{"a": ' + b"[" * 10**6, 1, 2, "this card has lists within lists"),
    "objects in a card": (b'[{"a":' * 10**5, 1, 2, "this card has lists within lists"),
    "an endless text": (b'[{"label": "' + b"x" * 10**7, 1, 2, "a card of more than 65536 char"),
    "an endless number": (b'[{"id": ' + b"1" * 10**7, 1, 2, "a card of more than 65536 char"),
    "endless blanks in a card": (b'[{"id": ' + b" " * 10**7, 1, 2, "a card of more than 65536"),
    "no UTF-8": (b'[\n{"label": "M\xfcm"}]', 2, None, "this is not UTF-8 text"),
    "UTF-16": ('[{"label": "Mum"}]'.encode("utf-16"), 1, None, "this is UTF-16 text, not UTF-8"),
}  # fmt: skip


@pytest.mark.parametrize(("raw", "line", "column", "sentence"), BROKEN.values(), ids=BROKEN)
def test_what_is_broken_is_one_fault_with_its_place(
    raw: bytes, line: int, column: int | None, sentence: str
) -> None:
    batch, _ = rows_of(raw)
    [fault] = batch.faults
    assert (fault.line, fault.column) == (line, column)
    assert fault.sentence.format(**dict(fault.values)).startswith(sentence)


def test_a_long_card_in_the_middle_of_many_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    note = "x" * 2000
    many = [{"label": f"Card {number}", "note": note} for number in range(300)]
    batch, rows = rows_of(json.dumps(many, indent=4).encode())
    assert batch.faults == []
    assert [row.own["label"] for row in rows] == [card["label"] for card in many]


@pytest.mark.parametrize("extra", [-1, 0, 1])
def test_a_card_may_be_as_long_as_is_said(extra: int) -> None:
    before, after = b'{"label": "Mum", "id": "', b'"}'
    fill = b"x" * (MOST_SIGNS + extra - len(before) - len(after))
    batch, rows = rows_of(b"[" + before + fill + after + b", " + before + fill[:-9] + after + b"]")
    assert (len(batch.faults), len(rows)) == ((1, 0) if extra > 0 else (0, 2))


def test_what_is_endless_is_not_gathered() -> None:
    class Endless(io.RawIOBase):
        done = 0

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            buffer[:] = b" " * len(buffer)
            self.done += len(buffer)
            return len(buffer) if self.done < 50_000_000 else 0

    tracemalloc.start()
    try:
        batch = Batch("cards.json")
        stream = io.BufferedReader(Endless())
        assert list(read_json(stream, batch, readers_at(NOW), At(NOW))) == []
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()
    assert batch.count == 1


def test_of_many_faults_the_first_are_kept_and_all_are_counted() -> None:
    batch, _ = rows_of(json.dumps([{"label": "Mum", "x": 1}] * 3000).encode())
    assert (len(batch.faults), batch.count) == (MOST_FAULTS, 3000)


def test_a_mute_without_end_comes_back_of_an_archived_card_too() -> None:
    raw = json.dumps([{"label": "A", "muted": True, "muted_until": None, "archived": True}])
    _, [row] = rows_of(raw.encode())
    assert row.alike is not None
    assert row.alike.silence.muted
    _, [row] = rows_of(b'[{"label": "A", "muted_until": null, "state": "muted"}]')
    assert row.alike is not None
    assert row.alike.silence.muted


def test_what_is_seldom_set_may_be_told_as_not_set() -> None:
    _, rows = rows_of(
        b'[{"label": "A", "plan": {"keeps_day": null}, "muted": false, "targets": [],'
        b' "watcher": null}, {"label": "B", "targets": ["Phone", "push:phone", "Desktop"]}]'
    )
    assert [card.targets for card in whole(rows)] == [(), ("phone", "desktop")]


def test_every_key_that_is_printed_is_known() -> None:
    assert faults(json.dumps([printed(full_card(), NOW)])) == []
