"""A database that is cut, damaged, gone or replaced is said to be so; nothing takes its place."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from kzreminder.errors import KzreminderError, StorageFault
from kzreminder.storage.drives import kind_of_drive
from kzreminder.storage.store import Store
from tests.storage.old_databases import ask, keeping_in, kept_store
from tests.storage.samples import NOW, TODAY, a_card, full_card

SIDES = ("-wal", "-shm", "-journal")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A database that has held cards, and nobody has open."""
    store = kept_store(tmp_path)
    store.add(full_card(), NOW)
    for number in range(40):
        store.add(a_card(f"Card {number}", expires=TODAY, note="x" * 200), NOW)
    store.close()
    return tmp_path / "cards.db"


@pytest.fixture
def running(file: Path) -> Iterator[Store]:
    """A process that has had it open for long, as the service has."""
    store = kept_store(file.parent)
    assert store.count() == 41
    yield store
    store.close()


def reads(store: Store) -> object:
    return store.count()


def writes(store: Store) -> object:
    return store.add(a_card("New"), NOW)


def opens(folder: Path) -> None:
    kept_store(folder).close()


# What has gone, or is empty


def test_an_emptied_database_is_not_taken_for_a_new_one(file: Path) -> None:
    os.truncate(file, 0)
    with pytest.raises(StorageFault, match="is empty, though it has held cards"):
        opens(file.parent)
    assert file.read_bytes() == b""


def test_a_database_without_its_tables_is_not_taken_for_a_new_one(file: Path) -> None:
    file.unlink()
    ask(file, "pragma journal_mode = wal")
    ask(file, "vacuum")
    before = file.read_bytes()
    with pytest.raises(StorageFault, match="is empty, though it has held cards"):
        opens(file.parent)
    assert file.read_bytes() == before


def test_a_file_that_has_gone_is_not_made_anew(file: Path) -> None:
    file.unlink()
    with pytest.raises(StorageFault, match="has gone; it has held cards"):
        opens(file.parent)
    assert not file.exists()


def test_a_folder_that_has_gone_is_not_made_anew(tmp_path: Path, file: Path) -> None:
    (tmp_path / "disk").mkdir()
    url, keeping = f"sqlite:///{tmp_path}/disk/cards.db", keeping_in(tmp_path)
    store = Store(url, keeping.make_folder, keeping)
    store.add(a_card(), NOW)
    store.close()
    shutil.rmtree(tmp_path / "disk")
    with pytest.raises(StorageFault, match="has gone; it has held cards"):
        Store(url, keeping.make_folder, keeping)
    assert not (tmp_path / "disk").exists()


def test_whoever_begins_anew_on_purpose_is_told_how(file: Path) -> None:
    file.unlink()
    with pytest.raises(StorageFault) as refused:
        opens(file.parent)
    marker = Path(str(refused.value.values["marker"]))
    assert str(refused.value.hint).endswith("rm {marker}")
    marker.unlink()
    opens(file.parent)
    assert file.exists()


def test_the_newest_copy_is_named(file: Path) -> None:
    from kzreminder.storage.backup import Backups

    keeping = keeping_in(file.parent)
    copy = Backups(f"sqlite:///{file}", keeping.backups, keeping.make_folder).make(NOW)
    file.unlink()
    with pytest.raises(StorageFault) as refused:
        opens(file.parent)
    assert refused.value.values["backup"] == copy


def test_an_empty_database_that_never_held_a_card_is_set_up_again(tmp_path: Path) -> None:
    """An empty file means nothing was lost, whoever made it."""
    kept_store(tmp_path).close()
    os.truncate(tmp_path / "cards.db", 0)
    opens(tmp_path)
    (tmp_path / "cards.db").unlink()
    opens(tmp_path)


def test_a_log_without_its_database_is_not_thrown_away(file: Path, running: Store) -> None:
    """SQLite itself deletes the log beside a file that was emptied."""
    running.add(a_card("In the log"), NOW)
    log = file.with_name("cards.db-wal")
    kept = log.read_bytes()
    running.close()
    keeping_in(file.parent).marker(f"sqlite:///{file}").unlink()
    for emptied in (True, False):
        file.unlink(missing_ok=True)
        if emptied:
            file.touch()
        log.write_bytes(kept)
        with pytest.raises(StorageFault, match="damaged"):
            opens(file.parent)
        assert log.read_bytes() == kept


# What goes while it is in use


@pytest.mark.parametrize("use", [reads, writes])
def test_a_folder_that_goes_while_in_use(
    running: Store, file: Path, use: Callable[[Store], object]
) -> None:
    away = file.parent.with_name(f"{file.parent.name}-away")
    file.parent.rename(away)
    try:
        with pytest.raises(StorageFault):
            use(running)
        assert not file.parent.exists()
    finally:
        away.rename(file.parent)
    assert use(running), "it is used again as soon as it is back"


