"""What every channel promises, the fake one too."""

from __future__ import annotations

import html
import shutil
from typing import TYPE_CHECKING, Protocol

import pytest

from kzreminder.channels.desktop_dbus import DesktopDbus
from kzreminder.channels.desktop_plyer import DesktopPlyer
from kzreminder.channels.message import (
    Accepted,
    Channel,
    Message,
    Refused,
    Server,
    TargetAway,
    Urgency,
)
from tests.channels.fake_channel import FakeChannel
from tests.channels.fake_server import PLAIN, FakeServer

if TYPE_CHECKING:
    from collections.abc import Iterator

HOSTILE = [
    "-u <b>A&B</b>",
    "--help",
    "--version",
    "-t5 label",
    "--",
    "a\\nb \\u0041 C:\\new",
    "'}, 'x': <'y'>}",
    '"; touch /tmp/x; $(id) `id` %s %n',
    "<img src='file:///etc/passwd'/>",
    "&lt;b&gt; &amp;",
    "卡片 «Мама» Анам ₸ 📱",
]


class Desk(Protocol):
    """A channel together with the target it shows on."""

    @property
    def channel(self) -> Channel: ...
    def go_away(self) -> None: ...
    def come_back(self) -> None: ...
    def refuse(self, *, permanent: bool) -> None: ...
    def read(self) -> tuple[str, str]:
        """Title and body of the last message, as a person would read them."""
        ...


class FakeDesk:
    def __init__(self) -> None:
        self.channel = FakeChannel()

    def go_away(self) -> None:
        self.channel.fault = TargetAway("as the test ordered")

    def come_back(self) -> None:
        self.channel.fault = None

    def refuse(self, *, permanent: bool) -> None:
        self.channel.fault = Refused("as the test ordered", permanent)

    def read(self) -> tuple[str, str]:
        return self.channel.shown[-1].title, self.channel.shown[-1].body


class BusDesk:
    def __init__(self, channel: Channel, server: FakeServer, *, reads_markup: bool) -> None:
        self.channel = channel
        self._server = server
        self._reads_markup = reads_markup

    def go_away(self) -> None:
        self._server.stop()

    def come_back(self) -> None:
        self._server.start()

    def refuse(self, *, permanent: bool) -> None:
        name = "org.freedesktop.DBus.Error."
        self._server.obey("error", name + ("InvalidArgs" if permanent else "LimitsExceeded"))

    def read(self) -> tuple[str, str]:
        last = self._server.received()[-1]
        body = html.unescape(last["body"]) if self._reads_markup else last["body"]
        if self._reads_markup:
            assert "<" not in last["body"]
        return last["title"], body


WAYS = [
    *("fake", "dbus", "dbus without markup", "plyer"),
    pytest.param("plyer without markup", marks=pytest.mark.long),
]


@pytest.fixture(params=WAYS)
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    way, _, plain = request.param.partition(" ")
    if way == "fake":
        yield FakeDesk()
        return
    if way == "plyer" and shutil.which("notify-send") is None:
        pytest.skip("notify-send is not installed")
    server: FakeServer = request.getfixturevalue("server")
    if plain:
        server.stop()
        server.start(PLAIN)
    channel: Channel = DesktopDbus() if way == "dbus" else DesktopPlyer()
    yield BusDesk(channel, server, reads_markup=not plain)
    channel.close()


def test_it_says_whom_it_tells_and_how(desk: Desk) -> None:
    assert desk.channel.target.startswith("desktop:")
    assert len(desk.channel.target) > len("desktop:")
    assert desk.channel.name in {"dbus", "plyer", "fake"}


def test_what_a_user_typed_is_read_as_typed(desk: Desk) -> None:
    for typed in HOSTILE:
        outcome = desk.channel.send(Message(typed, f"{typed}\n{typed}"))
        assert isinstance(outcome, Accepted), typed
        assert desk.read() == (typed, f"{typed}\n{typed}")


def test_what_cannot_be_shown_is_left_out(desk: Desk) -> None:
    assert isinstance(
        desk.channel.send(Message("a\x00b\x1b[31m\ud83dc\nd", "e\x00\r\nf\x85\x7f\udc00\te\u0301")),
        Accepted,
    )
    assert desk.read() == ("ab[31mc d", "e\nf é")


def test_a_message_without_a_title_is_shown(desk: Desk) -> None:
    assert isinstance(desk.channel.send(Message(" \n\x00", "")), Accepted)
    assert desk.read() == ("kzreminder", "")


@pytest.mark.parametrize("urgency", list(Urgency))
def test_any_urgency_is_accepted(desk: Desk, urgency: Urgency) -> None:
    assert isinstance(desk.channel.send(Message("title", "body", urgency)), Accepted)


def test_a_replaced_message_keeps_its_id(desk: Desk) -> None:
    first = desk.channel.send(Message("first", ""))
    assert isinstance(first, Accepted)
    assert first.id is not None
    assert desk.channel.send(Message("second", "", replaces_id=first.id)) == first
    third = desk.channel.send(Message("third", ""))
    assert isinstance(third, Accepted)
    assert third.id != first.id


def test_a_target_that_is_away_says_so_and_may_come_back(desk: Desk) -> None:
    desk.go_away()
    for _ in range(2):
        outcome = desk.channel.send(Message("title", "body"))
        assert isinstance(outcome, TargetAway)
        assert outcome.error
    assert isinstance(desk.channel.describe(), TargetAway)
    desk.come_back()
    assert isinstance(desk.channel.send(Message("title", "body")), Accepted)
    assert isinstance(desk.channel.describe(), Server)


@pytest.mark.parametrize("permanent", [True, False])
def test_a_refusal_is_about_the_message_and_says_whether_it_lasts(
    desk: Desk, permanent: bool
) -> None:
    desk.refuse(permanent=permanent)
    outcome = desk.channel.send(Message("title", "body"))
    assert isinstance(outcome, Refused)
    assert outcome.permanent is permanent
    assert outcome.error
    assert isinstance(desk.channel.describe(), Server)


def test_a_message_of_any_length_has_an_outcome(desk: Desk) -> None:
    outcome = desk.channel.send(Message("t" * 300_000, "line\n" * 300_000))
    assert isinstance(outcome, Accepted) or (isinstance(outcome, Refused) and outcome.permanent)
    assert isinstance(desk.channel.send(Message("title", "body")), Accepted)


def test_a_closed_channel_opens_again(desk: Desk) -> None:
    desk.channel.close()
    assert isinstance(desk.channel.send(Message("title", "body")), Accepted)
    desk.channel.close()
    desk.channel.close()
    assert isinstance(desk.channel.send(Message("title", "body")), Accepted)
