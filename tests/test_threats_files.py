"""Lines of docs/threat-model.md that are about files, logs, sockets and other programs.

Not here: what is shown and told (test_threats).
"""

from __future__ import annotations

import logging
import os
import socket
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from kzreminder import places
from kzreminder.alive import heartbeat
from kzreminder.alive.heartbeat import Heartbeat
from kzreminder.alive.lock import holder, only_one
from kzreminder.alive.poke import Ear, poke
from kzreminder.channels.desktop_plyer import DesktopPlyer
from kzreminder.channels.message import Accepted, Message
from kzreminder.cli.root import _COMMANDS
from kzreminder.daemon.logs import log_to_stderr
from kzreminder.errors import StorageFault
from kzreminder.storage.receipts import keep
from tests.channels.bus import Bus
from tests.channels.fake_server import FakeServer
from tests.cli.running import SOURCES, Home
from tests.hostile import ESCAPES, MARKUP, NUMBER, OPTION, WRITTEN, digits, is_tame, open_to_others
from tests.storage.samples import NOW

BEAT = Heartbeat(1, "1", datetime(2026, 11, 21, tzinfo=UTC), None)
UPWARDS = "../../../../up"
RECORDER = """#!/bin/sh
for word in "$@"; do printf '%s\\n' "$word" >> "$RECORD"; done
tr '\\0' ' ' < /proc/$PPID/cmdline >> "$RECORD.parents"
echo 7
"""


@pytest.fixture(params=[0o000, 0o077], ids=["umask 000", "umask 077"])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home", BROWSER="true %s")
    made.folder.mkdir(mode=0o755)
    return made


def does(home: Home, *words: str, **environ: str) -> str:
    done = home.kz(*words, **environ)
    assert done.exit_code == 0, done
    return done.out


def opens(home: Home, *words: str, **environ: str) -> None:
    """In a process of its own: Python remembers the first browser of a process."""
    done = home.process("guide", *words, "--open", **environ)
    assert done.exit_code == 0, done


def program(folder: Path, name: str, script: str) -> Path:
    folder.mkdir(exist_ok=True)
    made = folder / name
    made.write_text(script, encoding="utf-8")
    made.chmod(0o755)
    return made


