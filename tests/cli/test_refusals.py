"""What the contract refuses is refused in one line, with its exit code, and nothing is stored."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest

from tests.cli.disks import fill
from tests.cli.running import SECONDS, Home, Result, contents_of, locked

WRONG, MISSING, SEVERAL, TAKEN, STORAGE, INVALID = 2, 3, 4, 5, 6, 9

DAYS = (
    *("30", "1m", "12/01/2027", "01/12/2027", "1.12.27", "2027-1", "2027-02-29", "31.02.2027"),
    *("2027-13-01", "20226-01-01", "1999-12-31", "nan", "inf", "1e3", "+30", "+1m", "in 3", ""),
    *("+9999999d", "-", "Mum"),
)
PERIODS = (
    *("30", "1m", "0d", "-30d", "1.5mo", "30x", "nan", "inf", "1e3d", "12/01/2027", "36501d"),
    *("1201mo", "101y", "9999999d", "d", "", "d30", "30d30d", "-"),
)
ZERO, NEGATIVE = ("0", "0.00"), ("-1", "-0.01")
MONEY = (
    *(*ZERO, *NEGATIVE, "12.345", "1.000", "1,000", "4.990", "nan", "NaN", "inf", "-inf"),
    *(
        "1e3",
        "1E3",
        "1_000",
        "0x10",
        "49 90",
        "4990 $",
        "₸ 4990 ₸",
        "1000000001",
        "",
        "-",
        "½",
        "٤x",
    ),
)
LABELS = ("", " ", "\u200b", "a\nb", "a\rb", "a\u2028b", "a\u2029b", "a\x1bb", "a\u202eb", "a" * 81)
LANGUAGES = ("xx", "english", "", "e", "de", "zh-")
LEADS = ("14", "1m", "14d;7d", "-1d", "366d", "", "2w", "0", "14d,,7d", "nan")
NUMBERS = {
    "too short": "12345",
    "letters": "8701CALLMUM",
    "empty": "",
    "a Russian mobile": "+7 916 123 45 67",
    "a Russian landline": "8 (495) 123-45-67",
    "a landline of Astana": "+7 7172 12 34 56",
    "Chinese": "+86 138 0013 8000",
    "an extension": "8 701 123 45 99 ext. 5",
    "very long": "8701" + "1" * 60,
}

Case = tuple[int, tuple[str, ...]]


def card_options(command: tuple[str, ...]) -> Iterator[Case]:
    """What `add` and `edit` refuse alike; in `edit` a value of - is no slip, it clears."""
    clears = command[0] == "edit"
    values: dict[str, tuple[str, ...]] = {
        "--period": PERIODS,
        "--keep-alive": (*PERIODS, "none", "month-start"),
        "--started": DAYS,
        "--expires": DAYS,
        "--last-used": DAYS,
        "--device-entered": DAYS,
        "--price": MONEY,
        "--threshold": tuple(amount for amount in MONEY if amount not in ZERO),
        "--balance": tuple(amount for amount in MONEY if amount not in (*ZERO, *NEGATIVE)),
        "--leads": LEADS,
        "--lang": LANGUAGES,
        "--label": LABELS,
        "--plan": LABELS,
        "--tag": (*LABELS, "a,b", "a|b"),
        "--note": ("", " ", "a\x1bb", "a" * 2001),
        "--protects": ("", "a\nb"),
    }
    for option, refused in values.items():
        for value in refused:
            if value != "-" or not clears:
                yield WRONG, (*command, option, value)
    for name in ("nope", "", "a\nb", "kcel1"):
        yield MISSING, (*command, "--operator", name)
    yield WRONG, (*command, "--started", "2027-02-02", "--expires", "2027-02-01")
    yield WRONG, (*command, "--json", "--yes")
    yield WRONG, (*command, "--auto-renew=yes")


def of_a_card() -> Iterator[Case]:
    """Every command that takes a card: none of that name, and several."""
    for words in (
        *(("show",), ("edit", "--note", "x"), ("archive",), ("restore",), ("remove", "--yes")),
        *(("renew",), ("topup", "100"), ("balance", "100"), ("used",), ("guide",), ("history",)),
    ):
        command, *rest = words
        for wanted in ("Nobody", "999", "67x", "", " ", "00", "a\nb", "%", "_", "M%", "-5"):
            yield (
                MISSING,
                (command, "--", wanted, *rest)
                if rest[:1] == ["100"]
                else ((command, *rest, "--", wanted)),
            )
        for wanted in ("Office", "office ", "OFF"):
            yield SEVERAL, (command, wanted, *rest)
        if command not in ("guide", "history"):
            yield WRONG, (command,)
        yield WRONG, (command, "Mum", *rest, "one", "more")
        yield WRONG, (command, "Mum", *rest, "--no-such-option")
    for wanted, code in (("Nobody", MISSING), ("", MISSING), ("Office", SEVERAL)):
        yield code, ("upcoming", "--card", wanted)


def of_what_happened() -> Iterator[Case]:
    for day in DAYS:
        for words in (("renew", "Mum"), ("topup", "Mum", "100"), ("used", "Mum")):
            yield WRONG, (*words, "--on", day)
        yield WRONG, ("renew", "Mum", "--until", day)
    for period in PERIODS:
        yield WRONG, ("renew", "Mum", "--for", period)
    for amount in MONEY:
        yield WRONG, ("renew", "Mum", "--paid", amount)
        yield WRONG, ("topup", "--", "Mum", amount)
        if amount not in (*ZERO, *NEGATIVE):
            yield WRONG, ("balance", "--", "Mum", amount)
    for time in (
        "30",
        "1m",
        "25:00",
        "12:60",
        "12/01/2027",
        "2027-01-01",
        "tomorrow 10:00",
        "",
        "nan",
    ):
        yield WRONG, ("balance", "Mum", "100", "--at", time)
    for words in (("renew", "Mum"), ("topup", "Mum", "100")):
        yield WRONG, (*words, "--method", "nope")
        yield WRONG, (*words, "--method", "")
        yield WRONG, (*words, "--receipt", "/nowhere/receipt.pdf")
        yield WRONG, (*words, "--receipt", "/")
        yield WRONG, (*words, "--receipt", "/dev/null")
        yield WRONG, (*words, "--receipt", "/dev/zero")
        yield WRONG, (*words, "--note", "a\x1bb")
    yield WRONG, ("renew", "Mum", "--until", "2020-01-01")
    yield WRONG, ("renew", "Mum", "--until", "today")  # the new period begins in 30 days
    yield WRONG, ("renew", "Mum", "--until", "2027-12-31", "--for", "30d")
    yield WRONG, ("renew", "Mum", "--from", "yesterday")
    yield WRONG, ("renew", "Bare", "--from", "expiry", "--for", "30d")
    yield WRONG, ("renew", "Bare")
    yield WRONG, ("renew", "Office 2")
    yield WRONG, ("renew", "Mum", "--for", "none")
    yield WRONG, ("topup", "Mum")
    yield WRONG, ("balance", "Mum")
    yield WRONG, ("topup", "Mum", "100", "200")
    yield WRONG, ("topup", "Mum", "-100")


def of_the_rest() -> Iterator[Case]:
    yield WRONG, ("add",)
    yield WRONG, ("add", "--period", "30d")
    for number in NUMBERS.values():
        yield WRONG, ("add", number)
        yield WRONG, ("edit", "Mum", "--number", number)
    yield WRONG, ("add", "12345", "--any-country")
    yield TAKEN, ("add", "--label", "Mum")
    yield TAKEN, ("edit", "Bare", "--label", "Mum")
    yield TAKEN, ("add", "8 (701) 123-45-67", "--label", "Another")
    yield TAKEN, ("add", "+77011234567")
    yield TAKEN, ("edit", "Bare", "--number", "7 701 123 45 67")
    yield WRONG, ("add", "87011234599", "87011234598")
    yield WRONG, ("edit", "Mum")
    yield WRONG, ("edit", "Mum", "--json")
    yield WRONG, ("remove", "Mum")
    yield WRONG, ("remove", "Mum", "--no-input")
    yield WRONG, ("remove", "Mum", "--json")
    for key in ("nope", "", "LABEL", "label,operator"):
        yield WRONG, ("list", "--sort", key)
        yield WRONG, ("list", "--state", key)
    for name in ("nope", "", "a\nb"):
        yield MISSING, ("list", "--operator", name)
        yield MISSING, ("operators", "show", name)
    yield MISSING, ("guide", "nope")
    yield WRONG, ("guide", "Mum", "--method", "nope")
    yield WRONG, ("guide", "Mum", "--method", "")
    yield WRONG, ("guide", "kcell", "--method", "nope")
    for count in ("0", "-1", "x", "1e3", "1.5", "nan", "", "99999"):
        yield WRONG, ("upcoming", "--days", count)
    for count in ("-1", "x", ""):
        yield WRONG, ("operators", "list", "--stale", count)
    yield WRONG, ("operators", "show")
    yield WRONG, ("operators", "nope")
    yield WRONG, ("run", "--json")
    yield WRONG, ("run", "--once", "--for", "1h")
    yield WRONG, ("run", "now")
    yield WRONG, ("test-notification", "--target", "nope")
    yield WRONG, ("config", "nope")
    yield WRONG, ("config", "check", "this")
    yield WRONG, ("nope",)
    yield WRONG, ("",)
    yield WRONG, ("a\nb",)
    yield WRONG, ("--nope",)
    yield WRONG, ("--nope\nb",)
    yield WRONG, ("lsit",)
    yield WRONG, ("list", "a\nb")
    yield WRONG, ("--db",)
    yield WRONG, ("list", "--lang")


def of_global_options() -> Iterator[Case]:
    commands = (
        *(("list",), ("show", "Mum"), ("add", "--label", "New"), ("run", "--once"), ("status",)),
        *(("config", "show"), ("config", "check"), ("history",), ("upcoming",), ("demo",)),
    )
    for words in commands:
        for language in LANGUAGES:
            yield WRONG, ("--lang", language, *words)
        for file in ("/nowhere/config.toml", ""):
            yield WRONG, ("--config", file, *words)
            yield WRONG, (*words, "--config", file)
    for words in (("list",), ("add", "--label", "New"), ("run", "--once"), ("status",)):
        for url in (
            "nonsense",
            "",
            "cards.db",
            "sqlite://",
            "sqlite:///:memory:",
            "mysql://host/db",
            "mysql",
            "oracle://h",
            "://",
            "a\nb",
        ):
            yield WRONG, ("--db", url, *words)
            yield WRONG, (*words, "--db", url)
    for words in (
        ("config", "path"),
        ("config", "init"),
        ("operators", "list"),
        ("guide", "kcell"),
    ):
        yield WRONG, (*words, "--lang", "xx")


GROUPS: dict[str, Callable[[], Iterator[Case]]] = {
    "add by label": lambda: card_options(("add", "--label", "New")),
    "add by number": lambda: card_options(("add", "87011234599")),
    "edit": lambda: card_options(("edit", "Bare")),
    "which card": of_a_card,
    "renew, topup, used, balance": of_what_happened,
    "the rest": of_the_rest,
    "global options": of_global_options,
}


def assert_refused(result: Result, exit_code: int) -> None:
    assert faults_of(result, exit_code) == [], result


def faults_of(result: Result, exit_code: int) -> list[str]:
    """What is wrong with a refusal; a note may stand before the error, one hint after it."""
    talk = [line for line in result.err.splitlines() if not line.startswith("Note: ")]
    checks = {
        f"exit code {result.exit_code}": result.exit_code == exit_code,
        "a trace": "Traceback" not in result.err,
        "something on stdout": result.out == "",
        "no single error": sum(line.startswith("Error: ") for line in talk) == 1,
        "the error does not come first": bool(talk) and talk[0].startswith("Error: "),
        f"{len(talk)} lines": len(talk) <= 2,
        "nothing is said": len(talk) > 0 and len(talk[0]) > len("Error: "),
        "a sign that a terminal obeys": not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", result.err),
    }
    return [fault for fault, holds in checks.items() if not holds]


@pytest.mark.parametrize(
    "group",
    [pytest.param(one, marks=[pytest.mark.long] * (one == "add by number")) for one in GROUPS],
)
def test_it_is_refused_in_one_line_and_nothing_is_stored(
    registered: Home, group: str, pytestconfig: pytest.Config
) -> None:
    pristine = registered.folder / "pristine"
    shutil.copytree(registered.data, pristine)
    before = registered.contents()
    listed = registered.kz("list", "--all", "--json").out
    wrong = []
    # `edit` refuses what `add` refuses, by the same readers: each third, unless there is time
    every = 1 if group != "edit" or pytestconfig.getoption("--long") else 3
    for exit_code, args in islice(GROUPS[group](), 0, None, every):
        result = registered.kz(*args)
        faults = faults_of(result, exit_code)
        if registered.contents() != before:
            faults.append("something was stored")
            shutil.rmtree(registered.data)
            shutil.copytree(pristine, registered.data)
        if faults:
            wrong.append((args, ", ".join(faults), result))
    assert not wrong, "\n".join(f"{args}: {faults}" for args, faults, _ in wrong)
    assert registered.kz("list", "--all", "--json").out == listed
    assert not registered.config_file.exists()


def test_a_refused_renewal_keeps_no_receipt(registered: Home) -> None:
    receipt = registered.folder / "receipt.txt"
    receipt.write_text("paid")
    refused = registered.kz("renew", "Mum", "--until", "2020-01-01", "--receipt", str(receipt))
    assert_refused(refused, WRONG)
    assert registered.contents()["receipts"] == []


def test_an_empty_receipt_or_a_pipe_is_refused(registered: Home) -> None:
    empty, pipe = registered.folder / "empty.pdf", registered.folder / "pipe"
    empty.touch()
    os.mkfifo(pipe)
    for receipt in (empty, pipe):
        refused = registered.process("renew", "Mum", "--receipt", str(receipt))
        assert_refused(refused, WRONG)
    assert registered.contents()["receipts"] == []


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream_is_no_bug_and_harms_no_database(registered: Home, closed: str) -> None:
    for _ in range(2):
        done = registered.shell(f"topup Mum 100 {closed}")
        assert (done.exit_code, "Traceback" in done.err) == (0, False), done
    told = registered.kz("history", "Mum", "--json").json
    assert [entry["what"] for entry in told].count("topped_up") == 2


@pytest.mark.parametrize("words", ["--version", "--help", "list", "topup Mum 1"])
def test_output_that_cannot_be_written_is_said_to_be_that(registered: Home, words: str) -> None:
    done = registered.shell(f"{words} > /dev/full")
    assert done.exit_code == 1
    assert "Traceback" not in done.err
    assert "the output could not be written: No space left on device" in done.err
    assert ("may have been done" in done.err) == words.startswith("topup")


def test_a_word_that_is_no_utf8_is_refused_and_no_bug(registered: Home) -> None:
    """A shell hands over bytes; Python makes halves of surrogate pairs of them."""
    odd = os.fsdecode(b"\xff")
    before = registered.contents()
    for exit_code, args in (
        *(
            (MISSING, ("show", odd)),
            (MISSING, ("history", odd)),
            (MISSING, ("operators", "show", odd)),
        ),
        *((MISSING, ("list", "--operator", odd)), (MISSING, ("guide", odd)), (WRONG, (odd,))),
        *(
            (WRONG, ("add", odd)),
            (WRONG, ("add", "--label", odd)),
            (WRONG, ("list", "--lang", odd)),
        ),
        *((WRONG, ("edit", "Mum", "--note", odd)), (WRONG, ("renew", "Mum", "--method", odd))),
        *((WRONG, ("topup", "Mum", odd)), (WRONG, ("used", "Mum", "--on", odd))),
        *(
            (WRONG, ("list", "--config", f"/nowhere/{odd}")),
            (WRONG, ("renew", "Mum", "--receipt", odd)),
        ),
    ):
        assert_refused(registered.kz(*args), exit_code)
    assert registered.kz("list", "--tag", odd, "--json").json == []
    assert registered.contents() == before
    assert_refused(registered.process("show", b"\xff"), MISSING)


@pytest.mark.parametrize(
    ("variable", "value"),
    [("KZREMINDER_LANG", "xx"), ("KZREMINDER_CONFIG", "/nowhere"), ("KZREMINDER_DATABASE", "no")],
)
def test_a_wrong_value_in_the_environment_is_refused_too(
    registered: Home, variable: str, value: str
) -> None:
    assert_refused(registered.kz("list", **{variable: value}), WRONG)


def test_init_writes_over_no_file(home: Home) -> None:
    assert home.kz("config", "init").exit_code == 0
    home.config_file.write_text("# mine\n")
    assert_refused(home.kz("config", "init"), TAKEN)
    assert home.config_file.read_text() == "# mine\n"


INVALID_CONFIG = """\
language = "xx"
databse = "sqlite:////home/me/cards.db"

