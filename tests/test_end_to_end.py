"""The program as a user runs it: a real process, a real desktop, a home of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.channels.bus import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.desktop import Desktop

KZREMINDER = (sys.executable, "-m", "kzreminder")
LIMIT_SECONDS = 30.0
CAP_SECONDS = 80.0
"A pass is made every minute at the latest; the guard looks every quarter of one."


class User:
    """Somebody with a home of their own, on a desktop or on none."""

    def __init__(self, home: Path, env: dict[str, str]) -> None:
        self.home = home
        kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
        self.env = {**kept, "LC_ALL": "C.UTF-8", **env, "HOME": str(home), "TZ": "Asia/Almaty"}
        self.env.pop("XDG_RUNTIME_DIR", None)

    def runs(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            (*KZREMINDER, *words),
            env=self.env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT_SECONDS,
            check=False,
        )

    def starts_service(self, **env: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            (*KZREMINDER, "run"),
            env=self.env | env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


@pytest.fixture
def user(desktop: Desktop, tmp_path: Path) -> User:
    return User(tmp_path, desktop.env)


@pytest.fixture
def service(user: User) -> Iterator[subprocess.Popen[str]]:
    process = user.starts_service()
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate(timeout=LIMIT_SECONDS)


def stop(process: subprocess.Popen[str], number: int) -> tuple[str, str]:
    process.send_signal(number)
    out, err = process.communicate(timeout=5)
    assert process.returncode == 0
    return out, err


def test_the_demo_shows_three_notifications_and_leaves_nothing(
    user: User, desktop: Desktop
) -> None:
    done = user.runs("demo")
    assert done.returncode == 0
    shown = desktop.history()
    assert len(shown) >= 3
    for one in shown:
        title = str(one["title"])
        assert len(title) <= 48
        assert re.match(r"\d+ days? left: |Charge tonight: ", title)
        assert title in done.stdout
        assert "kzreminder guide" in str(one["body"])
    assert not any(path.is_file() for path in user.home.rglob("*"))


def test_without_a_desktop_the_demo_says_so_and_prints_them(tmp_path: Path) -> None:
    done = User(tmp_path, {}).runs("demo")
    assert done.returncode == 0
    assert "no desktop" in done.stderr
    assert done.stdout.count("All steps: kzreminder guide") == 3


def test_reminders_in_two_languages_arrive_as_typed(user: User, desktop: Desktop) -> None:
    user.runs("add", "87011234567", "--label=-u <b>A&B</b>", "--expires", "tomorrow")
    chinese = ("--lang", "zh", "--expires", "tomorrow", "--price", "3990", "--operator", "beeline")
    user.runs("add", "87051234567", "--label", "妈妈", *chinese)
    process = user.starts_service(JOURNAL_STREAM="8:1")
    try:
        wait_until(lambda: desktop.count_shown() == 2, "both reminders are shown", LIMIT_SECONDS)
    finally:
        out, err = stop(process, signal.SIGTERM)
    assert out == ""
    assert all(re.match(r"<\d>", line) for line in err.splitlines())
    told = {str(one["title"]): str(one["body"]) for one in desktop.history()}
    [english] = [title for title in told if "-u <b>A&B</b>" in title]
    assert english.startswith("1 day left: ")
    assert "Kcell" in told[english]
    [other] = [title for title in told if "妈妈" in title]
    assert other.startswith("还剩 1 天：")
    assert "Beeline" in told[other]
    assert "3 990 ₸" in told[other]


def test_the_other_way_to_the_desktop_shows_a_label_as_typed(user: User, desktop: Desktop) -> None:
    settings = user.home / "config.toml"
    settings.write_text('[delivery]\ndesktop = "plyer"\n', encoding="utf-8")
    user.runs("add", "--label=-u <b>A&B</b>", "--expires", "tomorrow", "--operator", "kcell")
    done = user.runs("run", "--once", "--config", str(settings))
    assert done.returncode == 0, done.stderr
    [one] = desktop.history()
    assert "-u <b>A&B</b>" in str(one["title"])


@pytest.mark.timeout(CAP_SECONDS + 60)
def test_a_card_added_while_the_service_runs_is_told_within_a_minute(
    user: User, desktop: Desktop, service: subprocess.Popen[str]
) -> None:
    wait_until(lambda: user.runs("status").stdout.count("dunst") == 1, "up", LIMIT_SECONDS)
    user.runs("add", "87071234567", "--label", "New", "--expires", "today")
    wait_until(lambda: desktop.count_shown() == 1, "the new card is told", CAP_SECONDS)
    stop(service, signal.SIGINT)


def test_only_one_service_runs_on_a_database(user: User, service: subprocess.Popen[str]) -> None:
    wait_until(lambda: user.runs("status", "--json").stdout.count('"alive": true') == 1, "alive")
    for words in (("run",), ("run", "--once")):
        second = user.runs(*words)
        assert second.returncode == 8
        assert second.stderr.startswith("Error: ")
        assert "Traceback" not in second.stderr
    stop(service, signal.SIGTERM)


def test_a_killed_service_tells_nothing_twice(user: User, desktop: Desktop) -> None:
    user.runs("add", "87011234567", "--label", "Mum", "--expires", "tomorrow")
    first = user.starts_service()
    try:
        wait_until(lambda: desktop.count_shown() == 1, "told", LIMIT_SECONDS)
        wait_until(lambda: '"accepted"' in user.runs("history", "--json").stdout, "recorded")
    finally:
        first.kill()
        first.communicate(timeout=LIMIT_SECONDS)
    again = user.runs("run", "--once", "--json")
    assert again.returncode == 0
    assert '"delivered": []' in again.stdout
    assert len(desktop.history()) == 1


def test_a_desktop_that_is_missing_costs_an_exit_code_and_no_reminder(
    tmp_path: Path, desktop: Desktop
) -> None:
    away = User(tmp_path, {})
    away.runs("add", "87011234567", "--label", "Mum", "--expires", "tomorrow")
    assert away.runs("run", "--once").returncode == 7
    there = User(tmp_path, desktop.env)
    assert there.runs("run", "--once").returncode == 0
    assert len(desktop.history()) == 1
