"""What people with bad intentions write, and where it must not come through.

Not here: the promises (docs/threat-model.md), their tests (test_threats*).
"""

from __future__ import annotations

import re
import stat
from html.parser import HTMLParser
from pathlib import Path

from kzreminder.cli.root import _COMMANDS
from tests.cli.running import Home, Result

MARKUP = '<img src=x onerror=alert(1)>&amp;<a href="https://x.example">'
OPTION = "--help"
FORMAT = "{0.__class__} {label} {} %s %(label)s ${HOME}"
WILDCARDS = ("%", "_", "%%", "_%", "' or 1=1 --", "\\%")
ESCAPES = "\x1b]0;owned\x07\x1b[31m\x9b31m\u202e"
"Sets the title of a terminal and its colours, and turns the order of letters."
NUMBER = "+77011234567"
WRITTEN = (NUMBER, "8 701 123 45 67", "8(701)1234567", "701-123-45-67", "妈妈87011234567")
"The same number, as people type it."
READERS: tuple[tuple[str, ...], ...] = (
    ("list",),
    ("list", "--json"),
    ("show", "1"),
    ("show", "1", "--json"),
    ("upcoming", "--days", "90"),
    ("upcoming", "--days", "90", "--json"),
    ("why", "1"),
    ("history",),
    ("history", "1", "--json"),
    ("guide", "1", "--all"),
    ("guide", "1", "--json"),
    ("guide", "1", "--html", "-"),
    ("ask", "1"),
    ("stats",),
    ("timeline",),
    ("export",),
    ("status",),
    ("doctor",),
    ("run", "--once"),
)


def readings(home: Home, *before: str, **environ: str) -> list[Result]:
    """Every command that shows a card; those that are still to come are passed over."""
    return [home.kz(*before, *words, **environ) for words in READERS if words[0] in _COMMANDS]


def digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def is_tame(text: str) -> bool:
    """Nothing in it that a terminal obeys."""
    return not set(text) & {sign for sign in ESCAPES if not sign.isascii() or ord(sign) < 32}


def open_to_others(folder: Path) -> list[str]:
    """Files, sockets and folders beneath that others may do anything with."""
    return [
        f"{stat.filemode(path.lstat().st_mode)} {path.relative_to(folder)}"
        for path in sorted(folder.rglob("*"))
        if path.lstat().st_mode & 0o077 and not path.is_symlink()
    ]


class Elements(HTMLParser):
    """Tags with their attributes, as a browser would find them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    @property
    def links(self) -> list[str]:
        return [there["href"] or "" for tag, there in self.found if tag == "a"]
