"""What only the way through plyer promises; what every channel promises is in test_contract."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kzreminder.channels.child import outcome_as_json, outcome_from_json
from kzreminder.channels.desktop_plyer import DesktopPlyer, cut
from kzreminder.channels.message import Accepted, Message, Refused, Server, TargetAway, Urgency
from kzreminder.channels.plyer_child import show
from tests.channels.bus import wait_until

if TYPE_CHECKING:
    from tests.channels.fake_server import FakeServer

HELLO = Message("3 days left: Mum", "Kcell: 4 990 ₸")


def child_that(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def program(folder: Path, name: str, script: str) -> Path:
    place = folder / name
    place.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    place.chmod(0o755)
    return place


def test_a_critical_message_stays_and_names_the_program(server: FakeServer) -> None:
    channel = DesktopPlyer()
    assert channel.send(Message("title", "body", Urgency.CRITICAL)) == Accepted(1)
    channel.close()
    (sent,) = server.received()
    assert sent["app_name"] == "kzreminder"
    assert sent["hints"]["urgency"] == ["y", 2]
    assert sent["expire_timeout"] == 0


def test_the_locale_of_the_daemon_does_not_matter(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "POSIX")
    monkeypatch.setenv("PYTHONUTF8", "0")
    channel = DesktopPlyer()
    assert channel.send(Message("还剩3天", "сим ₸")) == Accepted(1)
    channel.close()
    assert server.received()[0]["title"] == "还剩3天"
    assert server.received()[0]["body"] == "сим ₸"


def test_nothing_is_imported_from_the_folder_we_stand_in(
    server: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit(1)", encoding="utf-8")
    (tmp_path / "plyer.py").write_text("raise SystemExit(1)", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    channel = DesktopPlyer()
    assert channel.send(HELLO) == Accepted(1)
    channel.close()


def test_an_old_notify_send_is_believed_without_an_id(
    server: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = 'case " $* " in *" -p "*) echo "Unknown option -p" >&2; exit 1;; esac; exit ${OLD:-0}'
    program(tmp_path, "notify-send", old)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    channel = DesktopPlyer()
    assert channel.send(HELLO) == Accepted(None)
    monkeypatch.setenv("OLD", "1")
    assert isinstance(channel.send(HELLO), TargetAway)
    channel.close()


@pytest.mark.parametrize("script", ["exit 0", "echo 0", "echo notify-send 0.8.1"])
def test_success_without_an_id_is_not_believed(
    server: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    program(tmp_path, "notify-send", script)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    channel = DesktopPlyer()
    outcome = channel.send(HELLO)
    channel.close()
    assert isinstance(outcome, Refused)
    assert not outcome.permanent


def test_a_program_that_hangs_is_killed_with_its_child_at_the_limit(
    server: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = tmp_path / "pid"
    program(tmp_path, "notify-send", f"echo $$ > {written}; sleep 600 & wait")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    channel = DesktopPlyer(limit_seconds=2)
    began = time.monotonic()
    assert isinstance(channel.send(HELLO), TargetAway)
    assert time.monotonic() - began < 4
    channel.close()
    pid = int(written.read_text(encoding="utf-8"))
    # A killed orphan may wait for its reaper, where nobody reaps; it must not be running.
    state = Path(f"/proc/{pid}/stat")
    wait_until(lambda: not state.exists() or ") Z " in state.read_text(), "the program is dead")


def test_a_server_that_hangs_is_away_within_the_limit(server: FakeServer) -> None:
    server.pause()
    channel = DesktopPlyer(limit_seconds=2)
    began = time.monotonic()
    assert isinstance(channel.send(HELLO), TargetAway)
    assert time.monotonic() - began < 4
    channel.close()


def test_a_server_that_hangs_after_it_said_what_it_can_do_is_away(server: FakeServer) -> None:
    channel = DesktopPlyer(limit_seconds=2)
    assert isinstance(channel.describe(), Server)
    server.pause()
    began = time.monotonic()
    assert isinstance(channel.send(HELLO), TargetAway)
    assert time.monotonic() - began < 5
    channel.close()


@pytest.mark.parametrize(
    "code",
    [
        "raise SystemExit(3)",
        "print('nonsense')",
        "print('[]')",
        "print('{}')",
        'print(\'{"kind": "Accepted", "more": 1}\')',
        "import os; os.kill(os.getpid(), 9)",
        "import os; os.close(0)",
        "raise ImportError('no plyer')",
    ],
)
def test_a_child_that_fails_is_never_a_success(code: str) -> None:
    channel = DesktopPlyer(platform="win32", command=child_that(code))
    outcome = channel.send(HELLO)
    assert isinstance(outcome, TargetAway)
    assert outcome.error


def test_a_child_that_cannot_be_started_is_away() -> None:
    channel = DesktopPlyer(platform="win32", command=("/nonexistent/python",))
    assert isinstance(channel.send(HELLO), TargetAway)


def test_what_plyer_can_not_show_at_all_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real plyer, in a child, where it finds neither dbus-python nor notify-send."""
    monkeypatch.setenv("PATH", str(tmp_path))
    # Any platform without a bus: the channel asks no server first.
    outcome = DesktopPlyer(platform="darwin").send(HELLO)
    assert isinstance(outcome, TargetAway)
    assert "plyer" in outcome.error


