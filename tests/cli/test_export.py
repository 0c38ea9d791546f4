"""export: to stdout or a file, as CSV, JSON or a calendar; whole or not at all."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

import pytest
from icalendar import Calendar

from kzreminder.exchange.cells import COLUMNS
from kzreminder.storage import streaming
from tests.cli.running import Home


def labels(text: str) -> list[str]:
    return [row["label"] for row in csv.DictReader(io.StringIO(text))]


def test_csv_is_printed_with_archived_cards_and_read_back(
    registered: Home, tmp_path_factory: pytest.TempPathFactory
) -> None:
    registered.kz("archive", "Bare")
    result = registered.kz("export")
    assert (result.exit_code, result.err) == (0, "")
    assert result.out.splitlines()[0] == ",".join((*COLUMNS, "balance_at"))
    assert labels(result.out) == ["Mum", "Office 1", "Office 2", "Bare"]
    other = Home(tmp_path_factory.mktemp("other"))
    file = other.folder / "cards.csv"
    file.write_text(result.out, encoding="utf-8")
    assert other.kz("import", str(file)).exit_code == 0
    assert other.kz("export").out == result.out


def test_json_is_that_of_list(registered: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "BATCH", 3)
    registered.kz("archive", "Bare")
    listed = registered.kz("list", "--all", "--sort", "added", "--json")
    exported = registered.kz("export", "--format", "json")
    now = {"next_reminder": None}
    assert [card | now for card in exported.json] == [card | now for card in listed.json]
    assert exported.out.splitlines()[:3] == listed.out.splitlines()[:3]
    assert registered.kz("export", "--json").json == exported.json


def test_of_no_cards_each_format_is_whole(home: Home) -> None:
    assert home.kz("export", "--json").json == []
    assert home.kz("export").out == ",".join(COLUMNS) + "\n"
    assert Calendar.from_ical(home.kz("export", "--format", "ics").out).walk("VEVENT") == []


def test_a_calendar_speaks_the_language_of_each_card_or_the_one_asked_for(home: Home) -> None:
    home.kz("add", "--label", "Mum", "--expires", "+9d", "--lang", "zh")

    def what_to_do(*options: str) -> str:
        text = home.kz(*options, "export", "--format", "ics").out
        return str(Calendar.from_ical(text).walk("VEVENT")[0]["DESCRIPTION"])

    assert "Operator not known" in what_to_do("--lang", "en")
    assert "kzreminder edit Mum" in what_to_do()
    assert "Operator not known" not in what_to_do()


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (("--operator", "Билайн"), ["Office 1", "Office 2"]),
        (("--state", "ending"), ["Office 2"]),
        (("--tag", "family"), ["Mum"]),
        (("--no-archived",), ["Mum", "Office 1", "Office 2"]),
        (("--state", "archived"), ["Bare"]),
    ],
)
def test_only_what_is_asked_for(
    registered: Home, options: tuple[str, ...], found: list[str]
) -> None:
    registered.kz("archive", "Bare")
    registered.kz("edit", "Mum", "--tag", "family")
    assert labels(registered.kz("export", *options).out) == found


@pytest.mark.parametrize(
    ("name", "begins"),
    [("cards.csv", "number,"), ("cards.JSON", "[\n"), ("a.b.ics", "BEGIN:VCALENDAR")],
)
def test_the_name_of_the_file_says_what_it_is(registered: Home, name: str, begins: str) -> None:
    file = registered.folder / name
    result = registered.kz("export", "--output", str(file))
    assert (result.exit_code, result.out) == (0, "")
    assert result.err == f"4 cards written to {file}.\n"
    assert file.read_text(encoding="utf-8").startswith(begins)
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_format_counts_more_than_the_name(registered: Home) -> None:
    file = registered.folder / "cards.csv"
    registered.kz("export", "--output", str(file), "--format", "json")
    assert file.read_text(encoding="utf-8").startswith("[\n")


@pytest.mark.parametrize(
    "options",
    [
        ("--output", "cards.txt"),
        ("--output", "csv"),
        ("--format", "xml"),
        ("--json", "--format", "csv"),
        ("--operator", "nobody"),
    ],
)
def test_what_means_nothing_is_refused(registered: Home, options: tuple[str, ...]) -> None:
    result = registered.kz("export", *options)
    assert result.exit_code == (3 if "nobody" in options else 2)
    assert result.error
    assert result.out == ""


def test_a_file_that_is_there_is_replaced_only_with_yes(registered: Home) -> None:
    file = registered.folder / "cards.csv"
    file.write_text("mine")
    refused = registered.kz("export", "--output", str(file))
    assert refused.exit_code == 2
    assert "must be confirmed" in refused.error
    assert file.read_text() == "mine"
    assert registered.kz("export", "--output", str(file), "--yes").exit_code == 0
    assert labels(file.read_text(encoding="utf-8"))[0] == "Mum"


@pytest.mark.parametrize(
    "command",
    [
        ("export", "--format", "csv", "--yes", "--output"),
        ("timeline", "--svg"),
        ("timeline", "--html"),
        ("guide", "Mum", "--html"),
    ],
)
def test_the_database_is_never_overwritten(registered: Home, command: tuple[str, ...]) -> None:
    before = registered.contents()
    link = registered.folder / "cards.csv"
    link.symlink_to(registered.database)
    beside = [Path(f"{registered.database}{side}") for side in ("-wal", "-shm", "-journal")]
    for path in (link, registered.database, *beside):
        result = registered.kz(*command, str(path))
        assert (result.exit_code, " the database" in result.error) == (2, True)
    assert registered.contents() == before


def test_no_question_steers_the_terminal(registered: Home) -> None:
    import sqlite3

    file = registered.folder / "a\x1b[2J\x9b.csv"
    file.touch()
    with sqlite3.connect(registered.database) as database:
        database.execute("update cards set label = 'a\x1b[2J\x9b' where id = 4")
    database.close()
    for words in (("export", "--output", str(file)), ("remove", "4")):
        asked = registered.asked(*words, typed="n\n")
        assert (asked.exit_code, "a\\x1b[2J\\x9b" in asked.err) == (1, True)
        assert not {"\x1b", "\x9b"} & set(asked.err)


def test_a_link_of_the_users_own_is_followed(registered: Home) -> None:
    file, link = registered.folder / "real.csv", registered.folder / "cards.csv"
    file.touch()
    link.symlink_to(file)
    registered.kz("export", "--output", str(link), "--yes")
    assert link.is_symlink()
    assert labels(file.read_text(encoding="utf-8"))[0] == "Mum"


def test_what_cannot_be_written_leaves_what_was_there(registered: Home) -> None:
    """The third card cannot be read: two were written by then."""
    import sqlite3

    with sqlite3.connect(registered.database) as database:
        database.execute("update cards set period = 'nonsense' where id = 3")
    database.close()
    file = registered.folder / "cards.csv"
    file.write_text("mine")
    result = registered.kz("export", "--output", str(file), "--yes")
    assert result.exit_code != 0
    assert file.read_text() == "mine"
    assert [path.name for path in registered.folder.glob(".kzreminder-*")] == []


def test_a_folder_that_is_not_there(registered: Home) -> None:
    result = registered.kz("export", "--output", "/nowhere/cards.csv")
    assert (result.exit_code, "No such file" in result.error) == (1, True)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full here")
def test_a_full_disk_is_said(registered: Home) -> None:
    result = registered.kz("export", "--format", "csv", "--output", "/dev/full")
    assert (result.exit_code, "No space left" in result.error) == (1, True)


def test_a_pipe_is_written_to_as_it_is(registered: Home) -> None:
    done = registered.shell("export --format csv --output /dev/stdout | head -n 2")
    assert labels(done.out) == ["Mum"]
    assert "cannot be written" not in done.err


def test_a_reader_that_has_seen_enough_ends_it_quietly(registered: Home) -> None:
    assert registered.through_head("export").err == ""


def test_a_file_is_utf_8_whatever_the_terminal_speaks(registered: Home) -> None:
    registered.kz("edit", "Mum", "--label", "妈妈")
    done = registered.process("export", PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert "妈妈" in done.out


def test_cells_that_a_spreadsheet_would_run_are_texts(home: Home) -> None:
    home.kz("add", "--label", "=1+1", "--note", "@SUM(1)", "--plan", "-", "--tag", "+x")
    [row] = csv.DictReader(io.StringIO(home.kz("export").out))
    assert [row[name] for name in ("label", "note", "plan", "tags")] == [
        "'=1+1",
        "'@SUM(1)",
        "'-",
        "'+x",
    ]


def test_on_a_terminal_nothing_of_a_card_steers_it(registered: Home) -> None:
    import sqlite3

    with sqlite3.connect(registered.database) as database:
        database.execute("update cards set note = 'a' || char(27) || '[2J' where id = 1")
    database.close()
    for form in ("csv", "json", "ics"):
        assert "\x1b" not in registered.terminal("export", "--format", form).out


@pytest.mark.skipif(os.name != "posix", reason="needs a terminal")
def test_a_question_is_asked_before_a_file_is_replaced(registered: Home) -> None:
    file = registered.folder / "cards.csv"
    file.write_text("mine")
    asked = registered.terminal("export", "--output", str(file), typed="n\n")
    assert f"Overwrite {file}?" in asked.out.replace("\r\n", "")
    assert file.read_text() == "mine"
    assert registered.terminal("export", "--output", str(file), typed="y\n").exit_code == 0
    assert file.read_text() != "mine"
