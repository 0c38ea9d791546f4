"""Servers on loopback for what is pushed: HTTP with or without TLS, and mail.

Whatever service is meant, the connection ends here: the server is also the proxy that leads to all
of them, and bears their names (push_server.pem, whose key is of no use anywhere else).

Not here: what is expected of whoever sends.
"""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CERTIFICATE = Path(__file__).with_name("push_server.pem")


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    host: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Listener:
    """Takes connections, each in a thread of its own, until it is stopped."""

    _socket: socket.socket = field(init=False)
    _open: list[socket.socket] = field(default_factory=list)
    _is_over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Any:
        self._socket = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        for one in [self._socket, *self._open]:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self._open.append(connection)
                threading.Thread(target=self._quietly, args=(connection,), daemon=True).start()

    def _quietly(self, connection: socket.socket) -> None:
        # ValueError: of a file on a connection that was closed meanwhile
        with contextlib.suppress(OSError, ValueError), connection:
            self.talk(connection)

    def talk(self, connection: socket.socket) -> None:
        raise NotImplementedError


@dataclass
class WebServer(Listener):
    """`manner`: answer, hang (never answers), drip (a byte now and then), cut (closes half way),
    mute (takes the connection and speaks no TLS)."""

    manner: str = "answer"
    status: int = 200
    body: bytes = b"{}"
    location: str = ""
    requests: list[Request] = field(default_factory=list)

    def environ(self) -> dict[str, str]:
        """With this, every https address leads here."""
        return {"HTTPS_PROXY": f"http://127.0.0.1:{self.port}", "NO_PROXY": "127.0.0.1",
                "REQUESTS_CA_BUNDLE": str(CERTIFICATE)}  # fmt: skip

    def says(self, status: int, body: object = None) -> None:
        self.status = status
        self.body = body if isinstance(body, bytes) else json.dumps(body or {}).encode()

    def talk(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as lines:
            method, target, headers = _head(lines)
            if method == "CONNECT":
                connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        if method == "CONNECT":
            if self.manner == "mute":
                self._is_over.wait()
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATE)
            with context.wrap_socket(connection, server_side=True) as secured:
                self._open.append(secured)
                with secured.makefile("rb") as lines:
                    method, path, headers = _head(lines)
                    self._note(method, target, path, headers, lines)
                self._answer(secured)
                return
        self._answer(connection)

    def _note(self, method: str, host: str, path: str, headers: dict[str, str], lines: Any) -> None:
        body = lines.read(int(headers.get("content-length", 0)))
        self.requests.append(Request(method, host, path, headers, body))

    def _answer(self, connection: socket.socket) -> None:
        head = (
            f"HTTP/1.1 {self.status} Whatever\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(self.body)}\r\nConnection: close\r\n"
            + (f"Location: {self.location}\r\n" if self.location else "")
            + "\r\n"
        ).encode()
        if self.manner == "hang":
            self._is_over.wait()
        elif self.manner == "cut":
            connection.sendall(head.replace(b"Length: ", b"Length: 9")[:-2] + b"\r\n{")
        elif self.manner == "drip":
            for byte in head.replace(b"Length: ", b"Length: 999") + b" " * 10_000:
                connection.sendall(bytes([byte]))
                if self._is_over.wait(0.05):
                    return
        else:
            connection.sendall(head + self.body)


@dataclass
class PlainWebServer(WebServer):
    """Without TLS, and no proxy: what is sent to its own address."""

    def talk(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as lines:
            method, path, headers = _head(lines)
            self._note(method, headers.get("host", ""), path, headers, lines)
        self._answer(connection)


@dataclass
class MailServer(Listener):
    """`refuses`: the command that is answered with what follows it."""

    refuses: tuple[str, bytes] = ("", b"")
    mails: list[bytes] = field(default_factory=list)
    to: list[str] = field(default_factory=list)

    def talk(self, connection: socket.socket) -> None:
        connection.sendall(b"220 mail.example\r\n")
        with connection.makefile("rb") as lines:
            for line in lines:
                command = line.decode().strip()
                word = command.split(" ")[0].upper()
                if word == self.refuses[0]:
                    connection.sendall(self.refuses[1] + b"\r\n")
                elif word == "EHLO":
                    connection.sendall(b"250-mail.example\r\n250 AUTH PLAIN\r\n")
                elif word == "AUTH":
                    connection.sendall(b"235 2.7.0 welcome\r\n")
                elif word == "DATA":
                    connection.sendall(b"354 go on\r\n")
                    self.mails.append(b"".join(iter(lambda: next(lines), b".\r\n")))
                    connection.sendall(b"250 2.0.0 taken\r\n")
                else:
                    self.to += [command] if word == "RCPT" else []
                    connection.sendall(b"250 2.1.0 well\r\n")
                if word == "QUIT":
                    return


@contextlib.contextmanager
def closed_port() -> Iterator[int]:
    """One on which nobody listens: taken, so that nobody else gets it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def _head(lines: Any) -> tuple[str, str, dict[str, str]]:
    method, target, _ = lines.readline().decode().split(" ", 2)
    headers = {}
    while (line := lines.readline().decode().strip()) != "":
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return method, target, headers
