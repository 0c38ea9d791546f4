"""A message bus: one connection that sends and listens, on which nothing waits beyond a deadline.

Not here: notifications (desktop_dbus), where the bus is (bus_address), what an error reply means
(bus_error).
"""

from __future__ import annotations

import itertools
import queue
import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from jeepney import DBusAddress, HeaderFields, MessageType, Parser, new_method_call
from jeepney import Message as Call
from jeepney.bus import get_connectable_addresses
from jeepney.fds import FileDescriptor, fds_buf_size
from jeepney.io.blocking import prep_socket

from kzreminder.channels.bus_error import outcome_of_error
from kzreminder.channels.message import Refused, TargetAway

BUS = DBusAddress(
    "/org/freedesktop/DBus", bus_name="org.freedesktop.DBus", interface="org.freedesktop.DBus"
)
# jeepney has no error class of its own: a hang-up or a time-out is an OSError, a refused login a
# ValueError, an address it cannot use a RuntimeError, and the rest is what its parser meets in
# bytes that are not D-Bus.
FAULTS = (
    OSError,
    ValueError,
    LookupError,
    RuntimeError,
    AssertionError,
    TypeError,
    struct.error,
)
_MOST_BYTES = 1 << 24
"A message that claims to be longer is no answer to anything that we ask: the connection ends."


@dataclass(frozen=True, slots=True)
class Reply:
    sender: str
    "unique name of whoever answered"
    body: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Signal:
    sender: str
    "unique name of whoever sent it, as the bus vouches; `org.freedesktop.DBus`: the bus itself"
    path: str
    name: str
    "interface and member, as `org.freedesktop.Notifications.ActionInvoked`"
    body: tuple[Any, ...]
    is_for_us: bool
    "sent to this connection alone, not to all who listen"


Hear = Callable[[Signal | None], None]


class Bus:
    """Opens when first asked, and again after any fault: a connection that failed is never reused.

    Any thread may ask. `hear` is called with each signal, and with None when the connection has
    ended by itself; by the thread that receives, so it must not ask anything itself.

    jeepney's own router is not used: its first call, Hello, waits without a limit, its time limits
    do not cover a full send buffer, and whoever waits in it when the bus dies is not told.
    """

    def __init__(
        self,
        address_of: Callable[[], str | None],
        *,
        name: str = "session bus",
        hear: Hear | None = None,
        takes_files: bool = False,
    ) -> None:
        self._address_of = address_of
        self._name = name
        self._hear = hear or (lambda signal: None)
        self._takes_files = takes_files
        self._opening = threading.Lock()
        self._line: _Line | None = None

    @property
    def line(self) -> object | None:
        """The connection in use, another one after each opening; None while there is none."""
        line = self._line
        return line if line is not None and not line.has_ended else None

    @property
    def own_name(self) -> str:
        """How the bus calls us; empty before the first answer."""
        return self._line.own_name if self._line is not None else ""

    def ask(
        self, call: Call, deadline: float, late: Callable[[Reply], None] | None = None
    ) -> Reply | TargetAway | Refused:
        """`deadline` is on the monotonic clock. The call must be one that can be serialised.

        `late` is called with an answer that comes after it, as `hear` is.
        """
        try:
            return self._opened(deadline).exchange(call, deadline, late)
        except FAULTS as error:
            return TargetAway(f"{self._name}: {described(error)}")

    def close(self) -> None:
        with self._opening:
            if self._line is not None:
                self._line.end()
            self._line = None

    def _opened(self, deadline: float) -> _Line:
        with self._opening:
            if self._line is not None and not self._line.has_ended:
                return self._line
            if self._line is not None:
                self._line.end()
            self._line = None
            line = _Line(
                connected(self._address_of(), deadline, takes_files=self._takes_files),
                self._hear,
                self._takes_files,
            )
            try:
                line.greet(deadline)
            except BaseException:
                line.end()
                raise
            self._line = line
            return line


def connected(address: str | None, deadline: float, *, takes_files: bool = False) -> socket.socket:
    """A socket on the first of the address's places that lets us in. Raises one of FAULTS."""
    if address is None:
        raise FileNotFoundError("DBUS_SESSION_BUS_ADDRESS is not set, and no bus runs for us")
    first_error: OSError | ValueError | None = None
    for place in get_connectable_addresses(address):
        try:
            opened: socket.socket = prep_socket(
                place, enable_fds=takes_files, timeout=_seconds_until(deadline)
            )
            return opened
        except (OSError, ValueError) as error:
            first_error = first_error or error
    raise first_error or ValueError("no address that can be connected to")


