"""Disks that fill, drives over a network, files that go: one line each, and nothing half done."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from kzreminder import places
from kzreminder.errors import StorageFault
from kzreminder.storage.delivery import Awaits
from kzreminder.storage.store import Store
from tests.cli.disks import fill
from tests.cli.running import SECONDS, Home, Result, contents_of, locked
from tests.storage.old_databases import LABELS, ask, labels_in, lay_old, schema_in
from tests.storage.samples import NOW

STORAGE = 6


def assert_refused(result: Result) -> None:
    assert result.exit_code == STORAGE, result
    assert result.error
    assert len(result.err.splitlines()) <= 2, result
    assert "Traceback" not in result.err


@pytest.fixture
def filled(registered: Home, small_disk: Path) -> Home:
    """A user whose cards are on a disk without any room."""
    ask(registered.database, "pragma wal_checkpoint(truncate)")
    (registered.folder / "data").rename(registered.folder / "data before")
    no_log = shutil.ignore_patterns("*-wal", "*-shm")  # it has to be made anew
    shutil.copytree(registered.folder / "data before", small_disk / "data", ignore=no_log)
    registered.data.symlink_to(small_disk / "data")
    fill(small_disk)
    return registered


def test_reading_works_while_the_disk_is_full(filled: Home) -> None:
    for words in (("list", "--json"), ("show", "Mum"), ("history",), ("upcoming",), ("why", "Mum")):
        result = filled.kz(*words)
        assert (result.exit_code, result.err) == (0, ""), words


def stored(home: Home, disk: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Read once there is room again."""
    (disk / "ballast").unlink()
    return home.contents()


def test_what_changes_something_is_refused_while_the_disk_is_full(
    filled: Home, small_disk: Path
) -> None:
    before = stored(filled, small_disk)
    fill(small_disk)
    for words in (("add", "--label", "New"), ("renew", "Mum"), ("remove", "Mum", "--yes")):
        result = filled.kz(*words)
        assert_refused(result)
        assert "full" in result.error
    assert stored(filled, small_disk) == before


def test_a_service_that_is_refused_there_keeps_nobody_out(filled: Home) -> None:
    with closing(Store(f"sqlite:///{filled.database}", places.make_private)) as service:
        with pytest.raises(StorageFault, match="full"):
            service.delivery.begin_pass(NOW, list(Awaits))
        assert filled.process("list", "--json").exit_code == 0


def test_a_service_goes_on_as_soon_as_there_is_room(filled: Home, small_disk: Path) -> None:
    with closing(Store(f"sqlite:///{filled.database}", places.make_private)) as service:
        with pytest.raises(StorageFault, match="full"):
            service.delivery.begin_pass(NOW, list(Awaits))
        (small_disk / "ballast").unlink()
        service.delivery.begin_pass(NOW, list(Awaits))


def test_a_full_disk_can_be_copied_from(filled: Home) -> None:
    assert filled.kz("backup", str(filled.folder / "mine.db")).exit_code == 0
    assert "Mum" in labels_in(filled.folder / "mine.db")


def test_a_full_disk_keeps_no_receipt_and_no_half_of_one(filled: Home, small_disk: Path) -> None:
    receipt = filled.folder / "receipt.pdf"
    receipt.write_bytes(os.urandom(300_000))
    (small_disk / "data" / "kzreminder" / "receipts").mkdir()
    before = stored(filled, small_disk)
    for room in (0, 100_000):
        fill(small_disk, leave=room)
        assert_refused(filled.kz("topup", "Mum", "500", "--receipt", str(receipt)))
        assert stored(filled, small_disk) == before


def test_a_backup_onto_a_full_disk_leaves_nothing_there(registered: Home, small_disk: Path) -> None:
    for room in (0, 30_000):
        fill(small_disk, leave=room)
        assert_refused(registered.kz("backup", str(small_disk / "cards.db")))
        assert [path.name for path in small_disk.iterdir()] == ["ballast"]


def test_a_restore_onto_a_full_disk_leaves_the_old_cards(filled: Home, small_disk: Path) -> None:
    copy = filled.folder / "data before" / "kzreminder" / "kzreminder.db"
    ask(copy, "delete from cards")
    before = stored(filled, small_disk)
    for room in (0, 50_000):
        fill(small_disk, leave=room)
        assert_refused(filled.kz("restore-backup", str(copy), "--yes"))
        assert stored(filled, small_disk) == before
        assert list(filled.database.parent.glob("*kept*")) == []


