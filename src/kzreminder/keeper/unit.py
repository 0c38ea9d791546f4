"""The text of the installed systemd unit: the shipped one, with this user's program and folders.

Not here: putting it in place (user_manager).
"""

from __future__ import annotations

from collections.abc import Iterator

from kzreminder import __version__, places
from kzreminder.keeper.setup import Setup

SERVICE = "kzreminder.service"
TIMER = "kzreminder.timer"
WITHOUT_NAMESPACES = "no-user-namespaces.conf"
_LOOKED_UP = ("# Looked up by env:", "Environment=PATH=")
_OWN = "# Of this user:"
_NEXT = "[Install]"


def shipped(name: str) -> str:
    return places.shipped(f"systemd/{name}").read_text(encoding="utf-8")


def service_text(setup: Setup) -> str:
    """The whole unit; the same for the same version and setup."""
    return _signed("\n".join(_lines(shipped(SERVICE), setup)) + "\n")


def timer_text() -> str:
    return _signed(shipped(TIMER))


def drop_in_text() -> str:
    return _signed(shipped(WITHOUT_NAMESPACES))


def _signed(text: str) -> str:
    """With a first line that says who wrote it: a new version counts as another text."""
    return f"# kzreminder {__version__} wrote this file: kzreminder service install\n{text}"


def is_current(text: str, setup: Setup) -> bool:
    """What the file says of this user aside, which depends on the shell that one asks in."""
    return _common(text) == _common(service_text(setup))


def quoted(text: str) -> str:
    """One word, of which nothing means anything to systemd; `$` does in Exec lines only."""
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
    for line in text.splitlines():
        if line.startswith("ExecStart="):
            yield f"ExecStart={_command(setup.program)} run"
            continue
        if line == _NEXT:
            yield from _own(setup)
        if not line.startswith(_LOOKED_UP):
            yield line


def _command(program: tuple[str, ...]) -> str:
    """The colon: a dollar sign is a dollar sign. Some signs are refused in a first word."""
    words = " ".join(quoted(word) for word in program)
    is_refused = any(sign in "\"'\\" or not sign.isprintable() for sign in program[0])
    return f":/usr/bin/env {words}" if is_refused else f":{words}"


def _own(setup: Setup) -> Iterator[str]:
    """Last in the section: what is said later counts."""
    yield _OWN
    for name, value in setup.environment:
        yield f"Environment={quoted(f'{name}={value}')}"
    if setup.cache is not None:
        yield f"Environment={quoted(f'TMPDIR={setup.cache}')}"
    for folder in setup.folders:
        yield f"ExecStartPre=-+:/usr/bin/env mkdir -p -m 0700 {quoted(str(folder))}"
    for folder in (*setup.folders, *setup.found):
        yield f"ReadWritePaths={quoted(f'-{folder}')}"
    yield ""


def _common(text: str) -> list[str]:
    own, _, rest = text.partition(f"\n{_OWN}\n")[2].partition(f"\n{_NEXT}\n")
    return text.replace(own, "").splitlines() if rest else text.splitlines()
