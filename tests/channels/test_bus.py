"""The session bus absent, dead, hanging, talking nonsense, gone and back.

Not here: a server that misbehaves on a sound bus (test_desktop_dbus).
"""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from kzreminder.channels.desktop_dbus import DesktopDbus
from kzreminder.channels.message import Accepted, Message, Outcome, TargetAway
from tests.channels.bus import HASTY_SECONDS, SLACK_SECONDS
from tests.channels.fake_server import FakeServer

HELLO = Message("3 days left: Mum", "Kcell: 4 990 ₸\nGuide: kzreminder guide Mum")


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
    assert isinstance(
        DesktopDbus(address=address, limit_seconds=HASTY_SECONDS).send(HELLO), TargetAway
    )


def test_the_first_address_that_answers_is_taken(server: FakeServer) -> None:
    several = f"unix:path=/nonexistent/bus;{server.bus.address}"
    channel = DesktopDbus(address=several)
    assert channel.send(HELLO) == Accepted(1)
    channel.close()


@contextmanager
def called(place: Path) -> Iterator[tuple[socket.socket, Future[Outcome]]]:
    """Something that listens there, and a message on its way to it."""
    with socket.socket(socket.AF_UNIX) as listener, ThreadPoolExecutor() as pool:
        listener.bind(str(place))
        listener.listen()
        listener.settimeout(5)
        channel = DesktopDbus(address=f"unix:path={place}", limit_seconds=HASTY_SECONDS)
        yield listener, pool.submit(channel.send, HELLO)


@pytest.mark.parametrize(
    "answer", [b"REJECTED EXTERNAL\r\n", b"HTTP/1.1 400\r\n\r\n", b"", b"OK 1\r\nx"]
)
def test_a_listener_that_is_no_bus_is_away(tmp_path: Path, answer: bytes) -> None:
    with called(tmp_path / "s") as (listener, sending):
        with listener.accept()[0] as caller:
            caller.sendall(answer)
            if answer:
                assert isinstance(sending.result(timeout=HASTY_SECONDS + SLACK_SECONDS), TargetAway)
        assert isinstance(sending.result(timeout=HASTY_SECONDS + SLACK_SECONDS), TargetAway)


@pytest.mark.parametrize(
    "garbage", [b"\x00" * 64, b"l" + b"\xff" * 64, b"l\x02\x01\x01" + b"\x07" * 60]
)
def test_a_bus_that_talks_nonsense_after_the_login_is_away(tmp_path: Path, garbage: bytes) -> None:
    with called(tmp_path / "s") as (listener, sending), listener.accept()[0] as caller:
        caller.recv(1000)
        caller.sendall(b"OK 1234\r\n")
        caller.recv(1000)
        caller.sendall(garbage)
        assert isinstance(sending.result(timeout=HASTY_SECONDS + SLACK_SECONDS), TargetAway)


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
    assert took < HASTY_SECONDS + SLACK_SECONDS
    assert isinstance(hasty.send(HELLO), Accepted)


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
