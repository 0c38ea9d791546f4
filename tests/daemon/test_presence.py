"""Somebody is there unless every screen of theirs is locked or idle."""

from __future__ import annotations

import pytest

from kzreminder.daemon.presence import is_anybody_there


def a_session(**told: object) -> dict[str, object]:
    usual = {"Class": "user", "Type": "x11", "State": "active", "Active": True, "Remote": False}
    return usual | {"LockedHint": False, "IdleHint": False} | told


LOCKED = a_session(LockedHint=True)
IDLE = a_session(IdleHint=True)


@pytest.mark.parametrize(
    ("sessions", "expected"),
    [
        ([], True),
        ([a_session()], True),
        ([LOCKED], False),
        ([IDLE], False),
        ([a_session(Type="wayland", LockedHint=True)], False),
        ([a_session(Type="mir", IdleHint=True)], False),
        ([LOCKED, IDLE], False),
        ([LOCKED, a_session()], True),
        ([a_session(Active=False, State="online")], True),
        # what is no screen of this person says nothing
        ([LOCKED, a_session(Class="greeter")], False),
        ([LOCKED, a_session(Class="manager", Type="unspecified")], False),
        ([LOCKED, a_session(Type="tty", Remote=True)], False),
        ([LOCKED, a_session(State="closing")], False),
        ([LOCKED, a_session(Type="tty", Active=False)], False),
        ([a_session(Type="tty", Remote=True, IdleHint=True)], True),
        ([a_session(Class="greeter", LockedHint=True)], True),
        ([a_session(Class="user-early", LockedHint=True)], False),
        # a desktop that was started from a text console
        ([LOCKED, a_session(Type="tty")], True),
        ([a_session(Type="tty", IdleHint=True)], True),
        ([a_session(Type="tty", LockedHint=True)], False),
        # what does not say so is neither locked nor idle
        ([{"Class": "user", "Type": "x11"}], True),
        ([{}], True),
    ],
)
def test_somebody_is_there_unless_every_screen_is_left(
    sessions: list[dict[str, object]], expected: bool
) -> None:
    assert is_anybody_there(sessions) is expected
    assert is_anybody_there(reversed(sessions)) is expected
