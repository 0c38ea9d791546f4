"""backup and restore-backup as a user runs them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.running import Home, contents_of, held
from tests.storage.old_databases import labels_in, lay_old


def labels(home: Home) -> set[str]:
    return {card["label"] for card in home.kz("list", "--all", "--json").json}


def test_a_backup_goes_to_the_backups_folder(registered: Home) -> None:
    result = registered.kz("backup")
    [made] = (registered.state / "kzreminder" / "backups").iterdir()
    assert (result.exit_code, result.out, result.err) == (0, f"{made}\n", "")
    assert contents_of(made) == contents_of(registered.database)


def test_a_backup_says_as_json_what_it_holds(registered: Home) -> None:
    file = registered.folder / "mine.db"
    result = registered.kz("backup", str(file), "--json")
    assert result.json == {
        "path": str(file),
        "schema": 4,
        "cards": 4,
        "bytes": file.stat().st_size,
    }


def test_a_backup_into_a_folder_gets_a_name_of_its_own(registered: Home) -> None:
    folder = registered.folder / "stick"
    folder.mkdir()
    assert registered.kz("backup", str(folder)).exit_code == 0
    [made] = folder.iterdir()
    assert made.name.startswith("cards-")


def test_a_file_is_overwritten_only_when_that_is_said(registered: Home) -> None:
    file = registered.folder / "mine.db"
    file.write_text("mine")
    result = registered.kz("backup", str(file))
    assert result.exit_code == 2
    assert file.read_text() == "mine"
    shown = registered.terminal("backup", str(file), typed="n\n")
    assert (shown.exit_code, file.read_text()) == (1, "mine")
    assert "Overwrite" in shown.out
    assert registered.kz("backup", str(file), "--yes").exit_code == 0
    assert labels_in(file) == labels(registered)


def test_a_backup_that_cannot_be_written_is_refused(registered: Home) -> None:
    for target in ("no/such/folder/cards.db", "/proc/cards.db"):
        result = registered.kz("backup", str(registered.folder / target))
        assert result.exit_code == 6
        assert "could not be written" in result.error
    result = registered.kz("backup", str(registered.database), "--yes")
    assert result.exit_code == 2


def test_a_backup_brings_the_cards_back(registered: Home) -> None:
    file = registered.folder / "mine.db"
    before = labels(registered)
    registered.kz("backup", str(file))
    registered.kz("remove", "Mum", "--yes")
    assert registered.kz("restore-backup", str(file)).exit_code == 2, "it must be confirmed"
    assert "Mum" not in labels(registered)
    result = registered.kz("restore-backup", str(file), "--yes", "--json")
    kept = Path(result.json["kept"])
    assert result.json == {
        "path": str(registered.database),
        "kept": str(kept),
        "cards": 4,
        "schema": 4,
    }
    assert labels(registered) == before
    assert labels_in(kept) == before - {"Mum"}


def test_it_asks_and_takes_no_for_an_answer(registered: Home) -> None:
    file = registered.folder / "mine.db"
    registered.kz("backup", str(file))
    before = registered.contents()
    shown = registered.terminal("restore-backup", str(file), typed="n\n")
    assert shown.exit_code == 1
    assert "4 cards" in shown.out
    assert registered.contents() == before


def test_a_database_that_has_gone_comes_back(registered: Home) -> None:
    before = labels(registered)
    made = registered.kz("backup").out.strip()
    registered.database.unlink()
    gone = registered.kz("list")
    assert gone.exit_code == 6
    assert f"kzreminder restore-backup {made}" in gone.err
    assert not registered.database.exists()
    result = registered.kz("restore-backup", made, "--yes", "--json")
    assert (result.exit_code, result.json["kept"]) == (0, None)
    assert labels(registered) == before


def test_a_copy_from_an_older_program_is_taken(registered: Home) -> None:
    older = lay_old(registered.folder, 1)
    assert registered.kz("restore-backup", str(older), "--yes").exit_code == 0
    assert "Мама 妈妈" in labels(registered)


def test_while_a_service_runs_nothing_is_restored(registered: Home) -> None:
    file = registered.folder / "mine.db"
    registered.kz("backup", str(file))
    taking = """
        import os
        from kzreminder.alive.lock import Lock
        from kzreminder.cli.base import App
        lock = Lock(App(os.environ).parts.lock_file)
        lock.take()
        """
    with held(taking, env=registered.process_environ()):
        before = registered.contents()
        assert registered.kz("restore-backup", str(file), "--yes").exit_code == 8
        assert registered.contents() == before
        assert registered.kz("backup").exit_code == 0, "a copy can be made at any time"


def test_what_is_no_backup_is_refused(registered: Home) -> None:
    before = registered.contents()
    list_of_mine = registered.folder / "list.txt"
    list_of_mine.write_text("milk, bread\n" * 100)
    for name, exit_code in (("list.txt", 6), ("nothing.db", 2), (".", 2)):
        result = registered.kz("restore-backup", str(registered.folder / name), "--yes")
        assert result.exit_code == exit_code
        assert result.error
    assert registered.contents() == before


def test_of_a_server_there_are_no_backups(registered: Home) -> None:
    url = "postgresql://me:secret@127.0.0.1:1/cards"
    made = registered.folder / "mine.db"
    registered.kz("backup", str(made))
    result = registered.kz("--db", url, "restore-backup", str(made), "--yes")
    assert result.exit_code == 2
    assert "SQLite files only" in result.error


def test_a_demo_leaves_nothing_of_itself(home: Home) -> None:
    assert home.kz("demo").exit_code == 0
    assert not home.state.exists() or list(home.state.rglob("*.known")) == []


def test_a_copy_may_be_named_from_where_one_stands(home: Home) -> None:
    home.kz("add", "--label", "Mum", "--expires", "2099-12-31")
    made = home.process("backup", "mine.db", "--json")
    assert made.exit_code == 0, made.err
    assert (home.folder / "mine.db").is_file()
    restored = home.process("restore-backup", "./mine.db", "--yes", "--json")
    assert restored.exit_code == 0, restored.err
    assert restored.json["cards"] == 1


@pytest.mark.parametrize("side", ["", "-wal", "-shm", "-journal"])
def test_a_copy_never_takes_the_place_of_the_database_or_of_what_belongs_to_it(
    home: Home, side: str
) -> None:
    home.kz("add", "--label", "Mum", "--expires", "2099-12-31")
    before = home.database.read_bytes()
    refused = home.kz("backup", f"{home.database}{side}", "--yes")
    assert refused.exit_code == 2
    assert home.database.read_bytes() == before