def test_an_error_in_a_thread_of_plyer_is_seen() -> None:
    """As on Windows, where plyer does all its work in a thread."""
    code = (
        "import sys, threading, types\n"
        "class N:\n"
        "    def notify(self, **words):\n"
        "        threading.Thread(target=lambda: 1 / 0).start()\n"
        "sys.modules['plyer'] = types.SimpleNamespace(notification=N())\n"
        "from kzreminder.channels import plyer_child\n"
        "plyer_child.sys.platform = 'win32'\n"
        "plyer_child.main()\n"
    )
    outcome = DesktopPlyer(platform="win32", command=child_that(code)).send(HELLO)
    assert outcome == TargetAway("ZeroDivisionError: division by zero")


def test_the_error_of_a_library_in_the_child_says_what_it_is() -> None:
    code = (
        "import sys\n"
        "print('Traceback ...\\ndbus.exceptions.DBusException: "
        "org.freedesktop.DBus.Error.LimitsExceeded: too many', file=sys.stderr)\n"
        "sys.exit(1)\n"
    )
    outcome = DesktopPlyer(platform="win32", command=child_that(code)).send(HELLO)
    assert outcome == Refused("org.freedesktop.DBus.Error.LimitsExceeded: too many", False)


def test_inside_flatpak_plyer_is_not_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(Path, "is_dir", lambda self: str(self) == "/app")
    assert isinstance(show(HELLO, "linux"), TargetAway)


@pytest.mark.parametrize(
    "outcome", [Accepted(7), Accepted(None), TargetAway("x"), Refused("y", True)]
)
def test_an_outcome_passes_between_the_processes(outcome: Accepted | TargetAway | Refused) -> None:
    assert outcome_from_json(outcome_as_json(outcome)) == outcome


def test_text_is_cut_by_what_windows_counts() -> None:
    assert cut("x" * 62, 62) == "x" * 62
    assert cut("x" * 63, 62) == "x" * 61 + "…"
    emoji = cut("📱" * 40, 62)
    assert emoji == "📱" * 30 + "…"
    assert len(emoji.encode("utf-16-le")) <= 2 * 62


def test_on_windows_the_child_gets_no_more_than_fits(tmp_path: Path) -> None:
    written = tmp_path / "message.json"
    code = (
        "import sys\n"
        f"open({str(written)!r}, 'w').write(sys.stdin.read())\n"
        'print(\'{"kind": "Accepted", "id": null}\')\n'
    )
    channel = DesktopPlyer(platform="win32", command=child_that(code))
    assert channel.send(Message("t" * 100, "<b>" + "&" * 400)) == Accepted(None)
    words = written.read_text(encoding="utf-8")
    assert '"' + "t" * 61 + "\\u2026" in words
    assert '"<b>' + "&" * 246 + "\\u2026" in words


def test_elsewhere_it_is_plyer_that_shows() -> None:
    described = DesktopPlyer(platform="darwin").describe()
    assert isinstance(described, Server)
    assert described.name == "plyer"
