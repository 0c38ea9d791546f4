"""What only the way over the bus promises; what every channel promises is in test_contract."""

from __future__ import annotations

import os
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kzreminder.channels.desktop_dbus import DesktopDbus
from kzreminder.channels.message import Accepted, Message, Refused, Server, TargetAway, Urgency
from tests.channels.fake_server import MARKUP, PLAIN, FakeServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.channels.bus import Bus

LIMIT = 1.5
"seconds; short where the limit is meant to be reached, but not too short for a busy machine"
SLACK = 2.0
HELLO = Message("3 days left: Mum", "Kcell: 4 990 ₸\nGuide: kzreminder guide Mum")


@pytest.fixture
def channel() -> Iterator[DesktopDbus]:
    made = DesktopDbus()
    yield made
    made.close()


@pytest.fixture
def hasty() -> Iterator[DesktopDbus]:
    made = DesktopDbus(limit_seconds=LIMIT)
    yield made
    made.close()


def test_a_message_arrives_as_it_was_written(server: FakeServer, channel: DesktopDbus) -> None:
    assert channel.send(HELLO) == Accepted(1)
    assert server.received() == [
        {
            "id": 1,
            "app_name": "kzreminder",
            "replaces_id": 0,
            "icon": "",
            "title": HELLO.title,
            "body": HELLO.body,
            "actions": [],
            "hints": {"urgency": ["y", 1]},
            "expire_timeout": -1,
        }
    ]


@pytest.mark.parametrize(
    ("urgency", "byte", "expires"),
    [(Urgency.LOW, 0, -1), (Urgency.NORMAL, 1, -1), (Urgency.CRITICAL, 2, 0)],
)
def test_urgency_goes_as_a_byte_and_the_critical_never_expire(
    server: FakeServer, channel: DesktopDbus, urgency: Urgency, byte: int, expires: int
) -> None:
    channel.send(Message("title", "body", urgency))
    (sent,) = server.received()
    assert sent["hints"]["urgency"] == ["y", byte]
    assert sent["expire_timeout"] == expires


def test_a_message_takes_the_place_of_the_one_it_replaces(
    server: FakeServer, channel: DesktopDbus
) -> None:
    assert channel.send(HELLO) == Accepted(1)
    assert channel.send(Message("again", "", replaces_id=1)) == Accepted(1)
    assert server.received()[1]["replaces_id"] == 1


def test_only_a_process_that_stays_names_its_desktop_file(server: FakeServer) -> None:
    for lasting in (False, True):
        channel = DesktopDbus(lasting=lasting)
        channel.send(HELLO)
        channel.close()
    short, long = server.received()
    assert "desktop-entry" not in short["hints"]
    assert long["hints"]["desktop-entry"] == ["s", "kzreminder"]


def test_the_body_is_escaped_only_for_a_server_that_reads_markup(
    server: FakeServer, channel: DesktopDbus
) -> None:
    typed = "-u <b>A&B</b> \"x\" 'y'"
    channel.send(Message(typed, typed))
    server.stop()
    server.start(PLAIN)
    channel.send(Message(typed, typed))
    server.stop()
    server.start(MARKUP)
    channel.send(Message(typed, typed))
    escaped = "-u &lt;b&gt;A&amp;B&lt;/b&gt; \"x\" 'y'"
    assert [sent["body"] for sent in server.received()] == [escaped, typed, escaped]
    assert {sent["title"] for sent in server.received()} == {typed}


def test_the_server_says_who_it_is(server: FakeServer, channel: DesktopDbus) -> None:
    assert channel.describe() == Server("fake", "kzreminder", "1.0", MARKUP)


def test_without_a_bus_address_the_target_is_away(
    monkeypatch: pytest.MonkeyPatch, channel: DesktopDbus
) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    outcome = channel.send(HELLO)
    assert isinstance(outcome, TargetAway)
    assert "DBUS_SESSION_BUS_ADDRESS" in outcome.error
    assert isinstance(channel.describe(), TargetAway)


