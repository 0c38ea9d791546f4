"""The service as a user runs it: a real process, a real desktop, and what may happen to both.

Not here: what takes the service a minute to see (test_clock).
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.channels.bus import environment
from tests.channels.fake_server import FakeServer
from tests.e2e.playing import END_SECONDS, NOON, Service, User, titles, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.desktop import Desktop

HOSTILE = "-u <b>A&B</b>"
LAST_DAY = "2026-12-20"


@pytest.fixture
def user(desktop: Desktop, tmp_path: Path) -> User:
    return User(tmp_path, desktop.env)


def add_mum(user: User) -> None:
    user.does("add", "87011234567", "--label", "Mum", "--expires", LAST_DAY, "--price", "4990")


def pid_of_server(desktop: Desktop) -> int:
    asked = subprocess.run(
        [
            "dbus-send",
            "--session",
            "--print-reply=literal",
            "--dest=org.freedesktop.DBus",
            "/org/freedesktop/DBus",
            "org.freedesktop.DBus.GetConnectionUnixProcessID",
            "string:org.freedesktop.Notifications",
        ],
        env=desktop.env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=10,
        check=True,
    )
    return int(asked.stdout.split()[-1])


def test_reminders_in_english_and_chinese_arrive_and_say_how_to_renew(
    user: User, desktop: Desktop
) -> None:
    add_mum(user)
    chinese = ("--lang", "zh", "--operator", "beeline", "--price", "3990", "--expires", LAST_DAY)
    user.does("add", "87051234567", "--label", "妈妈", *chinese)
    with Service(user, JOURNAL_STREAM="8:1") as service:
        wait_until(lambda: desktop.count_shown() == 2, "both are shown")
        service.stop()
    told = {str(one["title"]): str(one["body"]) for one in desktop.history()}
    [english] = [title for title in told if "Mum" in title]
    assert english == "2 days left: Mum, plan ends 20 Dec"
    assert told[english].startswith("Kcell: pay 4 990 ₸ in Kaspi.kz for +7 701 ••• •• 67\n")
    assert "kzreminder guide Mum" in told[english]
    [other] = [title for title in told if "妈妈" in title]
    assert other.startswith("还剩 2 天")
    assert "12月20日" in other
    to_do = told[other].splitlines()[0]
    assert all(part in to_do for part in ("Beeline", "3 990 ₸", "+7 705 ••• •• 67"))
    assert re.search(r"[\u4e00-\u9fff]", to_do)
    assert "kzreminder guide 妈妈" in told[other]
    assert all(len(title) <= 48 and len(body) <= 240 for title, body in told.items())
    assert service.out == ""
    assert service.log
    assert all(line.startswith("<6>") for line in service.log)


@pytest.mark.parametrize("way", ["dbus", "plyer"])
def test_a_label_arrives_as_typed(user: User, desktop: Desktop, way: str) -> None:
    settings = user.folder / "config.toml"
    settings.write_text(f'[delivery]\ndesktop = "{way}"\n', encoding="utf-8")
    user.does("add", f"--label={HOSTILE}", "--operator", "kcell", "--expires", LAST_DAY)
    with Service(user, "--config", str(settings)) as service:
        wait_until(lambda: desktop.count_shown() == 1, "it is shown")
        wait_until(service.logs("told on"), "it is recorded")
        service.stop()
    [one] = desktop.history()
    assert one["title"] == f"2 days left: {HOSTILE}, plan ends 20 Dec"
    assert "Kcell" in str(one["body"])
    assert "<" not in str(one["markup"])
    assert service.out == ""


def test_a_reminder_comes_at_its_hour_to_the_second(user: User, desktop: Desktop) -> None:
    words = ("--operator", "kcell", "--started", "2026-12-18", "--expires", LAST_DAY)
    user.does("add", "--label", "Mum", *words)
    user.clock.set(NOON.replace(day=19, hour=9, minute=59, second=52))
    with Service(user) as service:
        wait_until(service.is_up, "it is up")
        assert desktop.count_shown() == 0
        wait_until(lambda: desktop.count_shown() == 1, "ten o'clock", 20, every=0.1)
        ten = NOON.replace(day=19, hour=10)
        assert timedelta() <= user.clock.now() - ten < timedelta(seconds=3)
        service.stop()
    assert "late" not in str(desktop.history()[0]["body"])


SIGNALS = [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.long)]


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_ends_the_service_at_once(user: User, number: signal.Signals) -> None:
    with Service(user, JOURNAL_STREAM="8:1") as service:
        wait_until(service.is_up, "it is up")
        assert service.stop(number) < 2
        assert service.out == ""
        assert service.log[-1] == f"<6>ending on signal {number.name}"


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_ends_the_service_in_time_while_the_desktop_hangs(
    user: User, desktop: Desktop, number: signal.Signals
) -> None:
    add_mum(user)
    dunst = pid_of_server(desktop)
    os.kill(dunst, signal.SIGSTOP)
    try:
        with Service(user) as service:
            wait_until(service.logs("started"), "it has started")
            assert service.stop(number) <= END_SECONDS
    finally:
        os.kill(dunst, signal.SIGCONT)
    # Nothing was shown, so nothing is taken for told: after its lease the card is told.
    user.clock.step(timedelta(minutes=10))
    user.tells_what_is_due()
    assert set(titles(desktop.history())) == {"2 days left: Mum, plan ends 20 Dec"}


def test_only_one_service_runs_on_a_database(user: User) -> None:
    with Service(user) as service:
        wait_until(service.is_up, "it is up")
        for words in (("run",), ("run", "--once"), ("run", "--once", "--json")):
            second = user.runs(*words)
            assert second.returncode == 8
            errors = [line for line in second.stderr.splitlines() if line.startswith("Error: ")]
            assert len(errors) == 1
            assert str(service.process.pid) in errors[0]
            assert len(second.stderr.splitlines()) <= 2
        assert user.reads("status")["daemon"]["alive"] is True
        service.stop()
    assert user.reads("status")["daemon"]["alive"] is False
    assert user.runs("run", "--once").returncode == 0


def test_two_databases_may_each_have_a_service(user: User) -> None:
    with Service(user) as service:
        wait_until(service.is_up, "it is up")
        other = user.runs("--db", f"sqlite:///{user.folder}/other.db", "run", "--once")
        assert other.returncode == 0, other.stderr
        service.stop()


def test_a_killed_service_tells_nothing_twice(user: User, desktop: Desktop) -> None:
    add_mum(user)
    with Service(user) as first:
        wait_until(first.logs("told on"), "it is told and recorded")
        first.kill()
    user.clock.step(timedelta(minutes=1))
    with Service(user) as second:
        wait_until(second.is_up, "the next one is up")
        second.stop()
    assert titles(desktop.history()) == ["2 days left: Mum, plan ends 20 Dec"]
    assert user.tells_what_is_due() == []


def tell_before_and_after(user: User, server: FakeServer, between: Callable[[], None]) -> None:
    """One reminder, then what happens between, then the one of ten o'clock."""
    add_mum(user)
    user.clock.set(NOON.replace(day=19, hour=9, minute=59, second=49))
    with Service(user) as service:
        wait_until(lambda: len(server.received()) == 1, "the first is told")
        between()
        # what stood open is shown again, and at ten o'clock, or with it, comes the next
        wait_until(lambda: "told on" in service.log[-1] and at_ten(user), "ten o'clock", 30)
        service.stop()


