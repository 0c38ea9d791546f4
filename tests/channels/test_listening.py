"""What the desktop tells us of our messages: pressed, closed, gone; and whom we believe.

Not here: what a press records (tests/reminding).
"""

from __future__ import annotations

import queue
from collections.abc import Iterator

import pytest
from jeepney import DBusAddress, HeaderFields, new_signal
from jeepney.io.blocking import open_dbus_connection

from kzreminder.channels.desktop_dbus import DesktopDbus
from kzreminder.channels.message import (
    Accepted,
    Closed,
    Event,
    Life,
    Message,
    Pressed,
    ServerChanged,
    TargetAway,
)
from tests.channels.bus import HASTY_SECONDS, wait_until
from tests.channels.fake_server import NAME, PATH, PLAIN, FakeServer

BUTTONS = (("renewed", "Renewed"), ("tomorrow", "Tomorrow"), ("guide", "How to renew"))
HELLO = Message("3 days left: Mum", "Kcell", buttons=BUTTONS, on_click="guide")
SECONDS = 5.0


class Ears:
    """A channel that listens, and what it heard."""

    def __init__(self) -> None:
        self.events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.channel = DesktopDbus(hear=self.events.put)

    def next(self) -> Event:
        return self.events.get(timeout=SECONDS)

    def send(self) -> Accepted:
        outcome = self.channel.send(HELLO)
        assert isinstance(outcome, Accepted)
        return outcome


@pytest.fixture
def ears(server: FakeServer) -> Iterator[Ears]:
    made = Ears()
    yield made
    made.channel.close()


def life_of(ears: Ears) -> Life:
    life = ears.channel.attend()
    assert life is not None
    return life


def test_a_server_with_buttons_gets_them_and_a_click_on_the_body_is_the_guide(
    server: FakeServer, ears: Ears
) -> None:
    ears.send()
    [sent] = server.received()
    assert sent["actions"] == [
        *("renewed", "Renewed", "tomorrow", "Tomorrow"),
        *("default", "How to renew", "guide", "How to renew"),
    ]
    assert sent["hints"]["resident"] == ["b", True]


@pytest.mark.parametrize("name", ["dunst", "Xfce Notify Daemon", "lxqt-notificationd"])
def test_a_server_that_shows_a_button_for_the_body_gets_no_second_one(
    server: FakeServer, ears: Ears, name: str
) -> None:
    server.stop()
    server.start(name=name)
    ears.send()
    assert server.received()[0]["actions"][-2:] == ["default", "How to renew"]
    assert "guide" not in server.received()[0]["actions"]


def test_a_server_that_does_not_let_go_of_what_is_to_stay_is_not_asked_to_keep_it(
    server: FakeServer, ears: Ears
) -> None:
    server.stop()
    server.start(name="Notification Daemon")
    ears.send()
    assert server.received()[0]["actions"] != []
    assert "resident" not in server.received()[0]["hints"]


def test_a_server_without_buttons_gets_none(server: FakeServer, ears: Ears) -> None:
    server.stop()
    server.start(("body",))
    ears.send()
    assert server.received()[0]["actions"] == []
    assert "resident" not in server.received()[0]["hints"]


def test_a_process_that_does_not_listen_offers_no_buttons(server: FakeServer) -> None:
    channel = DesktopDbus()
    channel.send(HELLO)
    channel.close()
    assert server.received()[0]["actions"] == []


@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize("key", ["renewed", "tomorrow", "guide", "default", "unheard of"])
def test_a_press_is_heard_with_its_id_and_the_life_of_its_server(
    server: FakeServer, ears: Ears, alone: bool, key: str
) -> None:
    server.stop()
    server.start(alone=alone)
    sent = ears.send()
    assert sent.id is not None
    assert sent.server is not None
    while not ears.events.empty():
        assert ears.next() == ServerChanged()
    server.press(sent.id, key)
    pressed = ears.next()
    assert isinstance(pressed, Pressed)
    assert (pressed.id, pressed.key) == (sent.id, key)
    assert life_of(ears).hears(sent.server)
    assert life_of(ears).tells_sender_only is alone


@pytest.mark.parametrize(("reason", "by_person"), [(1, False), (2, True), (3, False), (4, False)])
def test_a_closed_message_is_heard(
    server: FakeServer, ears: Ears, reason: int, by_person: bool
) -> None:
    sent = ears.send()
    assert sent.id is not None
    server.close(sent.id, reason)
    assert ears.next() == Closed(sent.id, str(life_of(ears)), by_person)