def test_an_upgrade_on_a_full_disk_leaves_the_old_database(home: Home, small_disk: Path) -> None:
    """The copy has room elsewhere; the steps have none."""
    file = lay_old(small_disk, 1)
    before = contents_of(file)
    fill(small_disk)
    assert_refused(home.kz("--db", f"sqlite:///{file}", "list"))
    (small_disk / "ballast").unlink()
    assert (schema_in(file), contents_of(file)) == (1, before)
    result = home.kz("--db", f"sqlite:///{file}", "list", "--all", "--json")
    assert {card["label"] for card in result.json} == LABELS


def test_an_upgrade_without_room_for_the_copy_is_not_begun(home: Home, small_disk: Path) -> None:
    file = lay_old(home.folder, 1)
    before = contents_of(file)
    (small_disk / "kzreminder").mkdir()
    fill(small_disk)
    result = home.kz("--db", f"sqlite:///{file}", "list", XDG_STATE_HOME=str(small_disk))
    assert_refused(result)
    assert (schema_in(file), contents_of(file)) == (1, before)
    assert [path for path in small_disk.rglob("*") if path.is_file()] == [small_disk / "ballast"]


def test_an_upgrade_waits_no_longer_than_ten_seconds_for_a_lock(home: Home) -> None:
    file = lay_old(home.folder, 2)
    with locked(file, "IMMEDIATE"):
        result = home.kz("--db", f"sqlite:///{file}", "list")
    assert_refused(result)
    assert "locked" in result.error
    assert schema_in(file) == 2


def test_a_folder_that_vanished_is_not_made_anew(registered: Home) -> None:
    assert registered.kz("list").exit_code == 0
    registered.database.parent.rename(registered.folder / "elsewhere")
    for words in (("list",), ("add", "--label", "New"), ("run", "--once"), ("backup",)):
        assert_refused(registered.kz(*words))
        assert not registered.database.parent.exists()
    (registered.folder / "elsewhere").rename(registered.database.parent)
    assert registered.kz("list").exit_code == 0


def test_an_emptied_database_is_not_taken_for_a_new_one(registered: Home) -> None:
    assert registered.kz("list").exit_code == 0  # from here on it is known to have held cards
    os.truncate(registered.database, 0)
    for words in (("list",), ("add", "--label", "New"), ("run", "--once"), ("backup",)):
        assert_refused(registered.kz(*words))
        assert registered.database.read_bytes() == b""


def test_a_file_that_was_always_empty_is_set_up(home: Home) -> None:
    home.database.parent.mkdir(parents=True)
    home.database.touch()
    assert home.kz("add", "--label", "Mum").exit_code == 0


# Over a network


def test_on_a_network_drive_cards_are_kept_without_a_log(home: Home, network_drive: Path) -> None:
    file = network_drive / "cards.db"
    url = f"sqlite:///{file}"
    first = home.kz("--db", url, "add", "--label", "Mum")
    assert first.exit_code == 0
    assert "on a drive shared over a network (fuse.sshfs)" in first.err
    second = home.kz("--db", url, "add", "--label", "Dad", "--json")
    assert (second.exit_code, second.err) == (0, ""), "it is said once"
    assert ask(file, "pragma journal_mode") == [("delete",)]
    backup = home.kz("--db", url, "backup").out.strip()
    home.kz("--db", url, "remove", "Dad", "--yes")
    assert home.kz("--db", url, "restore-backup", backup, "--yes").exit_code == 0
    assert labels_in(file) == {"Mum", "Dad"}
    assert ask(file, "pragma journal_mode") == [("delete",)]


def test_on_a_network_drive_no_change_is_lost(home: Home, network_drive: Path) -> None:
    """Eight at once, half of them killed on the way: what was said to be done is done."""
    file = network_drive / "cards.db"
    assert home.kz("--db", f"sqlite:///{file}", "list").exit_code == 0
    children = [
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "kzreminder",
                "--db",
                f"sqlite:///{file}",
                "add",
                "--label",
                f"{n}",
            ],
            env=home.process_environ(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for n in range(8)
    ]
    for number, child in enumerate(children):
        if number % 2:
            try:
                child.wait(0.2)
            except subprocess.TimeoutExpired:
                child.send_signal(signal.SIGKILL)
    done = {f"{n}" for n, child in enumerate(children) if child.wait(SECONDS) == 0}
    assert done <= labels_in(file)
    assert ask(file, "pragma integrity_check") == [("ok",)]
