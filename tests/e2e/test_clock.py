"""What takes the service a minute to see: a clock that is set, a new card, a late desktop.

Each story has a machine of its own, and all are lived side by side, so that they cost the minutes
of the longest.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.channels.bus import Bus, environment
from tests.channels.fake_server import FakeServer
from tests.e2e.playing import CAP_SECONDS, NOON, Service, User, titles, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

LAST_DAY = "2026-12-20"
TOLD_WITHIN_SECONDS = 75.0
RETRY_SECONDS = 30.0
"A desktop that is away is tried again after so long."
TEN_YEARS = timedelta(days=3653)
MANY = 6
TOASTS = 4
"However many are due: three cards by themselves and one digest."


@contextmanager
def machine(folder: Path, *, has_desktop: bool = True) -> Iterator[tuple[User, FakeServer]]:
    bus = Bus()
    user, server = User(folder, environment(bus)), FakeServer(bus, folder)
    try:
        if has_desktop:
            bus.start()
            server.start()
        yield user, server
    finally:
        server.stop()
        bus.__exit__()


def does(user: User, *words: str) -> str:
    """In a process of its own: the users of all stories live at once."""
    done = user.runs(*words)
    assert done.returncode == 0, (words, done)
    return done.stdout


def reads(user: User, *words: str) -> Any:
    return json.loads(user.runs(*words, "--json").stdout)


def sleep_and_set_back(folder: Path) -> None:
    """What fell due in a sleep is told within 75 s, and again by no clock that is set back."""
    with machine(folder) as (user, server):
        user.clock.set(NOON.replace(day=19, hour=2))
        does(user, "add", "--label", "Mum", "--started", "2026-12-18", "--expires", LAST_DAY)
        with Service(user) as service:
            wait_until(service.is_up, "it is up")
            assert server.received() == []

            user.clock.step(timedelta(hours=9))  # over 10:00, when it is due
            took = wait_until(lambda: bool(server.received()), "it is made up for", CAP_SECONDS)
            assert took < TOLD_WITHIN_SECONDS
            wait_until(service.logs("told on"), "it is recorded")

            user.clock.step(timedelta(hours=-2))
            stepped_at = user.clock.now()
            wait_until(service.has_passed_since(stepped_at), "a pass after it", CAP_SECONDS)
            assert reads(user, "status")["ok"] is True
            service.stop()
        assert len([line for line in service.log if "set back" in line]) == 1
        user.clock.set(NOON.replace(day=19, hour=10, minute=30))
        assert user.tells_what_is_due() == []
        user.clock.set(NOON.replace(day=20, hour=10))
        assert [one["lead"] for one in user.tells_what_is_due()] == ["0d"]
        shown = server.received()
        assert titles(shown) == [
            "1 day left: Mum, plan ends 20 Dec",
            "Today: Mum, plan ends 20 Dec",
        ]
        assert ["late" in one["body"] for one in shown] == [True, False]


def a_wrong_decade(folder: Path) -> None:
    """A clock in a wrong decade costs few messages, and silences nothing afterwards."""
    with machine(folder) as (user, server):
        for number in range(MANY):
            words = ("--label", f"Card {number}", "--operator", "kcell", "--expires", LAST_DAY)
            does(user, "add", *words)

        def count_told() -> int:
            return len(server.received())

        with Service(user) as service:
            wait_until(lambda: count_told() == TOASTS, "what is due today")
            before_mb, before_cpu = service.resident_mb(), service.cpu_seconds()

            user.clock.step(TEN_YEARS)
            wait_until(lambda: count_told() >= 2 * TOASTS, "ten years on", CAP_SECONDS)

            user.clock.step(timedelta(days=1) - TEN_YEARS)
            wait_until(lambda: count_told() >= 3 * TOASTS, "the right year again", CAP_SECONDS)
            wait_until(service.logs("set back"), "it has noticed")
            status = reads(user, "status")
            assert status["ok"] is True, status
            assert status["daemon"]["pid"] == service.process.pid
            assert service.resident_mb() < before_mb + 20
            assert service.cpu_seconds() < before_cpu + 20
            service.stop()
        assert count_told() == 3 * TOASTS
        assert user.tells_what_is_due() == []
        today, wrong, right = (titles(server.received())[n : n + TOASTS] for n in (0, 4, 8))
        assert all(title.startswith("2 days left: Card ") for title in today[:3])
        assert all(" days over: Card " in title for title in wrong[:3])
        assert all(title.startswith("1 day left: Card ") for title in right[:3])
        digest = f"{MANY - 3} more cards need you"
        assert [part[3] for part in (today, wrong, right)] == [digest] * 3


def a_card_added_meanwhile(folder: Path) -> None:
    """A card added while the service runs is told within 70 s."""
    with machine(folder) as (user, server), Service(user) as service:
        wait_until(service.is_up, "it is up")
        does(user, "add", "87011234567", "--label", "Mum", "--expires", LAST_DAY)
        took = wait_until(lambda: bool(server.received()), "the card is told", CAP_SECONDS)
        assert took < 70
        service.stop()
        assert titles(server.received()) == ["2 days left: Mum, plan ends 20 Dec"]


def a_desktop_that_comes_late(folder: Path) -> None:
    """A desktop that was not there gets what is due when it comes."""
    with machine(folder, has_desktop=False) as (user, server):
        does(user, "add", "87011234567", "--label", "Mum", "--expires", LAST_DAY)
        with Service(user) as service:
            wait_until(service.logs("is away"), "it misses the desktop")
            assert reads(user, "status")["undelivered"] == 1
            server.bus.start()
            server.start()
            wait_until(lambda: bool(server.received()), "it is told", RETRY_SECONDS + 15)
            wait_until(service.logs("told on"), "it is recorded")
            assert reads(user, "status")["undelivered"] == 0
            service.stop()
        assert titles(server.received()) == ["2 days left: Mum, plan ends 20 Dec"]
        messages = [one for one in reads(user, "history") if one["kind"] == "message"]
        assert [one["outcome"] for one in messages] == ["accepted", "failed"]


def settings_changed_meanwhile(folder: Path) -> None:
    """New settings count while the service runs; faulty ones are logged, and the old ones kept."""
    with machine(folder) as (user, server):
        does(user, "add", "--label", "Mum", "--started", "2026-12-18", "--expires", "2026-12-27")
        file = Path(does(user, "config", "init").split()[-1])
        with Service(user) as service:
            wait_until(service.is_up, "it is up")
            assert server.received() == []
            file.write_text('[leads]\nplan = "often"\n', encoding="utf-8")
            wait_until(service.logs("are not used"), "the fault is logged", CAP_SECONDS)
            file.write_text('[leads]\nplan = "9d,0d"\n', encoding="utf-8")
            wait_until(lambda: bool(server.received()), "it is told by the new", CAP_SECONDS)
            assert reads(user, "status")["ok"] is True
            service.stop()
        assert titles(server.received()) == ["9 days left: Mum, plan ends 27 Dec"]


STORIES = (
    sleep_and_set_back,
    a_wrong_decade,
    a_card_added_meanwhile,
    a_desktop_that_comes_late,
    settings_changed_meanwhile,
)


@pytest.mark.timeout(3 * CAP_SECONDS)
def test_every_story_that_takes_minutes_ends_well(tmp_path_factory: pytest.TempPathFactory) -> None:
    """One test, so that they are lived at once however the tests are spread over processes."""
    folders = [tmp_path_factory.mktemp(story.__name__) for story in STORIES]
    with ThreadPoolExecutor(len(STORIES)) as pool:
        ends = [pool.submit(story, folder) for story, folder in zip(STORIES, folders, strict=True)]
        failures = [failure for end in ends if (failure := end.exception()) is not None]
    if failures:
        raise BaseExceptionGroup("stories that went wrong", failures)