def test_a_forged_press_is_not_heard(server: FakeServer, ears: Ears) -> None:
    sent = ears.send()
    forger = DBusAddress(PATH, interface=NAME)
    with open_dbus_connection(server.bus.address) as connection:
        for member, signature, body in (
            ("ActionInvoked", "us", (sent.id, "renewed")),
            ("NotificationClosed", "uu", (sent.id, 2)),
        ):
            forged = new_signal(forger, member, signature, body)
            connection.send(forged)
            to_us = new_signal(forger, member, signature, body)
            to_us.header.fields[HeaderFields.destination] = life_of(ears).ear
            connection.send(to_us)
    server.press(int(sent.id or 0), "tomorrow")
    pressed = ears.next()
    assert isinstance(pressed, Pressed)
    assert pressed.key == "tomorrow"
    assert ears.events.empty()


def test_a_server_that_goes_and_comes_is_heard_and_lives_another_life(
    server: FakeServer, ears: Ears
) -> None:
    sent = ears.send()
    assert sent.server is not None
    server.stop()
    assert ears.next() == ServerChanged()
    assert ears.channel.attend() is None
    server.start()
    assert ears.next() == ServerChanged()
    assert not life_of(ears).has(sent.server)
    assert not life_of(ears).hears(sent.server)


def test_a_server_that_the_bus_would_start_sleeps_and_is_not_woken_by_a_look(
    server: FakeServer, ears: Ears
) -> None:
    sent = ears.send()
    assert sent.server is not None
    server.bus.can_start(NAME, "/bin/false")
    server.stop()
    wait_until(lambda: ears.channel.attend() is not None, "the bus knows of it")
    life = life_of(ears)
    assert life.sleeps
    assert not life.has(sent.server)
    assert not life.hears(sent.server)
    server.start()
    wait_until(lambda: not life_of(ears).sleeps, "it is awake")
    assert len(server.received()) == 1


def test_a_server_that_answers_late_is_heard(server: FakeServer) -> None:
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    channel = DesktopDbus(hear=events.put, limit_seconds=HASTY_SECONDS)
    try:
        channel.attend()
        server.pause()
        assert isinstance(channel.send(HELLO), TargetAway)
        assert events.empty()
        server.resume()
        assert events.get(timeout=SECONDS) == ServerChanged()
    finally:
        channel.close()


def test_the_end_of_the_bus_is_heard_and_a_new_one_is_listened_to(
    server: FakeServer, ears: Ears
) -> None:
    sent = ears.send()
    assert sent.server is not None
    server.bus.stop()
    server.stop()
    assert ears.next() == ServerChanged()
    server.bus.start()
    server.start()
    wait_until(lambda: ears.channel.attend() is not None, "it listens again")
    # the same unique names may be given again: only the bus itself tells its lives apart
    assert not life_of(ears).has(sent.server)
    again = ears.send()
    server.press(int(again.id or 0), "renewed")
    pressed = ears.next()
    while not isinstance(pressed, Pressed):
        pressed = ears.next()
    assert pressed.key == "renewed"


def test_a_message_is_replaced_only_on_the_life_of_the_server_that_gave_its_id(
    server: FakeServer, ears: Ears
) -> None:
    sent = ears.send()
    assert sent.id is not None
    again = Message("again", "", replaces_id=sent.id, replaces_on=sent.server)
    assert ears.channel.send(again) == Accepted(sent.id)
    server.stop()
    server.start()
    ears.channel.send(again)
    assert [one["replaces_id"] for one in server.received()] == [0, sent.id, 0]


def test_a_message_is_taken_away_only_where_it_was_shown(server: FakeServer, ears: Ears) -> None:
    sent = ears.send()
    assert sent.id is not None
    assert sent.server is not None
    ears.channel.take_away(sent.id, sent.server)
    assert server.closed() == [sent.id]
    server.stop()
    server.start(PLAIN)
    ears.channel.take_away(sent.id, sent.server)
    assert server.closed() == [sent.id]


def test_another_connection_of_ours_on_a_server_that_tells_the_sender_only_cannot_hear(
    server: FakeServer, ears: Ears
) -> None:
    server.stop()
    server.start(name="dunst", alone=True)
    sent = ears.send()
    assert sent.server is not None
    other = Ears()
    try:
        assert life_of(other).has(sent.server)
        assert not life_of(other).hears(sent.server)
        assert life_of(ears).hears(sent.server)
    finally:
        other.channel.close()