def at_ten(user: User) -> bool:
    """Whether the reminder of that hour was told."""
    messages = [one for one in user.reads("history", "Mum") if one["kind"] == "message"]
    return "1d" in [told["lead"] for one in messages for told in one["reminders"]]


def test_a_server_that_was_started_anew_gets_the_next_reminder(
    tmp_path: Path, server: FakeServer
) -> None:
    def start_anew() -> None:
        server.stop()
        server.start()

    tell_before_and_after(User(tmp_path, environment(server.bus)), server, start_anew)
    ids = [one["id"] for one in server.received()]
    assert ids in ([1, 1], [1, 1, 2])  # the second server's own count


@pytest.mark.long
def test_a_bus_that_was_started_anew_gets_the_next_reminder(
    tmp_path: Path, server: FakeServer
) -> None:
    def start_anew() -> None:
        server.stop()
        server.bus.stop()
        server.bus.start()
        server.start()

    tell_before_and_after(User(tmp_path, environment(server.bus)), server, start_anew)
    assert "late" not in server.received()[-1]["body"]


def test_without_systemd_each_line_of_the_log_has_its_time(user: User) -> None:
    add_mum(user)
    with Service(user) as service:
        wait_until(service.logs("told on"), "it is told")
        service.stop()
    begins = re.compile(r"2026-12-18 12:\d\d:\d\d,\d{3} INFO ")
    assert [line for line in service.log if not begins.match(line)] == []
