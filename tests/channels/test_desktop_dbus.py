"""What only the way over the bus promises; what every channel promises is in test_contract."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kzreminder.channels.desktop_dbus import DesktopDbus
from kzreminder.channels.message import Accepted, Message, Refused, Server, TargetAway, Urgency
from tests.channels.bus import HASTY_SECONDS, SLACK_SECONDS, wait_until
from tests.channels.fake_server import MARKUP, PLAIN, FakeServer

if TYPE_CHECKING:
    from tests.channels.bus import Bus

HELLO = Message("3 days left: Mum", "Kcell: 4 990 ₸\nGuide: kzreminder guide Mum")


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
        channel = DesktopDbus(hear=(lambda event: None) if lasting else None)
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


def test_a_server_that_hangs_is_not_described_from_memory(
    server: FakeServer, hasty: DesktopDbus
) -> None:
    assert isinstance(hasty.describe(), Server)
    server.pause()
    assert isinstance(hasty.describe(), TargetAway)
    server.resume()
    assert isinstance(hasty.describe(), Server)


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
    assert HASTY_SECONDS * 0.9 < took < HASTY_SECONDS + SLACK_SECONDS
    server.resume()
    # Not a late answer to the call that was given up: that one carried the title of HELLO.
    assert isinstance(hasty.send(Message("afterwards", "")), Accepted)
    assert server.received()[-1]["title"] == "afterwards"


def test_what_a_server_shows_after_it_was_given_up_gives_its_place_to_the_next_try(
    server: FakeServer, hasty: DesktopDbus
) -> None:
    hasty.send(HELLO)
    mum, dad = replace(HELLO, about="card 1"), replace(HELLO, about="card 2")
    server.pause()
    assert isinstance(hasty.send(mum), TargetAway)
    server.resume()
    wait_until(lambda: len(server.received()) == 2, "it is shown late")
    assert hasty.send(dad) == Accepted(3)
    assert hasty.send(mum) == Accepted(2)
    assert [one["replaces_id"] for one in server.received()] == [0, 0, 0, 2]
    assert hasty.send(mum) == Accepted(4)


def test_a_server_that_was_restarted_is_used_at_once(
    server: FakeServer, channel: DesktopDbus
) -> None:
    channel.send(HELLO)
    server.stop()
    assert isinstance(channel.send(HELLO), TargetAway)
    server.start()
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
