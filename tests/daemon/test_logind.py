"""Whether somebody can see the screen, and what is done round a sleep: a fake logind says it.

Not here: the rule (test_presence), what a pass makes of it (tests of reminding).
"""

from __future__ import annotations

import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jeepney import DBusAddress, HeaderFields, new_method_call, new_signal

from kzreminder.channels import bus as buses
from kzreminder.daemon.logind import LIMIT_SECONDS, Logind
from tests.channels.bus import HASTY_SECONDS, SLACK_SECONDS, Bus, end, environment, wait_until
from tests.daemon.fake_logind import NAME, OBJECT, FakeLogind, path_of

SETTLED_SECONDS = 0.3
"What has not come by then will not come."


class Service:
    """What logind's words do to a service: counted, and held up where a test wants it."""

    def __init__(self) -> None:
        self.woken = 0
        self.finished: list[float] = []
        self.while_finishing: Callable[[], None] = lambda: None

    def wake(self) -> None:
        self.woken += 1

    def finish(self, seconds: float) -> None:
        self.while_finishing()
        self.finished.append(seconds)


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def logind(service: Service) -> Iterator[Logind]:
    made = Logind(service.wake, service.finish)
    yield made
    made.close()


def nobody(logind: Logind) -> None:
    wait_until(lambda: not logind.somebody_is_there(), "nobody is there")


def somebody(logind: Logind) -> None:
    wait_until(logind.somebody_is_there, "somebody is there")


def held(login: FakeLogind) -> list[bool]:
    return [is_held for _asked, is_held in login.delays()]


def wait_until_held(login: FakeLogind, expected: list[bool]) -> None:
    wait_until(lambda: held(login) == expected, f"delays are held: {expected}")


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


# Locked, idle, and back


@pytest.mark.parametrize("hint", ["LockedHint", "IdleHint"])
def test_a_session_that_is_left_wakes_when_it_is_in_use_again(
    login: FakeLogind, logind: Logind, service: Service, hint: str
) -> None:
    login.session("c1")
    logind.attend()
    assert logind.somebody_is_there()
    login.change("c1", **{hint: True})
    nobody(logind)
    assert service.woken == 0
    login.change("c1", **{hint: False})
    somebody(logind)
    assert service.woken == 1


def test_a_session_that_was_locked_before_is_known_from_the_start(
    login: FakeLogind, logind: Logind, service: Service
) -> None:
    login.session("c1", LockedHint=True)
    assert logind.somebody_is_there(), "nobody has asked yet"
    logind.attend()
    assert not logind.somebody_is_there()
    assert service.woken == 0


def test_locked_and_idle_must_both_end(login: FakeLogind, logind: Logind, service: Service) -> None:
    login.session("c1", LockedHint=True, IdleHint=True)
    logind.attend()
    login.change("c1", IdleHint=False)
    time.sleep(SETTLED_SECONDS)
    assert not logind.somebody_is_there()
    login.change("c1", LockedHint=False)
    somebody(logind)
    assert service.woken == 1


def test_of_two_sessions_one_in_use_is_enough(
    login: FakeLogind, logind: Logind, service: Service
) -> None:
    login.session("c1")
    login.session("c2")
    logind.attend()
    login.change("c1", LockedHint=True)
    time.sleep(SETTLED_SECONDS)
    assert logind.somebody_is_there()
    login.change("c2", IdleHint=True)
    nobody(logind)
    login.change("c1", LockedHint=False)
    somebody(logind)
    assert service.woken == 1


def test_a_session_that_begins_while_nobody_is_there_is_looked_at_at_once(
    login: FakeLogind, logind: Logind, service: Service
) -> None:
    login.session("c1", LockedHint=True)
    logind.attend()
    login.session("c2")
    wait_until(lambda: service.woken == 1, "woken to look")
    logind.attend()
    assert logind.somebody_is_there()


