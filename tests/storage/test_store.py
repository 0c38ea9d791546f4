"""What is stored comes back as it was, in one piece or not at all, whoever else writes."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import kzreminder
from kzreminder import places
from kzreminder.core.card import Balance, Card, Change, KeepAlive, Kind, Plan, Silence, Spending
from kzreminder.core.correcting import correct
from kzreminder.core.moves import Renewal, archive, read_balance, renew, restore
from kzreminder.core.period import MONTH_START, NO_PERIOD, days, months
from kzreminder.errors import (
    AlreadyExists,
    BadValue,
    CardNotFound,
    SeveralCardsMatch,
    StorageFault,
)
from kzreminder.storage.address import identity_of
from kzreminder.storage.store import Store
from kzreminder.storage.tables import SCHEMA
from tests.storage.conftest import ON_BOTH
from tests.storage.samples import (
    NOW,
    POLICY,
    TODAY,
    a_card,
    a_store,
    ending,
    full_card,
    url_of,
)

LATER = NOW + timedelta(minutes=1)
SOURCES = Path(kzreminder.__file__).resolve().parents[1]

MESSAGES = (
    "messages (id, card_id, at, target, outcome, notification_id, error, attempt, title, body)"
)


@contextmanager
def sql(folder: Path) -> Iterator[sqlite3.Connection]:
    """A connection of somebody else's, with nothing of ours in between."""
    with closing(sqlite3.connect(folder / "cards.db", isolation_level=None)) as connection:
        connection.execute("pragma foreign_keys = on")
        yield connection


def note(text: str, card: Card) -> Card:
    return replace(card, note=text)


# What is stored comes back


@ON_BOTH
def test_every_field_of_a_card_comes_back_as_it_was(store: Store) -> None:
    card = full_card()
    added = store.add(card, NOW)
    assert added == replace(card, id=1)
    assert store.cards() == [added]
    assert store.find("Мама 妈妈") == added


@ON_BOTH
def test_a_card_of_which_nothing_is_known_comes_back_as_it_was(store: Store) -> None:
    card = Card(label="Bare", registered_at=NOW)
    store.add(card, NOW)
    [found] = store.cards()
    assert found == replace(card, id=1)


