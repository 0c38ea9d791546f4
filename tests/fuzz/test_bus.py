"""Whatever a bus sends: no trace, no hang, no thread left behind, no growth.

Not here: what a sound signal means (tests/channels/test_listening).
"""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jeepney import DBusAddress, new_method_call, new_signal

from kzreminder.channels.bus import Signal
from kzreminder.channels.desktop_dbus import DesktopDbus
from kzreminder.channels.message import Closed, Event, Pressed
from kzreminder.reminding.answering import answer, note_closed
from tests.channels.fake_server import NAME, PATH
from tests.fuzz.fuzzing import EXAMPLES, no_hang, spoilt
from tests.passes import House, house
from tests.storage.samples import NOW, ending

__all__ = ["house"]

SERVER = DBusAddress(PATH, bus_name=NAME, interface=NAME)
ADDRESS = DBusAddress(PATH, interface=NAME)
SOUND = [
    new_signal(ADDRESS, "ActionInvoked", "us", (7, "renewed")).serialise(serial=3),
    new_signal(ADDRESS, "NotificationClosed", "uu", (7, 2)).serialise(serial=4),
    new_signal(ADDRESS, "NameOwnerChanged", "sss", (NAME, ":1.2", "")).serialise(serial=5),
    new_method_call(SERVER, "Notify", "as", (["a"] * 9,)).serialise(serial=6),
    new_signal(ADDRESS, "Other", "a{sv}", ({"x": ("s", "y")},)).serialise(serial=7),
]
TOKENS = [b"\x00", b"\xff\xff\xff\xff", b"l", b"B", b"\x01", b"a{sv}", b"((((((", b"\x00" * 300]

quietly = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["renewed", "tomorrow", "guide", "default", "{0.__class__}", "%s"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)
_signals = st.builds(
    Signal,
    sender=st.sampled_from([":1.5", "org.freedesktop.DBus", ":1.6", "", "x" * 300]),
    path=st.sampled_from([PATH, "/", "", "/x" * 90]),
    name=st.sampled_from(
        [f"{NAME}.ActionInvoked", f"{NAME}.NotificationClosed", f"{NAME}.Other", "None.None", ""]
    )
    | st.text(max_size=30),
    body=st.lists(_values, max_size=4).map(tuple),
    is_for_us=st.booleans(),
)


@given(_signals)
@quietly
def test_only_sound_signals_of_the_owner_become_events(signal: Signal) -> None:
    heard: list[Event] = []
    channel = DesktopDbus(hear=heard.append)
    channel._owner_name = ":1.5"
    with no_hang():
        channel._hear(signal)
    if signal.sender != ":1.5" or signal.path != PATH:
        assert heard == []
    for event in heard:
        assert isinstance(event, Pressed | Closed)
        assert 0 < event.id < 2**32


@given(st.integers(1, 2**32 - 1), st.text(max_size=40), st.text(max_size=40), st.booleans())
@quietly
def test_a_press_of_anything_records_nothing_that_was_not_offered(
    house: House, number: int, server: str, key: str, by_person: bool
) -> None:
    if not house.store.count():
        house.add(ending("Mum"))
        house.tell(NOW)
    desk = house.parts.desk(house.screen)
    before = house.rows("select * from cards")
    with no_hang():
        for told in (server, str(house.screen.life)):
            if told == server or number not in house.screen.ids:
                answer(desk, Pressed(number, told, key), NOW)
                note_closed(desk, Closed(number, told, by_person))
    assert house.rows("select * from cards") == before


@pytest.mark.parametrize("seed", range(EXAMPLES))
def test_bytes_of_any_kind_end_the_connection_at_worst(seed: int) -> None:
    threads = threading.active_count()
    failed: list[Any] = []
    heard: list[Signal | None] = []
    before, threading.excepthook = threading.excepthook, failed.append
    ours, theirs = socket.socketpair()
    try:
        line = _line(ours, heard)
        theirs.settimeout(5)
        with no_hang():
            try:
                for part in range(4):
                    theirs.sendall(spoilt(SOUND, TOKENS, seed * 4 + part))
            except OSError:
                pass  # it hung up already
            theirs.close()
            line._thread.join(5)
        line.end()
    finally:
        threading.excepthook = before
    assert failed == []
    assert not line._thread.is_alive()
    assert heard.count(None) == 1
    assert threading.active_count() == threads


def _line(connected: socket.socket, heard: list[Signal | None]) -> Any:
    from kzreminder.channels import bus

    return bus._Line(connected, heard.append, takes_files=False)