def test_a_session_that_begins_is_followed_from_the_next_pass_on(
    login: FakeLogind, logind: Logind, service: Service
) -> None:
    logind.attend()
    assert logind.somebody_is_there()
    login.session("c1")
    time.sleep(SETTLED_SECONDS)
    assert service.woken == 0
    logind.attend()
    login.change("c1", LockedHint=True)
    nobody(logind)


def test_a_session_that_ends_says_nothing_any_more(
    login: FakeLogind, logind: Logind, service: Service
) -> None:
    login.session("c1", LockedHint=True)
    logind.attend()
    login.end_session("c1")
    somebody(logind)
    assert service.woken == 1
    logind.attend()
    assert logind.somebody_is_there()


def test_the_one_in_use_ends_and_the_locked_one_is_left(login: FakeLogind, logind: Logind) -> None:
    login.session("c1", LockedHint=True)
    login.session("c2")
    logind.attend()
    login.end_session("c2")
    nobody(logind)


def test_a_change_without_its_value_is_asked_for(
    login: FakeLogind, logind: Logind, service: Service
) -> None:
    login.session("c1", LockedHint=True)
    logind.attend()
    login.change("c1", silently=True, LockedHint=False)
    wait_until(lambda: service.woken == 1, "woken to ask")
    logind.attend()
    assert logind.somebody_is_there()


def test_once_it_listens_it_asks_nothing(login: FakeLogind, logind: Logind) -> None:
    login.session("c1")
    logind.attend()
    asked = login.calls()
    assert asked == ["ListSessions", "Inhibit"]
    for _ in range(10):
        logind.attend()
    assert login.calls() == asked


def test_changes_by_the_hundred_end_in_the_last(
    login: FakeLogind, logind: Logind, service: Service
) -> None:
    """Some come while the sessions are being read, of which the answer may be older."""
    login.session("c1")
    for number in range(50):
        login.change("c1", LockedHint=number % 2 == 0)
        if number % 10 == 0:
            login.session(f"d{number}", LockedHint=True)
            logind.attend()
    login.change("c1", LockedHint=True)
    logind.attend()
    nobody(logind)


# Sleep


def test_a_sleep_waits_until_the_pass_in_hand_has_ended(
    login: FakeLogind, logind: Logind, service: Service
) -> None:
    logind.attend()
    [(asked, is_held)] = login.delays()
    assert asked[0] == "sleep"
    assert asked[1] == "kzreminder"
    assert asked[3] == "delay"
    assert is_held
    may_end, seen = threading.Event(), []

    def pass_in_hand() -> None:
        may_end.wait(10)
        time.sleep(SETTLED_SECONDS)
        seen.extend(held(login))

    service.while_finishing = pass_in_hand
    login.sleep(True)
    time.sleep(SETTLED_SECONDS)
    assert held(login) == [True]
    may_end.set()
    wait_until(lambda: service.finished != [], "finished")
    wait_until_held(login, [False])
    assert seen == [True]
    [seconds] = service.finished
    assert 1 <= seconds <= 4
    assert service.woken == 0


def test_after_a_sleep_it_is_woken_and_delays_the_next(
    login: FakeLogind, logind: Logind, service: Service
) -> None:
    logind.attend()
    files = []
    for cycle in range(1, 6):
        login.sleep(True)
        wait_until_held(login, [False] * cycle)
        logind.attend()
        assert len(held(login)) == cycle, "none is asked for while the machine goes to sleep"
        login.sleep(False)
        wait_until(lambda cycle=cycle: service.woken == cycle, "woken")  # type: ignore[misc]
        logind.attend()
        wait_until_held(login, [False] * cycle + [True])
        files.append(open_files())
    assert len(service.finished) == 5
    assert files[0] == files[-1]


def test_what_is_heard_while_it_finishes_is_heard(
    login: FakeLogind, logind: Logind, service: Service
) -> None:
    login.session("c1")
    logind.attend()
    may_end = threading.Event()
    service.while_finishing = lambda: may_end.wait(10) and None  # type: ignore[assignment]
    login.sleep(True)
    login.change("c1", LockedHint=True)
    nobody(logind)
    login.sleep(False)
    wait_until(lambda: service.woken == 1, "woken")
    logind.attend()
    wait_until_held(login, [False, True])
    may_end.set()
    wait_until(lambda: service.finished != [], "finished")
    assert held(login) == [False, True]