def test_the_bus_of_the_login_is_found_without_an_address(
    server: FakeServer, channel: DesktopDbus, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = server.bus.address.removeprefix("unix:path=").removesuffix("/bus")
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
    monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
    assert channel.send(HELLO) == Accepted(1)


@pytest.mark.parametrize(
    "address",
    [
        "unix:path=/nonexistent/bus",
        "unix:abstract=kzreminder-nobody-listens",
        "unix:path=/dev/null",
        "unix:path=/" + "x" * 200,
        "tcp:host=127.0.0.1,port=1",
        "autolaunch:",
        "nonsense",
        "unix:path",
        ";",
    ],
)
def test_at_a_dead_address_the_target_is_away(address: str) -> None:
    assert isinstance(DesktopDbus(address=address, limit_seconds=LIMIT).send(HELLO), TargetAway)


def test_the_first_address_that_answers_is_taken(server: FakeServer) -> None:
    several = f"unix:path=/nonexistent/bus;{server.bus.address}"
    channel = DesktopDbus(address=several)
    assert channel.send(HELLO) == Accepted(1)
    channel.close()


@pytest.mark.parametrize(
    "answer", [b"REJECTED EXTERNAL\r\n", b"HTTP/1.1 400\r\n\r\n", b"", b"OK 1\r\nx"]
)
def test_a_listener_that_is_no_bus_is_away(tmp_path: Path, answer: bytes) -> None:
    place = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as listener, ThreadPoolExecutor() as pool:
        listener.bind(place)
        listener.listen()
        listener.settimeout(5)
        sending = pool.submit(
            DesktopDbus(address=f"unix:path={place}", limit_seconds=LIMIT).send, HELLO
        )
        with listener.accept()[0] as caller:
            caller.sendall(answer)
            if answer:
                assert isinstance(sending.result(timeout=LIMIT + SLACK), TargetAway)
        assert isinstance(sending.result(timeout=LIMIT + SLACK), TargetAway)


@pytest.mark.parametrize(
    "garbage", [b"\x00" * 64, b"l" + b"\xff" * 64, b"l\x02\x01\x01" + b"\x07" * 60]
)
def test_a_bus_that_talks_nonsense_after_the_login_is_away(tmp_path: Path, garbage: bytes) -> None:
    place = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as listener, ThreadPoolExecutor() as pool:
        listener.bind(place)
        listener.listen()
        listener.settimeout(5)
        sending = pool.submit(
            DesktopDbus(address=f"unix:path={place}", limit_seconds=LIMIT).send, HELLO
        )
        with listener.accept()[0] as caller:
            caller.recv(1000)
            caller.sendall(b"OK 1234\r\n")
            caller.recv(1000)
            caller.sendall(garbage)
            assert isinstance(sending.result(timeout=LIMIT + SLACK), TargetAway)


def test_a_bus_without_a_server_is_away_and_one_that_comes_is_found(
    bus: Bus, channel: DesktopDbus, tmp_path: Path
) -> None:
    outcome = channel.send(HELLO)
    assert isinstance(outcome, TargetAway)
    assert "ServiceUnknown" in outcome.error
    server = FakeServer(bus, tmp_path)
    server.start()
    try:
        assert channel.send(HELLO) == Accepted(1)
    finally:
        server.stop()


@pytest.mark.parametrize("is_known", [False, True])
def test_a_server_that_hangs_is_away_within_the_limit(
    server: FakeServer, hasty: DesktopDbus, is_known: bool
) -> None:
    if is_known:
        hasty.send(HELLO)
    server.pause()
    began = time.monotonic()
    outcome = hasty.send(HELLO)
    took = time.monotonic() - began
    assert isinstance(outcome, TargetAway)
    assert LIMIT * 0.9 < took < LIMIT + SLACK
    server.resume()
    # Not a late answer to the call that was given up: that one carried the title of HELLO.
    assert isinstance(hasty.send(Message("afterwards", "")), Accepted)
    assert server.received()[-1]["title"] == "afterwards"


@pytest.mark.parametrize("is_known", [False, True])
def test_a_bus_that_hangs_is_away_within_the_limit(
    server: FakeServer, hasty: DesktopDbus, is_known: bool
) -> None:
    if is_known:
        hasty.send(HELLO)
    os.kill(server.bus.pid, signal.SIGSTOP)
    began = time.monotonic()
    # More than the socket's buffer holds, so that writing blocks as well.
    outcome = hasty.send(Message("title", "x" * 4_000_000))
    took = time.monotonic() - began
    os.kill(server.bus.pid, signal.SIGCONT)
    assert isinstance(outcome, TargetAway)
    assert took < LIMIT + SLACK
    assert isinstance(hasty.send(HELLO), Accepted)


def test_a_server_that_was_restarted_is_used_at_once(
    server: FakeServer, channel: DesktopDbus
) -> None:
    channel.send(HELLO)
    server.stop()
    assert isinstance(channel.send(HELLO), TargetAway)
    server.start()
    assert isinstance(channel.send(HELLO), Accepted)


def test_a_bus_that_was_restarted_is_used_at_once(server: FakeServer, channel: DesktopDbus) -> None:
    channel.send(HELLO)
    server.bus.stop()
    server.stop()
    assert isinstance(channel.send(HELLO), TargetAway)
    server.bus.start()
    server.start()
    channel.send(HELLO)
    server.bus.stop()
    server.stop()
    server.bus.start()
    server.start()
    # No failed send between: the first one meets the dead connection and opens another.
    assert isinstance(channel.send(HELLO), Accepted)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("org.freedesktop.DBus.Error.InvalidArgs", "refused for good"),
        ("org.freedesktop.Notifications.Error.ExcessNotificationGeneration", "refused"),
        ("org.freedesktop.DBus.Error.LimitsExceeded", "refused"),
        ("org.example.Unheard.Of", "refused"),
        ("org.freedesktop.DBus.Error.ServiceUnknown", "away"),
        ("org.freedesktop.DBus.Error.NoReply", "away"),
        ("org.freedesktop.DBus.Error.Spawn.ChildExited", "away"),
        ("org.freedesktop.DBus.Error.UnknownMethod", "away"),
    ],
)
def test_an_error_of_the_server_is_away_or_refused(
    server: FakeServer, channel: DesktopDbus, error: str, expected: str
) -> None:
    server.obey("error", error)
    outcome = channel.send(HELLO)
    assert not isinstance(outcome, Accepted)
    assert error in outcome.error
    if isinstance(outcome, TargetAway):
        assert expected == "away"
    else:
        assert expected == ("refused for good" if outcome.permanent else "refused")
    server.obey("accept")
    assert isinstance(channel.send(HELLO), Accepted)


