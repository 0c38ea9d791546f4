"""doctor and status: what they say of a healthy home and of a sick one, and that they only look."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from kzreminder import __version__
from kzreminder.alive import heartbeat
from kzreminder.assembly import Parts, load_settings
from kzreminder.settings.reading import Given
from kzreminder.storage.address import SIDES
from kzreminder.storage.tables import SCHEMA
from tests.channels.bus import Bus
from tests.channels.fake_server import FakeServer
from tests.cli.running import Home, Result, faked_clock
from tests.cli.test_refusals import INVALID_CONFIG, INVALID_LINES, kz_with_modes
from tests.storage.old_databases import FOLDER

IN_ALL_SECONDS = 15.0
IDS = [
    *("configuration", "database", "integrity", "permissions", "space", "file_system"),
    *("zone_data", "clock", "session_bus", "notifications", "fallback", "unit", "service"),
    *("last_pass", "undelivered", "operator_data", "backup", "linger", "cards"),
]
OF_A_SERVER = ["server_clock", "services", "watchers"]
"Beside these, where the database is on a server."
OF_THE_DATABASE = ("integrity", "undelivered", "cards")
NOBODY = 65534


@pytest.fixture
def bus(home: Home) -> Iterator[Bus]:
    if shutil.which("dbus-daemon") is None:
        pytest.skip("dbus-daemon is not installed")
    with Bus() as started:
        home.environ["DBUS_SESSION_BUS_ADDRESS"] = started.address
        yield started


@pytest.fixture
def server(bus: Bus, tmp_path: Path) -> Iterator[FakeServer]:
    # Beside the home: it writes down what it is sent, and the home is to stay as it is.
    folder = tmp_path.with_name(f"{tmp_path.name}-server")
    folder.mkdir()
    fake = FakeServer(bus, folder)
    fake.start()
    yield fake
    fake.stop()


def checks(result: Result) -> dict[str, dict[str, Any]]:
    """What it said of each, by id."""
    told = result.json
    assert "Traceback" not in result.err
    ids = [one["id"] for one in told["checks"]]
    assert [one for one in ids if one not in OF_A_SERVER] == IDS
    assert [one for one in ids if one in OF_A_SERVER] in ([], OF_A_SERVER)
    for one in told["checks"]:
        assert one["state"] in ("ok", "warning", "failed", "skipped")
        assert one["text"]
        assert "{" not in f"{one['text']} {one['mend']}"
    is_well = all(one["state"] != "failed" for one in told["checks"])
    assert (told["ok"], result.exit_code) == (is_well, 0 if is_well else 1)
    return {one["id"]: one for one in told["checks"]}


def examined(home: Home, *words: str, **environ: str) -> dict[str, dict[str, Any]]:
    return checks(home.kz("doctor", "--json", *words, **environ))


def parts_of(home: Home) -> Parts:
    url = f"sqlite:///{home.database}"
    return Parts(load_settings(Given(file=Path(os.devnull), database_url=url), {}))


def content(folder: Path) -> dict[str, str]:
    """Every file, folder and mode; of a file what stands in it and when it was last written."""
    return {
        str(path.relative_to(folder)): _state_of(path)
        for path in sorted(folder.rglob("*"))
        if path.name != "__pycache__"
    }


def _state_of(path: Path) -> str:
    found = path.lstat()
    digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
    return f"{found.st_mode:o} {found.st_mtime_ns if digest else ''} {digest}"


def passed(file: Path, pid: int) -> bool:
    """Whether that process has ended a pass: for a minute it leaves its heartbeat alone."""
    beat = heartbeat.read(file)
    return beat is not None and beat.pid == pid


@contextmanager
def running(home: Home) -> Iterator[subprocess.Popen[bytes]]:
    """A service that has made a pass."""
    log = home.folder / "service.log"
    with log.open("wb") as out:
        service = subprocess.Popen(
            [sys.executable, "-m", "kzreminder", "run"],
            env=home.process_environ(),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    try:
        deadline = time.monotonic() + 20
        while not any(passed(file, service.pid) for file in home.folder.rglob("daemon-*.beat")):
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield service
    finally:
        service.kill()
        service.wait(10)


# ---- as a whole ----------------------------------------------------------------------------------


def test_a_new_user_learns_what_is_missing_and_nothing_is_made(home: Home) -> None:
    before = content(home.folder)
    found = examined(home)
    assert found["database"]["state"] == "ok"
    assert "first card" in found["database"]["text"]
    assert found["cards"]["state"] == "warning"
    assert found["cards"]["mend"] == "Type: kzreminder add"
    assert found["service"]["state"] == "failed"
    assert "kzreminder service install" in found["service"]["mend"]
    assert found["integrity"]["state"] == "skipped"
    assert content(home.folder) == before


def test_all_is_well_where_the_service_runs_on_a_desktop(
    registered: Home, server: FakeServer
) -> None:
    for label in ("Office 1", "Office 2", "Bare"):
        registered.kz("edit", label, "--expires", "+30d")
    with running(registered):
        found = examined(registered)
        sick = {key: one for key, one in found.items() if one["state"] not in ("ok", "skipped")}
        assert sick.keys() <= {"unit", "backup"}, sick
        assert found["service"]["state"] == found["last_pass"]["state"] == "ok"
        assert "fake 1.0" in found["notifications"]["text"]
        status = registered.kz("status", "--json")
        assert (status.exit_code, status.json["ok"]) == (0, True)
    assert server.received() == []


def test_each_check_has_a_line_and_each_fault_a_line_of_what_to_do(registered: Home) -> None:
    shown = registered.kz("doctor")
    assert shown.exit_code == 1
    lines = shown.out.splitlines()
    marked = [line for line in lines if not line.startswith("  ")]
    assert len(marked) == len(IDS) + 1  # the summary
    for number, line in enumerate(lines):
        if line.startswith(("NO", "warning")):
            assert lines[number + 1].startswith("   "), line
    assert re.match(r"\d things? keeps? reminders from you", lines[-1])
    assert shown.err == ""
    assert "\x1b" not in shown.out


def test_colours_are_for_terminals_that_want_them(registered: Home) -> None:
    assert "\x1b[" in registered.terminal("doctor").out
    plain = registered.terminal("doctor", NO_COLOR="1").out
    assert "\x1b[3" not in plain
    assert "\nNO " in plain.replace("\r\n", "\n")


@pytest.mark.parametrize("language", ["zh", "ru", "kk", "zh-Hant"])
def test_it_speaks_the_users_language(registered: Home, language: str) -> None:
    shown = registered.kz("doctor", "--lang", language)
    assert shown.exit_code == 1
    assert "{" not in shown.out
    assert len([x for x in shown.out.splitlines() if not x.startswith("  ")]) == len(IDS) + 1


def test_what_was_typed_wrong_is_refused_as_everywhere(home: Home) -> None:
    for words in (("--config", "/nowhere/config.toml"), ("--db", "nonsense"), ("--lang", "xx")):
        assert home.kz("doctor", *words).exit_code == 2
    assert home.kz("doctor", "now").exit_code == 2


# ---- it only looks -------------------------------------------------------------------------------


def settled(home: Home) -> None:
    """As after the last process has ended: all in one file."""
    with closing(sqlite3.connect(home.database)) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
    assert [path.name for path in home.database.parent.iterdir()] == ["kzreminder.db"]


def _crashed(home: Home) -> None:
    """A process was killed while its changes stood in the log beside the database."""
    code = (
        "import os, sqlite3, sys; c = sqlite3.connect(sys.argv[1]);"
        "c.execute('update cards set note = 1'); c.commit(); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, home.database], timeout=20, check=False)
    assert home.database.with_name("kzreminder.db-wal").stat().st_size


def _older(home: Home) -> None:
    for side in SIDES:  # else what stands in the log of the one before would count
        home.database.with_name(home.database.name + side).unlink(missing_ok=True)
    home.database.write_bytes((FOLDER / "schema_1.db").read_bytes())


def _newer(home: Home) -> None:
    with closing(sqlite3.connect(home.database)) as connection, connection:
        connection.execute("update meta set value = '99' where key = 'schema'")


def _corrupt(home: Home) -> None:
    whole = bytearray(home.database.read_bytes())
    whole[4096:] = b"\xa5" * (len(whole) - 4096)
    home.database.write_bytes(whole)


def _a_bad_page(home: Home) -> None:
    """The schema can be read, an index cannot."""
    with closing(sqlite3.connect(home.database)) as connection:
        query = "select rootpage from sqlite_master where name = 'ix_events_card'"
        [page] = connection.execute(query).fetchone()
        [size] = connection.execute("pragma page_size").fetchone()
    with home.database.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xa5" * size)


def _cut(home: Home) -> None:
    os.truncate(home.database, home.database.stat().st_size // 2)


def _emptied(home: Home) -> None:
    os.truncate(home.database, 0)


def _garbage(home: Home) -> None:
    home.database.write_bytes(b"this is a shopping list\n" * 500)


def _foreign(home: Home) -> None:
    home.database.unlink()
    with closing(sqlite3.connect(home.database)) as connection, connection:
        connection.execute("create table songs (title text)")


def _a_folder(home: Home) -> None:
    home.database.unlink()
    home.database.mkdir()


SICK = {
    "crashed": (_crashed, "ok"),
    "older": (_older, "warning"),
    "newer": (_newer, "failed"),
    "corrupt": (_corrupt, "failed"),
    "cut": (_cut, "failed"),
    "emptied": (_emptied, "warning"),
    "garbage": (_garbage, "failed"),
    "foreign": (_foreign, "failed"),
    "a folder": (_a_folder, "failed"),
}


@pytest.mark.parametrize("kind", SICK)
def test_a_database_is_looked_at_and_left_as_it_is(registered: Home, kind: str) -> None:
    spoil, expected = SICK[kind]
    settled(registered)
    spoil(registered)
    before = content(registered.folder)
    for words in ((), ("--deep",)):
        found = examined(registered, *words)
        assert found["database"]["state"] == expected, found["database"]
        if expected != "ok":
            assert found["database"]["mend"]
        if expected == "failed":
            assert [found[key]["state"] for key in OF_THE_DATABASE] == ["skipped"] * 3
    assert content(registered.folder) == before


def test_damage_inside_is_found(registered: Home) -> None:
    settled(registered)
    _a_bad_page(registered)
    before = content(registered.folder)
    found = examined(registered)
    assert found["database"]["state"] == "ok"
    assert found["integrity"]["state"] == "failed"
    assert "kzreminder restore-backup" in found["integrity"]["mend"]
    assert content(registered.folder) == before


def test_what_stands_in_the_log_of_a_crashed_process_counts(registered: Home) -> None:
    code = (
        "import os, sqlite3, sys; c = sqlite3.connect(sys.argv[1]);"
        "c.execute('delete from cards where label = ?', ('Bare',)); c.commit();"
        "os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, registered.database], timeout=20, check=False)
    assert "3 cards" in examined(registered)["database"]["text"]


def test_it_looks_at_a_database_in_use(registered: Home, server: FakeServer) -> None:
    with running(registered) as service:
        stopped_between_passes(service.pid, registered)  # what it writes itself does not count
        before = content(registered.data)
        for _ in range(3):
            assert examined(registered)["integrity"]["state"] == "ok"
        assert content(registered.data) == before


def test_status_and_doctor_of_a_locked_database_end(registered: Home) -> None:
    with closing(sqlite3.connect(registered.database)) as connection:
        connection.execute("pragma journal_mode = delete")
        connection.execute("begin exclusive")
        began = time.monotonic()
        found = examined(registered)
        assert found["database"]["state"] == "failed"
        assert "locked" in found["database"]["text"]
        assert time.monotonic() - began < IN_ALL_SECONDS
        connection.rollback()


# ---- the configuration ---------------------------------------------------------------------------


def test_all_faults_of_all_files_of_the_user_are_told_and_the_rest_is_checked(
    registered: Home,
) -> None:
    registered.configure(INVALID_CONFIG)
    own = registered.config_file.parent / "operators" / "mine.toml"
    own.parent.mkdir()
    own.write_text("id = 3\nnope = 1\n", encoding="utf-8")
    patterns = registered.config_file.parent / "sms.toml"
    patterns.write_text("[patterns.mine]\nkind = 'balance'\nsays = ['(']\n", encoding="utf-8")
    before = content(registered.folder)
    found = examined(registered)
    told = found["configuration"]
    assert told["state"] == "failed"
    assert "kzreminder config check" in told["mend"]
    for key, line in INVALID_LINES.items():
        assert f"{registered.config_file}:{line}: {key}: " in told["text"]
    assert f"{own}:" in told["text"]
    assert f"{patterns}:3: " in told["text"]
    assert found["database"]["state"] == "ok"
    assert found["operator_data"]["state"] == "ok"
    assert content(registered.folder) == before


def test_a_faulty_configuration_still_names_its_database(registered: Home) -> None:
    other = registered.folder / "other.db"
    registered.kz("add", "--label", "Only one", "--db", f"sqlite:///{other}")
    registered.configure(f'database = "sqlite:///{other}"\nnope = 1\n[reminders\n')
    found = examined(registered)
    assert found["configuration"]["state"] == "failed"
    assert f"{other}, 1 card" in found["database"]["text"]


def test_what_the_environment_says_wrong_is_a_finding(registered: Home) -> None:
    found = examined(registered, KZREMINDER_LANG="xx")
    assert found["configuration"]["state"] == "failed"
    assert found["database"]["state"] == "ok"
    found = examined(registered, KZREMINDER_CONFIG="/nowhere/config.toml")
    assert found["configuration"]["state"] == "failed"
    found = examined(registered, KZREMINDER_DATABASE="nonsense")
    assert found["database"]["state"] == "failed"
    assert [one["id"] for one in found.values() if "nonsense" in one["text"]] == ["database"]


def test_no_password_is_told(home: Home) -> None:
    url = "postgresql://me:hush@127.0.0.1:1/cards"
    home.configure(f'database = "{url}"\n')
    home.config_file.chmod(0o644)
    shown = home.kz("doctor", "--json")
    assert "hush" not in shown.out + shown.err
    found = checks(shown)
    assert found["database"]["state"] == "failed"
    assert str(home.config_file) in found["permissions"]["text"]
    home.config_file.chmod(0o600)
    assert str(home.config_file) not in examined(home)["permissions"]["text"]


# ---- the disk ------------------------------------------------------------------------------------


def test_files_that_others_may_read_are_told_with_the_command(registered: Home) -> None:
    assert examined(registered)["permissions"]["state"] == "ok"
    registered.database.chmod(0o644)
    registered.database.parent.chmod(0o755)
    told = examined(registered)["permissions"]
    assert told["state"] == "warning"
    command = told["mend"].removeprefix("Type: ")
    subprocess.run(["sh", "-c", command], check=True, timeout=10)
    assert examined(registered)["permissions"]["state"] == "ok"
    assert registered.database.stat().st_mode & 0o777 == 0o600
    assert registered.database.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file away")
def test_files_of_another_user_are_told(registered: Home) -> None:
    os.chown(registered.database, NOBODY, NOBODY)
    told = examined(registered)["permissions"]
    assert told["state"] == "warning"
    assert "without sudo" in told["mend"]


def test_a_home_that_cannot_be_written_is_told_and_nothing_else_fails(home: Home) -> None:
    home.folder.chmod(0o555)
    found = checks(kz_with_modes(home, "doctor", "--json"))
    assert found["permissions"]["state"] == "failed"
    assert found["permissions"]["mend"] == f"Type: chmod u+rwx {home.folder}"
    assert found["database"]["state"] == "ok"
    home.folder.chmod(0o755)


def test_a_database_that_cannot_be_read_is_told_with_the_command(registered: Home) -> None:
    settled(registered)
    registered.database.chmod(0o000)
    found = checks(kz_with_modes(registered, "doctor", "--json"))
    assert found["database"]["state"] == "failed"
    assert found["permissions"]["mend"] == f"Type: chmod u+rw {registered.database}"


def test_a_database_in_a_folder_that_cannot_be_written_is_looked_at(registered: Home) -> None:
    settled(registered)
    registered.database.parent.chmod(0o500)
    found = checks(kz_with_modes(registered, "doctor", "--json"))
    registered.database.parent.chmod(0o700)
    assert found["database"]["state"] == found["integrity"]["state"] == "ok"
    assert found["permissions"]["mend"] == f"Type: chmod u+rwx {registered.database.parent}"


def fill(disk: Path) -> None:
    with (disk / "ballast").open("wb", buffering=0) as file, suppress(OSError):
        while file.write(b"\0" * 65536):
            pass


@pytest.mark.skipif(os.getuid() != 0, reason="only root can mount")
def test_a_disk_that_is_full_is_told(registered: Home) -> None:
    small = registered.folder / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=20m,mode=700", "tmpfs", small],
        capture_output=True,
        timeout=10,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("no disk can be mounted here")
    try:
        shutil.copy(registered.database, small / "cards.db")
        url = f"sqlite:///{small / 'cards.db'}"
        room = examined(registered, "--db", url)["space"]
        assert room["state"] == "warning"
        assert "Make room" in room["mend"]
        fill(small)
        found = examined(registered, "--db", url)
        assert found["space"]["state"] == "failed"
        assert found["database"]["state"] == "ok"
        assert "tmpfs" in found["file_system"]["text"]
    finally:
        subprocess.run(["umount", "-l", small], check=True, timeout=10)


# ---- the clock and the zones ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "state"),
    [("1970-01-02 00:00:00", "failed"), ("2099-01-01 00:00:00", "failed"), (None, "ok")],
)
def test_a_clock_that_cannot_be_right_is_told(registered: Home, at: str | None, state: str) -> None:
    result = registered.process("doctor", "--json", **(faked_clock(at) if at else {}))
    clock = checks(result)["clock"]
    assert clock["state"] == state, clock
    if at:
        assert "timedatectl set-ntp true" in clock["mend"]


def test_old_zone_data_of_the_system_is_made_up_for(registered: Home) -> None:
    zones = registered.folder / "zoneinfo" / "Asia"
    zones.mkdir(parents=True)
    dhaka = Path("/usr/share/zoneinfo/Asia/Dhaka")  # UTC+6, as Almaty was
    if not dhaka.exists():
        pytest.skip("this system has no zone data of its own")
    shutil.copy(dhaka, zones / "Almaty")
    found = checks(registered.process("doctor", "--json", PYTHONTZPATH=str(zones.parent)))
    assert found["zone_data"]["state"] == "ok"
    assert "is not used" in found["zone_data"]["text"]


# ---- the desktop ---------------------------------------------------------------------------------


def test_without_a_bus_it_says_where_to_type_it(registered: Home) -> None:
    found = examined(registered)
    assert found["session_bus"]["state"] == "failed"
    assert found["session_bus"]["mend"]
    assert found["notifications"]["state"] == "skipped"


def test_a_bus_without_a_server_is_told(registered: Home, bus: Bus) -> None:
    found = examined(registered)
    assert found["session_bus"]["state"] == "ok"
    assert found["notifications"]["state"] == "failed"
    assert found["notifications"]["mend"]


def test_what_the_server_can_do_is_told(registered: Home, server: FakeServer) -> None:
    assert examined(registered)["notifications"] == {
        "id": "notifications",
        "name": "Notifications",
        "state": "ok",
        "text": "fake 1.0: buttons, bold text, they may go away",
        "mend": None,
    }
    server.stop()
    server.start(("body", "persistence"))
    text = examined(registered)["notifications"]["text"]
    assert text == "fake 1.0: no buttons, plain text, they stay until read"


def test_a_server_or_a_bus_that_hangs_costs_seconds(registered: Home, server: FakeServer) -> None:
    server.pause()
    began = time.monotonic()
    found = examined(registered)
    assert found["session_bus"]["state"] == "ok"
    assert found["notifications"]["state"] == "failed"
    assert time.monotonic() - began < IN_ALL_SECONDS
    os.kill(server.bus.pid, signal.SIGSTOP)
    began = time.monotonic()
    assert examined(registered)["session_bus"]["state"] == "failed"
    assert time.monotonic() - began < IN_ALL_SECONDS
    began = time.monotonic()
    status = registered.kz("status", "--json")
    assert time.monotonic() - began < 3
    assert status.exit_code == 1
    assert status.json["channel"]["error"]


def test_plyer_in_use_without_its_program_is_told(registered: Home, tmp_path: Path) -> None:
    registered.configure('[delivery]\ndesktop = "plyer"\n')
    told = examined(registered, PATH="/nowhere")["fallback"]
    assert told["state"] == "failed"
    assert "libnotify-bin" in told["mend"]
    program = tmp_path / "bin" / "notify-send"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert examined(registered, PATH=str(program.parent))["fallback"]["state"] == "ok"


# ---- the service ---------------------------------------------------------------------------------


def beat(home: Home, **told: Any) -> None:
    """The heartbeat as a service would have left it."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in home.environ.items():
            patch.setenv(name, value)
        file = parts_of(home).heartbeat_file
    file.parent.mkdir(parents=True, exist_ok=True)
    file.parent.chmod(0o700)
    now = "2026-11-21T10:00:00+05:00"
    known = {"pid": 1, "version": __version__, "started_at": now, "passed_at": None, "fault": None}
    file.write_text(json.dumps(known | told), encoding="utf-8")
    file.chmod(0o600)