[reminders]
hour = "25:00"
zone = "Asia/Nowhere"
leads = "14"

[delivery]
max_toasts = 0
desktop = "fax"
show_numbers = "yes"
"""
INVALID_LINES = {
    "language": 1,
    "databse": 2,
    "reminders.hour": 5,
    "reminders.zone": 6,
    "reminders.leads": 7,
    "delivery.max_toasts": 10,
    "delivery.desktop": 11,
    "delivery.show_numbers": 12,
}


@pytest.mark.parametrize(
    "words",
    [
        *(("list",), ("add", "--label", "New"), ("edit", "Mum", "--note", "x"), ("show", "Mum")),
        *(("remove", "Mum", "--yes"), ("renew", "Mum"), ("run", "--once"), ("run",), ("status",)),
        *(("upcoming",), ("history",), ("demo",), ("test-notification",), ("config", "show")),
        *(("config", "check"), ("guide", "Mum"), ("topup", "Mum", "1"), ("list", "--json")),
    ],
    ids=" ".join,
)
def test_an_invalid_configuration_is_refused_with_all_its_faults(
    registered: Home, words: tuple[str, ...]
) -> None:
    file = registered.folder / "mine.toml"
    file.write_text(INVALID_CONFIG)
    before = registered.contents()
    result = registered.kz(*words, "--config", str(file))
    assert (result.exit_code, result.out) == (INVALID, ""), result
    first, *faults = result.err.splitlines()
    assert first.startswith("Error: ")
    assert len(faults) == len(INVALID_LINES)
    for key, line in INVALID_LINES.items():
        assert any(fault.startswith(f"{file}:{line}: {key}: ") for fault in faults), (key, faults)
    assert registered.contents() == before


def test_config_check_tells_the_faults_as_json_too(home: Home) -> None:
    file = home.folder / "mine.toml"
    file.write_text(INVALID_CONFIG)
    result = home.kz("config", "check", "--config", str(file), "--json")
    assert result.exit_code == INVALID
    faults = result.json["faults"]
    assert {fault["key"]: fault["line"] for fault in faults} == INVALID_LINES
    assert {fault["file"] for fault in faults} == {str(file)}
    assert all(fault["message"] for fault in faults)


@pytest.mark.parametrize(
    "content", [b"[reminders\n", b"hour = = 3", b"\xff\xfe", b"\x00"], ids=["open", "=", "utf", "0"]
)
def test_a_file_that_is_no_toml_is_refused(home: Home, content: bytes) -> None:
    file = home.folder / "mine.toml"
    file.write_bytes(content)
    result = home.kz("list", "--config", str(file))
    assert result.exit_code == INVALID
    assert result.error
    assert len(result.err.splitlines()) == 2
    assert str(file) in result.err


def test_a_folder_in_place_of_the_configuration_is_refused(home: Home) -> None:
    assert home.kz("list", "--config", str(home.folder)).exit_code == INVALID


def test_a_broken_operator_file_of_ones_own_is_refused(registered: Home) -> None:
    own = registered.config / "kzreminder" / "operators" / "mine.toml"
    own.parent.mkdir(parents=True)
    own.write_text("id = 3\nnope = 1\n")
    for words in (("operators", "list"), ("config", "check"), ("status",)):
        result = registered.kz(*words)
        assert result.exit_code == INVALID
        assert str(own) in result.err
    result = registered.kz("config", "check", "--json")
    assert {fault["file"] for fault in result.json["faults"]} == {str(own)}


# The database


def lay(file: Path, kind: str) -> None:
    """A file that is no database of ours, or none that can be read."""
    if kind == "folder":
        file.mkdir()
    elif kind == "garbage":
        file.write_bytes(b"this is a shopping list\n" * 500)
    elif kind == "short garbage":
        file.write_bytes(b"milk, bread\n")
    elif kind == "foreign":
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("create table songs (title text)")
            connection.execute("insert into songs values ('Dudaray')")
    elif kind == "foreign with a meta table":
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("create table meta (key text primary key, value text)")
            connection.execute("insert into meta values ('schema', 'mine')")
    elif kind == "foreign with another meta table":
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("create table meta (name text, schema integer)")
    elif kind == "newer":
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("update meta set value = '99' where key = 'schema'")
    elif kind == "truncated":
        os.truncate(file, file.stat().st_size // 2)
    elif kind == "overwritten":
        whole = bytearray(file.read_bytes())
        whole[4096:] = b"\xa5" * (len(whole) - 4096)
        file.write_bytes(whole)
    else:
        raise AssertionError(kind)


OURS = ("newer", "truncated", "overwritten")
WRITES = (
    ("add", "--label", "New"),
    ("edit", "Mum", "--note", "x"),
    ("remove", "Mum", "--yes"),
    ("run", "--once"),
)
READS = (("list",), ("show", "Mum"), ("history",), ("upcoming",), ("status",))


@pytest.mark.parametrize(
    "kind",
    [
        *("folder", "garbage", "short garbage", "foreign", "foreign with a meta table"),
        *("foreign with another meta table", *OURS),
    ],
)
@pytest.mark.parametrize("words", [*READS, *WRITES], ids=" ".join)
def test_a_database_that_is_not_ours_or_broken_is_refused_and_left_as_it_is(
    registered: Home, kind: str, words: tuple[str, ...]
) -> None:
    file = registered.folder / "other.db"
    if kind in OURS:
        with closing(sqlite3.connect(registered.database)) as connection:
            connection.execute("pragma wal_checkpoint(truncate)")
        shutil.copy(registered.database, file)
    lay(file, kind)
    before = sorted(file.iterdir()) if file.is_dir() else file.read_bytes()

    result = registered.kz("--db", f"sqlite:///{file}", *words)
    assert_refused(result, STORAGE)
    assert str(file) in result.err or kind == "newer"

    assert (sorted(file.iterdir()) if file.is_dir() else file.read_bytes()) == before


def test_a_truncated_database_is_not_taken_for_a_new_one(registered: Home) -> None:
    """Of an empty file nobody can tell; half a header is damage."""
    registered.database.write_bytes(registered.database.read_bytes()[:50])
    for side in ("-wal", "-shm"):
        registered.database.with_name(registered.database.name + side).unlink(missing_ok=True)
    assert_refused(registered.kz("list"), STORAGE)


def test_an_unreachable_server_is_a_storage_fault(home: Home) -> None:
    """Port 1 answers nobody. Without the driver that is what the line says."""
    result = home.kz("--db", "postgresql+psycopg://me:secret@127.0.0.1:1/cards", "list")
    assert_refused(result, STORAGE)
    assert "secret" not in result.err


def test_no_password_is_shown_by_any_refusal(home: Home) -> None:
    for url in (
        "postgresql://me:secret@h/db",
        "mysql://me:secret@h/db",
        "sqlite://me:secret@h/db",
        "postgresql:/me:secret@h/db",
        "post gresql://me:secret@h/db",
        "postgresql://me:top/secret@h:port/db",
        "postgresql://me:top@secret@h:port/db",
    ):
        result = home.kz("--db", url, "list")
        assert result.exit_code in (WRONG, STORAGE), result
        assert "secret" not in result.err
        assert "secret" not in home.kz("--db", url, "config", "show").out


# Files and folders without rights

NO_ROOT = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")


def kz_with_modes(home: Home, *args: str) -> Result:
    """As any user runs it: for root, too, the modes of files hold."""
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("root has every right, and setpriv is not installed to take some")
    as_user = NO_ROOT if os.geteuid() == 0 else ()
    done = subprocess.run(
        [*as_user, sys.executable, "-m", "kzreminder", *args],
        env=home.process_environ(),
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    return Result(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture
def guarded(registered: Home) -> Iterator[Home]:
    """Its modes are put back, so that the folder can be deleted."""
    yield registered
    registered.folder.chmod(0o700)
    for path in registered.folder.rglob("*"):
        path.chmod(0o700)


def test_a_read_only_file_can_be_read_and_refuses_changes(guarded: Home) -> None:
    assert kz_with_modes(guarded, "list", "--json").exit_code == 0
    guarded.database.chmod(0o400)
    before = contents_of(guarded.database)
    for words in WRITES:
        assert_refused(kz_with_modes(guarded, *words), STORAGE)
    assert contents_of(guarded.database) == before


def test_an_unwritable_folder_is_refused(guarded: Home) -> None:
    for side in ("-wal", "-shm"):
        guarded.database.with_name(guarded.database.name + side).unlink(missing_ok=True)
    guarded.database.chmod(0o400)
    guarded.database.parent.chmod(0o500)
    before = guarded.database.read_bytes()
    assert_refused(kz_with_modes(guarded, "add", "--label", "New"), STORAGE)
    assert_refused(kz_with_modes(guarded, "run", "--once"), STORAGE)
    assert guarded.database.read_bytes() == before


def test_a_folder_that_cannot_be_made_or_entered_is_refused(guarded: Home) -> None:
    guarded.folder.chmod(0o500)
    nowhere = f"sqlite:///{guarded.folder}/new/cards.db"
    assert_refused(kz_with_modes(guarded, "--db", nowhere, "list"), STORAGE)
    guarded.folder.chmod(0o700)
    guarded.database.parent.chmod(0o000)
    assert_refused(kz_with_modes(guarded, "list"), STORAGE)
    assert_refused(kz_with_modes(guarded, "add", "--label", "New"), STORAGE)


def test_a_file_without_any_right_is_refused(guarded: Home) -> None:
    guarded.database.chmod(0o000)
    assert_refused(kz_with_modes(guarded, "list"), STORAGE)


def test_a_configuration_that_may_not_be_written_is_refused(guarded: Home) -> None:
    guarded.folder.chmod(0o500)
    assert_refused(kz_with_modes(guarded, "config", "init"), 1)


# A full disk, a lock


def test_a_full_disk_is_refused_and_what_is_stored_stays(home: Home, small_disk: Path) -> None:
    url = f"sqlite:///{small_disk}/cards.db"
    assert home.kz("--db", url, "add", "--label", "Mum").exit_code == 0
    note = "x" * 2000
    fill(small_disk, leave=64 * 1024)
    codes = [home.kz("--db", url, "edit", "Mum", "--note", f"{n}{note}"[:2000]) for n in range(99)]
    refused = [result for result in codes if result.exit_code]
    assert refused
    for result in refused:
        assert_refused(result, STORAGE)
    assert "full" in refused[0].error
    done = len(codes) - len(refused)

    (small_disk / "ballast").unlink()
    assert home.kz("--db", url, "edit", "Mum", "--note", "there is room again").exit_code == 0
    events = home.kz("--db", url, "history", "--json").json
    assert len(events) == done + 2


def test_a_disk_that_is_full_from_the_start_is_refused(home: Home, small_disk: Path) -> None:
    fill(small_disk)
    assert_refused(home.kz("--db", f"sqlite:///{small_disk}/cards.db", "list"), STORAGE)


def test_a_database_locked_for_longer_than_ten_seconds_is_refused(registered: Home) -> None:
    before = registered.contents()
    with locked(registered.database, "EXCLUSIVE"):
        result = registered.kz("edit", "Mum", "--note", "x")
        reading = registered.kz("list", "--json")
    assert_refused(result, STORAGE)
    assert "locked" in result.error
    assert reading.exit_code == 0, "a writer never keeps a reader waiting"
    assert registered.contents() == before
