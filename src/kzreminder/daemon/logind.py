"""What logind tells the service: whether somebody can see the screen, and when the machine sleeps.

Not here: the rule (presence), how long a toast may wait (core.waiting), the connection
(channels.bus).
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from typing import Any

from jeepney import DBusAddress, new_method_call
from jeepney import Message as Call
from jeepney.fds import FileDescriptor

from kzreminder.channels.bus import BUS, FAULTS, Bus, Reply, Signal
from kzreminder.channels.bus_address import address_of_system
from kzreminder.daemon.presence import KEPT, is_anybody_there

LIMIT_SECONDS = 2.0
FINISH_SECONDS = 3.0
"logind waits 5 s for whoever delays a sleep, unless it is set to another time."
MOST_TRIES = 5
"Early after the start of a machine, what logind asks before it allows a delay may not be there."
WHY = "Finishing the reminder in hand"

_NAME = "org.freedesktop.login1"
_OBJECT = "/org/freedesktop/login1"
_MANAGER = f"{_NAME}.Manager"
_SESSION = f"{_NAME}.Session"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_WANTED = (
    f"type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='{_NAME}'",
    f"type='signal',sender='{_NAME}',path='{_OBJECT}',interface='{_MANAGER}'",
    f"type='signal',sender='{_NAME}',interface='{_PROPERTIES}',arg0='{_SESSION}'",
)

_Sessions = dict[str, dict[str, object]]
"By path, each with the properties that are kept."

log = logging.getLogger(__name__)


class _NoAnswer(Exception):
    """logind, or the bus, is not there or says nothing in time."""


class Logind:
    """Listens, and asks only when something has changed in a way that is not told with it.

    `wake` is called when somebody is back and when the machine is; by a thread of the connection,
    so it must not call this object. `finish` is called before the machine sleeps: it returns when
    the pass in hand has ended, at the latest after so many seconds.
    """

    def __init__(
        self,
        wake: Callable[[], None],
        finish: Callable[[float], None],
        limit_seconds: float = LIMIT_SECONDS,
        address_of: Callable[[], str | None] = address_of_system,
    ) -> None:
        self._wake = wake
        self._finish = finish
        self._limit_seconds = limit_seconds
        self._bus = Bus(address_of, name="system bus", hear=self._hear, takes_files=True)
        self._lock = threading.Lock()
        self._line: object = None
        "the connection on which we listen"
        self._owner: str | None = None
        "unique name of logind, empty while there is none; None: not known yet"
        self._sessions: _Sessions = {}
        self._is_stale = True
        "the sessions are to be read anew"
        self._heard: _Sessions | None = None
        "what was told of sessions while they are being read"
        self._is_there = True
        self._delays: list[FileDescriptor] = []
        "as long as one is open, logind waits with a sleep; the last is the one in force"
        self._tries_left = 0
        self._is_closed = False
        self._has_complained = False

    def somebody_is_there(self) -> bool:
        """Whether a person can see the screen, by what was heard last; yes where nobody knows."""
        return self._is_there

    def attend(self) -> None:
        """Listen from now on, and ask what has to be asked. Nothing, as a rule; never raises."""
        if self._is_closed:
            return
        deadline = time.monotonic() + self._limit_seconds
        try:
            self._listen(deadline)
            if self._is_stale:
                self._read_sessions(deadline)
            if self._owner and self._tries_left:
                self._delay_sleep(deadline)
        except (_NoAnswer, *FAULTS) as error:
            self._learn(lambda sessions: {})
            with self._lock:
                self._is_stale = True
                self._heard = None
            if not self._has_complained:
                log.info("logind tells nothing: %s", error)
            self._has_complained = True
        else:
            self._has_complained = False

    def close(self) -> None:
        with self._lock:
            self._is_closed = True
        self._bus.close()
        for delay in list(self._delays):
            self._end_delay(delay)

    # asking

    def _listen(self, deadline: float) -> None:
        if self._line is not None and self._line is self._bus.line:
            return
        with self._lock:
            self._owner = self._line = None
        line = None
        for rule in _WANTED:
            self._ask(new_method_call(BUS, "AddMatch", "s", (rule,)), deadline)
            line = line or self._bus.line
        asking = new_method_call(BUS, "GetNameOwner", "s", (_NAME,))
        reply = self._bus.ask(asking, deadline)
        if line is None or self._bus.line is not line:
            raise _NoAnswer("the bus hung up")
        if not isinstance(reply, Reply) and "NameHasNoOwner" not in reply.error:
            raise _NoAnswer(reply.error)
        with self._lock:
            if self._owner is None:  # else a change was told meanwhile, which is newer
                self._owner = str(reply.body[0]) if isinstance(reply, Reply) else ""
            self._line = line
            self._is_stale = True
            self._tries_left = MOST_TRIES

    def _read_sessions(self, deadline: float) -> None:
        with self._lock:
            self._is_stale = False
            self._heard = {}
            owner = self._owner
        if not owner:
            raise _NoAnswer("it is not on the bus")
        found = {}
        for path in self._paths(deadline):
            known = self._properties(path, deadline)
            if known is not None:
                found[path] = known

        def newest(_: _Sessions) -> _Sessions:
            # What was told while we asked is as new as the answer, or newer.
            heard, self._heard = self._heard or {}, None
            return {path: known | heard.get(path, {}) for path, known in found.items()}

        self._learn(newest)

    def _paths(self, deadline: float) -> list[str]:
        """The sessions of this user."""
        asking = new_method_call(self._at(_OBJECT, _MANAGER), "ListSessions")
        listed = self._ask(asking, deadline).body[0]
        return [str(path) for _id, uid, _name, _seat, path in listed if uid == os.getuid()]

    def _properties(self, path: str, deadline: float) -> dict[str, object] | None:
        """None of a session that has gone meanwhile."""
        asking = new_method_call(self._at(path, _PROPERTIES), "GetAll", "s", (_SESSION,))
        reply = self._bus.ask(asking, deadline)
        if isinstance(reply, Reply):
            return _plain(reply.body[0])
        if self._bus.line is None or time.monotonic() >= deadline:
            raise _NoAnswer(reply.error)
        return None

    def _delay_sleep(self, deadline: float) -> None:
        """Where logind does not allow it, the machine sleeps without waiting for us."""
        self._tries_left -= 1
        what = ("sleep", "kzreminder", WHY, "delay")
        asking = new_method_call(self._at(_OBJECT, _MANAGER), "Inhibit", "ssss", what)
        reply = self._bus.ask(asking, deadline)
        if not isinstance(reply, Reply) or not isinstance(reply.body[0], FileDescriptor):
            return
        with self._lock:
            ended = list(self._delays)
            self._delays.append(reply.body[0])
            self._tries_left = 0
            if self._is_closed:
                ended.append(reply.body[0])
        for delay in ended:
            self._end_delay(delay)

    def _at(self, path: str, interface: str) -> DBusAddress:
        # To this owner, not to the name: nothing is started by being asked.
        return DBusAddress(path, bus_name=self._owner, interface=interface)

    def _ask(self, call: Call, deadline: float) -> Reply:
        reply = self._bus.ask(call, deadline)
        if not isinstance(reply, Reply):
            raise _NoAnswer(reply.error)
        return reply

    # hearing

    def _hear(self, signal: Signal | None) -> None:
        """A thread of the connection calls this: it asks nothing, and believes nobody but the bus
        and the present owner of the name."""
        if signal is None:
            return  # the next `attend` finds the connection ended
        body = (*signal.body, None, None, None)
        if signal.sender == BUS.bus_name:
            if signal.name.endswith(".NameOwnerChanged") and body[0] == _NAME:
                self._change_owner(str(body[2]))
        elif signal.sender != self._owner:
            return
        elif signal.name == f"{_MANAGER}.PrepareForSleep":
            if body[0] is True:
                self._sleep()
            else:
                self._resume()
        elif signal.name == f"{_MANAGER}.SessionNew":
            self._doubt()
        elif signal.name == f"{_MANAGER}.SessionRemoved":
            with self._lock:
                self._is_stale = True
            self._learn(lambda known: {path: known[path] for path in known if path != body[1]})
        elif signal.name == f"{_PROPERTIES}.PropertiesChanged" and body[0] == _SESSION:
            self._change_session(signal.path, body[1], body[2])

    def _change_owner(self, name: str) -> None:
        """What the old one said holds until the new one is asked: it may only be restarting."""
        with self._lock:
            self._owner = name
            self._is_stale = True
            self._tries_left = MOST_TRIES

    def _change_session(self, path: str, changed: object, unsaid: object) -> None:
        told = _plain(changed)

        def newer(known: _Sessions) -> _Sessions:
            if self._heard is not None:
                self._heard.setdefault(path, {}).update(told)
            return known | {path: known[path] | told} if path in known else known

        self._learn(newer)
        if isinstance(unsaid, list) and KEPT.intersection(unsaid):
            self._doubt()

    def _doubt(self) -> None:
        """The sessions are read anew: at once if that may find somebody, else in the next pass."""
        with self._lock:
            self._is_stale = True
        if not self._is_there:
            self._wake()

    def _learn(self, change: Callable[[_Sessions], _Sessions]) -> None:
        with self._lock:
            was_there = self._is_there
            self._sessions = change(self._sessions)
            self._is_there = is_anybody_there(self._sessions.values())
            is_back = self._is_there and not was_there
        if is_back:
            self._wake()

    def _sleep(self) -> None:
        with self._lock:
            delay = self._delays[-1] if self._delays else None
        # A thread of its own: what is finished may wait for an answer that this one receives.
        threading.Thread(
            target=self._finish_then_sleep, args=(delay,), name="before sleep", daemon=True
        ).start()

    def _finish_then_sleep(self, delay: FileDescriptor | None) -> None:
        try:
            self._finish(FINISH_SECONDS)
        finally:
            if delay is not None:
                self._end_delay(delay)

    def _resume(self) -> None:
        with self._lock:
            self._tries_left = MOST_TRIES
        self._wake()

    def _end_delay(self, delay: FileDescriptor) -> None:
        """Once: whoever finishes and whoever closes may both come here."""
        with self._lock:
            if delay in self._delays:
                self._delays.remove(delay)
                delay.close()


def _plain(variants: Any) -> dict[str, object]:
    if not isinstance(variants, dict):
        return {}
    return {key: value for key, (_type, value) in variants.items() if key in KEPT}