def test_a_service_of_another_version_is_told(registered: Home, server: FakeServer) -> None:
    with running(registered) as service:
        beat(registered, pid=service.pid, version="0.0.1")
        told = examined(registered)["service"]
        assert told["state"] == "warning"
        assert "0.0.1" in told["text"]
        assert told["mend"] == "Type: kzreminder service restart"


def test_what_the_last_pass_ran_into_is_told(registered: Home, server: FakeServer) -> None:
    with running(registered) as service:
        beat(registered, pid=service.pid, fault="the disk is full")
        told = examined(registered)["last_pass"]
        assert told["state"] == "failed"
        assert "the disk is full" in told["text"]
        status = registered.kz("status")
        assert status.exit_code == 1
        assert "the disk is full" in status.out


def test_a_heartbeat_of_a_service_that_has_ended_is_not_believed(
    registered: Home, server: FakeServer
) -> None:
    with running(registered):
        beat(registered, pid=1, fault="of another life", version="0.0.1")
        found = examined(registered)
        assert found["service"]["state"] == found["last_pass"]["state"] == "ok"


def stopped_between_passes(pid: int, home: Home) -> None:
    """Not while it writes: nobody else could."""
    while True:
        os.kill(pid, signal.SIGSTOP)
        with (
            closing(sqlite3.connect(home.database, timeout=0)) as connection,
            suppress(sqlite3.OperationalError),
        ):
            connection.execute("begin immediate")
            return
        os.kill(pid, signal.SIGCONT)
        time.sleep(0.05)


