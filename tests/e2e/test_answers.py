"""Buttons pressed on the desktop of a real service, and changes that it hears of at once.

Not here: what each answer records (tests/reminding).
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from jeepney import DBusAddress, HeaderFields, new_method_call, new_signal
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection

from tests.channels.bus import environment
from tests.channels.fake_server import NAME, PATH, FakeServer
from tests.e2e.playing import Service, User, wait_until

LAST_DAY = "2026-12-20"


@pytest.fixture
def user(tmp_path: Path, server: FakeServer) -> User:
    """With a card that ends in two days, and a browser that writes down what it is to show."""
    someone = User(tmp_path, environment(server.bus))
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" >> {tmp_path}/opened\n', encoding="utf-8")
    browser.chmod(0o755)
    someone.env["BROWSER"] = f"{browser} %s"
    words = ("--operator", "kcell", "--period", "30d", "--price", "4990")
    someone.does("add", "87011234567", "--label", "Mum", "--expires", LAST_DAY, *words)
    return someone


def titles(server: FakeServer) -> list[str]:
    return [str(one["title"]) for one in server.received()]


def shown(server: FakeServer) -> int:
    wait_until(lambda: len(server.received()) == 1, "it is shown")
    return int(server.received()[0]["id"])


def events(user: User) -> list[Any]:
    told = user.reads("history", "Mum")
    return [one for one in told if one["kind"] == "event" and one["what"] != "added"]


def test_renewed_is_recorded_answered_and_its_toast_taken_away(
    user: User, server: FakeServer
) -> None:
    with Service(user) as service:
        toast = shown(server)
        for _ in range(2):
            server.press(toast, "renewed")
        wait_until(lambda: len(server.received()) == 3, "both presses are answered")
        assert titles(server)[1:] == ["Renewed: Mum", "Recorded already: Mum"]
        assert "kzreminder undo Mum" in str(server.received()[1]["body"])
        wait_until(lambda: server.closed() == [toast], "it is taken away")
        service.stop()
    assert [one["what"] for one in events(user)] == ["renewed"]
    assert user.reads("show", "Mum")["plan"]["ends_at"].startswith("2027-01-19")


def test_how_to_renew_opens_the_guide_of_the_card(
    user: User, server: FakeServer, tmp_path: Path
) -> None:
    opened = tmp_path / "opened"
    with Service(user) as service:
        server.press(shown(server), "guide")
        wait_until(opened.exists, "the page is opened", 20)
        service.stop()
    page = Path(opened.read_text(encoding="utf-8").strip().removeprefix("file://"))
    assert "Kaspi" in page.read_text(encoding="utf-8")
    assert events(user) == []


@pytest.mark.parametrize("alone", [False, pytest.param(True, marks=pytest.mark.long)])
def test_a_press_after_a_restart_of_the_service_counts(
    user: User, server: FakeServer, alone: bool
) -> None:
    server.stop()
    server.start(name="dunst" if alone else "fake", alone=alone)
    with Service(user) as first:
        toast = shown(server)
        wait_until(first.logs("told on"), "it is recorded")
        first.kill()
    count = 2 if alone else 1  # shown anew in its place, where a press would else be lost
    with Service(user) as second:
        wait_until(lambda: len(server.received()) == count, "the toast is ours again")
        wait_until(second.is_up, "it is up")
        assert {one["id"] for one in server.received()} == {toast}
        server.press(toast, "tomorrow")
        wait_until(lambda: "Tomorrow: Mum" in titles(server), "it is answered")
        second.stop()
    assert [one["what"] for one in events(user)] == ["snoozed"]


def test_a_change_by_command_takes_the_toast_away_within_a_second(
    user: User, server: FakeServer
) -> None:
    with Service(user) as service:
        toast = shown(server)
        user.does("ack", "Mum")
        began = time.monotonic()
        wait_until(lambda: server.closed() == [toast], "it is taken away")
        assert time.monotonic() - began < 5
        service.stop()


def test_a_card_added_beside_the_service_is_told_at_once(user: User, server: FakeServer) -> None:
    with Service(user) as service:
        shown(server)
        user.does("add", "--label", "Dad", "--operator", "izi", "--expires", LAST_DAY)
        wait_until(lambda: len(server.received()) == 2, "it is told", 10)
        service.stop()


def test_a_server_that_comes_back_gets_the_open_reminder_at_once(
    user: User, server: FakeServer
) -> None:
    with Service(user) as service:
        shown(server)
        wait_until(service.logs("told on"), "it is recorded")
        server.stop()
        server.start()
        wait_until(lambda: len(server.received()) == 2, "it is shown again", 10)
        time.sleep(1)
        assert len(server.received()) == 2
        service.stop()


def test_a_forged_press_records_nothing(user: User, server: FakeServer) -> None:
    """A program on the bus that is not the notification service presses our buttons."""
    with Service(user) as service:
        toast = shown(server)
        wait_until(service.logs("told on"), "it is recorded")
        with open_dbus_connection(server.bus.address) as connection:
            names = new_method_call(message_bus, "ListNames")
            ours = connection.send_and_get_reply(names, timeout=10).body[0]
            for key in ("renewed", "tomorrow", "guide"):
                for to in (None, *(name for name in ours if name.startswith(":"))):
                    forged = new_signal(
                        DBusAddress(PATH, interface=NAME), "ActionInvoked", "us", (toast, key)
                    )
                    if to is not None:
                        forged.header.fields[HeaderFields.destination] = to
                    connection.send(forged)
        server.press(toast + 1, "renewed")  # and one for an id that is none of ours
        time.sleep(2)
        service.stop()
    assert events(user) == []
    assert len(server.received()) == 1


def test_single_passes_tell_nothing_again_that_was_closed_meanwhile(
    user: User, server: FakeServer
) -> None:
    """From cron, say: nobody listens between two of them, whatever kind of server it is."""
    server.stop()
    server.start(name="dunst", alone=True)
    told = [len(user.tells_what_is_due()) for _ in range(3)]
    assert told == [1, 0, 0]
    assert len(server.received()) == 1