@pytest.mark.parametrize("use", [reads, writes])
def test_a_file_that_goes_while_in_use_is_not_written_to(
    running: Store, file: Path, use: Callable[[Store], object]
) -> None:
    file.unlink()
    for _ in range(2):
        with pytest.raises(StorageFault):
            use(running)
    assert not file.exists()


def test_a_file_that_is_emptied_while_in_use(running: Store, file: Path) -> None:
    running.close()
    os.truncate(file, 0)
    for use in (reads, writes):
        with pytest.raises(StorageFault):
            use(running)
    assert file.read_bytes() == b""


def test_a_file_that_was_replaced_is_used_as_it_is_now(running: Store, file: Path) -> None:
    other = file.parent / "other"
    other.mkdir()
    store = kept_store(other)
    store.add(a_card("Elsewhere"), NOW)
    store.close()
    for side in SIDES:
        file.with_name(file.name + side).unlink(missing_ok=True)
    (other / "cards.db").replace(file)
    running.add(a_card("After"), NOW)
    assert {card.label for card in running.cards()} == {"Elsewhere", "After"}


# Damage


def test_a_database_cut_anywhere_is_damaged(file: Path) -> None:
    whole = file.read_bytes()
    for size in (1, 50, 99, 100, 1024, 4095, 4096, 5000, 8192, len(whole) // 2, len(whole) - 1):
        replace_by(file, whole[:size])
        with pytest.raises(StorageFault):
            touch_all(file.parent)
        assert file.read_bytes() == whole[:size], f"cut to {size}"


def replace_by(file: Path, content: bytes) -> None:
    for side in ("", *SIDES):
        file.with_name(file.name + side).unlink(missing_ok=True)
    file.write_bytes(content)


def touch_all(folder: Path) -> None:
    """All that commands do: nothing of it may end in a trace."""
    store = kept_store(folder)
    try:
        cards = store.cards(archived=True)
        store.history()
        store.marks_of([card.id for card in cards])
        store.find("Card 1")
        store.change(store.find("Card 2").id, "edited", lambda card: card, NOW)
        store.delivery.claim("token", NOW, 100)
        store.delivery.release("token", NOW)
        store.undo(store.find("Card 2").id, NOW)
        store.remove(store.find("Card 3").id)
    finally:
        store.close()


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_overwritten_nothing_ends_in_a_trace(file: Path, seed: int) -> None:
    """A page, a few bytes or many single ones; what is still readable may well be used."""
    chance = random.Random(seed)
    content = bytearray(file.read_bytes())
    if seed % 3 == 0:
        page = chance.randrange(len(content) // 4096) * 4096
        content[page : page + 4096] = chance.randbytes(4096)
    elif seed % 3 == 1:
        at, length = chance.randrange(100, len(content) - 64), chance.randrange(1, 64)
        content[at : at + length] = chance.randbytes(length)
    else:
        for _ in range(30):
            content[chance.randrange(100, len(content))] = chance.randrange(256)
    replace_by(file, bytes(content))
    with suppress(KzreminderError):
        touch_all(file.parent)


@pytest.mark.parametrize(
    "damage",
    [
        "update cards set price = 'many'",
        "update cards set registered_at = 'yesterday'",
        "update cards set last_good_on = 'soon', started_on = null",
        "update cards set period = 'often'",
        "update cards set label = cast(x'ff00fe' as text) where id = 5",
        "update cards set keep_alive = '0d'",
        "update cards set spendings = '{'",
        "drop table marks",
        "alter table cards drop column note",
    ],
)
def test_a_value_that_we_never_wrote_is_damage(file: Path, damage: str) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(damage)
    with pytest.raises(StorageFault, match="damaged"):
        touch_all(file.parent)


def test_a_bug_is_not_called_damage(running: Store) -> None:
    def broken(_card: object) -> object:
        raise ValueError("a bug")

    with pytest.raises(ValueError, match="a bug"):
        running.change(1, "edited", broken, NOW)  # type: ignore[arg-type]


# Drives over a network

MOUNTS = """\
22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
30 22 0:30 / /home rw - nfs4 server:/home rw,vers=4.2
31 22 0:31 / /mnt/my\\040nas rw shared:5 - cifs //nas/me rw
32 30 0:32 / /home/me/local rw - tmpfs tmpfs rw
33 22 0:33 / /mnt/there rw - fuse.sshfs me@there: rw
34 22 0:34 / /mnt/there rw - ext4 /dev/vdb rw
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/home/me/.local/share", "nfs4"),
        ("/home/me/local", "tmpfs"),
        ("/homes", "ext4"),
        ("/mnt/my nas/cards", "cifs"),
        ("/mnt/there", "ext4"),
        ("/var/lib", "ext4"),
    ],
)
def test_the_innermost_mount_says_what_a_folder_is_on(folder: str, kind: str) -> None:
    assert kind_of_drive(Path(folder), MOUNTS) == kind
