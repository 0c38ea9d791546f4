"""Where no systemd answers: the desktop's autostart folder, and a process let go."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import kzreminder
from kzreminder.keeper import autostart
from kzreminder.keeper.autostart import desktop_text, exec_line
from kzreminder.keeper.setup import Setup
from tests.channels.bus import wait_until

SOURCES = Path(kzreminder.__file__).resolve().parents[1]

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or Path("/run/systemd/system").is_dir(),
    reason="systemd keeps services here",
)


class Home:
    """Somebody without a systemd; what was started here ends with the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.desktop = folder / ".config/autostart/kzreminder.desktop"
        self.log = folder / ".local/state/kzreminder/service.log"

    def runs(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "kzreminder", *words],
            env={
                "HOME": str(self.folder),
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(SOURCES),
                "LC_ALL": "C.UTF-8",
                "XDG_RUNTIME_DIR": str(self.folder / "no-run-folder"),
                **env,
            },
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
        )

    def reads(self, *words: str) -> Any:
        return json.loads(self.runs("service", *words, "--json").stdout)

    @property
    def pid(self) -> int:
        return int(self.log.with_name("service.pid").read_text(encoding="ascii"))


def lives(pid: int) -> bool:
    """Not one that has ended and that nobody has asked how."""
    try:
        return Path("/proc", str(pid), "cmdline").read_bytes() != b""
    except FileNotFoundError:
        return False


@pytest.fixture
def home(tmp_path: Path) -> Any:
    made = Home(tmp_path)
    yield made
    made.runs("service", "uninstall")


def test_it_is_installed_starts_stops_and_leaves_nothing(home: Home) -> None:
    installed = home.reads("install")
    assert installed == {
        "by": "autostart",
        "file": str(home.desktop),
        "current": True,
        "enabled": True,
        "running": True,
        "lingers": None,
    }
    pid = home.pid
    again = home.runs("service", "install")
    assert "already" in again.stderr
    assert home.pid == pid
    assert home.reads("stop")["running"] is False
    assert not lives(pid)
    assert home.runs("service", "status").returncode == 1
    assert home.reads("restart")["running"] is True
    wait_until(lambda: "started" in home.runs("service", "logs").stdout, "it logs", 20)
    assert oct(home.log.stat().st_mode)[-3:] == "600"
    second = home.pid
    home.log.with_name("service.pid").write_text("nonsense", encoding="ascii")
    assert home.reads("status")["running"] is True  # its lock tells
    os.kill(second, signal.SIGSTOP)  # as by Ctrl-Z
    assert home.reads("stop")["running"] is False
    assert "ending on signal SIGTERM" in home.log.read_text(encoding="utf-8")
    gone = home.runs("service", "uninstall")
    assert "untouched" in gone.stderr
    assert not lives(second)
    left = {path.name for path in home.folder.rglob("*") if path.is_file()}
    assert not {name for name in left if name.startswith("service.") or "desktop" in name}
    assert "kzreminder.db" in left


def test_a_crash_is_seen_and_another_process_of_that_number_is_let_be(home: Home) -> None:
    home.reads("install")
    os.kill(home.pid, signal.SIGKILL)
    wait_until(lambda: home.reads("status")["running"] is False, "it is seen", 20)
    home.log.with_name("service.pid").write_text(str(os.getpid()), encoding="ascii")
    assert home.reads("status")["running"] is False
    assert home.runs("service", "stop").returncode == 0  # and this process is still there


def test_a_service_that_does_not_listen_is_ended_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(autostart, "STOP_SECONDS", 0.5)
    deaf = "import signal; signal.signal(15, signal.SIG_IGN); print(flush=True); signal.pause()"
    words = [sys.executable, "-c", deaf, "kzreminder", "run"]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"\n"
        autostart._end(child.pid)
        assert child.wait(10) == -signal.SIGKILL


def test_without_an_install_it_says_how(home: Home) -> None:
    for word in ("start", "stop", "restart"):
        refused = home.runs("service", word)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert refused.stderr.splitlines()[1] == "Install it: kzreminder service install"


def test_a_faulty_configuration_is_told_before_anything_is_installed(home: Home) -> None:
    settings = home.folder / ".config/kzreminder/config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text("nonsense = 1\n", encoding="utf-8")
    assert home.runs("service", "install").returncode == 9
    assert not home.desktop.exists()


def test_a_database_named_here_is_refused_and_its_password_not_shown(home: Home) -> None:
    address = "postgresql://kz:secret@db/kz"
    for done in (
        home.runs("service", "install", "--db", address),
        home.runs("service", "install", KZREMINDER_DATABASE=address),
    ):
        assert done.returncode == 2
        assert "secret" not in done.stderr
        assert "config.toml" in done.stderr
    assert not home.desktop.exists()


def test_a_disabled_entry_is_told(home: Home) -> None:
    home.reads("install")
    home.desktop.write_text(
        home.desktop.read_text(encoding="utf-8") + "Hidden=true\n", encoding="utf-8"
    )
    kept = home.reads("status")
    assert (kept["enabled"], kept["current"]) == (False, True)


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("/usr/bin/kzreminder", '"/usr/bin/kzreminder"'),
        ("a b", '"a b"'),
        ("50%", '"50%%"'),
        ("$HOME", '"\\\\$HOME"'),
        ("`id`", '"\\\\`id\\\\`"'),
        ('"', '"\\\\""'),
        ("\\", '"\\\\\\\\"'),
        ("two\nlines", '"two\\nlines"'),
    ],
)
def test_a_word_is_quoted_as_desktop_entries_want_it(word: str, written: str) -> None:
    assert exec_line([word]) == written


def test_what_the_shell_knew_is_told_to_the_desktop() -> None:
    text = desktop_text(Setup(("/opt/kz",), (("XDG_DATA_HOME", "/data"),)))
    assert 'Exec="/usr/bin/env" "XDG_DATA_HOME=/data" "/opt/kz" "service" "start"\n' in text