def test_a_service_whose_passes_have_stopped_is_told(registered: Home, server: FakeServer) -> None:
    with running(registered) as service:
        stopped_between_passes(service.pid, registered)
        with closing(sqlite3.connect(registered.database)) as connection, connection:
            changed = connection.execute(
                "update meta set value = '2026-01-01T00:00:00+00:00' where key = 'last_pass_at'"
            )
            assert changed.rowcount == 1
        beat(registered, pid=service.pid, passed_at="2026-01-01T00:00:00+00:00")
        told = examined(registered)["last_pass"]
        assert told["state"] == "failed"
        assert told["mend"] == "Type: kzreminder service restart"


def test_what_could_not_be_told_is_counted_with_the_reason(registered: Home) -> None:
    registered.configure('[reminders]\nquiet = "off"\n')
    registered.kz("add", "--label", "Due", "--operator", "beeline", "--expires", "+1d")
    registered.kz("run", "--once")
    told = examined(registered)["undelivered"]
    assert told["state"] == "failed"
    assert "card" in told["text"]
    assert "DBUS_SESSION_BUS_ADDRESS" in told["text"]
    assert "kzreminder test-notification" in told["mend"]


# ---- the cards and what is known -----------------------------------------------------------------


def test_cards_of_which_nothing_can_be_told_are_named(registered: Home) -> None:
    told = examined(registered)["cards"]
    assert told["state"] == "warning"
    assert "Bare, Office 1" in told["text"]
    assert "Mum" not in told["text"]
    assert "--expires" in told["mend"]
    registered.kz("edit", "Bare", "--keep-alive", "90d")
    registered.kz("archive", "Office 1")
    assert examined(registered)["cards"]["state"] == "ok"


def test_operator_data_grow_old(registered: Home) -> None:
    result = registered.process("doctor", "--json", **faked_clock("2028-01-01 00:00:00"))
    told = checks(result)["operator_data"]
    assert told["state"] == "warning"
    assert "operators list --stale 365" in told["mend"]


def test_a_database_of_an_older_schema_is_not_upgraded_by_looking(registered: Home) -> None:
    _older(registered)
    found = examined(registered)
    assert found["cards"]["state"] == found["undelivered"]["state"] == "skipped"
    with closing(sqlite3.connect(registered.database)) as connection:
        [number] = connection.execute("select value from meta where key = 'schema'").fetchone()
    assert (number, SCHEMA > 1) == ("1", True)