class _Line:
    """One connection, and the thread that receives on it until it ends."""

    def __init__(self, connected: socket.socket, hear: Hear, takes_files: bool) -> None:
        self.own_name = ""
        self.has_ended = False
        self._socket = connected
        self._hear = hear
        self._takes_files = takes_files
        self._is_wanted = True
        self._parser = Parser()
        self._serials = itertools.count(1)
        self._sending = threading.Lock()
        self._answers: dict[int, queue.SimpleQueue[Call | None]] = {}
        self._late: dict[int, Callable[[Reply], None]] = {}
        connected.settimeout(None)
        self._thread = threading.Thread(target=self._receive, name="bus", daemon=True)
        self._thread.start()

    def greet(self, deadline: float) -> None:
        hello = self.exchange(new_method_call(BUS, "Hello"), deadline)
        if not isinstance(hello, Reply):
            raise ConnectionRefusedError(hello.error)
        self.own_name = str(hello.body[0])

    def exchange(
        self, call: Call, deadline: float, late: Callable[[Reply], None] | None = None
    ) -> Reply | TargetAway | Refused:
        answers: queue.SimpleQueue[Call | None] = queue.SimpleQueue()
        serial = next(self._serials)
        self._answers[serial] = answers
        try:
            self._send(call.serialise(serial=serial), deadline)
            if self.has_ended:  # before the question stood where its answer is looked for
                raise ConnectionResetError("the bus hung up")
            try:
                answer = answers.get(timeout=_seconds_until(deadline))
            except queue.Empty:
                if late is not None:
                    self._late[serial] = late
                raise TimeoutError("timed out") from None
        finally:
            del self._answers[serial]
        if answer is None:
            raise ConnectionResetError("the bus hung up")
        if answer.header.message_type is MessageType.error:
            words = answer.body[0] if answer.body else ""
            error_name = answer.header.fields.get(HeaderFields.error_name)
            return outcome_of_error(str(error_name), str(words))
        return _reply_of(answer)

    def end(self) -> None:
        self._is_wanted = False
        self.has_ended = True
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        if self._thread is not threading.current_thread():
            self._thread.join()
        self._socket.close()

    def _send(self, data: bytes, deadline: float) -> None:
        with self._sending:
            seconds = _seconds_until(deadline)
            # The limit of the socket itself: that of Python would count for receiving too.
            limit = struct.pack("ll", int(seconds), int(seconds % 1 * 1e6) + 1)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
            try:
                self._socket.sendall(data)
            except OSError as error:
                self._hang_up()  # half a message may have gone: nothing can follow it
                if isinstance(error, BlockingIOError):
                    raise TimeoutError("timed out") from None
                raise

    def _hang_up(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # which ends the thread

    def _receive(self) -> None:
        try:
            while True:
                while (message := self._parser.get_next_message()) is not None:
                    self._route(message)
                if self._parser.bytes_desired() > _MOST_BYTES:
                    break
                data, files = self._read()
                if not data:
                    break
                self._parser.add_data(data, files)
        except FAULTS:
            pass  # not D-Bus, or cut off: either way there is nothing more to hear
        self.has_ended = True
        self._hang_up()
        for answers in list(self._answers.values()):
            answers.put(None)
        if self._is_wanted:
            self._hear(None)

    def _read(self) -> tuple[bytes, list[FileDescriptor]]:
        if not self._takes_files:
            return self._socket.recv(65536), []
        # no more than one message at a time, so that its files are not mixed up with another's
        wanted = self._parser.bytes_desired()
        data, beside, _flags, _ = self._socket.recvmsg(wanted, fds_buf_size())
        return data, FileDescriptor.from_ancdata(beside)

    def _route(self, message: Call) -> None:
        fields = message.header.fields
        asked = fields.get(HeaderFields.reply_serial, 0)
        answers, late = self._answers.get(asked), self._late.pop(asked, None)
        if answers is not None:
            answers.put(message)
        elif late is not None and message.header.message_type is MessageType.method_return:
            late(_reply_of(message))
        elif message.header.message_type is MessageType.signal:
            interface, member = fields.get(HeaderFields.interface), fields.get(HeaderFields.member)
            self._hear(
                Signal(
                    str(fields.get(HeaderFields.sender, "")),
                    str(fields.get(HeaderFields.path, "")),
                    f"{interface}.{member}",
                    tuple(message.body),
                    HeaderFields.destination in fields,
                )
            )
        else:  # an answer that comes too late, or what nobody asked for
            _close_files(message)


def _close_files(message: Call) -> None:
    for one in message.body:
        if isinstance(one, FileDescriptor):
            one.close()


def _reply_of(answer: Call) -> Reply:
    return Reply(str(answer.header.fields.get(HeaderFields.sender, "")), tuple(answer.body))


def described(error: BaseException) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error) or type(error).__name__
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _seconds_until(deadline: float) -> float:
    seconds = deadline - time.monotonic()
    if seconds <= 0:  # a time-out of 0 would mean "do not block", and another error
        raise TimeoutError("timed out")
    return seconds