@pytest.mark.parametrize("written", WRITTEN)
def test_t2_whatever_is_logged_is_masked_and_tame(
    written: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ours = logging.getLogger("kzreminder")
    kept = list(ours.handlers), ours.level
    try:
        log_to_stderr(verbose=True, quiet=False)
        logging.getLogger("kzreminder.x").error("refused: %s", f"{written}\n{ESCAPES}")
        try:
            float(f"insert into cards values ('{written}')")
        except ValueError:
            logging.getLogger("kzreminder.x").exception("a pass failed")
    finally:
        ours.handlers = kept[0]
        ours.setLevel(kept[1])
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    for line in lines:
        assert is_tame(line)
        assert "1234567" not in digits(line)
    assert "••• ••" in lines[1]


@pytest.mark.parametrize("folders", ["new", "there already"])
def test_t4_files_are_for_the_owners_eyes_under_any_umask(
    home: Home, tmp_path: Path, umask: int, folders: str
) -> None:
    cache = home.folder / ".cache"
    there = [home.data, home.config, home.state, cache]
    there += [one / "kzreminder" for one in there] + [home.data / "kzreminder" / "receipts"]
    if folders == "there already":
        for folder in there:
            folder.mkdir(parents=True)
            folder.chmod(0o755)
    receipt = tmp_path / "receipt.pdf"
    receipt.write_bytes(b"paid")
    receipt.chmod(0o644)
    mum = ("--label", "Mum", "--period", "30d", "--operator", "kcell")
    tour = [
        ("config", "init"),
        ("add", NUMBER, *mum),
        ("renew", "Mum", "--receipt", str(receipt)),
        ("guide", "Mum", "--open"),
        ("guide", "Mum", "--html", str(home.folder / "guide.html")),
        ("backup",),
        ("run", "--once"),
    ]
    for words in tour:
        if words[0] in _COMMANDS:  # those that are still to come are passed over
            done = home.kz(*words)
            assert done.exit_code == 0 or words[0] == "run", done
    state = home.state / "kzreminder"
    with closing(sqlite3.connect(home.database)) as beside, only_one(state / "x.lock"):
        beside.execute("update cards set note = 'makes -wal and -shm'")
        beside.commit()
        heartbeat.write(state / "x.beat", BEAT)
        with closing(Ear(state / "x.poke")) as heard:
            heard.attach()
            found = open_to_others(home.folder)
            names = {path.name for path in home.folder.rglob("*")}
    expected = {str(path.relative_to(home.folder)) for path in there if folders != "new"}
    assert {line.split(" ", 1)[1] for line in found} == expected
    wanted = {"kzreminder.db-wal", "kzreminder.db-shm", "config.toml", "guide-1.html", "x.lock"}
    assert names >= wanted | {"x.beat", "x.poke", "guide.html"}


def test_t7_nothing_that_was_typed_becomes_a_path(home: Home, tmp_path: Path) -> None:
    receipt = tmp_path / f"x;{MARKUP[:4]} $(id).Sh%2f"
    receipt.write_bytes(b"paid")
    does(home, "add", "--label", UPWARDS, "--operator", "kcell", "--period", "30d", NUMBER)
    does(home, "renew", UPWARDS, "--receipt", str(receipt), "--method", "kaspi")
    opens(home, UPWARDS)
    for kept in (home.data / "kzreminder" / "receipts").iterdir():
        assert kept.name.partition(".")[0].isalnum()
        assert "%" not in kept.name
    pages = [path.name for path in (home.folder / ".cache" / "kzreminder").iterdir()]
    assert pages == ["guide-1.html"]
    assert home.kz("--lang", UPWARDS, "list").exit_code == 2
    assert home.kz("guide", f"{UPWARDS}.toml", "--open").exit_code == 3
    own = home.config / "kzreminder" / "operators" / "x.toml"
    own.parent.mkdir(parents=True)
    for identity in (UPWARDS, "/etc/passwd", ".", "a/b", "a\\u0000b", ""):
        own.write_text(f'id = "{identity}"\nstatus = "serves"\n', encoding="utf-8")
        assert home.kz("operators", "check", str(own)).exit_code == 9
    assert {path.name for path in tmp_path.iterdir()} == {"home", receipt.name}


def test_t8_nothing_that_was_typed_becomes_an_option(home: Home, tmp_path: Path) -> None:
    record = tmp_path / "record"
    tools = program(tmp_path / "tools", "notify-send", RECORDER).parent
    browser = program(tools, "a-browser", RECORDER)
    path = f"{tools}{os.pathsep}{os.environ['PATH']}"
    home.configure('[delivery]\ndesktop = "plyer"\n')
    with Bus() as bus:
        fake = FakeServer(bus, tmp_path)
        fake.start()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("RECORD", str(record))
            patch.setenv("PATH", path)
            patch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
            patch.setenv("KZREMINDER_DATABASE", "postgresql://u:S3CRET@h/db")
            channel = DesktopPlyer()
            assert channel.send(Message(OPTION, f"{OPTION}\n-u x")) == Accepted(7)
            channel.close()
        fake.stop()
    words = record.read_text(encoding="utf-8").splitlines()
    assert words[words.index("--") + 1 :] == [OPTION, OPTION, "-u x"]
    assert "S3CRET" not in record.read_text() + Path(f"{record}.parents").read_text()
    record.unlink()
    does(home, "add", "--label", OPTION, "--operator", "kcell", NUMBER)
    # Click takes the dashes for an option of our own: such a card is called by its id.
    opens(home, "1", BROWSER=f"{browser} %s", RECORD=str(record))
    [page] = record.read_text(encoding="utf-8").splitlines()
    assert page.startswith("file:///")


def test_t15_only_the_owner_pokes_and_nothing_is_read_of_it(tmp_path: Path, umask: int) -> None:
    path = tmp_path / "state" / "x.poke"
    with closing(Ear(path)) as heard:
        assert heard.attach()
        assert stat.S_ISSOCK(path.stat().st_mode)
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as anybody:
            anybody.sendto(b"\0" * 4000, os.fspath(path))
        for _ in range(2000):
            poke(path)  # more than fit are dropped, and nobody waits
    assert not path.exists()
    poke(path)


@pytest.mark.parametrize("kind", ["lock", "beat", "page", "receipt", "config", "database"])
def test_t17_a_planted_link_leads_to_no_other_file(home: Home, tmp_path: Path, kind: str) -> None:
    precious = tmp_path / "precious"
    precious.write_text("precious", encoding="utf-8")
    link = tmp_path / "state" / "planted"
    places.make_private(link.parent)
    receipt = tmp_path / "receipt.pdf"
    receipt.write_bytes(b"paid")
    if kind == "receipt":
        link = link.parent / keep(receipt, link.parent)
        link.unlink()
    if kind == "page":
        link = home.folder / ".cache" / "kzreminder" / "guide-1.html"
        does(home, "add", "--label", "Mum", "--operator", "kcell", NUMBER)
    if kind == "config":
        link = home.config_file
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(precious)
    if kind == "lock":
        with pytest.raises(StorageFault), only_one(link):
            raise AssertionError("it is held")
        assert holder(link) == (False, None)
    elif kind == "beat":
        heartbeat.write(link, BEAT)
        assert heartbeat.read(link) == BEAT
    elif kind == "page":
        opens(home, "Mum")
        assert "Mum" in link.read_text(encoding="utf-8")
    elif kind == "receipt":
        keep(receipt, link.parent)
    elif kind == "config":
        assert home.kz("config", "init").exit_code == 5
    else:
        assert home.kz("--db", f"sqlite:///{link}", "list").exit_code == 6
    assert precious.read_text(encoding="utf-8") == "precious"


def test_t13_nobody_is_spoken_to_over_the_network(home: Home) -> None:
    does(home, "add", "--label", "Mum", "--operator", "kcell", "--expires", "today", NUMBER)
    watched = """
import sys
def refuse(event, arguments):
    if event in ("socket.getaddrinfo", "socket.gethostbyname", "urllib.Request"):
        raise SystemExit(f"{event} {arguments}")
    if event in ("socket.connect", "socket.bind", "socket.sendto") and arguments[0].family != 1:
        raise SystemExit(f"{event} {arguments}")
sys.addaudithook(refuse)
from kzreminder.cli.root import run
for words in (["guide", "1", "--all"], ["guide", "1", "--open"], ["operators", "list"],
              ["ask", "1"], ["list"], ["status"], ["run", "--once"], ["config", "check"]):
    run(words)
print("all were run")
"""
    done = subprocess.run(
        [sys.executable, "-c", watched],
        env=home.environ | {"PYTHONPATH": str(SOURCES)},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.stdout.endswith("all were run\n"), done


@time_machine.travel(NOW + timedelta(hours=5))  # no quiet hours: it is told at once
def test_t21_of_a_removed_card_nothing_is_left_in_the_database(home: Home) -> None:
    does(home, "add", "--label", "Xenia", "--operator", "kcell", "--expires", "today", NUMBER)
    does(home, "balance", "Xenia", "1234")
    opens(home, "Xenia")
    with Bus() as bus:
        fake = FakeServer(bus, home.folder)
        fake.start()
        does(home, "run", "--once", DBUS_SESSION_BUS_ADDRESS=bus.address)
        fake.stop()
    assert any("Xenia" in str(row) for row in home.contents()["messages"])
    does(home, "remove", "Xenia", "--yes")
    left = str(home.contents())
    assert "Xenia" not in left
    assert "1234567" not in left
    assert not list((home.folder / ".cache").rglob("*.html"))