def test_a_finish_that_fails_keeps_no_machine_awake(
    login: FakeLogind, logind: Logind, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []
    monkeypatch.setattr(threading, "excepthook", seen.append)

    def fail() -> None:
        raise OSError("broken")

    service.while_finishing = fail
    logind.attend()
    login.sleep(True)
    wait_until_held(login, [False])
    assert len(seen) == 1


def test_where_a_delay_is_refused_it_goes_on_without(
    login: FakeLogind, logind: Logind, service: Service
) -> None:
    login.session("c1")
    login.refuse_delays()
    for _ in range(20):
        logind.attend()
    assert login.calls().count("Inhibit") == 5
    login.sleep(True)
    login.sleep(False)
    wait_until(lambda: service.woken == 1, "woken")
    login.change("c1", LockedHint=True)
    nobody(logind)


def test_nothing_is_held_once_it_is_closed(login: FakeLogind, service: Service) -> None:
    before = open_files()
    threads = threading.active_count()
    logind = Logind(service.wake, service.finish)
    logind.attend()
    logind.close()
    wait_until_held(login, [False])
    assert open_files() == before
    assert threading.active_count() == threads
    logind.attend()
    assert open_files() == before
    assert service.woken == 0


def test_closed_while_it_finishes_it_lets_the_machine_sleep(
    login: FakeLogind, logind: Logind, service: Service
) -> None:
    may_end = threading.Event()
    service.while_finishing = lambda: may_end.wait(10) and None  # type: ignore[assignment]
    logind.attend()
    login.sleep(True)
    time.sleep(SETTLED_SECONDS)
    logind.close()
    wait_until_held(login, [False])
    may_end.set()


# logind or the bus is gone, hangs, comes back


def test_a_logind_that_is_restarted_is_listened_to_again(
    login: FakeLogind, logind: Logind, service: Service
) -> None:
    login.session("c1", LockedHint=True)
    logind.attend()
    login.stop()
    login.start()
    login.session("c1", LockedHint=True)
    wait_until(lambda: service.woken > 0, "woken to look at the sessions anew")
    assert not logind.somebody_is_there(), "a restart brings nobody back"
    logind.attend()
    assert not logind.somebody_is_there()
    wait_until_held(login, [True])
    login.change("c1", LockedHint=False)
    somebody(logind)
    login.sleep(True)
    wait_until_held(login, [False])


def test_a_logind_that_is_gone_for_good_holds_nothing_back(
    login: FakeLogind, logind: Logind, service: Service
) -> None:
    login.session("c1", LockedHint=True)
    logind.attend()
    login.stop()
    time.sleep(SETTLED_SECONDS)
    logind.attend()
    assert logind.somebody_is_there()
    assert service.woken == 1


def test_a_logind_that_comes_late_is_heard(
    system_bus: Bus, logind: Logind, service: Service
) -> None:
    logind.attend()
    assert logind.somebody_is_there()
    login = FakeLogind(system_bus)
    login.start()
    try:
        login.session("c1", LockedHint=True)
        time.sleep(SETTLED_SECONDS)
        logind.attend()
        assert not logind.somebody_is_there()
        wait_until_held(login, [True])
    finally:
        login.stop()


def test_a_bus_that_dies_and_is_back_is_listened_to_again(
    login: FakeLogind, logind: Logind, service: Service
) -> None:
    login.session("c1", LockedHint=True)
    logind.attend()
    login.stop()
    login.bus.stop()
    time.sleep(SETTLED_SECONDS)
    logind.attend()
    assert logind.somebody_is_there()
    login.bus.start()
    login.start()
    login.session("c1", IdleHint=True)
    logind.attend()
    assert not logind.somebody_is_there()
    wait_until_held(login, [True])
    login.change("c1", IdleHint=False)
    somebody(logind)


def test_a_logind_that_hangs_holds_nobody_up(login: FakeLogind, service: Service) -> None:
    login.session("c1", LockedHint=True)
    logind = Logind(service.wake, service.finish, limit_seconds=HASTY_SECONDS)
    login.pause()
    began = time.monotonic()
    logind.attend()
    assert time.monotonic() - began < HASTY_SECONDS + SLACK_SECONDS
    assert logind.somebody_is_there()
    login.resume()
    logind.attend()
    assert not logind.somebody_is_there()
    login.pause()
    began = time.monotonic()
    logind.attend()
    assert time.monotonic() - began < HASTY_SECONDS / 2, (
        "nothing is asked, so nothing is waited for"
    )
    login.resume()
    logind.close()


def test_an_answer_that_comes_too_late_leaves_no_file_open(
    login: FakeLogind, service: Service
) -> None:
    logind = Logind(service.wake, service.finish, limit_seconds=HASTY_SECONDS)
    logind.attend()
    login.sleep(True)
    wait_until_held(login, [False])
    login.sleep(False)
    wait_until(lambda: service.woken == 1, "woken")
    before = open_files()
    login.pause()
    logind.attend()
    login.resume()
    wait_until_held(login, [False, False])
    assert open_files() == before
    logind.attend()
    wait_until_held(login, [False, False, True])
    logind.close()


def test_a_bus_that_hangs_holds_nobody_up(login: FakeLogind, service: Service) -> None:
    logind = Logind(service.wake, service.finish, limit_seconds=HASTY_SECONDS)
    os.kill(login.bus.pid, signal.SIGSTOP)
    began = time.monotonic()
    logind.attend()
    assert time.monotonic() - began < HASTY_SECONDS + SLACK_SECONDS
    assert logind.somebody_is_there()
    os.kill(login.bus.pid, signal.SIGCONT)
    login.session("c1", LockedHint=True)
    logind.attend()
    assert not logind.somebody_is_there()
    logind.close()


@pytest.mark.parametrize(
    "address", ["unix:path=/nonexistent/bus", "nonsense", "unix:path=/dev/null", "", "tcp:host=x"]
)
def test_without_a_system_bus_somebody_is_there_and_it_is_said_once(
    address: str, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    logind = Logind(service.wake, service.finish, address_of=lambda: address)
    began = time.monotonic()
    for _ in range(5):
        logind.attend()
    assert time.monotonic() - began < LIMIT_SECONDS
    assert logind.somebody_is_there()
    assert service.woken == 0
    assert len(caplog.records) == 1
    assert caplog.records[0].levelno == logging.INFO
    logind.close()


# Nobody else is believed


def test_what_somebody_else_says_in_its_name_changes_nothing(
    login: FakeLogind, logind: Logind, service: Service
) -> None:
    login.session("c1")
    logind.attend()
    forger = buses.Bus(lambda: login.bus.address)
    deadline = time.monotonic() + 10
    manager = DBusAddress(OBJECT, interface=f"{NAME}.Manager")
    session = DBusAddress(path_of("c1"), interface="org.freedesktop.DBus.Properties")
    locked: tuple[object, ...] = (f"{NAME}.Session", {"LockedHint": ("b", True)}, [])
    owner = DBusAddress("/org/freedesktop/DBus", interface="org.freedesktop.DBus")
    forged = [
        new_signal(manager, "PrepareForSleep", "b", (True,)),
        new_signal(manager, "PrepareForSleep", "b", (False,)),
        new_signal(session, "PropertiesChanged", "sa{sv}as", locked),
        new_signal(manager, "SessionRemoved", "so", ("c1", path_of("c1"))),
        new_signal(owner, "NameOwnerChanged", "sss", (NAME, "", ":1.99")),
    ]
    ours = logind._bus.own_name
    for one in forged:
        for destination in (None, ours):  # to all who listen, and to us alone
            if destination:
                one.header.fields[HeaderFields.destination] = destination
            forger.ask(one, time.monotonic() + 0.05)  # nothing answers a signal
    # an answer shows that the bus has passed all of them on
    there = new_method_call(buses.BUS, "GetNameOwner", "s", (ours,))
    assert isinstance(forger.ask(there, deadline), buses.Reply)
    time.sleep(SETTLED_SECONDS)
    assert logind.somebody_is_there()
    assert (service.woken, service.finished) == (0, [])
    assert held(login) == [True]
    login.change("c1", LockedHint=True)
    nobody(logind)
    forger.close()


def test_what_is_said_of_another_user_is_not_taken_for_ours(
    login: FakeLogind, logind: Logind
) -> None:
    login.session("c1")
    login.session("c2", uid=os.getuid() + 1, LockedHint=True)
    logind.attend()
    assert logind.somebody_is_there()
    login.change("c1", LockedHint=True)
    nobody(logind)
    login.change("c2", LockedHint=False)
    time.sleep(SETTLED_SECONDS)
    assert not logind.somebody_is_there()


# Debian's mock of logind, which is somebody else's reading of its interface

MOCK = DBusAddress(OBJECT, bus_name=NAME, interface="org.freedesktop.DBus.Mock")


@pytest.fixture
def mock(system_bus: Bus, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Calls a method of the mock, or of one of its objects."""
    python = shutil.which("python3", path="/usr/bin") or sys.executable
    known = subprocess.run(
        [python, "-c", "import dbusmock, gi"], capture_output=True, timeout=30, check=False
    )
    if known.returncode:
        pytest.skip("python3-dbusmock is not installed")
    with (tmp_path / "mock.log").open("wb") as log:
        process = subprocess.Popen(
            [python, "-m", "dbusmock", "--system", "--template", "logind"],
            env=environment(None, DBUS_SYSTEM_BUS_ADDRESS=system_bus.address),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    caller = buses.Bus(lambda: system_bus.address)

    def call(member: str, signature: str, *arguments: object, at: DBusAddress = MOCK) -> Any:
        asking = new_method_call(at, member, signature, arguments)
        reply = caller.ask(asking, time.monotonic() + 10)
        assert isinstance(reply, buses.Reply), reply
        return reply.body

    def is_ready() -> bool:
        asking = new_method_call(
            DBusAddress(OBJECT, bus_name=NAME, interface=f"{NAME}.Manager"), "ListInhibitors"
        )
        return isinstance(caller.ask(asking, time.monotonic() + 10), buses.Reply)

    wait_until(is_ready, "the mock is on the bus")
    yield call
    caller.close()
    end(process)  # type: ignore[arg-type]


def test_the_mock_of_logind_is_understood(
    mock: Callable[..., Any], logind: Logind, service: Service
) -> None:
    mock("AddSession", "ssusb", "c1", "seat0", os.getuid(), "me", True)
    at = f"{OBJECT}/session/c1"
    session = DBusAddress(at, bus_name=NAME, interface=f"{NAME}.Session")
    properties = DBusAddress(at, bus_name=NAME, interface="org.freedesktop.DBus.Properties")
    mock("Set", "ssv", f"{NAME}.Session", "Type", ("s", "wayland"), at=properties)
    manager = DBusAddress(OBJECT, bus_name=NAME, interface=f"{NAME}.Manager")

    def inhibitors() -> list[Any]:
        listed: list[Any] = mock("ListInhibitors", "", at=manager)[0]
        return listed

    logind.attend()
    assert logind.somebody_is_there()
    assert [one[:2] for one in inhibitors()] == [("sleep", "kzreminder")]

    mock("SetLockedHint", "b", True, at=session)
    nobody(logind)
    mock("SetLockedHint", "b", False, at=session)
    somebody(logind)
    assert service.woken == 1

    name = f"{NAME}.Manager"
    mock("EmitSignal", "sssav", name, "PrepareForSleep", "b", [("b", True)])
    wait_until(lambda: not inhibitors(), "the machine may sleep")
    assert len(service.finished) == 1
    mock("EmitSignal", "sssav", name, "PrepareForSleep", "b", [("b", False)])
    wait_until(lambda: service.woken == 2, "woken")
    logind.attend()
    assert len(inhibitors()) == 1
