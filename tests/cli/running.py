"""Runs kzreminder as a user would: inside this process, or as a process of its own.

Not here: what is expected of it. Each home is one user on one machine, in a folder of its own.
"""

from __future__ import annotations

import io
import json
import logging
import os
import pty
import sqlite3
import subprocess
import sys
import textwrap
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import libfaketime
import tzlocal

import kzreminder
from kzreminder.cli.root import run

SOURCES = Path(kzreminder.__file__).resolve().parents[1]
SECONDS = 40
"No command takes longer; the longest waits 10 s for a lock."


@dataclass(frozen=True, slots=True)
class Result:
    exit_code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> str:
        """The one line that begins with `Error: `, without it."""
        lines = [line for line in self.err.splitlines() if line.startswith("Error: ")]
        assert len(lines) == 1, self
        return lines[0].removeprefix("Error: ")


class Home:
    """One user: folders, environment, and the commands run there."""

    def __init__(self, folder: Path, **environ: str) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.config = folder / "config"
        self.state = folder / "state"
        self.database = self.data / "kzreminder" / "kzreminder.db"
        self.config_file = self.config / "kzreminder" / "config.toml"
        self.environ = {
            "HOME": str(folder),
            "XDG_CONFIG_HOME": str(self.config),
            "XDG_DATA_HOME": str(self.data),
            "XDG_STATE_HOME": str(self.state),
            "PATH": os.environ["PATH"],
            "LC_ALL": "C.UTF-8",
            "TZ": "Asia/Almaty",
            **environ,
        }

    def configure(self, text: str) -> None:
        """What stands in the user's config.toml from here on."""
        self.config_file.parent.mkdir(parents=True, exist_ok=True)
        self.config_file.write_text(text, encoding="utf-8")

    def kz(self, *args: str, **environ: str) -> Result:
        """The command, in this process."""
        return run_here(self.environ | environ, *args)

    def asked(self, *args: str, typed: str, **environ: str) -> Result:
        """The command, in this process, on what it takes for a terminal, on which that is typed."""
        return run_here(self.environ | environ, *args, stdin=_Typist(typed))

    def process(self, *args: str | bytes, **environ: str) -> Result:
        """The command as a real process, which no terminal watches."""
        done = subprocess.run(
            [sys.executable, "-m", "kzreminder", *args],
            env=self.process_environ(**environ),
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    def shell(self, words: str) -> Result:
        """The command with what follows it, redirections too, as a shell takes it."""
        done = subprocess.run(
            ["sh", "-c", f'"{sys.executable}" -m kzreminder {words}'],
            env=self.process_environ(),
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    def terminal(self, *args: str, typed: str = "", **environ: str) -> Result:
        """The command on a terminal, on which that is typed; `out` is all that it shows."""
        ours, theirs = pty.openpty()
        environ = {"TERM": "xterm-256color", "COLUMNS": "100"} | environ
        with subprocess.Popen(
            [sys.executable, "-m", "kzreminder", *args],
            env=self.process_environ(**environ),
            cwd=self.folder,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        ) as child:
            os.close(theirs)
            os.write(ours, typed.encode())
            shown = b""
            with suppress(OSError):  # how Linux says that the other end is closed
                while chunk := os.read(ours, 65536):
                    shown += chunk
            os.close(ours)
            exit_code = child.wait(SECONDS)
        return Result(exit_code, shown.decode(), "")

    def through_head(self, *args: str) -> Result:
        """The command into a reader that closes at once."""
        with subprocess.Popen(
            [sys.executable, "-m", "kzreminder", *args],
            env=self.process_environ(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as child:
            assert child.stdout is not None
            assert child.stderr is not None
            child.stdout.close()
            err = child.stderr.read().decode()
            return Result(child.wait(SECONDS), "", err)

    def process_environ(self, **environ: str) -> dict[str, str]:
        return self.environ | {"PYTHONPATH": str(SOURCES), "PYTHONUTF8": "1"} | environ

    def contents(self) -> dict[str, list[tuple[Any, ...]]]:
        """All rows of all tables, and the receipts kept: what a refused command must not touch."""
        found: dict[str, list[tuple[Any, ...]]] = {
            "receipts": sorted((path.name,) for path in self.data.rglob("receipts/*"))
        }
        if self.database.exists():
            found |= contents_of(self.database)
        return found


class _Typist(io.StringIO):
    """Somebody who types at a terminal; what is typed is not shown."""

    def isatty(self) -> bool:
        return True


def run_here(environ: Mapping[str, str], *args: str, stdin: io.StringIO | None = None) -> Result:
    """The command, in this process; a bug is a trace on stderr and 1, as a process has it."""
    out, err = _stream(), _stream()
    with _as_user(environ, stdin or io.StringIO()), redirect_stdout(out), redirect_stderr(err):
        try:
            exit_code = run(args)
        except SystemExit as done:
            exit_code = int(str(done.code))
        except Exception:  # noqa: BLE001 - the interpreter's own boundary is played here
            traceback.print_exc()
            exit_code = 1
    return Result(exit_code, _text(out), _text(err))


@contextmanager
def held(script: str, *words: str, env: Mapping[str, str] | None = None) -> Iterator[None]:
    """By a process: from when its script says that it has it, until the block ends."""
    waiting = "\nimport sys; print('held', flush=True); sys.stdin.read()\n"
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script) + waiting, *words],
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        try:
            yield
        finally:
            holder.stdin.close()


@contextmanager
def locked(database: Path, how: str) -> Iterator[None]:
    """`how`: IMMEDIATE keeps writers out, EXCLUSIVE readers too where the file has no log."""
    with held(
        f"""
        import sqlite3, sys
        connection = sqlite3.connect(sys.argv[1], isolation_level=None)
        connection.execute("BEGIN {how}")
        """,
        str(database),
    ):
        yield


def contents_of(database: Path) -> dict[str, list[tuple[Any, ...]]]:
    with closing(sqlite3.connect(database)) as connection:
        tables = connection.execute("select name from sqlite_master where type = 'table'")
        names = sorted(name for (name,) in tables)
        return {name: connection.execute(f'select * from "{name}"').fetchall() for name in names}


def faked_clock(at: str) -> dict[str, str]:
    """The environment of a process whose wall clock starts at `2026-11-21 10:00:00` of its TZ."""
    vendored = "vendor/libfaketime/src/libfaketime.so.1"
    return {
        "LD_PRELOAD": str(Path(libfaketime.__file__).parent / vendored),
        "FAKETIME": f"@{at}",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",  # a wait on the faked clock never ends
    }


def _stream() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode("utf-8")


@contextmanager
def _as_user(environ: Mapping[str, str], stdin: io.StringIO) -> Iterator[None]:
    """That environment and nothing else; afterwards all is as it was."""
    kept_environ, kept_stdin = dict(os.environ), sys.stdin
    loggers = [logging.getLogger(name) for name in ("kzreminder", "apscheduler")]
    kept_logging = [(logger, list(logger.handlers), logger.level) for logger in loggers]
    os.environ.clear()
    os.environ.update(environ)
    sys.stdin = stdin
    time.tzset()
    tzlocal.reload_localzone()
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept_environ)
        sys.stdin = kept_stdin
        time.tzset()
        for logger, handlers, level in kept_logging:
            logger.handlers = handlers
            logger.setLevel(level)
