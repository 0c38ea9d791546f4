"""A database of an older schema is brought up to ours, its cards unharmed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from kzreminder.core.card import Card
from kzreminder.core.rolling import as_of
from kzreminder.errors import StorageFault
from kzreminder.storage.tables import SCHEMA
from tests.storage.samples import a_store

FIRST = """
create table meta (key varchar not null primary key, value text not null);
insert into meta values ('schema', '1');
create table cards (
  id integer not null primary key autoincrement, label varchar not null unique,
  label_key varchar not null, number varchar unique, operator varchar,
  operator_guessed boolean not null, kind varchar not null, plan_name varchar, period varchar,
  started_on date, last_good_on date, anchor_day integer, price bigint,
  auto_renew boolean not null, charged_on date, balance bigint, threshold bigint, read_at bigint,
  low_since bigint, low_before bigint, keep_alive varchar, last_used_on date,
  device_entered_on date, protects varchar, leads varchar, tags varchar not null, lang varchar,
  note text, archived boolean not null, registered_at bigint not null, version integer not null,
  wake_at bigint, urgent_at bigint, claim_token varchar, attempts integer not null,
  constraint label_not_empty check (label <> '')
);
create index ix_cards_label_key on cards (label_key);
create index ix_cards_wake_at on cards (wake_at);
create index ix_cards_urgent_at on cards (urgent_at);
create table events (id integer not null primary key autoincrement, card_id integer not null
  references cards (id) on delete cascade, at bigint not null, what varchar not null,
  changes text not null, details text not null);
create table messages (id integer not null primary key autoincrement, card_id integer,
  at bigint not null, target varchar not null, outcome varchar not null, notification_id bigint,
  error text, attempt integer not null, title text not null, body text not null);
create table marks (id integer not null primary key autoincrement, card_id integer not null,
  message_id integer not null, target varchar not null, kind varchar not null,
  deadline_at bigint not null, lead varchar not null, due_at bigint not null,
  told_at bigint not null, believed boolean);
"""
CARD = (
    "insert into cards (label, label_key, operator_guessed, kind, period, started_on, last_good_on,"
    " anchor_day, price, auto_renew, charged_on, balance, read_at, tags, archived, registered_at,"
    " version, attempts) values (?, ?, 0, 'sim', ?, ?, ?, ?, 100000, 1, ?, 5000, ?, '', 0, 0, 1, 0)"
)
READ_AT = int(datetime(2026, 12, 25, tzinfo=UTC).timestamp() * 1_000_000)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    with closing(sqlite3.connect(tmp_path / "cards.db")) as connection, connection:
        connection.executescript(FIRST)
        for label, period, charged_on in (
            ("Charged", "1mo", "2027-01-30"),
            ("Short", "1mo", None),
            ("Endless", "none", "2027-01-30"),
        ):
            row = (
                label,
                label.lower(),
                period,
                "2026-12-31",
                "2027-01-30",
                31,
                charged_on,
                READ_AT,
            )
            connection.execute(CARD, row)
    return tmp_path


def cards_of(folder: Path) -> dict[str, Card]:
    store = a_store(folder)
    try:
        return {card.label: card for card in store.cards()}
    finally:
        store.close()


def test_a_charge_that_was_made_has_begun_the_next_period(old: Path) -> None:
    cards = cards_of(old)
    charged = cards["Charged"]
    assert charged.plan.started_on == date(2027, 1, 31)
    assert charged.plan.last_good_on == date(2027, 2, 27)
    assert charged.plan.anchor_day == 31
    assert (charged.balance.amount, charged.balance.estimated) == (Decimal(50), True)
    assert cards["Short"].plan.last_good_on == date(2027, 1, 30)
    assert as_of(cards["Short"], datetime(2027, 2, 2, tzinfo=UTC)) == cards["Short"]
    assert cards["Endless"].plan.last_good_on == date(2027, 1, 30)


def test_it_is_done_once_and_the_number_is_ours_then(old: Path) -> None:
    assert cards_of(old) == cards_of(old)
    with closing(sqlite3.connect(old / "cards.db")) as connection:
        [(number,)] = connection.execute("select value from meta where key = 'schema'")
        columns = [row[1] for row in connection.execute("pragma table_info(cards)")]
    assert number == str(SCHEMA)
    assert "charged_on" not in columns


def test_an_upgrade_that_fails_changes_nothing(old: Path) -> None:
    with closing(sqlite3.connect(old / "cards.db")) as connection, connection:
        connection.execute("update cards set period = 'often' where label = 'Charged'")
    with pytest.raises((StorageFault, ValueError)):
        cards_of(old)
    with closing(sqlite3.connect(old / "cards.db")) as connection:
        [(number,)] = connection.execute("select value from meta where key = 'schema'")
        columns = [row[1] for row in connection.execute("pragma table_info(cards)")]
    assert number == "1"
    assert "charged_on" in columns
    assert "muted" not in columns
