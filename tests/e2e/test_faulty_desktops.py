"""Notification servers and buses that refuse, hang or die while reminders are due: none is lost.

Not here: disks and databases (test_faults), a server that comes back between reminders
(test_daemon, test_answers).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.channels.bus import environment
from tests.channels.fake_server import FakeServer
from tests.e2e.playing import Service, User, titles, wait_until

LABELS = ("Mum", "Dad", "Son")
MINUTE = timedelta(minutes=1)
pytestmark = pytest.mark.timeout(300)  # a busy machine takes seconds for each command


@pytest.fixture
def user(tmp_path: Path, server: FakeServer) -> User:
    """With three cards that end in two days."""
    someone = User(tmp_path, environment(server.bus))
    rows = "".join(f"{label},kcell,2026-12-20\n" for label in LABELS)
    (tmp_path / "cards.csv").write_text(f"label,operator,expires\n{rows}", encoding="utf-8")
    someone.does("import", str(tmp_path / "cards.csv"))
    return someone


def told(server: FakeServer) -> Counter[str]:
    """How often each card was shown; a toast that took the place of another is not another."""
    shown = {(one["title"], one["id"]) for one in server.received()}
    return Counter(label for title, _ in shown for label in LABELS if label in str(title))


def all_told(server: FakeServer) -> Callable[[], bool]:
    return lambda: set(told(server)) == set(LABELS)


def comes_through(service: Service, server: FakeServer) -> None:
    """Pokes and an hour stand for the waiting; then every card has been told."""
    wait_until(service.has_passed, "the first pass has ended", 60)
    for _ in range(6):
        service.user.clock.step(10 * MINUTE)
        service.pokes()
        if all_told(server)():
            break
    assert set(told(server)) == set(LABELS), service.log
    service.pokes(2)


def test_a_server_that_refuses_each_message(user: User, server: FakeServer) -> None:
    server.obey("error", "org.freedesktop.DBus.Error.Failed")
    with Service(user) as service:
        wait_until(service.logs("refused by"), "it refuses")
        wait_until(service.has_passed, "the pass has ended")
        service.pokes(3)
        refusals = [line for line in service.log if "refused by" in line]
        assert len(refusals) == len(LABELS)  # not once more at each poke
        assert user.reads("status")["undelivered"] == len(LABELS)
        server.obey("accept")
        comes_through(service, server)
        assert told(server) == Counter(LABELS)
        assert user.reads("status")["undelivered"] == 0
        assert service.stop() < 5


def seconds_of(user: User) -> float:
    """That a command takes, as busy as the machine is."""
    began = time.monotonic()
    user.does("edit", "Mum", "--note", str(began))
    return time.monotonic() - began


def test_a_server_that_hangs_keeps_nobody_waiting(user: User, server: FakeServer) -> None:
    usual = seconds_of(user)
    server.pause()
    with Service(user) as service:
        wait_until(service.logs("started"), "it has started")
        assert seconds_of(user) < 3 * usual + 4  # the server would cost it 5 s or more
        wait_until(service.logs("is away"), "it gives up", 40)
        server.resume()
        comes_through(service, server)
        # the one that was on its way when it hung may have been shown
        assert sum(told(server).values()) <= len(LABELS) + 1
        server.pause()
        user.does("add", "--label", "Girl", "--operator", "izi", "--expires", "2026-12-20")
        time.sleep(1)
        assert service.stop() < 5
    server.resume()


def test_a_server_that_dies_in_the_middle(user: User, server: FakeServer) -> None:
    server.obey("die")
    with Service(user) as service:
        wait_until(service.logs("is away"), "it has died")
        wait_until(service.has_passed, "the pass has ended")
        server.stop()
        server.start()
        comes_through(service, server)
        assert told(server) == Counter(LABELS)
        assert service.stop() < 5


def test_a_bus_that_is_killed_and_started_again(user: User, server: FakeServer) -> None:
    with Service(user) as service:
        wait_until(lambda: bool(server.received()), "the first is shown")
        server.bus.stop()
        server.stop()
        wait_until(service.has_passed, "the pass has ended")
        server.bus.start()
        server.start()
        before = len(server.received())
        comes_through(service, server)
        # what stood on the old server is shown again, on the new one
        assert titles(server.received()[before:]).count("2 days left: Mum, plan ends 20 Dec") <= 2
        service.pokes(2)
        messages = len(server.received())
        service.pokes(3)
        assert len(server.received()) == messages
        assert service.stop() < 5
