"""The text of the installed systemd unit: the shipped one, with this user's program and folders.

Not here: putting it in place (user_manager). Quoting as systemd.service(5) and systemd.syntax(7) say.
"""

from __future__ import annotations

from collections.abc import Iterator

from kzreminder import __version__, places
from kzreminder.keeper.setup import Setup

SERVICE = "kzreminder.service"
TIMER = "kzreminder.timer"
WITHOUT_NAMESPACES = "no-user-namespaces.conf"
_LOOKED_UP = (
    "# Looked up by env:",
    "Environment=PATH=",
    "ExecStart=",
)
_OWN = "# Of this user:"


def shipped(name: str) -> str:
    return places.shipped(f"systemd/{name}").read_text(encoding="utf-8")


def service_text(setup: Setup) -> str:
    """The whole unit; the same for the same version and setup."""
    return signed("\n".join(_lines(shipped(SERVICE), setup)) + "\n")


def timer_text() -> str:
    return signed(shipped(TIMER))


def signed(text: str) -> str:
    """With a first line that says who wrote it: a new version counts as another text."""
    return f"# kzreminder {__version__} wrote this file: kzreminder service install\n{text}"


def is_current(text: str, setup: Setup) -> bool:
    """What the file says of this user aside, which depends on the shell that one asks in."""
    return _common(text) == _common(service_text(setup))


def quoted(text: str) -> str:
    """One word, no part of which means anything to systemd; `$` means something in Exec lines only."""
    signs = []
    for sign in text:
        if sign in '\\"':
            signs.append(f"\\{sign}")
        elif sign == "%":
            signs.append("%%")
        elif sign < " " or sign == "\x7f":
            signs.append(f"\\x{ord(sign):02x}")
        else:
            signs.append(sign)
    return f'"{"".join(signs)}"'


def _lines(text: str, setup: Setup) -> Iterator[str]:
    before = ""
    for line in text.splitlines():
        if line.startswith("ExecStart="):
            # The colon: a dollar sign is a dollar sign.
            yield f"ExecStart=:{' '.join(quoted(word) for word in setup.program)} run"
            if setup.environment or setup.folders:
                yield from _own(setup)
        elif not line.startswith(_LOOKED_UP) and not before.startswith("# Looked up by env:::"):
            yield line
        before = line


def _own(setup: Setup) -> Iterator[str]:
    yield _OWN
    for name, value in setup.environment:
        yield f"Environment={quoted(f'{name}={value}')}"
    for folder in setup.folders:
        path = quoted(str(folder))
        yield f"ExecStartPre=+:/usr/bin/env mkdir -p -m 0700 {path}"
        yield f"ReadWritePaths={quoted(f'-{folder}')}"
    yield "# Of every user:"


def _common(text: str) -> list[str]:
    common, is_own = [], False
    for line in text.splitlines():
        is_own = line == _OWN or (is_own and line != "# Of every user:")
        if not is_own and line != "# Of every user:":
            common.append(line)
    return common