dates = st.dates(date(2000, 1, 1), date(2299, 12, 31))
instants = st.datetimes(datetime(1990, 1, 1), datetime(2299, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - made aware by the strategy
money = st.integers(-100_000_000_000, 100_000_000_000).map(lambda tiyn: Decimal(tiyn).scaleb(-2))
# Commands refuse a NUL, and a server would.
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=40)
spendings = st.builds(Spending, instants, instants, money.map(abs))
words = st.text("абв xyz妈🧓'\"%_\\", min_size=1, max_size=10)


@st.composite
def cards(draw: st.DrawFn) -> Card:
    first = draw(st.none() | dates)
    last = draw(st.none() | dates)
    if first and last and last < first:
        first, last = last, first
    amount = draw(st.none() | money)
    period = st.sampled_from([None, days(1), days(36500), months(1), months(12), months(18)])
    return Card(
        label=draw(texts),
        registered_at=draw(instants),
        kind=draw(st.sampled_from(Kind)),
        plan=Plan(
            name=draw(st.none() | texts),
            period=draw(st.one_of(period, st.sampled_from([MONTH_START, NO_PERIOD]))),
            started_on=first,
            last_good_on=last,
            anchor_day=draw(st.none() | st.integers(1, 31)),
            price=draw(st.none() | money.filter(lambda price: price > 0)),
            auto_renew=draw(st.booleans()),
        ),
        balance=Balance(
            amount=amount,
            threshold=draw(st.none() | money.map(abs)),
            read_at=draw(instants if amount is not None else st.none() | instants),
            low_since=draw(st.none() | instants),
            low_before=draw(st.none() | instants),
            estimated=draw(st.booleans()),
            spendings=tuple(draw(st.lists(spendings, max_size=3))),
            changes=tuple(draw(st.lists(st.builds(Change, instants, money), max_size=3))),
        ),
        silence=Silence(
            acked_at=draw(st.none() | instants),
            snoozed_at=draw(st.none() | instants),
            snoozed_until=draw(st.none() | instants),
            muted=draw(st.booleans()),
            muted_until=draw(st.none() | dates),
        ),
        paid_on=draw(st.none() | dates),
        keep_alive=KeepAlive(draw(period), draw(st.none() | dates)),
        device_entered_on=draw(st.none() | dates),
        leads=draw(st.none() | st.sampled_from([(0,), (365, 14, 0), (3,)])),
        tags=tuple(draw(st.lists(words, max_size=3, unique=True))),
        note=draw(st.none() | texts),
    )


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(card=cards())
@ON_BOTH
def test_any_card_comes_back_as_it_was(store: Store, card: Card) -> None:
    added = store.add(card, NOW)
    try:
        assert store.cards() == [added]
        assert added == replace(card, id=added.id)
        price = added.plan.price
        assert price is None or str(store.cards()[0].plan.price) == f"{price:.2f}"
    finally:
        store.remove(added.id)


@pytest.mark.parametrize(
    ("amount", "kept"),
    [("12.50", 1250), ("0.01", 1), ("-0.01", -1), ("4990", 499000), ("1000000000", 10**11)],
)
def test_money_is_kept_exactly_as_whole_tiyn(
    store: Store, tmp_path: Path, amount: str, kept: int
) -> None:
    store.add(a_card(balance=Decimal(amount)), NOW)
    with sql(tmp_path) as connection:
        [(found, kind)] = connection.execute("select balance, typeof(balance) from cards")
    assert (found, kind) == (kept, "integer")
    assert store.cards()[0].balance.amount == Decimal(amount)


@ON_BOTH
def test_instants_keep_their_microseconds_and_come_back_in_utc(store: Store) -> None:
    at = datetime(2026, 11, 21, 5, 0, 0, 123456, tzinfo=UTC)
    store.add(replace(a_card(), registered_at=at), at)
    [card] = store.cards()
    assert card.registered_at == at
    assert card.registered_at.utcoffset() == timedelta(0)
    assert store.history()[0].at == at


# A change is one thing


@ON_BOTH
def test_a_change_is_stored_with_its_event(store: Store) -> None:
    card = store.add(ending(in_days=1), NOW)
    move = partial(renew, renewal=Renewal(TODAY), now=NOW)
    changed = store.change(card.id, "renewed", move, LATER, {"paid": "4990"})
    assert changed.version == card.version + 1
    assert store.cards() == [changed]
    renewed, added = store.history(card.id)
    assert (renewed.at, renewed.kind, renewed.card_id) == (LATER, "event", card.id)
    assert renewed.fields["what"] == "renewed"
    assert renewed.fields["details"] == {"paid": "4990"}
    assert renewed.fields["changes"] == {
        "started_on": [None, "2026-11-23"],
        "last_good_on": ["2026-11-22", "2026-12-22"],
        "anchor_day": [None, 23],
        "last_used_on": [None, "2026-11-21"],
    }
    assert added.fields == {"what": "added", "changes": {}, "details": {}}


@ON_BOTH
def test_a_refused_move_changes_nothing(store: Store) -> None:
    card = store.add(a_card(), NOW)
    with pytest.raises(BadValue):
        store.change(card.id, "renewed", partial(renew, renewal=Renewal(TODAY), now=NOW), LATER)
    assert store.cards() == [card]
    assert len(store.history()) == 1


def test_an_event_that_cannot_be_stored_takes_the_change_back(store: Store, tmp_path: Path) -> None:
    card = store.add(a_card(), NOW)
    with sql(tmp_path) as connection:
        connection.execute(
            "create trigger full before insert on events begin select raise(fail, 'no'); end"
        )
    for attempt in (
        partial(store.change, card.id, "edited", partial(note, "x"), LATER),
        partial(store.add, a_card("Dad"), LATER),
    ):
        with pytest.raises(Exception, match="no"):
            attempt()
    assert store.cards() == [card]
    assert len(store.history()) == 1


@ON_BOTH
def test_a_changed_card_wants_attention_at_once_and_an_archived_one_never(store: Store) -> None:
    card = store.add(ending(), NOW)
    assert store.delivery.next_wake_at() == NOW
    store.change(card.id, "edited", partial(note, "x"), LATER)
    assert store.delivery.next_wake_at() == LATER
    store.change(card.id, "archived", archive, LATER)
    assert store.delivery.next_wake_at() is None
    store.change(card.id, "restored", restore, LATER)
    assert store.delivery.next_wake_at() == LATER


@ON_BOTH
def test_labels_and_numbers_are_unique(store: Store) -> None:
    store.add(a_card("Mum", number="+77011234567"), NOW)
    dad = store.add(a_card("Dad"), NOW)
    for card in (a_card("Mum"), a_card("Else", number="+77011234567")):
        with pytest.raises(AlreadyExists):
            store.add(card, NOW)
    for told in ({"label": "Mum"}, {"number": "+77011234567"}):
        with pytest.raises(AlreadyExists):
            store.change(dad.id, "edited", partial(correct, told=told, policy=POLICY, now=NOW), NOW)
    assert [card.label for card in store.cards()] == ["Mum", "Dad"]
    assert store.count() == 2


@ON_BOTH
def test_a_card_may_keep_its_own_label_and_number(store: Store) -> None:
    card = store.add(a_card("Mum", number="+77011234567"), NOW)
    told = {"label": "Mum", "number": "+77011234567"}
    move = partial(correct, told=told, policy=POLICY, now=NOW)
    assert store.change(card.id, "edited", move, NOW).label == "Mum"


def test_a_removed_card_takes_events_messages_and_marks_with_it(
    store: Store, tmp_path: Path
) -> None:
    card = store.add(a_card(), NOW)
    with sql(tmp_path) as connection:
        connection.execute(
            f"insert into {MESSAGES} values (1, 1, 0, 't', 'accepted', 1, null, 1, 'a', 'b')"
        )
        connection.execute("insert into marks values (1, 1, 1, 't', 'plan', 0, '0d', 0, 0, 1)")
        store.remove(card.id)
        for table in ("cards", "events", "messages", "marks"):
            assert connection.execute(f"select count(*) from {table}").fetchone() == (0,)
    with pytest.raises(CardNotFound):
        store.remove(card.id)
    assert store.add(a_card(), NOW).id == 2, "an id is never given twice"


@ON_BOTH
def test_history_comes_newest_first_and_is_limited(store: Store) -> None:
    card = store.add(a_card(), NOW)
    other = store.add(a_card("Dad"), NOW)
    for minute in range(1, 20):
        at = NOW + timedelta(minutes=minute)
        store.change(card.id, "edited", partial(note, str(minute)), at)
    entries = store.history(limit=5)
    assert [entry.at for entry in entries] == [
        NOW + timedelta(minutes=m) for m in range(19, 14, -1)
    ]
    assert [entry.card_id for entry in store.history(other.id)] == [other.id]
    assert len(store.history(card.id)) == 20


@ON_BOTH
def test_cards_come_with_the_earliest_deadline_first(store: Store) -> None:
    for label, in_days in (("late", 30), ("none", None), ("soon", 1), ("later", 60), ("gone", -9)):
        store.add(a_card(label) if in_days is None else ending(label, in_days=in_days), NOW)
    assert [card.label for card in store.cards()] == ["gone", "soon", "late", "later", "none"]


@ON_BOTH
def test_a_tag_is_found_whole(store: Store) -> None:
    store.add(a_card("A", tags=("family", "50%")), NOW)
    store.add(a_card("B", tags=("fam", "a_b")), NOW)
    for tag, labels in {
        "fam": ["B"],
        "family": ["A"],
        "50%": ["A"],
        "5%": [],
        "a_b": ["B"],
    }.items():
        assert [card.label for card in store.cards(tag=tag)] == labels
    assert store.cards(tag="a%") == []


@ON_BOTH
def test_several_candidates_are_named_and_not_too_many(store: Store) -> None:
    for number in range(20):
        store.add(a_card(f"Card {number:02}"), NOW)
    with pytest.raises(SeveralCardsMatch) as several:
        store.find("card")
    assert 2 <= str(several.value.values["candidates"]).count("Card ") <= 10
    with pytest.raises(CardNotFound) as nobody:
        store.find("nobody")
    assert 2 <= str(nobody.value.values["candidates"]).count("Card ") <= 10


# The schema refuses nonsense


@pytest.mark.parametrize(
    "statement",
    [
        "update cards set label = ''",
        "update cards set label = null",
        "update cards set label = 'Dad'",
        "update cards set number = '+77011234567'",
        "update cards set kind = 'paper'",
        "update cards set price = 0",
        "update cards set price = -1",
        "update cards set threshold = -1",
        "update cards set anchor_day = 0",
        "update cards set anchor_day = 32",
        "update cards set balance = 1, read_at = null",
        "update cards set started_on = '2026-12-02', last_good_on = '2026-12-01'",
        "update cards set archived = null",
        "update cards set version = null",
        "insert into events values (null, 99, 0, 'added', '{}', '{}')",
        "insert into events values (null, null, 0, 'added', '{}', '{}')",
        f"insert into {MESSAGES} values (9, 99, 0, 't', 'accepted', 1, null, 1, 'a', 'b')",
        f"insert into {MESSAGES} values (9, 1, 0, 't', 'shouted', 1, null, 1, 'a', 'b')",
        f"insert into {MESSAGES} values (9, 1, 0, null, 'accepted', 1, null, 1, 'a', 'b')",
        "insert into marks values (9, 99, 1, 't', 'plan', 0, '0d', 0, 0, 1)",
        "insert into marks values (9, 1, 99, 't', 'plan', 0, '0d', 0, 0, 1)",
        "insert into marks values (9, 1, 1, 't', 'plan', 0, '0d', 0, 0, 1)",
        "insert into marks values (9, 1, 1, 't', 'plan', 1, '0d', 0, 0, 0)",
        "insert into marks values (9, 1, 1, 't', 'plan', 1, '0d', 0, null, 1)",
        "insert into meta values ('schema', '2')",
        "insert into meta values ('other', null)",
    ],
)
def test_the_database_itself_refuses_nonsense(store: Store, tmp_path: Path, statement: str) -> None:
    store.add(a_card("Mum"), NOW)
    store.add(a_card("Dad", number="+77011234567"), NOW)
    with sql(tmp_path) as connection:
        connection.execute(
            f"insert into {MESSAGES} values (1, 1, 0, 't', 'accepted', 1, null, 1, 'a', 'b')"
        )
        connection.execute("insert into marks values (1, 1, 1, 't', 'plan', 0, '0d', 0, 0, 1)")
        if statement.startswith("update"):
            statement += " where id = 1"
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(statement)


def test_marks_that_are_not_believed_may_be_many(store: Store, tmp_path: Path) -> None:
    store.add(a_card(), NOW)
    with sql(tmp_path) as connection:
        connection.execute(
            f"insert into {MESSAGES} values (1, 1, 0, 't', 'failed', 1, null, 1, 'a', 'b')"
        )
        for number in (1, 2, 3):
            connection.execute(
                f"insert into marks values ({number}, 1, 1, 't', 'plan', 0, '0d', 0, 0, null)"
            )
        connection.execute("insert into marks values (4, 1, 1, 't', 'plan', 0, '0d', 0, 0, 1)")


def test_the_file_says_its_schema_and_is_in_wal_with_foreign_keys(
    store: Store, tmp_path: Path
) -> None:
    store.add(a_card(), NOW)
    with sql(tmp_path) as connection:
        assert connection.execute("pragma journal_mode").fetchone() == ("wal",)
        assert connection.execute("select value from meta where key = 'schema'").fetchone() == (
            str(SCHEMA),
        )
        assert connection.execute("pragma foreign_key_check").fetchall() == []
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
    assert store.schema == SCHEMA


def test_times_that_matter_have_an_index(store: Store, tmp_path: Path) -> None:
    with sql(tmp_path) as connection:
        for query in (
            "select id from cards where wake_at <= 5 order by wake_at limit 9",
            "select min(wake_at) from cards",
            "select id from cards where label_key >= 'a' and label_key < 'b'",
        ):
            plan = str(connection.execute(f"explain query plan {query}").fetchall())
            assert "INDEX ix_cards_" in plan, plan


# Files


@pytest.mark.parametrize("mask", [0o000, 0o077, 0o022])
def test_files_are_private_whatever_the_umask(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        store = Store(f"sqlite:///{tmp_path}/a/b/cards.db", places.make_private)
        store.add(a_card(), NOW)
        for folder in (tmp_path / "a", tmp_path / "a" / "b"):
            assert folder.stat().st_mode & 0o777 == 0o700
        files = sorted(path.name for path in (tmp_path / "a" / "b").iterdir())
        assert files == ["cards.db", "cards.db-shm", "cards.db-wal"]
        for path in (tmp_path / "a" / "b").iterdir():
            assert path.stat().st_mode & 0o777 == 0o600, path
        store.close()
    finally:
        os.umask(before)


def test_a_folder_that_was_there_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    a_store(tmp_path).close()
    assert tmp_path.stat().st_mode & 0o777 == 0o755


def test_an_empty_file_is_a_new_database(tmp_path: Path) -> None:
    (tmp_path / "cards.db").touch(0o600)
    store = a_store(tmp_path)
    assert store.cards() == []
    store.close()


def test_all_names_of_one_file_are_one_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    monkeypatch.chdir(tmp_path)
    identities = set()
    for name in (f"/{tmp_path}/cards.db", "cards.db", f"/{tmp_path}/link/cards.db", "./cards.db"):
        store = Store(f"sqlite:///{name.removeprefix('/')}", places.make_private)
        identities.add(identity_of(f"sqlite:///{name.removeprefix('/')}"))
        store.close()
    assert len(identities) == 1


def test_a_file_that_vanishes_under_us_is_a_storage_fault(store: Store, tmp_path: Path) -> None:
    store.add(a_card(), NOW)
    with sql(tmp_path) as connection:
        connection.execute("drop table events")
        connection.execute("pragma wal_checkpoint(truncate)")
    store.close()
    (tmp_path / "cards.db").write_bytes(b"overwritten by a sync tool" * 999)
    for name in ("cards.db-wal", "cards.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    with pytest.raises(StorageFault):
        store.cards()


# Several at once

PROLOGUE = """
import sys
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from kzreminder import places
from kzreminder.core.card import Card
from kzreminder.core.moves import top_up
from kzreminder.core.policy import Policy
from kzreminder.storage.store import Store
NOW = datetime(2026, 11, 21, 5, tzinfo=UTC)
url, name = sys.argv[1:]
print("ready", flush=True)
sys.stdin.readline()
"""
CREATES = """
store = Store(url, places.make_private)
store.add(Card(label=name, registered_at=NOW), NOW)
"""
WRITES = """
store = Store(url, places.make_private)
for _ in range(100):
    move = partial(top_up, amount=Decimal("0.01"), on=NOW.date(), policy=Policy(), now=NOW)
    store.change(1, "topped_up", move, NOW)
"""


def at_once(script: str, url: str, names: list[str]) -> None:
    """Run the script in that many processes, let go at the same moment; all must end well."""
    env = os.environ | {"PYTHONPATH": str(SOURCES)}
    children = [
        subprocess.Popen(
            [sys.executable, "-c", PROLOGUE + script, url, name],
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in names
    ]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    for child in children:
        _, err = child.communicate(timeout=50)
        assert child.returncode == 0, err


def test_processes_that_create_the_same_database_at_once_share_it(tmp_path: Path) -> None:
    names = ["a", "b", "c"]
    for attempt in range(3):
        folder = tmp_path / str(attempt)
        at_once(CREATES, url_of(folder), names)
        store = a_store(folder)
        assert sorted(card.label for card in store.cards()) == names
        store.close()


def test_setting_up_waits_for_another_process_that_is_at_it(tmp_path: Path) -> None:
    path = tmp_path / "cards.db"
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        soon = threading.Timer(0.5, other.execute, ["COMMIT"])
        soon.start()
        with closing(a_store(tmp_path)) as store:
            store.add(a_card(), NOW)
        soon.join()


def test_three_writers_lose_nothing_and_never_see_a_lock(store: Store, tmp_path: Path) -> None:
    store.add(a_card(balance=Decimal("1.00")), NOW)
    at_once(WRITES, url_of(tmp_path), ["a", "b", "c"])
    [card] = store.cards()
    assert card.balance.amount == Decimal("4.00")
    assert card.version == 301
    assert len(store.history(limit=1000)) == 301


@ON_BOTH
def test_threads_may_share_a_store(store: Store) -> None:
    card = store.add(a_card(), NOW)
    faults: list[BaseException] = []

    def write() -> None:
        try:
            for number in range(25):
                move = partial(
                    read_balance,
                    amount=Decimal(number),
                    at=NOW + timedelta(seconds=number),
                    policy=POLICY,
                )
                store.change(card.id, "balance_read", move, LATER)
        except BaseException as fault:  # noqa: BLE001 - told to the test's own thread
            faults.append(fault)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert store.cards()[0].version == 101
