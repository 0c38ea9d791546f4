"""A PostgreSQL server of the tests' own: in a folder, on one port of this machine, thrown away.

Not here: what is asked of it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

_FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
_TABLES = ("events", "messages", "marks", "cards", "services")
_FROM_ONE = "select setval(seqrelid::regclass, 1, false) from pg_sequence"
# It is found before the server's own: whoever asks for the time is told what the test says.
_CLOCK = """
    create schema clock;
    create schema unseen;
    create table unseen.says (at timestamptz);
    insert into unseen.says values (null);
    create function clock.clock_timestamp() returns timestamptz volatile language sql as
        'select coalesce((select at from unseen.says), pg_catalog.clock_timestamp())';
"""
GUARDED, PASSWORD = "guarded", "p a/s:s@w0rd"
"Of the servers' users this one has a password; the one called kz needs none, and may all."
ON_POSTGRES = pytest.mark.xdist_group("postgres")
"One server for all tests that ask it something; so one process makes them."
_NOBODY = pwd.getpwnam("nobody") if os.getuid() == 0 else None
"It refuses to run as root."


def programs() -> Path | None:
    """Where Debian keeps what makes and runs a server; None: it is not installed."""
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else next(iter(_FOLDERS), None)


class Server:
    """Runs from `start` until `stop`, as often as one likes, with what it holds."""

    def __init__(self, folder: Path, *addresses: str) -> None:
        """`addresses`: of this machine, besides the one that only itself can reach."""
        self._addresses = ("127.0.0.1", *addresses)
        self._bin = programs()
        assert self._bin is not None
        self._folder = folder / "pg"
        self._folder.mkdir(mode=0o700)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.own(self._folder)
        self._run("initdb", "-D", "data", "-A", "trust", "-U", "kz", "--no-sync", "-E", "UTF8")
        rules = self._folder / "data" / "pg_hba.conf"
        guarded, near = f"host all {GUARDED} all scram-sha-256\n", "host all all samenet trust\n"
        rules.write_text(guarded + rules.read_text() + near)
        self._process: subprocess.Popen[bytes] | None = None
        self._databases = 0

    def start(self) -> None:
        listen = f"listen_addresses={','.join(self._addresses)}"
        options = (listen, f"unix_socket_directories={self._folder}")
        fast = ("fsync=off", "shared_buffers=16MB", "max_connections=60")
        words = [word for one in (*options, *fast) for word in ("-c", one)]
        assert self._bin is not None
        with (self._folder.parent / "pg.log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._bin / "postgres", "-D", "data", "-p", str(self.port), *words],
                cwd=self._folder,
                stdout=subprocess.DEVNULL,
                stderr=log,
                user=_NOBODY.pw_uid if _NOBODY else None,
                group=_NOBODY.pw_gid if _NOBODY else None,
            )
        for _ in range(200):
            try:
                with psycopg.connect(self._address("postgres"), connect_timeout=2):
                    return
            except psycopg.OperationalError:
                time.sleep(0.05)
        raise AssertionError("no server")

    def guard(self) -> str:
        """What stands for user and password in the address of the one that has one."""
        known = f"select 1 from pg_roles where rolname = '{GUARDED}'"
        if not self.ask("postgres", known):
            self.ask("postgres", f"create role {GUARDED} login password '{PASSWORD}'")
        return f"{GUARDED}:{quote(PASSWORD, safe='')}"

    def own(self, folder: Path) -> None:
        """Let the server write there."""
        if _NOBODY is None:
            return
        for one in folder.parents:
            if one.stat().st_uid == 0 and not one.stat().st_mode & 0o001:
                one.chmod(one.stat().st_mode | 0o011)
        os.chown(folder, _NOBODY.pw_uid, _NOBODY.pw_gid)

    def stop(self, number: int = signal.SIGINT) -> None:
        """SIGINT ends every connection at once; SIGQUIT is as if the power failed."""
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(30)
            self._process = None

    def database(self) -> str:
        """The address of a new one, empty."""
        self._databases += 1
        name = f"cards{self._databases}"
        self.ask("postgres", f"create database {name}")
        return f"postgresql+psycopg://kz@127.0.0.1:{self.port}/{name}"

    def ask(self, url: str, query: str) -> list[tuple[Any, ...]]:
        """What another program reads in a database, or does to it; by its address or name."""
        name = url.rpartition("/")[2]
        with psycopg.connect(self._address(name), autocommit=True) as connection:
            told = connection.execute(query.encode())
            return told.fetchall() if told.description else []

    def _address(self, name: str) -> str:
        return f"postgresql://kz@127.0.0.1:{self.port}/{name}"

    def _run(self, program: str, *words: str) -> None:
        assert self._bin is not None
        subprocess.run(
            [self._bin / program, *words],
            cwd=self._folder,
            check=True,
            capture_output=True,
            timeout=60,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            user=_NOBODY.pw_uid if _NOBODY else None,
            group=_NOBODY.pw_gid if _NOBODY else None,
        )


@contextmanager
def a_server(folder: Path, *addresses: str) -> Iterator[Server]:
    server = Server(folder, *addresses)
    server.start()
    try:
        yield server
    finally:
        server.stop()


class Timed:
    """One database for many tests, whose clock says what a test wants."""

    def __init__(self, server: Server) -> None:
        self._url = server.database()
        name = self._url.rpartition("/")[2]
        server.ask(name, _CLOCK)
        path = "public, clock, pg_catalog"
        server.ask(name, f"alter database {name} set search_path = {path}")
        self._connection: psycopg.Connection | None = None

    def emptied(self, now: datetime) -> str:
        """Its address; it is as it was when it was set up, and says that it is `now`."""
        if self._ask("select 1 from pg_class where relname = 'meta'").fetchall():
            # Cheaper than `truncate`, which makes each table and index a new file.
            for table in _TABLES:
                self._ask(f"delete from {table}")
            self._ask("delete from meta where key <> 'schema'")
            self._ask(_FROM_ONE)
        self.tell_time(now)
        return self._url

    def tell_time(self, now: datetime | None) -> None:
        """None: what time it is."""
        self._ask("update unseen.says set at = %s", now)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _ask(self, query: str, *values: Any) -> psycopg.Cursor:
        """On a connection that is kept; another test may have restarted the server meanwhile."""
        try:
            if self._connection is not None:
                return self._connection.execute(query.encode(), values)
        except psycopg.OperationalError:
            self.close()
        self._connection = psycopg.connect(self._url.replace("+psycopg", ""), autocommit=True)
        return self._connection.execute(query.encode(), values)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if programs() is None:
        pytest.skip("PostgreSQL is not installed")
    with a_server(tmp_path_factory.mktemp("postgres")) as server:
        yield server


@pytest.fixture(scope="session")
def timed(postgres: Server) -> Iterator[Timed]:
    timed = Timed(postgres)
    yield timed
    timed.close()