def test_an_id_of_nothing_is_not_believed(server: FakeServer, channel: DesktopDbus) -> None:
    server.obey("no-id")
    outcome = channel.send(HELLO)
    assert isinstance(outcome, Refused)
    assert not outcome.permanent


def test_a_server_that_dies_of_a_message_is_away(server: FakeServer, channel: DesktopDbus) -> None:
    server.obey("die")
    assert isinstance(channel.send(HELLO), TargetAway)
    server.stop()
    server.start()
    assert channel.send(HELLO) == Accepted(1)


def test_an_id_that_cannot_be_written_is_refused_for_good(
    server: FakeServer, channel: DesktopDbus
) -> None:
    outcome = channel.send(Message("title", "body", replaces_id=-1))
    assert isinstance(outcome, Refused)
    assert outcome.permanent
    assert isinstance(channel.send(HELLO), Accepted)


def test_threads_share_one_channel(server: FakeServer, channel: DesktopDbus) -> None:
    titles = [f"number {n}" for n in range(100)]
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda title: channel.send(Message(title, "")), titles))
    assert {outcome.id for outcome in outcomes if isinstance(outcome, Accepted)} == set(
        range(1, 101)
    )
    assert {sent["title"] for sent in server.received()} == set(titles)


def test_no_connection_is_left_behind(server: FakeServer) -> None:
    def open_files() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    before = open_files()
    for _ in range(5):
        channel = DesktopDbus()
        channel.send(HELLO)
        channel.close()
        channel.close()
        DesktopDbus(address="unix:path=/nonexistent").send(HELLO)
    assert open_files() == before
