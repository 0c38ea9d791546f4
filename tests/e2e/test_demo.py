"""The first minute of a new user: three notifications, or what they would say; nothing stays."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.channels.bus import environment
from tests.e2e.playing import NOON, User

if TYPE_CHECKING:
    from pathlib import Path

    from tests.channels.bus import Bus
    from tests.desktop import Desktop

TIME_LEFT_FIRST = re.compile(r"(\d+ days? left|Today|Charge tonight): \S")


def test_the_demo_shows_three_notifications_and_leaves_nothing_behind(
    desktop: Desktop, tmp_path: Path
) -> None:
    user = User(tmp_path, desktop.env)
    before = user.files()
    done = user.runs("demo")
    assert done.returncode == 0, done.stderr
    shown = desktop.history()
    assert len(shown) >= 3
    for one in shown:
        title, body = str(one["title"]), str(one["body"])
        assert len(title) <= 48
        assert TIME_LEFT_FIRST.match(title)
        assert title in done.stdout
        assert "kzreminder guide" in body
        assert all(line.strip() in done.stdout for line in body.splitlines())
    bodies = " ".join(str(one["body"]) for one in shown)
    assert {"Kcell", "Beeline", "Tele2"} <= set(re.findall(r"\w+", bodies))
    assert user.files() == before


HOURS = [4, 17, *(pytest.param(hour, marks=pytest.mark.long) for hour in (0, 9, 23))]


@pytest.mark.parametrize("hour", HOURS)
def test_the_demo_shows_three_at_any_hour(tmp_path: Path, hour: int) -> None:
    user = User(tmp_path)
    user.clock.set(NOON.replace(hour=hour, minute=30))
    told = [line for line in user.does("demo").splitlines() if TIME_LEFT_FIRST.match(line)]
    assert len(told) == 3


def test_the_demo_leaves_a_user_s_own_cards_alone(desktop: Desktop, tmp_path: Path) -> None:
    user = User(tmp_path, desktop.env)
    user.does("add", "87011234567", "--label", "Mine", "--expires", "tomorrow")
    user.does("demo")
    assert [card["label"] for card in user.reads("list")] == ["Mine"]
    assert [event["kind"] for event in user.reads("history")] == ["event"]


def test_without_a_desktop_the_demo_says_so_and_prints_what_it_would_show(tmp_path: Path) -> None:
    user = User(tmp_path)
    before = user.files()
    done = user.runs("demo")
    assert done.returncode == 0
    assert "no desktop" in done.stderr
    assert "Traceback" not in done.stderr
    told = [line for line in done.stdout.splitlines() if TIME_LEFT_FIRST.match(line)]
    assert len(told) == 3
    assert all(len(title) <= 48 for title in told)
    assert done.stdout.count("kzreminder guide") == 3
    assert user.files() == before


def test_a_desktop_without_a_server_is_no_desktop(bus_alone: Bus, tmp_path: Path) -> None:
    user = User(tmp_path, environment(bus_alone))
    done = user.runs("demo")
    assert done.returncode == 0
    assert "no desktop" in done.stderr
    assert done.stdout.count("kzreminder guide") == 3


def test_the_demo_speaks_chinese(desktop: Desktop, tmp_path: Path) -> None:
    user = User(tmp_path, desktop.env)
    user.does("--lang", "zh", "demo")
    shown = desktop.history()
    assert len(shown) == 3
    for one in shown:
        assert re.search(r"[\u4e00-\u9fff]", str(one["title"]))
        assert re.search(r"[\u4e00-\u9fff]", str(one["body"]))
        assert len(str(one["title"])) <= 48
