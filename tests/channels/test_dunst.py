"""The channels against a real notification server."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from kzreminder.channels.desktop_dbus import DesktopDbus
from kzreminder.channels.desktop_plyer import DesktopPlyer
from kzreminder.channels.message import Accepted, Channel, Message, Server, Urgency

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.desktop import Desktop

ENGLISH = Message(
    "3 days left: Mum, plan ends 20 Dec", "Kcell: top up 4 990 ₸\nkzreminder guide Mum"
)
CHINESE = Message(
    "还剩 3 天:妈妈,套餐 12月20日到期",
    "Kcell:充值 4 990 ₸\nkzreminder guide 妈妈",
    Urgency.CRITICAL,
)
HOSTILE = Message("-u <b>A&B</b>", "-u <b>A&B</b> <i>\\u0041 &amp;")


@pytest.fixture(params=[DesktopDbus, DesktopPlyer])
def channel(request: pytest.FixtureRequest, desktop: Desktop) -> Iterator[Channel]:
    made: Channel = request.param()
    yield made
    made.close()


def test_dunst_shows_messages_as_they_were_written(channel: Channel, desktop: Desktop) -> None:
    for message in (ENGLISH, CHINESE, HOSTILE):
        outcome = channel.send(message)
        assert isinstance(outcome, Accepted)
        assert outcome.id is not None
    assert desktop.count_shown() == 3
    shown = [(found["title"], found["body"]) for found in desktop.history()]
    assert shown == [(sent.title, sent.body) for sent in (HOSTILE, CHINESE, ENGLISH)]
    assert [found["stays"] for found in desktop.history()] == [False, True, False]
    assert {found["app"] for found in desktop.history()} == {"kzreminder"}
    assert "<" not in str(desktop.history()[0]["markup"])


def test_dunst_is_met_by_its_name(channel: Channel) -> None:
    described = channel.describe()
    assert isinstance(described, Server)
    assert described.name == "dunst"
    assert "body-markup" in described.capabilities


def test_a_replaced_message_stands_once(channel: Channel, desktop: Desktop) -> None:
    first = channel.send(ENGLISH)
    assert isinstance(first, Accepted)
    assert first.id is not None
    assert channel.send(Message("2 days left: Mum", "", replaces_id=first.id)) == first
    assert desktop.count_shown() == 1
    assert [shown["title"] for shown in desktop.history()] == ["2 days left: Mum"]


def test_the_message_can_be_seen(desktop: Desktop, tmp_path: Path) -> None:
    empty, shown = tmp_path / "empty.png", tmp_path / "shown.png"
    desktop.screenshot(empty)
    channel = DesktopDbus()
    channel.send(CHINESE)
    channel.send(HOSTILE)
    desktop.screenshot(shown)
    channel.close()
    compared = subprocess.run(
        ["compare", "-metric", "AE", str(empty), str(shown), "null:"],
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert int(compared.stderr.split()[0]) > 5000, "hardly a pixel of the screen changed"
