"""Copies of a database in use: whole, checked, counted; and one of them brought back."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from kzreminder.core.leads import Lead
from kzreminder.errors import AlreadyExists, BadValue, StorageFault
from kzreminder.storage.backup import KEPT, Backups, examine
from kzreminder.storage.restoring import Restored, restore
from kzreminder.storage.store import Store
from kzreminder.storage.tables import SCHEMA
from tests.cli.running import contents_of
from tests.passes import House
from tests.storage.old_databases import (
    SCHEMAS,
    ask,
    backups_of,
    is_sound,
    keeping_in,
    kept_store,
    labels_in,
    lay_old,
    schema_in,
)
from tests.storage.samples import NOW, a_card, ending, url_of

DAY = timedelta(days=1)
SIDES = ("-wal", "-shm", "-journal")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = kept_store(tmp_path)
    made.add(a_card("Mum"), NOW)
    yield made
    made.close()


@pytest.fixture
def backups(tmp_path: Path, store: Store) -> Backups:
    return backups_of(tmp_path)


def folder_of(tmp_path: Path) -> Path:
    return keeping_in(tmp_path).backups


# Making them


def test_a_copy_of_a_database_in_use_is_one_whole_file(
    tmp_path: Path, store: Store, backups: Backups
) -> None:
    """What is still in the log beside the database is in the copy too."""
    made = backups.make(NOW)
    assert [path.name for path in folder_of(tmp_path).iterdir()] == [made.name]
    assert made.name.endswith("-20261121T050000Z.db")
    assert made.stat().st_mode & 0o777 == 0o600
    assert folder_of(tmp_path).stat().st_mode & 0o777 == 0o700
    assert contents_of(made) == contents_of(tmp_path / "cards.db")
    contents = examine(made)
    assert (contents.schema, contents.cards) == (SCHEMA, 1)
    assert store.add(a_card("Later"), NOW).id == 2


def test_seven_are_kept_and_none_goes_for_its_age(backups: Backups, tmp_path: Path) -> None:
    made = [backups.make(NOW + number * 400 * DAY) for number in range(KEPT + 3)]
    assert sorted(folder_of(tmp_path).iterdir()) == sorted(made[3:])
    assert backups.newest() == (made[-1], NOW + (KEPT + 2) * 400 * DAY)


def test_several_of_one_second_are_several(backups: Backups) -> None:
    first, second, third = (backups.make(NOW) for _ in range(3))
    assert len({first, second, third}) == 3
    assert backups.newest() == (third, NOW)


def test_one_a_night_is_made(backups: Backups) -> None:
    first = backups.nightly(NOW)
    assert first is not None
    assert backups.nightly(NOW) is None
    assert backups.nightly(NOW + timedelta(hours=19, minutes=59)) is None
    assert backups.nightly(NOW + timedelta(hours=20)) is not None


def test_after_a_clock_that_was_ahead_copies_are_made_and_kept(
    backups: Backups, tmp_path: Path
) -> None:
    """What is dated ahead counts as the oldest, whatever its name says."""
    ahead = [backups.make(NOW + (365 + number) * DAY) for number in range(KEPT)]
    tonight = backups.nightly(NOW)
    assert tonight is not None
    assert backups.newest(NOW) == (tonight, NOW)
    assert backups.nightly(NOW + timedelta(hours=1)) is None
    assert sorted(folder_of(tmp_path).iterdir()) == sorted([tonight, *ahead[1:]])


def test_two_databases_never_mix(tmp_path: Path, backups: Backups) -> None:
    other = tmp_path / "other"
    other.mkdir()
    kept_store(other).close()
    theirs = Backups(url_of(other), folder_of(tmp_path), keeping_in(tmp_path).make_folder)
    assert theirs.newest() is None
    kept = backups.make(NOW)
    for number in range(KEPT + 1):
        theirs.make(NOW + number * DAY)
    assert backups.newest() == (kept, NOW)


def test_what_else_lies_there_is_left_alone(backups: Backups, tmp_path: Path) -> None:
    made = backups.make(NOW)
    beside = [made.with_name("notes.txt"), made.with_name(made.name.replace("1121", "9931"))]
    for path in beside:
        path.write_text("mine")
    for number in range(KEPT + 1):
        backups.make(NOW + (number + 1) * DAY)
    assert all(path.exists() for path in beside)
    assert len(list(folder_of(tmp_path).iterdir())) == KEPT + 2


def test_a_damaged_database_pushes_no_good_copy_out(
    tmp_path: Path, store: Store, backups: Backups
) -> None:
    made = [backups.make(NOW + number * DAY) for number in range(KEPT)]
    store.close()
    file = tmp_path / "cards.db"
    content = bytearray(file.read_bytes())
    content[8192:] = os.urandom(len(content) - 8192)
    file.write_bytes(content)
    with pytest.raises(StorageFault, match="damaged"):
        backups.nightly(NOW + 30 * DAY)
    assert sorted(folder_of(tmp_path).iterdir()) == made
    assert file.read_bytes() == content


def test_a_database_that_has_gone_is_not_copied(tmp_path: Path, backups: Backups) -> None:
    (tmp_path / "cards.db").unlink()
    with pytest.raises(StorageFault):
        backups.make(NOW)
    assert not (tmp_path / "cards.db").exists()
    assert list(folder_of(tmp_path).iterdir()) == []


def test_an_own_file_is_not_overwritten_unasked(tmp_path: Path, backups: Backups) -> None:
    target = tmp_path / "mine.db"
    target.write_text("something else")
    with pytest.raises(AlreadyExists):
        backups.copy_to(target, NOW)
    assert target.read_text() == "something else"
    assert backups.copy_to(target, NOW, replace=True).contents.cards == 1
    assert examine(target).cards == 1
    for itself in (tmp_path / "cards.db", tmp_path / "link.db"):
        if not itself.exists():
            itself.symlink_to(tmp_path / "cards.db")
        with pytest.raises(BadValue):
            backups.copy_to(itself, NOW, replace=True)


def test_of_a_server_no_copies_are_made() -> None:
    backups = Backups("postgresql://me:secret@nowhere/cards", Path("/nowhere"))
    assert backups.nightly(NOW) is None
    assert backups.newest() is None
    with pytest.raises(BadValue, match="SQLite files only"):
        backups.make(NOW)


# Bringing one back


def bring_back(copy: Path, tmp_path: Path, now: datetime = NOW) -> Restored:
    return restore(copy, url_of(tmp_path), keeping_in(tmp_path), now)


@pytest.fixture
def copy(tmp_path: Path, store: Store, backups: Backups) -> Path:
    """Of Mum alone; the database has Dad too, and nobody has it open."""
    made = backups.make(NOW)
    store.add(a_card("Dad"), NOW)
    store.close()
    return made


def test_what_was_there_is_kept_whole(tmp_path: Path, copy: Path) -> None:
    restored = bring_back(copy, tmp_path)
    file = tmp_path / "cards.db"
    assert restored.path == file
    assert restored.kept == tmp_path / "cards.kept-20261121T050000Z.db"
    assert (labels_in(file), labels_in(restored.kept)) == ({"Mum"}, {"Mum", "Dad"})
    assert file.stat().st_mode & 0o777 == 0o600
    assert examine(copy).cards == 1, "the copy stays"
    assert ask(file, "pragma journal_mode") == [("wal",)]
    assert {path.name for path in tmp_path.iterdir()} == {
        *("cards.db", "cards.kept-20261121T050000Z.db", "state"),
    }


def test_what_a_killed_process_left_in_the_log_is_kept_too(tmp_path: Path, copy: Path) -> None:
    log = tmp_path / "cards.db-wal"
    store = kept_store(tmp_path)
    store.add(a_card("In the log"), NOW)
    shutil.copy(tmp_path / "cards.db", tmp_path / "aside.db")
    shutil.copy(log, tmp_path / "aside.db-wal")
    store.close()
    (tmp_path / "aside.db").replace(tmp_path / "cards.db")
    (tmp_path / "aside.db-wal").replace(log)
    restored = bring_back(copy, tmp_path)
    assert restored.kept is not None
    assert labels_in(restored.kept) == {"Mum", "Dad", "In the log"}
    assert labels_in(tmp_path / "cards.db") == {"Mum"}


@pytest.mark.parametrize("damage", ["overwritten", "garbage", "cut", "short", "emptied", "missing"])
def test_it_works_whatever_is_in_its_place(tmp_path: Path, copy: Path, damage: str) -> None:
    file = tmp_path / "cards.db"
    whole = file.read_bytes()
    left = {
        "overwritten": whole[:4096] + os.urandom(len(whole) - 4096),
        "garbage": os.urandom(9999),
        "cut": whole[:8192],
        "short": whole[:50],
        "emptied": b"",
    }.get(damage)
    file.unlink()
    if left is not None:
        file.write_bytes(left)
        (tmp_path / "cards.db-wal").write_bytes(b"of the old one")
    restored = bring_back(copy, tmp_path)
    assert labels_in(file) == {"Mum"}
    assert is_sound(file)
    kept_store(tmp_path).close()
    if left is None:
        assert restored.kept is None
    else:
        assert restored.kept is not None
        assert restored.kept.read_bytes() == left
    if damage in ("garbage", "short", "emptied"):  # else SQLite itself has looked at the log
        assert restored.kept is not None
        log = restored.kept.with_name(f"{restored.kept.name}-wal")
        assert log.read_bytes() == b"of the old one"


@pytest.mark.parametrize("schema", SCHEMAS)
def test_an_older_copy_is_upgraded_when_it_is_next_opened(
    tmp_path: Path, store: Store, schema: int
) -> None:
    (tmp_path / "older").mkdir()
    older = lay_old(tmp_path / "older", schema)
    before = older.read_bytes()
    store.close()
    assert bring_back(older, tmp_path).contents.schema == schema
    assert older.read_bytes() == before
    kept_store(tmp_path).close()
    assert schema_in(tmp_path / "cards.db") == SCHEMA


@pytest.mark.parametrize(
    "kind", ["foreign", "garbage", "cut", "newer", "empty", "missing", "itself"]
)
def test_what_is_no_copy_of_ours_is_refused_before_anything_happens(
    tmp_path: Path, copy: Path, kind: str
) -> None:
    other = tmp_path / "other.db"
    if kind == "foreign":
        ask(other, "create table songs (title text)")
    elif kind == "garbage":
        other.write_bytes(b"this is a shopping list\n" * 500)
    elif kind == "cut":
        other.write_bytes(copy.read_bytes()[:12288])
    elif kind == "newer":
        shutil.copy(copy, other)
        ask(other, "update meta set value = '99' where key = 'schema'")
    elif kind == "empty":
        other.touch()
    elif kind == "itself":
        other.symlink_to(tmp_path / "cards.db")
    before = contents_of(tmp_path / "cards.db")
    with pytest.raises(BadValue if kind in ("missing", "itself") else StorageFault):
        bring_back(other, tmp_path)
    assert contents_of(tmp_path / "cards.db") == before
    assert list(tmp_path.glob("*kept*")) == list(tmp_path.glob(".*")) == []


def test_a_process_that_has_it_open_uses_the_restored_one(tmp_path: Path, copy: Path) -> None:
    running = kept_store(tmp_path)
    assert running.count() == 2
    file, kept = tmp_path / "cards.db", tmp_path / "kept.db"
    running.close()
    bring_back(copy, tmp_path).kept.rename(kept)  # type: ignore[union-attr]
    running.add(a_card("After"), NOW)
    running.close()
    assert (labels_in(file), labels_in(kept)) == ({"Mum", "After"}, {"Mum", "Dad"})


def test_while_somebody_reads_it_is_not_replaced(tmp_path: Path, copy: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "cards.db")) as reader:
        reader.execute("begin")
        reader.execute("select * from cards").fetchone()
        with pytest.raises(StorageFault, match="locked"):
            bring_back(copy, tmp_path)
    assert labels_in(tmp_path / "cards.db") == {"Mum", "Dad"}
    assert list(tmp_path.glob("*kept*")) == list(tmp_path.glob(".*")) == []


def test_a_folder_and_another_programs_database_make_no_room(tmp_path: Path, copy: Path) -> None:
    file = tmp_path / "cards.db"
    file.unlink()
    file.mkdir()
    with pytest.raises(StorageFault, match="cannot be opened"):
        bring_back(copy, tmp_path)
    file.rmdir()
    ask(file, "create table songs (title text)")
    with pytest.raises(StorageFault, match="another program"):
        bring_back(copy, tmp_path)
    assert list(tmp_path.glob("*kept*")) == list(tmp_path.glob(".*")) == []


# What is told after it


def test_after_a_restore_nothing_is_told_twice_that_the_copy_knows(house: House) -> None:
    house.add(ending("Mum", in_days=1), ending("Dad", in_days=7))
    assert [str(one.reminder.lead) for one in house.tell(NOW).delivered] == ["1d", "7d"]
    copy = house.parts.backups.make(NOW)
    house.store.close()
    restore(copy, url_of(house.folder), keeping_in(house.folder), NOW + timedelta(hours=1))
    assert house.tell(NOW + timedelta(hours=1)).delivered == []


def test_after_a_restore_what_the_copy_does_not_know_is_told_once_more_and_goes_on(
    house: House,
) -> None:
    house.add(ending("Mum", in_days=3))
    copy = house.parts.backups.make(NOW)  # before anything was told
    assert [one.reminder.lead for one in house.tell(NOW).delivered] == [Lead.parse("3d")]
    house.store.close()
    now = NOW + timedelta(hours=1)
    restore(copy, url_of(house.folder), keeping_in(house.folder), now)
    assert [one.reminder.lead for one in house.tell(now).delivered] == [Lead.parse("3d")]
    assert house.tell(now).delivered == []
    told = [house.tell(NOW + number * DAY).delivered for number in range(1, 4)]
    assert [str(one.reminder.lead) for pass_ in told for one in pass_] == ["1d", "0d"]


def test_a_card_that_the_copy_had_asleep_wakes(house: House) -> None:
    """Made by a clock that was a year ahead, say: it would sleep until then."""
    house.add(ending("Mum", in_days=1))
    house.tell(NOW)
    copy = house.parts.backups.make(NOW)
    house.store.close()
    ask(copy, "update cards set wake_at = ?, claim_token = 'x', attempts = 5", [2**60])
    now = NOW + DAY
    restore(copy, url_of(house.folder), keeping_in(house.folder), now)
    assert [str(one.reminder.lead) for one in house.tell(now).delivered] == ["0d"]
